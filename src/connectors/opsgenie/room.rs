//! How much the queue may hold: rows and bytes. When it fills up, what can be missed is refused first.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::connectors::opsgenie::operation::Operation;
use crate::connectors::opsgenie::queue::Key;

/// The most rows, unless an operator chose fewer.
pub(super) const MOST_ROWS: usize = 100_000;
/// The most bytes of all alerts.
const MOST_BYTES: usize = 256 * 1024 * 1024;
/// What a row takes beside its alert.
const ROW_BYTES: usize = 512;
/// From here on only creates and closes are taken, in percent.
const ESSENTIAL_ONLY: usize = 90;

/// The rows of the table, and how much they take.
#[derive(Debug)]
pub(super) struct Room {
    /// The most rows.
    pub(super) limit: usize,
    rows: BTreeMap<Key, usize>,
    bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            limit: MOST_ROWS,
            rows: BTreeMap::new(),
            bytes: 0,
        }
    }
}

/// Whether an operation is taken as long as there is any room at all: an alert that is not raised, or never closed, is
/// worse than one without its note.
pub(super) const fn is_essential(operation: Operation) -> bool {
    matches!(operation, Operation::Create | Operation::Close)
}

impl Room {
    /// A row comes in.
    pub(super) fn enter(&mut self, key: &Key, alert: usize) {
        let bytes = alert + ROW_BYTES;
        let before = self.rows.insert(Arc::clone(key), bytes);
        self.bytes = self.bytes - before.unwrap_or(0) + bytes;
    }

    /// A row goes out.
    pub(super) fn leave(&mut self, key: &str) {
        self.bytes -= self.rows.remove(key).unwrap_or(0);
    }

    /// Whether there is a row.
    pub(super) fn contains(&self, key: &str) -> bool {
        self.rows.contains_key(key)
    }

    /// How full it is, in percent.
    pub(super) fn fill(&self) -> usize {
        self.fill_with(0, 0)
    }

    /// Whether so many more rows, with alerts of so many bytes, are taken.
    pub(super) fn takes(&self, rows: usize, alerts: usize, essential: bool) -> bool {
        let after = self.fill_with(rows, alerts + rows * ROW_BYTES);
        let fits = self.rows.len() + rows <= self.limit && self.bytes + alerts + rows * ROW_BYTES <= MOST_BYTES;
        fits && (essential || after <= ESSENTIAL_ONLY)
    }

    fn fill_with(&self, rows: usize, bytes: usize) -> usize {
        let of_rows = (self.rows.len() + rows) * 100 / self.limit.max(1);
        let of_bytes = (self.bytes + bytes) * 100 / MOST_BYTES;
        of_rows.max(of_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(rows: usize) -> Room {
        let mut room = Room {
            limit: 100,
            ..Room::default()
        };
        for number in 0..rows {
            room.enter(&format!("m-{number}").into(), 100);
        }
        room
    }

    #[test]
    fn what_can_be_missed_is_refused_first() {
        assert_eq!(room(80).fill(), 80);
        assert!(room(89).takes(1, 100, false));
        assert!(!room(91).takes(1, 100, false));
        assert!(room(99).takes(1, 100, true));
        assert!(!room(100).takes(1, 100, true));
        assert!(!room(98).takes(3, 300, true));
    }

    #[test]
    fn bytes_fill_it_too() {
        let mut room = Room::default();
        assert!(room.takes(1, MOST_BYTES - ROW_BYTES, true));
        assert!(!room.takes(1, MOST_BYTES, true));
        room.enter(&"a".into(), MOST_BYTES / 2);
        assert_eq!(room.fill(), 50);
        room.enter(&"a".into(), 0);
        assert_eq!(room.fill(), 0);
        room.leave("a");
        assert_eq!((room.bytes, room.contains("a")), (0, false));
    }
}
