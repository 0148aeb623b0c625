//! A store that forgets: for tests and for runs that shall leave nothing behind (`--store memory`).
//!
//! Rules: SAV-2. It is also the model that the store on disk is tested against.

use std::collections::{BTreeMap, VecDeque};
use std::future;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::alarm::AlarmRecord;
use crate::element::world::{Store, StoreError, WorldFuture};
use crate::engine::saved::{INFORMATION_KEPT, Paused, Record, Saved, SavedInformation, SavedRow};
use crate::model::id::{ElementId, ParamId};
use crate::model::value::Value;
use crate::trend::{MOST_KEPT, TrendQuery, Trended, Window, kept_for};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// Locked for the length of one load or commit, in which nothing is awaited.
    elements: Mutex<BTreeMap<ElementId, Kept>>,
}

/// Which trend: the parameter, the row, the length of the windows.
type Place = (ParamId, Option<Arc<str>>, Option<Window>);

/// What is kept of one element.
#[derive(Debug, Default)]
struct Kept {
    params: BTreeMap<ParamId, Value>,
    rows: BTreeMap<(ParamId, Arc<str>), SavedRow>,
    alarms: BTreeMap<u64, AlarmRecord>,
    information: VecDeque<SavedInformation>,
    trends: BTreeMap<Place, VecDeque<Trended>>,
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

    fn trend(&self, element: ElementId, query: TrendQuery) -> WorldFuture<Result<Vec<Trended>, StoreError>> {
        let elements = self.elements.lock();
        let place = (query.param, query.key, query.window);
        let kept = elements.get(&element).and_then(|kept| kept.trends.get(&place));
        let kept = || kept.into_iter().flatten().filter(|said| said.at() <= query.to);
        let before = kept().filter(|said| said.at() <= query.from && query.window.is_none());
        let from = before.map(Trended::at).max().unwrap_or(query.from);
        let found = kept().filter(|said| said.at() >= from).copied().collect();
        Box::pin(future::ready(Ok(found)))
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
            Record::Information(saved) => {
                if self.information.len() == INFORMATION_KEPT {
                    self.information.pop_front();
                }
                self.information.push_back(saved);
            }
            Record::Trend(record) => {
                let kept = self
                    .trends
                    .entry((record.param, record.key, record.said.window()))
                    .or_default();
                let oldest = record.said.at().saturating_sub(kept_for(record.said.window()));
                kept.push_back(record.said);
                while kept.len() > MOST_KEPT || kept.front().is_some_and(|said| said.at() < oldest) {
                    kept.pop_front();
                }
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
            information: self.information.iter().cloned().collect(),
            paused: self.paused,
        }
    }
}
