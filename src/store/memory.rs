//! A store that forgets: for tests and for runs that shall leave nothing behind (`--store memory`).
//!
//! Rules: SAV-2. It is also the model that the store on disk is tested against.

use std::collections::BTreeMap;
use std::future;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::alarm::AlarmRecord;
use crate::element::world::{Store, StoreError, WorldFuture};
use crate::engine::saved::{Paused, Record, Saved, SavedRow};
use crate::model::id::{ElementId, ParamId};
use crate::model::value::Value;

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// Locked for the length of one load or commit, in which nothing is awaited.
    elements: Mutex<BTreeMap<ElementId, Kept>>,
}

/// What is kept of one element.
#[derive(Debug, Default)]
struct Kept {
    params: BTreeMap<ParamId, Value>,
    rows: BTreeMap<(ParamId, Arc<str>), SavedRow>,
    alarms: BTreeMap<u64, AlarmRecord>,
    paused: Paused,
}

impl Store for MemoryStore {
    fn load(&self, element: ElementId) -> WorldFuture<Result<Saved, StoreError>> {
        let saved = self.elements.lock().get(&element).map(Kept::saved).unwrap_or_default();
        Box::pin(future::ready(Ok(saved)))
    }

    fn commit(&self, element: ElementId, records: Vec<Record>) -> WorldFuture<Result<(), StoreError>> {
        let mut elements = self.elements.lock();
        let kept = elements.entry(element).or_default();
        for record in records {
            kept.apply(record);
        }
        Box::pin(future::ready(Ok(())))
    }
}

impl Kept {
    fn apply(&mut self, record: Record) {
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
            Record::Paused(paused) => self.paused = paused,
        }
    }

    fn saved(&self) -> Saved {
        let mut rows: Vec<SavedRow> = self.rows.values().cloned().collect();
        rows.sort_by_key(|row| (row.table, row.position));
        Saved {
            params: self.params.iter().map(|(&id, value)| (id, value.clone())).collect(),
            rows,
            alarms: self.alarms.values().cloned().collect(),
            paused: self.paused,
        }
    }
}
