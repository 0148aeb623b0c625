//! The connection test: the group that is marked for it runs, and whether that ended in a timeout is the answer.
//!
//! ```text
//! Event::TestConnection ─► queue of its lane, as `execute` ─► the group runs ─► Effect::Tested
//! ```
//!
//! Rules: GRP-16.

use std::fmt;

use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::engine::life::Life;

/// Identifies a connection test until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TestId(pub u64);

/// What came of a connection test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestOutcome {
    /// The group ran, and nothing timed out.
    Succeeded,
    /// A session of the group ended in a timeout, for this reason.
    Failed(String),
    /// The group did not run, for this reason.
    NotRun(String),
}

impl fmt::Display for TestOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded => f.write_str("the connection responds"),
            Self::Failed(reason) | Self::NotRun(reason) => f.write_str(reason),
        }
    }
}

impl Engine {
    /// Queues the group of the connection test, or says why not.
    pub(super) fn test_connection(&mut self, test: TestId) {
        let mut groups = self.protocol.parts().groups.iter();
        let group = groups.find(|group| group.ping).map(|group| group.id);
        let name = self.settings.name.clone();
        let refused = match (self.life, group) {
            (_, None) => format!("{}: no group has ping=\"true\"", self.protocol.name()),
            (Life::Running, Some(group)) if self.enqueue_test(group, test) => return,
            (Life::Running, Some(group)) => format!("{name} is busy: group {group} cannot be queued now"),
            (Life::Stopped | Life::Starting | Life::StartingPaused | Life::Paused, Some(_)) => {
                format!("{name} is not active: activate it first")
            }
        };
        self.tested(test, TestOutcome::NotRun(refused));
    }

    /// Answers a test.
    pub(super) fn tested(&mut self, test: TestId, outcome: TestOutcome) {
        self.effects.push(Effect::Tested(test, outcome));
    }
}
