//! What was asked and answered: the newest requests, keys made unreadable.

use std::collections::VecDeque;

use serde::Serialize;

/// How many requests are kept.
const KEPT: usize = 10_000;

/// How much of a body is kept, in bytes.
pub(super) const BODY: usize = 4096;

/// One request and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalEntry {
    /// Counts from 1.
    pub number: u64,
    /// When it arrived, in milliseconds since 1970.
    pub at: u64,
    /// The verb.
    pub method: String,
    /// The path and the query, as sent.
    pub path: String,
    /// The operation, as fault rules name it; none for an unknown path.
    pub operation: Option<&'static str>,
    /// The status of the answer; none where the connection was closed without one.
    pub status: Option<u16>,
    /// The fault rules that struck.
    pub faults: Vec<String>,
    /// The key, all but its beginning hidden.
    pub key: Option<String>,
    /// The beginning of the body.
    pub body: String,
}

/// The newest requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    entries: VecDeque<JournalEntry>,
    last: u64,
}

impl Journal {
    /// Numbers and keeps an entry.
    pub(super) fn push(&mut self, mut entry: JournalEntry) {
        self.last += 1;
        entry.number = self.last;
        if self.entries.len() >= KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// The entries after a number, oldest first.
    pub(super) fn after(&self, number: u64) -> Vec<JournalEntry> {
        let newer = |entry: &&JournalEntry| entry.number > number;
        self.entries.iter().filter(newer).cloned().collect()
    }
}
