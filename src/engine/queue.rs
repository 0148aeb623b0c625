//! The group execution queue of a lane: two classes, and the place where each way of queueing inserts.
//!
//! Rules: GQ-1 to GQ-12, GQ-14, GQ-18.

use std::collections::VecDeque;

use crate::engine::render::RenderedSession;
use crate::engine::timer::Tick;
use crate::model::action::Execute;
use crate::model::id::{ConnectionId, GroupId, TimerId};
use crate::model::moment::Span;

/// One queued group, with the requests as they were when it was queued (GQ-16).
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) group: GroupId,
    pub(super) class: Class,
    /// The element connection, resolved when it was queued (THR-5).
    pub(super) connection: ConnectionId,
    /// The timer that queued it, if one did (TIM-20).
    pub(super) timer: Option<TimerId>,
    /// The ticks that wait for it to finish (TIM-8, TIM-10).
    pub(super) signals: Vec<Tick>,
    /// What the lane waits after it: the timer's interval (GRP-10).
    pub(super) interval: Span,
    /// Its sessions, rendered.
    pub(super) sessions: Vec<RenderedSession>,
}

/// The priority class of an entry (GQ-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    High,
    Low,
}

/// The queue of one lane.
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: VecDeque<Entry>,
}

impl Queue {
    /// The entry to run next.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        self.entries.pop_front()
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The queued entry of a group.
    pub(super) fn find(&mut self, group: GroupId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.group == group)
    }

    /// Inserts by the rule of its way. `before` entries of the same batch stand before it already (GQ-12).
    pub(super) fn insert(&mut self, how: Execute, before: usize, entry: Entry) {
        match how {
            Execute::AddToExecute | Execute::ExecuteOne => self.entries.push_back(entry),
            Execute::Execute | Execute::ExecuteOneNow => {
                let last_high = self.entries.iter().rposition(|entry| entry.class == Class::High);
                self.entries.insert(last_high.map_or(0, |index| index + 1), entry);
            }
            Execute::ExecuteNext | Execute::ExecuteOneTop | Execute::ForceExecute => {
                self.entries.insert(before.min(self.entries.len()), entry);
            }
        }
    }

    /// Removes the entries that a timer queued, and gives the ticks that waited for them (TIM-20).
    pub(super) fn remove_of_timer(&mut self, timer: TimerId) -> Vec<Tick> {
        let mut signals = Vec::new();
        self.entries.retain(|entry| {
            let stays = entry.timer != Some(timer);
            if !stays {
                signals.extend(&entry.signals);
            }
            stays
        });
        signals
    }

    /// Forgets everything (GQ-20).
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}

/// The class of a group queued by an action (GQ-3).
pub(super) const fn class(how: Execute) -> Class {
    match how {
        Execute::Execute
        | Execute::ExecuteNext
        | Execute::ExecuteOneNow
        | Execute::ExecuteOneTop
        | Execute::ForceExecute => Class::High,
        Execute::AddToExecute | Execute::ExecuteOne => Class::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Entry, Execute, GroupId, Queue, class};
    use crate::model::id::ConnectionId;
    use crate::model::moment::Span;

    fn entry(group: i32, class: Class) -> Entry {
        let (connection, interval) = (ConnectionId(0), Span::ZERO);
        Entry {
            group: GroupId(group),
            class,
            connection,
            timer: None,
            signals: vec![],
            interval,
            sessions: vec![],
        }
    }

    fn queued(ways: &[(Execute, i32)]) -> Vec<i32> {
        let mut queue = Queue::default();
        for &(how, group) in ways {
            queue.insert(how, 0, entry(group, class(how)));
        }
        std::iter::from_fn(|| queue.pop()).map(|entry| entry.group.0).collect()
    }

    #[test]
    fn gq_5_execute_goes_after_the_last_high_and_before_the_low() {
        use Execute::{AddToExecute, Execute as Now};
        assert_eq!(
            queued(&[(AddToExecute, 1), (AddToExecute, 2), (Now, 3), (Now, 4)]),
            [3, 4, 1, 2]
        );
    }

    #[test]
    fn gq_6_two_execute_next_run_in_reverse() {
        use Execute::{Execute as Now, ExecuteNext};
        assert_eq!(queued(&[(Now, 1), (ExecuteNext, 2), (ExecuteNext, 3)]), [3, 2, 1]);
    }
}
