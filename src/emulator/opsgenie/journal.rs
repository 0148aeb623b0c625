//! What was asked and answered: the newest 10,000 requests, keys made unreadable, long paths and bodies cut.

use std::collections::VecDeque;

use serde::Serialize;

/// How many requests are kept.
const KEPT: usize = 10_000;

/// How much of a body, and how much of a path, is kept, in bytes.
const LONGEST: usize = 4096;

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

    /// The newest entry.
    pub(super) fn last(&self) -> Option<&JournalEntry> {
        self.entries.back()
    }

    /// The newest entries, newest first.
    pub(super) fn newest(&self, count: usize) -> impl Iterator<Item = &JournalEntry> {
        self.entries.iter().rev().take(count)
    }

    /// Forgets every entry; the numbers go on.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    /// The entries after a number, oldest first.
    pub(super) fn after(&self, number: u64) -> Vec<JournalEntry> {
        let newer = |entry: &&JournalEntry| entry.number > number;
        self.entries.iter().filter(newer).cloned().collect()
    }
}

/// The beginning of a text, as far as it is kept.
pub(super) fn beginning(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]).into_owned()
}
