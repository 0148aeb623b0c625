//! What of an element survives a restart: values and rows on their way to and from the store.
//!
//! Rules: ALM-48, CHG-14, ELM-15, SAV-1 to SAV-16. What a change means on disk is the store's matter.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::alarm::{AlarmRecord, InformationEvent};
use crate::model::id::ParamId;
use crate::model::value::Value;
use crate::trend::TrendRecord;

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
    /// An information event, which is kept without being waited for (SAV-17).
    Information(SavedInformation),
    /// What a series of the trend has to say, likewise.
    Trend(TrendRecord),
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

/// An information event as saved.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedInformation {
    /// Its id; ids count up from 1.
    pub id: u64,
    /// When, in milliseconds since 1970.
    pub time: i64,
    /// What it is about, and what it says. Its moment is of no use after a restart.
    pub event: InformationEvent,
    /// Its value is kept encrypted (DSP-60).
    pub secret: bool,
}

/// The newest information events of an element that are kept.
pub const INFORMATION_KEPT: usize = 500;

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
    /// Its newest information events, oldest first.
    pub information: Vec<SavedInformation>,
    /// Whether it was paused.
    pub paused: Paused,
}

/// What was saved of an element so far, record by record.
#[derive(Debug, Default)]
pub struct SoFar {
    params: BTreeMap<ParamId, Value>,
    rows: BTreeMap<(ParamId, Arc<str>), SavedRow>,
    alarms: BTreeMap<u64, AlarmRecord>,
    information: VecDeque<SavedInformation>,
    paused: Paused,
}

impl SoFar {
    /// From what was saved before.
    #[must_use]
    pub fn after(saved: Saved) -> Self {
        let row = |row: SavedRow| ((row.table, Arc::clone(&row.key)), row);
        Self {
            params: saved.params.into_iter().collect(),
            rows: saved.rows.into_iter().map(row).collect(),
            alarms: saved.alarms.into_iter().map(|record| (record.root, record)).collect(),
            information: saved.information.into(),
            paused: saved.paused,
        }
    }

    /// Takes the next record. Trends are no part of what an element starts with.
    pub fn apply(&mut self, record: Record) {
        match record {
            Record::Param { id, value, .. } if value.is_initialised() => {
                self.params.insert(id, value);
            }
            Record::Param { id, .. } => {
                self.params.remove(&id);
            }
            Record::Row(mut row) => {
                row.cells.retain(|(_, value, _)| value.is_initialised());
                row.cells.sort_by_key(|&(column, _, _)| column);
                self.rows.insert((row.table, Arc::clone(&row.key)), row);
            }
            Record::RowRemoved { table, key } => {
                self.rows.remove(&(table, key));
            }
            Record::TableCleared { table } => self.rows.retain(|&(of, _), _| of != table),
            Record::Alarm { record, .. } => {
                self.alarms.insert(record.root, *record);
            }
            Record::AlarmCleared { root } => {
                self.alarms.remove(&root);
            }
            Record::Information(saved) => {
                if self.information.len() == INFORMATION_KEPT {
                    self.information.pop_front();
                }
                self.information.push_back(saved);
            }
            Record::Trend(_) => {}
            Record::Paused(paused) => self.paused = paused,
        }
    }

    /// Everything, as a start takes it.
    #[must_use]
    pub fn saved(&self) -> Saved {
        let mut rows: Vec<SavedRow> = self.rows.values().cloned().collect();
        rows.sort_by_key(|row| (row.table, row.position));
        Saved {
            params: self.params.iter().map(|(&id, value)| (id, value.clone())).collect(),
            rows,
            alarms: self.alarms.values().cloned().collect(),
            information: self.information.iter().cloned().collect(),
            paused: self.paused,
        }
    }
}
