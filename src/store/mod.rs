//! The store: what of an element survives a restart, on disk.
//!
//! Kept are the values of saved parameters and the saved cells of rows. A commit is durable once it is answered, and
//! all of its records are there or none: after a crash at any point the store holds the commits up to some moment,
//! never a part of one. Secrets are encrypted with a key that lies in a file beside the store.
//!
//! Rules: SAV-1 to SAV-17, DSP-60. Which values are saved is the engine's matter.

use std::path::Path;
use std::sync::Arc;

use crate::element::world::{Store, StoreError};

pub mod memory;

mod cells;
mod history;
mod kept;
mod open;
mod record;
mod secret;
mod sqlite;
mod upgrade;

/// Opens the store in the file at `path`, and makes it when it is not there. One process has it at a time.
///
/// # Errors
/// The file cannot be written, is no store, is a newer one, is in use, or its key does not fit; nothing was changed.
pub fn open(path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(sqlite::SqliteStore::open(path)?))
}
