//! The history on its way to the store: information events and trends. Nobody waits for it.
//!
//! It goes along with what is saved anyway, or is written a second later; a crash may take that second back.
//!
//! Rules: SAV-17.

use std::time::Duration;

use tokio::time::Instant;

use crate::engine::saved::Record;

/// How long history may wait for company.
const PATIENCE: Duration = Duration::from_secs(1);

/// How much of it may wait.
const MOST: usize = 1000;

/// The history that is not in the store yet.
#[derive(Debug, Default)]
pub(super) struct History {
    waiting: Vec<Record>,
    due: Option<Instant>,
}

impl History {
    /// Adds to it.
    pub(super) fn add(&mut self, records: Vec<Record>) {
        if records.is_empty() {
            return;
        }
        self.waiting.extend(records);
        if self.due.is_none() {
            self.due = Some(Instant::now() + PATIENCE);
        }
    }

    /// When it is to be written.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether it is to be written now.
    pub(super) fn is_due(&self) -> bool {
        self.waiting.len() >= MOST || self.due.is_some_and(|due| due <= Instant::now())
    }

    /// Takes what waits.
    pub(super) fn take(&mut self) -> Vec<Record> {
        self.due = None;
        std::mem::take(&mut self.waiting)
    }
}
