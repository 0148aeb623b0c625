//! One message: a row of Opsgenie Operations, its states and the moves between them.
//!
//! ```text
//!            request goes out              202                      confirmed
//!   Queued ───────────────────▶ Sending ─────────▶ Confirming ───────────────────▶ Completed
//!     ▲                          │ │ │ ▲               │ no verdict                   ▲
//!     │ refused, throttled       │ │ │ │ resend        ▼             seen             │
//!     └──────────────────────────┘ │ │ └─────────── Unconfirmed ──────────────────────┤
//!                       passing    ▼ │ no answer: stays Sending, the alert is         │
//!                 fault  Retrying ◀──┤ looked for                seen                 │
//!                          │         └────────────────────────────────────────────────┘
//!                          └──▶ Sending …          refused for good: any ──▶ Error
//! ```
//!
//! Sending is written down before the request leaves. A row found in it at the start may have been sent, or not.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::backoff::{before_question, before_resend};
use crate::connectors::opsgenie::confirm::DEADLINE_MS;
use crate::connectors::opsgenie::envelope::Received;
use crate::connectors::opsgenie::hold::Platform;
use crate::connectors::opsgenie::operation::{Fields, Operation};
use crate::connectors::opsgenie::outcome::{Named, Next, Sent, Verdict, of_silence};
use crate::connectors::opsgenie::target::Target;

/// A message is given up when it was sent so often …
const ATTEMPTS: u32 = 20;
/// … and is so old. A platform that does not answer at all is waited for without end.
const PATIENCE_MS: i64 = 86_400_000;
/// How long to wait until the alert is looked for: the platform may be processing it.
const BEFORE_LOOK_MS: i64 = 2_000;

/// How long until the platform is asked for the verdict again, when the alert does not show it yet.
const AFTER_LOOK_MS: i64 = 30_000;

/// The longest that a message waits before it is sent again: a later moment was told by a clock that was set back since.
const LONGEST_WAIT_MS: i64 = 60_000;

/// Where a message is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Queued,
    Sending,
    Retrying,
    Confirming,
    Unconfirmed,
    Completed,
    Error,
}

impl State {
    const ALL: [Self; 7] = [
        Self::Queued,
        Self::Sending,
        Self::Retrying,
        Self::Confirming,
        Self::Unconfirmed,
        Self::Completed,
        Self::Error,
    ];

    /// The state as the column has it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Sending => "Sending",
            Self::Retrying => "Retrying",
            Self::Confirming => "Confirming",
            Self::Unconfirmed => "Unconfirmed",
            Self::Completed => "Completed",
            Self::Error => "Error",
        }
    }

    /// The state of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What the next request of a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The message itself.
    Send,
    /// What became of it.
    Confirm,
    /// The alert.
    Look,
    /// The id of the alert, where it cannot be sent without.
    Find,
    /// The responders of the alert that was created.
    Compare,
}

/// What follows a move: another request, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// Another request.
    Open {
        /// Which.
        stage: Stage,
        /// When, in milliseconds since 1970.
        due: i64,
    },
    /// Completed.
    Completed,
    /// In error.
    Failed,
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    pub(super) id: Arc<str>,
    /// None when the received text could not be read.
    pub(super) operation: Option<Operation>,
    pub(super) target: Target,
    pub(super) state: State,
    pub(super) result: String,
    /// The operation's fields as JSON.
    pub(super) alert: Arc<str>,
    pub(super) attempts: u32,
    pub(super) next_attempt: Option<i64>,
    pub(super) request_id: String,
    pub(super) alert_id: String,
    /// The order of arrival.
    pub(super) sequence: u64,
    /// In milliseconds since 1970, as all times here.
    pub(super) received_at: i64,
    pub(super) state_since: i64,
    /// How often the platform did not answer when the request may have reached it.
    pub(super) unanswered: u32,
    /// What was changed when it was received.
    pub(super) remarks: String,
    /// Where it was sent last, or is to go whatever the present platform is; not known while it may go anywhere.
    pub(super) account: Account,
    /// Whether the platform gave the alert another alias. Not stored: what is known of alerts has a table of its own.
    pub(super) rewritten: bool,
}

impl Message {
    /// A message that was received.
    pub(super) fn queued(received: Received, sequence: u64, now: i64) -> Self {
        let alert = Json::Object(received.fields).to_string();
        let mut message = Self::new(received.id, Some(received.operation), received.target, sequence, now);
        message.alert = alert.into();
        message.remarks = received.remarks.join(", ");
        message.say("");
        message
    }

