//! Messages to an account of before, when something is wrong there: they step aside, so that they hold up nothing that goes
//! to the present one. As long as all goes well there, messages of an alias keep their order wherever they go.

use std::sync::Arc;

use super::{Key, Queue};
use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::hold::Flow;
use crate::connectors::opsgenie::operation::Operation;

impl Queue {
    /// A request to an account of before failed: the messages of its lane that go there have a lane of their own from now
    /// on. Not a create: what stands behind it is about what becomes of it.
    pub(in crate::connectors::opsgenie) fn step_aside(&mut self, key: &str) {
        let Some(open) = self.open.get(key) else { return };
        let lane = Arc::clone(&open.entry.lane);
        let Some(account) = self.gates.elsewhere(open.entry.account.as_ref()).cloned() else {
            return;
        };
        let aside: Arc<str> = aside(&lane, &account).into();
        if lane.ends_with(&ending(&account)) {
            return;
        }
        let goes_there = |key: &Key| {
            let entry = self.open.get(key).map(|open| &open.entry);
            entry.is_some_and(|entry| entry.account.as_ref() == Some(&account) && entry.operation != Operation::Create)
        };
        let all = self.lanes.get(&lane).into_iter().flatten();
        let leaving: Vec<(u64, Key)> = all
            .filter(|(_, key)| goes_there(key))
            .map(|(sequence, key)| (*sequence, Arc::clone(key)))
            .collect();
        for (sequence, key) in leaving {
            self.unlist(&key);
            if let Some(left) = self.lanes.get_mut(&lane) {
                left.remove(&sequence);
            }
            if let Some(open) = self.open.get_mut(&key) {
                open.entry.lane = Arc::clone(&aside);
            }
            self.lanes.entry(Arc::clone(&aside)).or_default().insert(sequence, key);
        }
        for lane in [lane, aside] {
            self.list_first(&lane);
        }
    }

    /// The lane beside that of an alias, for an account of before to which messages do not go well.
    pub(in crate::connectors::opsgenie) fn lane_aside(&self, lane: &str, account: &Account) -> Option<String> {
        self.gates.elsewhere(Some(account))?;
        let aside = aside(lane, account);
        let is_wrong = self.gates.flow_of(account).is_some_and(|flow| *flow != Flow::Running);
        (is_wrong || self.lanes.contains_key(aside.as_str())).then_some(aside)
    }

    /// The first message of a lane waits for its time, unless it is under way.
    fn list_first(&mut self, lane: &str) {
        match self.lanes.get(lane).map(|lane| lane.values().next().cloned()) {
            Some(Some(key)) => {
                self.unlist(&key);
                if self.open.get(&key).is_some_and(|open| open.begun.is_none()) {
                    self.list(key);
                }
            }
            Some(None) => {
                self.lanes.remove(lane);
            }
            None => {}
        }
    }
}

fn aside(lane: &str, account: &Account) -> String {
    format!("{lane}{}", ending(account))
}

fn ending(account: &Account) -> String {
    format!(" on {}", account.text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::opsgenie::message::Stage;
    use crate::connectors::opsgenie::queue::tests::{LIMITS, entry, names, queue};

    #[test]
    fn what_fails_in_an_account_of_before_steps_aside_with_all_that_goes_there() {
        let there = Account::of_text("1@https://there.test");
        let mut queue = queue(&[]);
        for (key, account) in [
            ("1", Some(&there)),
            ("2", Some(&there)),
            ("3", None),
            ("4", Some(&there)),
        ] {
            let sequence = queue.next_sequence();
            let mut entry = entry("a", sequence);
            (entry.account, entry.operation) = (account.cloned(), Operation::AddNote);
            queue.admit(key.into(), entry);
        }
        assert_eq!(names(&queue.take(0, LIMITS)), ["1"]);
        assert_eq!(queue.lane_aside("a", &there), None);
        queue.proceed("1", Stage::Send, 500, Some(there.clone()));
        queue.step_aside("1");
        assert_eq!(names(&queue.take(0, LIMITS)), ["3"]);
        assert_eq!(names(&queue.take(500, LIMITS)), ["1"]);
        queue.step_aside("1");
        assert!(queue.lane_aside("a", &there).is_some());
        for (key, next) in [("3", vec![]), ("1", vec!["2"]), ("2", vec!["4"]), ("4", vec![])] {
            queue.finish(key);
            assert_eq!(names(&queue.take(500, LIMITS)), next, "{key}");
        }
        assert!(queue.is_idle() && queue.len() == 0);
    }
}
