//! What the QActions of one element share: the queue, and what is remembered of finished messages.
//!
//! One instance an element start. The lock is never held over an await: QActions of several rows run side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;

use super::envelope;
use super::hold::Flow;
use super::message::{Course, Message, Stage, State};
use super::operation::Operation;
use super::queue::{Entry, Key, Queue};
use super::recent::Recent;

/// How many ids of completed messages are remembered, to know them when they come again.
const REMEMBERED_IDS: usize = 10_000;
/// How many aliases are remembered for which a create was confirmed.
const REMEMBERED_ALIASES: usize = 100_000;

/// What the QActions hold of it.
pub(super) type Shared = Arc<Mutex<SharedState>>;

/// What the QActions of one element share.
#[derive(Debug)]
pub(super) struct SharedState {
    /// The unfinished messages.
    pub(super) queue: Queue,
    /// Whether the rows of the table are in here.
    pub(super) restored: bool,
    /// Whether the timer of the queue runs.
    pub(super) ticking: bool,
    /// When the key was set, in milliseconds since 1970.
    pub(super) key_changed_at: i64,
    /// What was shown last.
    pub(super) shown: Option<Shown>,
    /// The keys of all rows of the table.
    rows: BTreeSet<Key>,
    /// The rows in error.
    errors: BTreeSet<Key>,
    /// The completed rows, by the time they were completed.
    completed: BTreeSet<(i64, Key)>,
    /// Ids of messages that were completed.
    finished: Recent,
    /// Aliases for which this element has confirmed a create.
    created: Recent,
    completed_count: usize,
    duplicates: usize,
}

/// What an operator sees of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) status: String,
    pub(super) queued: usize,
    pub(super) errors: usize,
    pub(super) completed: usize,
    pub(super) duplicates: usize,
}

impl SharedState {
    /// For an element that starts.
    pub(super) const fn new() -> Self {
        Self {
            queue: Queue::new(Flow::NoKey),
            restored: false,
            ticking: false,
            key_changed_at: i64::MIN,
            shown: None,
            rows: BTreeSet::new(),
            errors: BTreeSet::new(),
            completed: BTreeSet::new(),
            finished: Recent::new(REMEMBERED_IDS),
            created: Recent::new(REMEMBERED_ALIASES),
            completed_count: 0,
            duplicates: 0,
        }
    }

    /// A received text as the messages that become rows. A message that was received before is not queued again.
    pub(super) fn receive(&mut self, text: &str, now: i64) -> Vec<Message> {
        let queue = &mut self.queue;
        // With the time, so that an id is not made again after a restart with an empty table.
        let mut fresh = || format!("{now}-{}", queue.next_sequence());
        let received = match envelope::read(text, &mut fresh) {
            Ok(received) => received,
            Err(fault) => {
                let id = fresh();
                let sequence = self.queue.next_sequence();
                let beginning = envelope::beginning(text);
                return vec![Message::unreadable(id, beginning, &fault, sequence, now)];
            }
        };
        let mut here = BTreeSet::new();
        let mut messages = Vec::with_capacity(received.len());
        for received in received {
            let known = self.rows.contains(received.id.as_str()) || self.finished.contains(&received.id);
            if known || !here.insert(received.id.clone()) {
                self.duplicates += 1;
                continue;
            }
            let sequence = self.queue.next_sequence();
            messages.push(Message::queued(received, sequence, now));
        }
        messages
    }