    /// What it waits for, as its Result says it.
    pub(super) fn wait_for(&mut self, what: &str) {
        self.say(what);
    }

    /// It is patient until then.
    pub(super) fn wait_until(&mut self, due: i64, what: &str) {
        self.next_attempt = Some(due);
        self.say(what);
    }

    /// It was done; the alert is looked at before it is complete.
    pub(super) fn compare(&mut self, alert: &Named, now: i64) -> Course {
        if let Some(alert_id) = &alert.alert_id {
            alert_id.clone_into(&mut self.alert_id);
        }
        self.open(Stage::Compare, now, "done: looking at the responders of the alert")
    }

    /// It is to be sent once more, although it was given up.
    pub(super) fn retry(&mut self, sequence: u64, now: i64) {
        self.enter(State::Queued, now);
        self.attempts = 0;
        self.unanswered = 0;
        self.next_attempt = None;
        self.sequence = sequence;
        let before = std::mem::take(&mut self.result);
        self.result = format!("to be sent again; before: {before}");
    }

    /// A received text that could not be read. Nothing vanishes: it is a row too.
    pub(super) fn unreadable(id: String, beginning: String, fault: &str, sequence: u64, now: i64) -> Self {
        let mut message = Self::new(id, None, Target::alias(""), sequence, now);
        message.alert = beginning.into();
        message.state = State::Error;
        message.say(fault);
        message
    }

    fn new(id: String, operation: Option<Operation>, target: Target, sequence: u64, now: i64) -> Self {
        Self {
            id: id.into(),
            operation,
            target,
            state: State::Queued,
            result: String::new(),
            alert: Arc::from(""),
            attempts: 0,
            next_attempt: None,
            request_id: String::new(),
            alert_id: String::new(),
            sequence,
            received_at: now,
            state_since: now,
            unanswered: 0,
            remarks: String::new(),
            account: Account::default(),
            rewritten: false,
        }
    }

    /// The operation's fields.
    pub(super) fn fields(&self) -> Fields {
        serde_json::from_str(&self.alert).unwrap_or_default()
    }

    /// Whether it is the create of an urgent alert, with these fields: those go first.
    pub(super) fn is_urgent(&self, fields: &Fields) -> bool {
        let priority = fields.get("priority").and_then(Json::as_str);
        self.operation == Some(Operation::Create) && matches!(priority, Some("P1" | "P2"))
    }

    /// The request goes out: written down before it does.
    /// The remarks say what is sent instead of what was asked for, and where, when that is not the present platform.
    pub(super) fn sending(&mut self, remarks: [Option<String>; 2], account: &Account, now: i64) {
        self.attempts += 1;
        self.account = account.clone();
        for remark in remarks.into_iter().flatten() {
            if self.remarks.contains(remark.as_str()) {
                continue;
            }
            let separator = if self.remarks.is_empty() { "" } else { ", " };
            self.remarks = format!("{}{separator}{remark}", self.remarks);
        }
        self.enter(State::Sending, now);
        self.next_attempt = None;
        self.say("");
    }

