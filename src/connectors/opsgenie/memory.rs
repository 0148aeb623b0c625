//! Which messages were received before: their ids, for a day, also across restarts.
//!
//! While a message is in Opsgenie Operations its row is the memory. When it is completed its id goes to the hidden table
//! Opsgenie Finished Messages, from which the element reads it again when it starts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::connectors::opsgenie::queue::Key;

/// How long an id is remembered.
const DAY_MS: i64 = 86_400_000;
/// How many are: with more in a day the oldest are forgotten first.
const MOST: usize = 100_000;

/// The ids of messages that are finished.
#[derive(Debug, Default)]
pub(super) struct Memory {
    times: BTreeMap<Key, i64>,
    /// The oldest first.
    order: BTreeSet<(i64, Key)>,
}

impl Memory {
    /// Remembers an id from this time on.
    pub(super) fn insert(&mut self, id: &Key, time: i64) {
        if let Some(before) = self.times.insert(Arc::clone(id), time) {
            self.order.remove(&(before, Arc::clone(id)));
        }
        self.order.insert((time, Arc::clone(id)));
    }

    /// Whether a message with the id was finished less than a day ago.
    pub(super) fn contains(&self, id: &str, now: i64) -> bool {
        self.times.get(id).is_some_and(|time| now - time < DAY_MS)
    }

    /// Forgets what is a day old, and the oldest of too many. Gives the ids, which leave the table too.
    pub(super) fn take_old(&mut self, now: i64) -> Vec<Key> {
        let mut old = Vec::new();
        while let Some((time, _)) = self.order.first()
            && (now - time >= DAY_MS || self.order.len() > MOST)
            && let Some((_, id)) = self.order.pop_first()
        {
            self.times.remove(&id);
            old.push(id);
        }
        old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_remembered_for_a_day() {
        let mut memory = Memory::default();
        memory.insert(&"a".into(), 0);
        memory.insert(&"b".into(), 1_000);
        assert!(memory.contains("a", DAY_MS - 1));
        assert!(!memory.contains("a", DAY_MS));
        assert!(memory.take_old(DAY_MS - 1).is_empty());
        assert_eq!(memory.take_old(DAY_MS), ["a".into()]);
        assert!(memory.contains("b", DAY_MS));
    }

    #[test]
    fn an_id_that_comes_again_is_remembered_from_then_on() {
        let mut memory = Memory::default();
        memory.insert(&"a".into(), 0);
        memory.insert(&"a".into(), 5);
        assert!(memory.take_old(DAY_MS).is_empty());
        assert_eq!(memory.take_old(DAY_MS + 5), ["a".into()]);
    }

    #[test]
    fn of_too_many_the_oldest_are_forgotten() {
        let mut memory = Memory::default();
        for number in 0..MOST + 2 {
            memory.insert(&format!("m-{number}").into(), i64::try_from(number).unwrap());
        }
        let old = memory.take_old(MOST.try_into().unwrap());
        assert_eq!(old, ["m-0".into(), "m-1".into()]);
    }
}
