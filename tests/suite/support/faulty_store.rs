//! A store that takes its time, and of which one commit fails.

use std::sync::Arc;
use std::time::Duration;

use adit::element::world::{Store, StoreError, WorldFuture};
use adit::engine::saved::{Record, Saved};
use adit::model::id::ElementId;
use adit::store::memory::MemoryStore;
use parking_lot::Mutex;

/// A store in memory with faults.
#[derive(Debug, Default)]
pub(crate) struct FaultyStore {
    inner: Arc<MemoryStore>,
    faults: Mutex<Faults>,
}

#[derive(Debug, Default)]
struct Faults {
    takes: Duration,
    failing_load: Option<ElementId>,
    failing_commit: Option<usize>,
    commits: usize,
}

impl FaultyStore {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// From now on a commit takes so long.
    pub(crate) fn take(&self, time: Duration) {
        self.faults.lock().takes = time;
    }

    /// The n-th commit from now on fails; the first one is 1.
    pub(crate) fn fail_commit(&self, n: usize) {
        let mut faults = self.faults.lock();
        faults.failing_commit = Some(faults.commits + n);
    }

    /// Loading this element fails from now on.
    pub(crate) fn fail_load_of(&self, element: ElementId) {
        self.faults.lock().failing_load = Some(element);
    }

    /// Loading works again.
    pub(crate) fn load_again(&self) {
        self.faults.lock().failing_load = None;
    }

    /// The commits so far, failed ones too.
    pub(crate) fn commits(&self) -> usize {
        self.faults.lock().commits
    }
}

impl Store for FaultyStore {
    fn load(&self, element: ElementId) -> WorldFuture<Result<Saved, StoreError>> {
        if self.faults.lock().failing_load == Some(element) {
            return Box::pin(async { Err(StoreError("the disk is gone".to_owned())) });
        }
        self.inner.load(element)
    }

    fn commit(&self, element: ElementId, records: Vec<Record>) -> WorldFuture<Result<(), StoreError>> {
        let mut faults = self.faults.lock();
        faults.commits += 1;
        let fails = faults.failing_commit == Some(faults.commits);
        // It is under way from the call on.
        let done = tokio::time::Instant::now() + faults.takes;
        drop(faults);
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            tokio::time::sleep_until(done).await;
            if fails {
                return Err(StoreError("the disk is full".to_owned()));
            }
            inner.commit(element, records).await
        })
    }
}