    /// What an exchange of this stage means for the message. `asked` counts the questions before.
    pub(super) fn settle(&mut self, stage: Stage, verdict: &Verdict, asked: u32, now: i64) -> Course {
        if let (Stage::Send, Platform::Gone { sent: true, .. }) = (stage, &verdict.platform) {
            self.unanswered += 1;
        }
        if let (Stage::Send, Platform::Gone { sent: false, .. }) = (stage, &verdict.platform) {
            // Nothing left: that was no attempt.
            self.attempts = self.attempts.saturating_sub(1);
        }
        let reachable = !matches!(verdict.platform, Platform::Gone { .. });
        if let (Stage::Look, State::Confirming, Next::Resend { .. } | Next::Fail { .. }) =
            (stage, self.state, &verdict.next)
        {
            // The alert does not show it yet, and there is time left for the verdict.
            return self.open(
                Stage::Confirm,
                now + AFTER_LOOK_MS,
                "no verdict yet, and the alert does not show it",
            );
        }
        match &verdict.next {
            Next::Confirm { request_id, result } => {
                self.request_id.clone_from(request_id);
                self.enter(State::Confirming, now);
                self.open(Stage::Confirm, now + before_question(&self.id, 0), result)
            }
            Next::Complete { result, alert } => self.complete(result, alert, now),
            Next::Found { alert_id } => {
                self.alert_id.clone_from(alert_id);
                self.open(Stage::Send, now, "alert found")
            }
            Next::AskAgain { result } => self.open(stage, now + before_question(&self.id, asked + 1), result),
            Next::Look { result } => {
                // What was not answered stays Sending, so that a restart knows that it may have been sent.
                let has_time = stage == Stage::Confirm && now - self.state_since < DEADLINE_MS;
                if reachable && !has_time {
                    self.enter(State::Unconfirmed, now);
                }
                self.open(Stage::Look, now + BEFORE_LOOK_MS, result)
            }
            Next::Resend { result } => {
                if reachable && self.attempts >= ATTEMPTS && now - self.received_at >= PATIENCE_MS {
                    return self.fail(&format!("given up after {} attempts: {result}", self.attempts), now);
                }
                self.enter(State::Retrying, now);
                self.open(Stage::Send, now + before_resend(&self.id, self.attempts), result)
            }
            Next::Fail { result } => self.fail(result, now),
            Next::Back { result } => {
                if stage == Stage::Send {
                    // The platform did not look at the message: that was no attempt.
                    self.attempts = self.attempts.saturating_sub(1);
                    self.enter(State::Queued, now);
                }
                self.open(stage, now, result)
            }
        }
    }

    /// What follows when the element starts with this message.
    pub(super) fn resume(&mut self, present: &Account, now: i64) -> Course {
        let due = self.next_attempt.unwrap_or(now).min(now + LONGEST_WAIT_MS);
        self.state_since = self.state_since.min(now);
        let Some(operation) = self.operation else {
            return Course::Failed;
        };
        if self.attempts > 0 && !self.account.is_known() {
            // It was sent before there were accounts.
            self.account = present.clone();
        }
        match self.state {
            State::Queued => Course::Open {
                stage: Stage::Send,
                due: now,
            },
            State::Retrying => Course::Open {
                stage: Stage::Send,
                due,
            },
            State::Confirming => Course::Open {
                stage: Stage::Confirm,
                due: now,
            },
            State::Unconfirmed => Course::Open {
                stage: Stage::Look,
                due: now,
            },
            // It may have been sent: as if there had been no answer.
            State::Sending => {
                let sent = Sent {
                    operation,
                    unanswered: self.unanswered,
                    service: self.account.service(),
                    confirms: true,
                    was_open: true,
                };
                let next = of_silence(sent, "the element stopped");
                let platform = Platform::Gone {
                    detail: String::new(),
                    sent: true,
                };
                self.settle(Stage::Send, &Verdict { next, platform }, 0, now)
            }
            State::Completed => Course::Completed,
            State::Error => Course::Failed,
        }
    }

    /// Done.
    pub(super) fn complete(&mut self, result: &str, alert: &Named, now: i64) -> Course {
        if let Some(alert_id) = &alert.alert_id {
            alert_id.clone_into(&mut self.alert_id);
        }
        self.enter(State::Completed, now);
        self.next_attempt = None;
        match &alert.alias {
            Some(alias) if self.operation == Some(Operation::Create) && *alias != self.target.value => {
                self.rewritten = true;
                self.say(&format!("{result}; the platform calls it {alias}"));
            }
            Some(_) | None => self.say(result),
        }
        Course::Completed
    }

    /// There is nothing to do after all: it was never sent.
    pub(super) fn drop_unsent(&mut self, reason: &str, now: i64) {
        self.enter(State::Completed, now);
        self.next_attempt = None;
        self.say(reason);
    }

    /// Cannot be done.
    pub(super) fn fail(&mut self, result: &str, now: i64) -> Course {
        self.enter(State::Error, now);
        self.next_attempt = None;
        self.say(result);
        Course::Failed
    }

    fn open(&mut self, stage: Stage, due: i64, result: &str) -> Course {
        self.next_attempt = Some(due);
        self.say(result);
        Course::Open { stage, due }
    }

    fn enter(&mut self, state: State, now: i64) {
        if self.state != state {
            self.state = state;
            self.state_since = now;
        }
    }

    /// The result, with what was changed when the message was received.
    fn say(&mut self, result: &str) {
        self.result = match (result, self.remarks.as_str()) {
            (result, "") => result.to_owned(),
            ("", remarks) => remarks.to_owned(),
            (result, remarks) => format!("{result} ({remarks})"),
        };
    }
}

#[cfg(test)]
mod tests;
