//! A store that forgets: for tests and for runs that shall leave nothing behind (`--store memory`).
//!
//! Rules: SAV-2. It is also the model that the store on disk is tested against.

use std::collections::{BTreeMap, VecDeque};
use std::future;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::element::world::{Store, StoreError, WorldFuture};
use crate::engine::saved::{Record, Saved, SoFar};
use crate::model::id::{ElementId, ParamId};
use crate::trend::{MOST_KEPT, TrendQuery, Trended, Window, kept_for};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// Locked for the length of one load or commit, in which nothing is awaited.
    elements: Mutex<BTreeMap<ElementId, Kept>>,
}

/// Which trend: the parameter, the row, the length of the windows.
type Place = (ParamId, Option<Arc<str>>, Option<Window>);

/// What is kept of one element: what it saved, and its trends.
#[derive(Debug, Default)]
struct Kept {
    saved: SoFar,
    trends: BTreeMap<Place, VecDeque<Trended>>,
}

impl Store for MemoryStore {
    fn load(&self, element: ElementId) -> WorldFuture<Result<Saved, StoreError>> {
        let saved = self
            .elements
            .lock()
            .get(&element)
            .map(|kept| kept.saved.saved())
            .unwrap_or_default();
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
        let Record::Trend(record) = record else {
            return self.saved.apply(record);
        };
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
}
