//! One file read as values: what the action `read file` asks for, and what came of it.
//!
//! Which folders may be read is not known here: who carries it out refuses what is not in one of them.
//!
//! Rules: ACT-15.

use std::fmt;
use std::sync::Arc;

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRead {
    /// The path, as the parameter holds it.
    pub path: Arc<str>,
    /// How many bytes are passed over first.
    pub offset: u64,
    /// How many bytes at most; all when none.
    pub count: Option<u64>,
}

/// Why a file could not be read, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError(pub String);

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FileError {}

/// The content, or why there is none.
pub type FileAnswer = Result<Arc<[u8]>, FileError>;
