//! What the QActions of one element share: the queue, and what is remembered of finished messages and of alerts.
//!
//! One instance an element start. The lock is never held over an await: QActions of several rows run side by side. What is
//! to be written into the hidden tables is collected here, and stored by the pump.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::asking::{Asking, Refusal};
use crate::connectors::opsgenie::hold::Flow;
use crate::connectors::opsgenie::known::{Content, Known, KnownAlerts, Place};
use crate::connectors::opsgenie::memory::Memory;
use crate::connectors::opsgenie::message::{Course, Message, Stage, State};
use crate::connectors::opsgenie::operation::{Fields, Operation};
use crate::connectors::opsgenie::queue::{Entry, Key, Queue};
use crate::connectors::opsgenie::responders::Compared;
use crate::connectors::opsgenie::room::Room;
use crate::connectors::opsgenie::target::Identifier;
use crate::connectors::opsgenie::teams::Pages;
use crate::connectors::opsgenie::telling::Told;

/// What the QActions hold of it.
pub(super) type Shared = Arc<Mutex<SharedState>>;

/// What the QActions of one element share.
#[derive(Debug)]
pub(super) struct SharedState {
    /// The unfinished messages.
    pub(super) queue: Queue,
    /// Whether the rows of the tables are in here.
    pub(super) restored: bool,
    /// How often the timer of the queue ticks.
    pub(super) pace: Pace,
    /// When time alone changes something.
    pub(super) wake: Wake,
    /// When the key was set, in milliseconds since 1970.
    pub(super) key_changed_at: i64,
    /// What was shown last.
    pub(super) shown: Option<Shown>,
    /// The rows of the table.
    pub(super) room: Room,
    /// The alerts this element has created.
    pub(super) known: KnownAlerts,
    /// The ids of messages that were completed.
    pub(super) finished: Memory,
    /// What is to be written into the hidden tables.
    pub(super) unwritten: Vec<Unwritten>,
    /// The pages of the present poll of the teams.
    pub(super) pages: Pages,
    /// The end of the last pause that is stored.
    pub(super) pause_kept: i64,
    /// What the messages that wait were told about it.
    pub(super) told: Told,
    /// What is known about responders.
    pub(super) compared: Compared,
    pub(super) duplicates: usize,
    pub(super) refused: usize,
    /// The account and a hash of the key that were kept last.
    pub(super) kept_key: Option<(Account, u64)>,
    /// Whether the present key may ask.
    pub(super) asking: Asking,
    /// When the next value change of a lane may go.
    value_changes: BTreeMap<String, i64>,
    /// What the alerts say when all that waits is done, by lane.
    foreseen: BTreeMap<Arc<str>, Foreseen>,
    /// The rows in error.
    errors: BTreeSet<Key>,
    /// The completed rows, by the time they were completed.
    completed: BTreeSet<(i64, Key)>,
    completed_count: usize,
}

/// What is to be written into a hidden table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unwritten {
    /// The id of a message that was completed, and when.
    Finished(Key, i64),
    /// The alert at a place, as it is known by then.
    Known(Place),
}

/// How an alert will be when all that waits for it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Foreseen {
    pub(super) open: bool,
    pub(super) content: Content,
}

/// How often the timer of the queue ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Not at all: time alone changes nothing.
    Idle,
    /// Every ten seconds.
    Slow,
    /// Every second.
    Steady,
    /// Five times a second.
    Fast,
}

/// When time alone changes something, as it was when everything was looked at last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wake {
    /// When that was.
    pub(super) looked_at: i64,
    /// None when only an answer or a new message changes something.
    pub(super) at: Option<i64>,
}

/// What an operator sees of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) status: String,
    pub(super) queued: usize,
    pub(super) errors: usize,
    pub(super) completed: usize,
    pub(super) duplicates: usize,
    pub(super) refused: usize,
    /// How full the queue is, in percent.
    pub(super) fill: usize,
    /// What is open in accounts of before.
    pub(super) former: String,
}

