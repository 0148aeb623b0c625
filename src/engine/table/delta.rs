//! What a mutation of a table did: rows and cells in the order in which their events are raised.
//!
//! Rules: TBL-79, TBL-87, PAR-103.

use std::sync::Arc;

use crate::engine::effect::RowChangeKind;
use crate::model::value::Value;

/// What a mutation did.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Changes {
    /// The rows concerned, removed ones first.
    pub(crate) rows: Vec<RowDelta>,
    /// What could not be done as asked, for the log.
    pub(crate) notes: Vec<Note>,
}

/// What happened to one row.
#[derive(Debug, PartialEq)]
pub(crate) struct RowDelta {
    /// The primary key.
    pub(crate) key: Arc<str>,
    /// Its place among the rows: rows are in ascending order.
    pub(crate) position: u64,
    /// What happened.
    pub(crate) kind: RowChangeKind,
    /// The cells set or changed, by ascending idx; all initialised ones of a new row, none of a removed one.
    pub(crate) cells: Vec<CellDelta>,
}

/// What happened to one cell.
#[derive(Debug, PartialEq)]
pub(crate) struct CellDelta {
    /// The idx of the column.
    pub(crate) idx: usize,
    /// The value before.
    pub(crate) old: Value,
    /// The value now.
    pub(crate) new: Value,
    /// Whether the call assigned this very cell, which raises an event even when the value is equal. A bulk fill does not:
    /// its cells are here because they differ (TBL-79).
    pub(crate) assigned: bool,
    /// The time that the call gave with the value, in milliseconds since 1970 (TBL-92).
    pub(crate) of: Option<i64>,
}

/// Something in a call that was left out, or that an operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// The value for the cell of this row and idx is no number: the cell kept its value (PAR-103).
    InvalidNumber(Arc<str>, usize),
    /// The 0-based row of the call has no key: it was skipped (TBL-51).
    KeyMissing(usize),
    /// The key was in the call more than once: the last one counted (TBL-86).
    KeyRepeated(Arc<str>),
    /// The table is full: further rows were left out (TBL-95).
    Full,
    /// The table reached the number of rows at which a notice is due (TBL-95).
    NearlyFull,
}

impl Changes {
    /// Whether the first row's cells changed, by idx: what `SetRow` answers (TBL-74).
    pub(crate) fn changed_cells(&self, width: usize) -> Vec<bool> {
        let mut changed = vec![false; width];
        for cell in self.rows.first().into_iter().flat_map(|row| &row.cells) {
            if let Some(flag) = changed.get_mut(cell.idx) {
                *flag = cell.differs();
            }
        }
        changed
    }
}

impl RowDelta {
    /// Adds cells of the same row that were written after the others. What is written last counts.
    pub(crate) fn add(&mut self, changes: Changes) {
        for cell in changes.rows.into_iter().flat_map(|row| row.cells) {
            match self.cells.binary_search_by_key(&cell.idx, |other| other.idx) {
                Ok(place) => self.cells[place].new = cell.new,
                Err(place) => self.cells.insert(place, cell),
            }
        }
    }

    pub(super) const fn removed(key: Arc<str>, position: u64) -> Self {
        Self {
            key,
            position,
            kind: RowChangeKind::Removed,
            cells: Vec::new(),
        }
    }
}

impl CellDelta {
    /// Whether the value really changed.
    pub(crate) fn differs(&self) -> bool {
        self.old != self.new
    }
}
