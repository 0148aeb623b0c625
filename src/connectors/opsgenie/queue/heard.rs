//! What an exchange says about the platform: whether messages may go after it.

use super::Queue;
use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::hold::{Flow, Platform};

/// So many requests in a row without an answer mean that the platform is away. Before that they are lost on their way.
const SILENCES: u32 = 4;

impl Queue {
    /// Something was heard of an account, or nothing.
    pub(in crate::connectors::opsgenie) fn hear(&mut self, account: &Account, platform: &Platform, now: i64) {
        let gate = self.gates.before(Some(account));
        match platform {
            Platform::Answers => {
                gate.silences = 0;
                gate.rate.answered();
            }
            Platform::Busy { ms } => {
                gate.silences = 0;
                gate.rate.cut(now, *ms);
            }
            Platform::Refuses(_) => gate.silences = 0,
            Platform::Gone { sent: false, .. } => {}
            Platform::Gone { sent: true, .. } => {
                gate.silences += 1;
                if gate.flow == Flow::Running && gate.silences < SILENCES {
                    return;
                }
            }
        }
        gate.flow = gate.flow.after(platform, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_away_when_nothing_is_answered_or_nobody_is_there() {
        let gone = |sent| Platform::Gone {
            detail: "reset".to_owned(),
            sent,
        };
        let mut queue = Queue::new(Account::default(), Flow::Running);
        for _ in 0..SILENCES - 1 {
            queue.hear(&Account::default(), &gone(true), 0);
        }
        queue.hear(&Account::default(), &Platform::Answers, 0);
        for _ in 0..SILENCES - 1 {
            queue.hear(&Account::default(), &gone(true), 0);
        }
        assert_eq!(queue.gates.here.flow, Flow::Running);
        queue.hear(&Account::default(), &gone(true), 0);
        assert_eq!(queue.gates.here.flow.status(), "Offline: reset");
        let mut queue = Queue::new(Account::default(), Flow::Running);
        queue.hear(&Account::default(), &gone(false), 0);
        assert_eq!(queue.gates.here.flow.status(), "Offline: reset");
    }
}