impl SharedState {
    /// For an element that starts.
    pub(super) fn new() -> Self {
        Self {
            queue: Queue::new(Account::default(), Flow::NoKey),
            restored: false,
            pace: Pace::Idle,
            wake: Wake::default(),
            key_changed_at: i64::MIN,
            shown: None,
            room: Room::default(),
            known: KnownAlerts::default(),
            finished: Memory::default(),
            unwritten: Vec::new(),
            pages: Pages::default(),
            pause_kept: 0,
            told: Told::default(),
            compared: Compared::default(),
            asking: Asking::default(),
            value_changes: BTreeMap::new(),
            duplicates: 0,
            refused: 0,
            kept_key: None,
            foreseen: BTreeMap::new(),
            errors: BTreeSet::new(),
            completed: BTreeSet::new(),
            completed_count: 0,
        }
    }

    /// A row is in the table: what follows for the queue.
    pub(super) fn enter(&mut self, message: &Message, course: Course) {
        self.queue.skip_sequence(message.sequence);
        self.room.enter(&message.id, message.alert.len());
        match (course, message.operation) {
            (Course::Open { stage, due }, Some(operation)) => {
                let fields = message.fields();
                let account = self.pinned_behind(message);
                let lane: Arc<str> = self.lane_of(message, account.as_ref()).into();
                if account
                    .as_ref()
                    .is_none_or(|account| *account == self.queue.gates.present)
                {
                    let foreseen = self.foresee(&lane, message, operation, &fields);
                    self.foreseen.insert(Arc::clone(&lane), foreseen);
                }
                let entry = Entry {
                    operation,
                    lane,
                    sequence: message.sequence,
                    urgent: message.is_urgent(&fields),
                    stage,
                    due,
                    was_sent: message.attempts > 0,
                    patient: message.state == State::Queued && message.next_attempt.is_some(),
                    account,
                };
                self.queue.admit(Arc::clone(&message.id), entry);
            }
            (Course::Completed, _) => {
                if !self.finished.contains(&message.id, message.state_since) {
                    match message.attempts {
                        0 => self.finish_id(&message.id, message.state_since),
                        _ => self.remember(message),
                    }
                }
                self.completed.insert((message.state_since, Arc::clone(&message.id)));
            }
            (Course::Failed | Course::Open { .. }, _) => {
                self.errors.insert(Arc::clone(&message.id));
            }
        }
    }

    /// A message that was received enters.
    pub(super) fn enter_received(&mut self, message: &Message, now: i64) {
        let course = match message.state {
            State::Error => Course::Failed,
            State::Completed => {
                self.completed_count += 1;
                self.finish_id(&message.id, now);
                Course::Completed
            }
            State::Queued | State::Sending | State::Retrying | State::Confirming | State::Unconfirmed => Course::Open {
                stage: Stage::Send,
                due: message.next_attempt.unwrap_or(now),
            },
        };
        self.enter(message, course);
    }

    /// A question to the present account was answered with this status: what it means if that is a refusal.
    pub(super) fn question_answered(&mut self, status: u16, now: i64) -> Refusal {
        let is_held = matches!(self.queue.gates.here.flow, Flow::Held { .. });
        self.asking.answered(status, is_held, now)
    }

    /// An exchange is over: what follows for the queue.
    pub(super) fn settle(&mut self, message: &Message, course: Course) {
        match course {
            Course::Open { stage, due } => {
                let account = self.pinned(message);
                self.queue.proceed(&message.id, stage, due, account);
            }
            Course::Completed => {
                self.remember(message);
                self.complete(message);
            }
            Course::Failed => {
                self.leave_queue(message);
                self.errors.insert(Arc::clone(&message.id));
            }
        }
    }

    /// A message was completed without being sent: nothing is known of its alert.
    pub(super) fn settle_unsent(&mut self, message: &Message) {
        self.finish_id(&message.id, message.state_since);
        self.complete(message);
    }

    /// The messages that a failed create takes with it: those that wait behind it, when there is no earlier alert they
    /// could be about.
    pub(super) fn orphans(&self, create: &Message) -> Vec<(Key, Operation)> {
        let account = self.account_of(create);
        if create.operation != Some(Operation::Create) || self.has_created(&account, &create.target.value) {
            return Vec::new();
        }
        self.queue.behind(&create.id)
    }

