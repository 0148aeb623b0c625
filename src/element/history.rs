//! The history on its way to the store: information events and trends. Nobody waits for it.
//!
//! It goes along with what is saved anyway, or is written a second later; a crash may take that second back. One write is
//! under way at a time; of what a slow disk lets wait meanwhile the oldest is given up.
//!
//! Rules: SAV-17.

use std::time::Duration;

use tokio::time::Instant;

use crate::element::world::{StoreError, WorldFuture};
use crate::engine::saved::Record;

/// How long history may wait for company.
const PATIENCE: Duration = Duration::from_secs(1);

/// How much of it waits before it is written at once.
const MANY: usize = 1000;

/// How much of it may wait.
const MOST: usize = 20_000;

/// The history that is not in the store yet.
#[derive(Default)]
pub(super) struct History {
    waiting: Vec<Record>,
    due: Option<Instant>,
    /// The write that is under way.
    under_way: Option<WorldFuture<Result<(), StoreError>>>,
}

impl History {
    /// Adds to it.
    pub(super) fn add(&mut self, records: Vec<Record>) {
        if records.is_empty() {
            return;
        }
        self.waiting.extend(records);
        let too_many = self.waiting.len().saturating_sub(MOST);
        self.waiting.drain(..too_many);
        if self.due.is_none() {
            self.due = Some(Instant::now() + PATIENCE);
        }
    }

    /// When it is to be written; not while a write is under way.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due.filter(|_| self.under_way.is_none())
    }

    /// Whether it is to be written now.
    pub(super) fn is_due(&self) -> bool {
        let is_due = |due| due <= Instant::now() || self.waiting.len() >= MANY;
        self.due().is_some_and(is_due)
    }

    /// A write of what was taken is under way.
    pub(super) fn write(&mut self, commit: WorldFuture<Result<(), StoreError>>) {
        self.under_way = Some(commit);
    }

    /// Waits until the write is done, for ever when there is none. Cancel-safe.
    pub(super) async fn written(&mut self) -> Result<(), StoreError> {
        let Some(commit) = &mut self.under_way else {
            return std::future::pending().await;
        };
        let done = commit.await;
        self.under_way = None;
        done
    }

    /// Takes what waits.
    pub(super) fn take(&mut self) -> Vec<Record> {
        self.due = None;
        std::mem::take(&mut self.waiting)
    }
}
