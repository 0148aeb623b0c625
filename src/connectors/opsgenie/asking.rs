//! What it means that the key is refused (403) when it asks what became of a message.
//!
//! It may be a key that sends and may not ask: holding the queue for that would stop what works, and waiting for a verdict
//! would be in vain. It may as well pass, or be about everything: then nothing is known of the message yet, and to take it
//! for done would lose an alert that the platform did not keep.

use crate::connectors::opsgenie::answer::{error_of, platform};
use crate::connectors::opsgenie::confirm::DEADLINE_MS;
use crate::connectors::opsgenie::hold::Platform;
use crate::connectors::opsgenie::outcome::{Next, Verdict, unconfirmable};
use crate::engine::exchange::Response;

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It may pass.
    Passing,
    /// Everything: the queue is held.
    All,
    /// Questions: none was answered for as long as a verdict is waited for.
    Questions,
}

/// Since when questions are refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Asking {
    refused_since: Option<i64>,
}

impl Asking {
    /// A question was answered with this status, while the queue was held or not.
    pub(super) fn answered(&mut self, status: u16, is_held: bool, now: i64) -> Refusal {
        match status {
            403 if is_held => Refusal::All,
            403 if now - *self.refused_since.get_or_insert(now) >= DEADLINE_MS => Refusal::Questions,
            200..=299 | 404 => {
                self.refused_since = None;
                Refusal::Passing
            }
            _ => Refusal::Passing,
        }
    }
}

/// The verdict on a message that was accepted, when the question about it was refused.
pub(super) fn refused(refusal: Refusal, response: &Response) -> Verdict {
    let result = error_of(response);
    match refusal {
        Refusal::Passing => Verdict {
            next: Next::AskAgain { result },
            platform: Platform::Answers,
        },
        Refusal::All => Verdict {
            next: Next::Back { result },
            platform: platform(response),
        },
        Refusal::Questions => Verdict {
            next: unconfirmable(&result),
            platform: Platform::Answers,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_refused_for_good_when_none_was_answered_for_ten_minutes() {
        let mut asking = Asking::default();
        assert_eq!(asking.answered(403, false, 0), Refusal::Passing);
        assert_eq!(asking.answered(503, false, 1), Refusal::Passing);
        assert_eq!(asking.answered(403, false, DEADLINE_MS - 1), Refusal::Passing);
        assert_eq!(asking.answered(403, true, DEADLINE_MS), Refusal::All);
        assert_eq!(asking.answered(403, false, DEADLINE_MS), Refusal::Questions);
        asking.answered(404, false, DEADLINE_MS);
        assert_eq!(asking.answered(403, false, DEADLINE_MS), Refusal::Passing);
    }
}