    /// Whether this element has confirmed a create for the alias, in an account or in one where the alert is still open.
    pub(super) fn has_created(&self, account: &Account, alias: &str) -> bool {
        self.known.get(account, alias).is_some() || self.known.open_elsewhere(account, alias).is_some()
    }

    /// Where a message goes.
    pub(super) fn account_of(&self, message: &Message) -> Account {
        let pinned = self.pinned(message);
        pinned.unwrap_or_else(|| self.queue.gates.present.clone())
    }

    /// Where a message goes whatever the present account is. What is open in an account of before, and not in this one, is
    /// changed there. A create raises its alert in the present one, unless it was sent and nobody knows what became of it.
    fn pinned(&self, message: &Message) -> Option<Account> {
        let waits = matches!(message.state, State::Queued | State::Retrying);
        if message.operation == Some(Operation::Create) && waits {
            return None;
        }
        if message.account.is_known() {
            return Some(message.account.clone());
        }
        let present = &self.queue.gates.present;
        let alias = message.target.value.as_str();
        let elsewhere = message.target.kind == Identifier::Alias && !self.known.is_open(present, alias);
        elsewhere.then(|| self.known.open_elsewhere(present, alias))?.cloned()
    }

    /// The same of a message behind all that waits: what a create before it raises is what it is about.
    pub(super) fn pinned_behind(&self, message: &Message) -> Option<Account> {
        let foreseen = self.foreseen.get(message.target.lane().as_str());
        let raised = foreseen.is_some_and(|foreseen| foreseen.open);
        self.pinned(message).filter(|_| !raised || message.account.is_known())
    }

    /// The lane of a message: that of its alias, unless it goes to an account of before in which something is wrong.
    pub(super) fn lane_of(&self, message: &Message, account: Option<&Account>) -> String {
        let lane = message.target.lane();
        match account.filter(|_| message.operation != Some(Operation::Create)) {
            Some(account) => self.queue.lane_aside(&lane, account).unwrap_or(lane),
            None => lane,
        }
    }

    /// What is open in accounts of before, in words.
    fn former(&self) -> String {
        let told = self
            .known
            .count_elsewhere(&self.queue.gates.present)
            .into_iter()
            .map(|(account, count)| {
                let flow = self
                    .queue
                    .gates
                    .flow_of(&account)
                    .filter(|flow| **flow != Flow::Running);
                let flow = flow.map(|flow| format!(" ({})", flow.status())).unwrap_or_default();
                format!("{count} on {account}{flow}")
            });
        let told: Vec<String> = told.collect();
        if told.is_empty() {
            "None".to_owned()
        } else {
            told.join("; ")
        }
    }

    /// How the alert of a lane will be when all that waits for it is done.
    pub(super) fn foreseen(&self, lane: &str, alias: &str) -> Foreseen {
        self.foreseen.get(lane).copied().unwrap_or_else(|| {
            let known = self.known.get(&self.queue.gates.present, alias);
            known.map_or_else(Foreseen::default, |known| Foreseen {
                open: known.open,
                content: known.content,
            })
        })
    }

    /// When a value change of a lane that came now may go: once a minute. Those that wait go together.
    pub(super) fn value_change_at(&mut self, lane: &str, now: i64) -> i64 {
        const APART_MS: i64 = 60_000;
        const MANY: usize = 10_000;
        if self.value_changes.len() >= MANY {
            self.value_changes.retain(|_, at| now < *at + APART_MS);
        }
        let before = self.value_changes.get(lane).copied();
        let at = before.map_or(now, |before| {
            if before > now {
                before
            } else {
                now.max(before + APART_MS)
            }
        });
        self.value_changes.insert(lane.to_owned(), at);
        at
    }

    /// The rows completed up to this time leave.
    pub(super) fn take_completed(&mut self, until: i64) -> Vec<Key> {
        let mut keys = Vec::new();
        while let Some((time, _)) = self.completed.first()
            && *time <= until
            && let Some((_, key)) = self.completed.pop_first()
        {
            self.room.leave(&key);
            keys.push(key);
        }
        keys
    }

    /// When the first completed row leaves.
    pub(super) fn next_leave(&self, keep_ms: i64) -> Option<i64> {
        self.completed.first().map(|(time, _)| time + keep_ms)
    }

