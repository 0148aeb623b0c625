//! The group execution queue of a lane: two classes, and the place where each way of queueing inserts.
//!
//! Rules: GQ-1 to GQ-12, GQ-14, GQ-18.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::connection_test::TestId;
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
    /// The connection test that it is (GRP-16).
    pub(super) test: Option<TestId>,
    /// What the lane waits after it: the timer's interval (GRP-10).
    pub(super) interval: Span,
    /// Its sessions, rendered.
    pub(super) sessions: Vec<RenderedSession>,
}

/// The priority class of an entry (GQ-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// High, and asked for by `force execute` while no group ran (GQ-11).
    Forced,
    High,
    Low,
}

/// The queue of one lane.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Those of a high class stand before those of the low one.
    entries: VecDeque<Entry>,
    /// How many entries each group has: with thousands of them nothing may look through all to find one.
    counts: BTreeMap<GroupId, usize>,
}

impl Queue {
    /// The entry to run next.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        let entry = self.entries.pop_front()?;
        self.discount(entry.group);
        Some(entry)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether a group is queued (GQ-7, GQ-14).
    pub(super) fn contains(&self, group: GroupId) -> bool {
        self.counts.contains_key(&group)
    }

    /// Lets a tick wait for the queued entry of a group (TIM-8).
    pub(super) fn wait_for(&mut self, group: GroupId, tick: Tick) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.group == group) {
            entry.signals.push(tick);
        }
    }

    /// Inserts by the rule of its way. `before` entries of the same batch stand before it already (GQ-12).
    pub(super) fn insert(&mut self, how: Execute, before: usize, entry: Entry) {
        *self.counts.entry(entry.group).or_default() += 1;
        let high = self.entries.partition_point(|entry| entry.class != Class::Low);
        match how {
            Execute::AddToExecute | Execute::ExecuteOne => self.entries.push_back(entry),
            Execute::Execute | Execute::ExecuteOneNow => self.entries.insert(high, entry),
            Execute::ExecuteNext | Execute::ExecuteOneTop => {
                self.entries.insert(before.min(self.entries.len()), entry);
            }
            // At the front, but a forced group never overtakes one that was forced before it (GQ-10, GQ-11).
            Execute::ForceExecute => {
                let last_forced = self
                    .entries
                    .range(..high)
                    .rposition(|entry| entry.class == Class::Forced);
                self.entries.insert(last_forced.map_or(0, |index| index + 1), entry);
            }
        }
    }

    /// Takes out the forced groups that still wait, in order.
    pub(super) fn take_forced(&mut self) -> Vec<Entry> {
        let high = self.entries.partition_point(|entry| entry.class != Class::Low);
        if self.entries.range(..high).all(|entry| entry.class != Class::Forced) {
            return Vec::new();
        }
        self.take(|entry| entry.class == Class::Forced)
    }

    /// Removes the entries that a timer queued, and gives the ticks that waited for them (TIM-20).
    pub(super) fn remove_of_timer(&mut self, timer: TimerId) -> Vec<Tick> {
        let removed = self.take(|entry| entry.timer == Some(timer));
        removed.into_iter().flat_map(|entry| entry.signals).collect()
    }

    /// Forgets everything (GQ-20).
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.counts.clear();
    }

    fn take(&mut self, goes: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let (taken, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.entries).into_iter().partition(goes);
        self.entries = rest.into();
        for entry in &taken {
            self.discount(entry.group);
        }
        taken
    }

    fn discount(&mut self, group: GroupId) {
        if let Some(count) = self.counts.get_mut(&group) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&group);
            }
        }
    }
}

