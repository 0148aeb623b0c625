//! What of an element survives a restart: values and rows on their way to and from the store.
//!
//! Rules: ALM-48, CHG-14, ELM-15, SAV-1 to SAV-16. What a change means on disk is the store's matter.

use std::sync::Arc;

use crate::alarm::AlarmRecord;
use crate::model::id::ParamId;
use crate::model::value::Value;

/// One change of what is saved.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// The value of a standalone parameter; uninitialised removes it (SAV-2).
    Param {
        /// The parameter.
        id: ParamId,
        /// Its value.
        value: Value,
        /// Kept encrypted (DSP-60).
        secret: bool,
    },
    /// A row is new, or saved cells of it changed: all its saved cells, complete.
    Row(SavedRow),
    /// A row is gone.
    RowRemoved {
        /// The table.
        table: ParamId,
        /// The primary key.
        key: Arc<str>,
    },
    /// All rows are gone.
    TableCleared {
        /// The table.
        table: ParamId,
    },
    /// An alarm is open, and this is its last record, its times in milliseconds since 1970 (ALM-48).
    Alarm {
        /// The record.
        record: Box<AlarmRecord>,
        /// Its values are kept encrypted (DSP-60).
        secret: bool,
    },
    /// An alarm is over.
    AlarmCleared {
        /// The id of its first record.
        root: u64,
    },
    /// The element was paused, or goes on (ELM-15).
    Paused(Paused),
}

/// Whether an element stays paused over a restart of its host (ELM-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paused {
    /// It becomes active.
    #[default]
    No,
    /// It stays paused.
    Yes,
}

/// A row as saved.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedRow {
    /// The table.
    pub table: ParamId,
    /// The primary key.
    pub key: Arc<str>,
    /// Its place among the rows: rows come back in ascending order.
    pub position: u64,
    /// The saved cells that are initialised, by column parameter; whether each is a secret.
    pub cells: Vec<(ParamId, Value, bool)>,
}

/// Everything that was saved of an element.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Saved {
    /// Values of standalone parameters.
    pub params: Vec<(ParamId, Value)>,
    /// Rows, in ascending position within a table.
    pub rows: Vec<SavedRow>,
    /// The last records of its open alarms, by their first, times in milliseconds since 1970.
    pub alarms: Vec<AlarmRecord>,
    /// Whether it was paused.
    pub paused: Paused,
}