    /// The rows in error leave: a message with such an id may be received again.
    pub(super) fn take_errors(&mut self) -> Vec<Key> {
        let errors = std::mem::take(&mut self.errors);
        for key in &errors {
            self.room.leave(key);
        }
        errors.into_iter().collect()
    }

    /// The rows in error.
    pub(super) fn errors(&self) -> Vec<Key> {
        self.errors.iter().cloned().collect()
    }

    /// A row is no longer in error.
    pub(super) fn leave_errors(&mut self, key: &str) {
        self.errors.remove(key);
        self.room.leave(key);
    }

    /// A row is no longer in the table.
    pub(super) fn forget(&mut self, key: &str) {
        self.queue.finish(key);
        self.room.leave(key);
        self.errors.remove(key);
    }

    /// Whether time alone changes nothing.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_idle() && self.completed.is_empty()
    }

    /// What an operator is to see.
    pub(super) fn to_show(&self) -> Shown {
        Shown {
            status: self.queue.gates.here.flow.status(),
            queued: self.queue.len(),
            errors: self.errors.len(),
            completed: self.completed_count,
            duplicates: self.duplicates,
            refused: self.refused,
            fill: self.room.fill(),
            former: self.former(),
        }
    }

    fn complete(&mut self, message: &Message) {
        self.leave_queue(message);
        self.completed.insert((message.state_since, Arc::clone(&message.id)));
        self.completed_count += 1;
    }

    fn leave_queue(&mut self, message: &Message) {
        self.queue.finish(&message.id);
        let lane = message.target.lane();
        if !self.queue.has_lane(&lane) {
            self.foreseen.remove(lane.as_str());
        }
    }

    fn foresee(&self, lane: &str, message: &Message, operation: Operation, fields: &Fields) -> Foreseen {
        let before = self.foreseen(lane, &message.target.value);
        match operation {
            Operation::Create if !before.open => Foreseen {
                open: true,
                content: Content::of(fields),
            },
            Operation::Close | Operation::Delete => Foreseen { open: false, ..before },
            Operation::UpdatePriority | Operation::UpdateMessage | Operation::UpdateDescription => Foreseen {
                content: before.content.after(operation, fields),
                ..before
            },
            _ => before,
        }
    }

    fn finish_id(&mut self, id: &Key, now: i64) {
        self.finished.insert(id, now);
        self.unwritten.push(Unwritten::Finished(Arc::clone(id), now));
    }

    /// What a completed message tells of its alert.
    fn remember(&mut self, message: &Message) {
        let now = message.state_since;
        self.finish_id(&message.id, now);
        if message.target.kind != Identifier::Alias {
            return;
        }
        let place = Place::new(&self.account_of(message), &message.target.value);
        let before = self.known.get(&place.account, &place.alias).cloned();
        let after = match (message.operation, before) {
            (Some(Operation::Create), before) => Some(created(message, before)),
            (Some(Operation::Close | Operation::Delete), Some(before)) => Some(Known {
                open: false,
                at: now,
                ..before
            }),
            (
                Some(operation @ (Operation::UpdatePriority | Operation::UpdateMessage | Operation::UpdateDescription)),
                Some(before),
            ) => Some(Known {
                content: before.content.after(operation, &message.fields()),
                ..before
            }),
            (_, _) => None,
        };
        if let Some(after) = after {
            self.unwritten.push(Unwritten::Known(place.clone()));
            self.known.insert(place, after);
        }
    }
}