    /// A row is in the table: what follows for the queue.
    pub(super) fn enter(&mut self, message: &Message, course: Course) {
        self.queue.skip_sequence(message.sequence);
        self.rows.insert(Arc::clone(&message.id));
        match (course, message.operation) {
            (Course::Open { stage, due }, Some(operation)) => {
                let entry = Entry {
                    operation,
                    lane: message.target.lane().into(),
                    sequence: message.sequence,
                    urgent: message.is_urgent(),
                    stage,
                    due,
                };
                self.queue.admit(Arc::clone(&message.id), entry);
            }
            (Course::Completed, _) => {
                self.remember(message);
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
            State::Queued
            | State::Sending
            | State::Retrying
            | State::Confirming
            | State::Unconfirmed
            | State::Completed => Course::Open {
                stage: Stage::Send,
                due: now,
            },
        };
        self.enter(message, course);
    }

    /// An exchange is over: what follows for the queue.
    pub(super) fn settle(&mut self, message: &Message, course: Course) {
        match course {
            Course::Open { stage, due } => self.queue.proceed(&message.id, stage, due),
            Course::Completed => {
                self.queue.finish(&message.id);
                self.remember(message);
                self.completed.insert((message.state_since, Arc::clone(&message.id)));
                self.completed_count += 1;
            }
            Course::Failed => {
                self.queue.finish(&message.id);
                self.errors.insert(Arc::clone(&message.id));
            }
        }
    }

    /// The messages that a failed create takes with it: those that wait behind it, when there is no earlier alert they
    /// could be about.
    pub(super) fn orphans(&self, create: &Message) -> Vec<(Key, Operation)> {
        if create.operation != Some(Operation::Create) || self.has_created(&create.target.value) {
            return Vec::new();
        }
        self.queue.behind(&create.id)
    }

    /// Whether this element has confirmed a create for the alias.
    pub(super) fn has_created(&self, alias: &str) -> bool {
        self.created.contains(alias)
    }

    /// The rows completed up to this time leave.
    pub(super) fn take_completed(&mut self, until: i64) -> Vec<Key> {
        let mut keys = Vec::new();
        while let Some((time, _)) = self.completed.first()
            && *time <= until
            && let Some((_, key)) = self.completed.pop_first()
        {
            self.rows.remove(&key);
            keys.push(key);
        }
        keys
    }

    /// The rows in error leave: a message with such an id may be received again.
    pub(super) fn take_errors(&mut self) -> Vec<Key> {
        let errors = std::mem::take(&mut self.errors);
        for key in &errors {
            self.rows.remove(key);
        }
        errors.into_iter().collect()
    }

    /// A row is no longer in the table.
    pub(super) fn forget(&mut self, key: &str) {
        self.queue.finish(key);
        self.rows.remove(key);
        self.errors.remove(key);
    }

    /// Whether time alone changes nothing.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_idle() && self.completed.is_empty()
    }

    /// What an operator is to see.
    pub(super) fn to_show(&self) -> Shown {
        Shown {
            status: self.queue.flow.status(),
            queued: self.queue.len(),
            errors: self.errors.len(),
            completed: self.completed_count,
            duplicates: self.duplicates,
        }
    }

    fn remember(&mut self, message: &Message) {
        self.finished.insert(&message.id);
        if message.operation == Some(Operation::Create) {
            self.created.insert(&message.target.value.as_str().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::queue::Limits;
    use super::*;

    const LIMITS: Limits = Limits { sends: 4, questions: 4 };

    fn state() -> SharedState {
        let mut state = SharedState::new();
        state.queue.flow = Flow::Running;
        state
    }

    fn receive(state: &mut SharedState, text: &str) -> Vec<Message> {
        let messages = state.receive(text, 1_000);
        for message in &messages {
            state.enter_received(message, 1_000);
        }
        messages
    }

    #[test]
    fn a_message_that_came_before_is_counted_and_not_queued_again() {
        let mut state = state();
        let text = r#"{"op":"create","id":"m-1","alias":"a","alert":{"message":"x"}}"#;
        let mut message = receive(&mut state, text).remove(0);
        assert!(receive(&mut state, text).is_empty());
        state.queue.take(1_000, LIMITS);
        let course = message.complete("done", None, 1_000);
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
        state.created.insert(&"a".into());
        assert!(state.orphans(&messages[0]).is_empty());
        assert!(state.orphans(&messages[1]).is_empty());
    }

    #[test]
    fn completed_rows_leave_when_their_time_is_over() {
        let mut state = state();
        let mut message = receive(&mut state, r#"{"message":"x"}"#).remove(0);
        let course = message.complete("done", None, 5_000);
        state.settle(&message, course);
        assert!(!state.is_idle());
        assert!(state.take_completed(4_999).is_empty());
        assert_eq!(state.take_completed(5_000).len(), 1);
        assert!(state.is_idle());
    }
}