/// The class of a group queued by an action (GQ-3).
pub(super) const fn class(how: Execute) -> Class {
    match how {
        Execute::ForceExecute => Class::Forced,
        Execute::Execute | Execute::ExecuteNext | Execute::ExecuteOneNow | Execute::ExecuteOneTop => Class::High,
        Execute::AddToExecute | Execute::ExecuteOne => Class::Low,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::{Class, Entry, Execute, GroupId, Queue, class};
    use crate::model::id::{ConnectionId, TimerId};
    use crate::model::moment::Span;

    fn entry(group: i32, class: Class) -> Entry {
        let (connection, interval) = (ConnectionId(0), Span::ZERO);
        Entry {
            group: GroupId(group),
            class,
            connection,
            timer: None,
            signals: vec![],
            test: None,
            interval,
            sessions: vec![],
        }
    }

    /// Two queues, the high one first: what the rules say without the one queue that the engine has.
    #[derive(Default)]
    struct Model {
        high: VecDeque<(i32, Class)>,
        low: VecDeque<(i32, Class)>,
    }

    impl Model {
        fn insert(&mut self, how: Execute, group: i32) {
            let forced = self.high.iter().rposition(|&(_, class)| class == Class::Forced);
            match how {
                Execute::AddToExecute | Execute::ExecuteOne => self.low.push_back((group, Class::Low)),
                Execute::Execute | Execute::ExecuteOneNow => self.high.push_back((group, Class::High)),
                Execute::ExecuteNext | Execute::ExecuteOneTop => self.high.push_front((group, Class::High)),
                Execute::ForceExecute => self.high.insert(forced.map_or(0, |at| at + 1), (group, Class::Forced)),
            }
        }

        fn pop(&mut self) -> Option<i32> {
            Some(self.high.pop_front().or_else(|| self.low.pop_front())?.0)
        }
    }

    fn step() -> impl Strategy<Value = Option<(Execute, i32)>> {
        let ways = vec![
            Execute::AddToExecute,
            Execute::ExecuteOne,
            Execute::Execute,
            Execute::ExecuteOneNow,
            Execute::ExecuteNext,
            Execute::ExecuteOneTop,
            Execute::ForceExecute,
        ];
        prop::option::weighted(0.7, (prop::sample::select(ways), 1..6_i32))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn gq_3_gq_4_gq_5_gq_6_gq_11_any_queueing_runs_in_the_order_of_the_model(
            steps in prop::collection::vec(step(), 0..40),
        ) {
            let (mut queue, mut model) = (Queue::default(), Model::default());
            for step in steps {
                match step {
                    Some((how, group)) => {
                        queue.insert(how, 0, entry(group, class(how)));
                        model.insert(how, group);
                    }
                    None => prop_assert_eq!(queue.pop().map(|entry| entry.group.0), model.pop()),
                }
                let waiting = || model.high.iter().chain(&model.low).map(|&(group, _)| group);
                prop_assert_eq!(queue.len(), waiting().count());
                for group in 1..6 {
                    prop_assert_eq!(queue.contains(GroupId(group)), waiting().any(|other| other == group));
                }
            }
            let rest: Vec<i32> = std::iter::from_fn(|| queue.pop()).map(|entry| entry.group.0).collect();
            prop_assert_eq!(rest, std::iter::from_fn(|| model.pop()).collect::<Vec<_>>());
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

    #[test]
    fn gq_11_forced_groups_go_to_the_front_in_the_order_asked() {
        use Execute::{AddToExecute, Execute as Now, ExecuteNext, ForceExecute};
        assert_eq!(
            queued(&[(AddToExecute, 1), (Now, 2), (ForceExecute, 3), (ForceExecute, 4)]),
            [3, 4, 2, 1]
        );
        assert_eq!(
            queued(&[(Now, 1), (ForceExecute, 2), (ExecuteNext, 3), (ForceExecute, 4)]),
            [3, 2, 4, 1]
        );
    }

    #[test]
    fn gq_7_a_group_is_present_until_its_last_entry_is_gone() {
        let mut queue = Queue::default();
        let (how, timer) = (Execute::AddToExecute, TimerId(9));
        queue.insert(how, 0, entry(1, Class::Low));
        queue.insert(Execute::ForceExecute, 0, entry(1, Class::Forced));
        queue.insert(
            how,
            0,
            Entry {
                timer: Some(timer),
                ..entry(2, Class::Low)
            },
        );
        assert_eq!(queue.take_forced().len(), 1);
        assert!(queue.contains(GroupId(1)) && queue.contains(GroupId(2)));
        queue.remove_of_timer(timer);
        assert!(!queue.contains(GroupId(2)));
        queue.pop();
        assert!(!queue.contains(GroupId(1)));
        queue.insert(how, 0, entry(3, Class::Low));
        queue.clear();
        assert!(!queue.contains(GroupId(3)));
    }
}