/// What is known of an alert when its create is confirmed. One that was open keeps what it says.
fn created(message: &Message, before: Option<Known>) -> Known {
    let open_before = before.filter(|before| before.open);
    let fields: Fields = message.fields();
    let (alert_id, content) = match open_before {
        Some(before) => (before.alert_id, before.content),
        None => (Arc::from(""), Content::of(&fields)),
    };
    Known {
        alert_id: if message.alert_id.is_empty() {
            alert_id
        } else {
            message.alert_id.as_str().into()
        },
        rewritten: message.rewritten,
        open: true,
        at: message.state_since,
        content,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::opsgenie::intake::tests::receive;
    use crate::connectors::opsgenie::outcome::Named;
    use crate::connectors::opsgenie::queue::Limits;

    const LIMITS: Limits = Limits { sends: 4, questions: 4 };

    fn state() -> SharedState {
        let mut state = SharedState::new();
        state.queue.gates.here.flow = Flow::Running;
        state
    }

    #[test]
    fn a_message_that_came_before_is_counted_and_not_queued_again() {
        let mut state = state();
        let text = r#"{"op":"create","id":"m-1","alias":"a","alert":{"message":"x"}}"#;
        let mut message = receive(&mut state, text).remove(0);
        assert!(receive(&mut state, text).is_empty());
        state.queue.take(1_000, LIMITS);
        let course = message.complete("done", &Named::default(), 1_000);
        state.settle(&message, course);
        assert_eq!(state.take_completed(1_000), ["m-1".into()]);
        assert!(receive(&mut state, text).is_empty());
        assert!(receive(&mut state, &format!("[{text},{text}]")).is_empty());
        let shown = state.to_show();
        assert_eq!((shown.duplicates, shown.completed, shown.queued), (4, 1, 0));
    }

    #[test]
    fn equal_alerts_without_ids_are_two_messages() {
        let mut state = state();
        let text = r#"[{"message":"x"},{"message":"x"}]"#;
        let ids: Vec<_> = receive(&mut state, text)
            .into_iter()
            .map(|message| message.id)
            .collect();
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1]);
    }

    #[test]
    fn an_unreadable_text_is_a_row_in_error_that_clearing_removes() {
        let mut state = state();
        let messages = receive(&mut state, "{");
        assert_eq!(messages[0].state, State::Error);
        assert_eq!(state.to_show().errors, 1);
        assert!(state.queue.is_idle());
        assert_eq!(state.take_errors(), [Arc::clone(&messages[0].id)]);
        assert_eq!(state.to_show().errors, 0);
    }

    #[test]
    fn clearing_leaves_messages_that_are_not_in_error() {
        let mut state = state();
        receive(&mut state, r#"{"message":"x","alias":"a"}"#);
        assert!(state.take_errors().is_empty());
        assert_eq!(state.queue.len(), 1);
    }

    #[test]
    fn a_failed_create_takes_what_waits_behind_it_unless_an_earlier_one_was_confirmed() {
        let text = r#"[{"message":"x","alias":"a"},{"op":"close","alias":"a"}]"#;
        let mut state = state();
        let messages = receive(&mut state, text);
        let orphans = state.orphans(&messages[0]);
        assert_eq!(orphans, [(Arc::clone(&messages[1].id), Operation::Close)]);
        state
            .known
            .insert(Place::new(&Account::default(), "a"), Known::default());
        assert!(state.orphans(&messages[0]).is_empty());
        assert!(state.orphans(&messages[1]).is_empty());
    }

    #[test]
    fn completed_rows_leave_when_their_time_is_over() {
        let mut state = state();
        let mut message = receive(&mut state, r#"{"message":"x"}"#).remove(0);
        let course = message.complete("done", &Named::default(), 5_000);
        state.settle(&message, course);
        assert!(!state.is_idle());
        assert!(state.take_completed(4_999).is_empty());
        assert_eq!(state.take_completed(5_000).len(), 1);
        assert!(state.is_idle());
    }

    #[test]
    fn what_was_confirmed_is_known_of_the_alert() {
        let mut state = state();
        let text = r#"[{"message":"x","alias":"a","priority":"P3"},{"op":"updatePriority","alias":"a","value":"P1"},
            {"op":"close","alias":"a"}]"#;
        let messages = receive(&mut state, text);
        assert!(!state.foreseen("alias:a", "a").open);
        let mut seen = Vec::new();
        for mut message in messages {
            state.queue.take(1_000, LIMITS);
            let alert = Named {
                alert_id: Some("7-8".to_owned()),
                alias: Some("p-a".to_owned()),
            };
            let course = message.complete("done", &alert, 2_000);
            state.settle(&message, course);
            seen.push(state.known.get(&Account::default(), "a").cloned().unwrap());
        }
        assert!(seen[0].open && seen[0].rewritten && &*seen[0].alert_id == "7-8");
        assert_ne!(seen[1].content, seen[0].content);
        assert!(!seen[2].open);
        assert_eq!(state.unwritten.len(), 6);
    }
}
