//! What an exchange says about the platform: whether messages may go after it.

use super::Queue;
use crate::connectors::opsgenie::hold::{Flow, Platform};

/// So many requests in a row without an answer mean that the platform is away. Before that they are lost on their way.
const SILENCES: u32 = 4;

impl Queue {
    /// Something was heard of the platform, or nothing.
    pub(in crate::connectors::opsgenie) fn hear(&mut self, platform: &Platform, now: i64) {
        match platform {
            Platform::Answers => {
                self.silences = 0;
                self.rate.answered();
            }
            Platform::Busy { ms } => {
                self.silences = 0;
                self.rate.cut(now, *ms);
            }
            Platform::Refuses(_) => self.silences = 0,
            Platform::Gone { sent: false, .. } => {}
            Platform::Gone { sent: true, .. } => {
                self.silences += 1;
                if self.flow == Flow::Running && self.silences < SILENCES {
                    return;
                }
            }
        }
        self.flow = self.flow.after(platform, now);
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
        let mut queue = Queue::new(Flow::Running);
        for _ in 0..SILENCES - 1 {
            queue.hear(&gone(true), 0);
        }
        queue.hear(&Platform::Answers, 0);
        for _ in 0..SILENCES - 1 {
            queue.hear(&gone(true), 0);
        }
        assert_eq!(queue.flow, Flow::Running);
        queue.hear(&gone(true), 0);
        assert_eq!(queue.flow.status(), "Offline: reset");
        let mut queue = Queue::new(Flow::Running);
        queue.hear(&gone(false), 0);
        assert_eq!(queue.flow.status(), "Offline: reset");
    }
}
