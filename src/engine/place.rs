//! Which row and which column of a table a call means. Calls of the product count rows and columns from 0, from 1, or
//! name them: here each says which, and what is not said is a key, an idx or a parameter.
//!
//! Rules: TBL-8, QAP-7 to QAP-9.

use std::sync::Arc;

use crate::model::id::ParamId;

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowAt {
    /// By its primary key, with its case (TBL-51).
    Key(Arc<str>),
    /// By its 1-based number: `GetParameterIndex`, `GetKeyPosition`, `RowIndex`.
    Number(usize),
    /// By its 0-based index: `GetRow`, `SetRow` and `DeleteRow` with a number.
    Index(usize),
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnAt {
    /// By its 0-based idx, as `ColumnOption` and `NT_GET_TABLE_COLUMNS` count.
    Idx(usize),
    /// By its 1-based number: `GetParameterIndex` and its kin.
    Number(usize),
    /// By its parameter.
    Pid(ParamId),
}

impl From<&str> for RowAt {
    fn from(key: &str) -> Self {
        Self::Key(key.into())
    }
}

impl From<&String> for RowAt {
    fn from(key: &String) -> Self {
        Self::Key(key.as_str().into())
    }
}

impl From<Arc<str>> for RowAt {
    fn from(key: Arc<str>) -> Self {
        Self::Key(key)
    }
}

impl From<&Arc<str>> for RowAt {
    fn from(key: &Arc<str>) -> Self {
        Self::Key(Arc::clone(key))
    }
}

impl From<usize> for ColumnAt {
    fn from(idx: usize) -> Self {
        Self::Idx(idx)
    }
}

impl From<ParamId> for ColumnAt {
    fn from(column: ParamId) -> Self {
        Self::Pid(column)
    }
}
