//! Messages that may wait for a better moment, as value changes do, as long as nobody waits behind them; and those whose
//! turn it is while nothing may go.

use std::ops::Bound;
use std::sync::Arc;

use super::{Key, Queue};

/// A place among the messages whose turn it is.
pub(in crate::connectors::opsgenie) type Place = (bool, u64, Key);

impl Queue {
    /// The last messages of a lane, as far as they are patient, go at once: another one stands behind them.
    pub(super) fn hurry(&mut self, lane: &str, before: u64, due: i64) {
        let Some(lane) = self.lanes.get(lane) else { return };
        let earlier = lane.range(..before).rev().map(|(_, key)| Arc::clone(key));
        for key in earlier {
            let Some(open) = self.open.get_mut(&key).filter(|open| open.entry.patient) else {
                break;
            };
            open.entry.patient = false;
            let was_due = open.entry.due;
            let due = due.min(was_due);
            open.entry.due = due;
            let waiting = &mut self.gates.before(open.entry.account.as_ref()).waiting;
            if waiting.remove(&(was_due, Arc::clone(&key))) {
                waiting.insert((due, key));
            }
        }
    }

    /// Messages whose turn it is and that do not go yet, behind a place, so many at the most.
    pub(in crate::connectors::opsgenie) fn ready(&self, behind: Option<&Place>, most: usize) -> Vec<Place> {
        let from = behind.map_or(Bound::Unbounded, Bound::Excluded);
        let ready = self.gates.here.sends.range::<Place, _>((from, Bound::Unbounded));
        ready.take(most).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::connectors::opsgenie::queue::tests::{LIMITS, entry, names, queue};

    #[test]
    fn a_patient_message_waits_until_another_one_stands_behind_it() {
        let mut queue = queue(&[]);
        let mut patient = entry("a", queue.next_sequence());
        (patient.patient, patient.due) = (true, 60_000);
        queue.admit("1".into(), patient.clone());
        assert!(queue.take(1_000, LIMITS).is_empty());
        patient.sequence = queue.next_sequence();
        queue.admit("2".into(), patient);
        assert!(queue.take(1_000, LIMITS).is_empty());
        let mut other = entry("a", queue.next_sequence());
        other.due = 1_000;
        queue.admit("3".into(), other);
        for key in ["1", "2", "3"] {
            assert_eq!(names(&queue.take(1_000, LIMITS)), [key]);
            queue.finish(key);
        }
    }

    #[test]
    fn those_whose_turn_it_is_are_told_in_order() {
        let mut queue = queue(&[("1", "a"), ("2", "b"), ("3", "a"), ("4", "c")]);
        queue.gates.here.flow = crate::connectors::opsgenie::hold::Flow::NoKey;
        queue.take(0, LIMITS);
        let first = queue.ready(None, 2);
        let keys: Vec<&str> = first.iter().map(|(_, _, key)| key.as_ref()).collect();
        assert_eq!(keys, ["1", "2"]);
        assert_eq!(queue.ready(first.last(), 2).len(), 1);
    }
}
