//! A received text → the messages that become rows, or why they do not.
//!
//! A message that came before is not queued again. An update makes one of the same kind needless that still waits. A create
//! of an alert that is open changes nothing on the platform but its count, so what it says otherwise becomes updates.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::envelope::{self, Received};
use crate::connectors::opsgenie::hold::Flow;
use crate::connectors::opsgenie::known::Content;
use crate::connectors::opsgenie::mapping::Choices;
use crate::connectors::opsgenie::message::Message;
use crate::connectors::opsgenie::operation::{Fields, Operation};
use crate::connectors::opsgenie::queue::Key;
use crate::connectors::opsgenie::room::is_essential;
use crate::connectors::opsgenie::shared::{Foreseen, SharedState};

/// What an operator chose for received messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Habits {
    /// What a mapping cannot know.
    pub(super) choices: Choices,
    /// Whether an update makes the one before it needless.
    pub(super) coalesces: bool,
    /// Whether a create of an open alert becomes updates as well.
    pub(super) expands: bool,
    /// Where the messages go, whatever the present account is; none when they go there.
    pub(super) account: Option<Account>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            choices: Choices::default(),
            coalesces: true,
            expands: true,
            account: None,
        }
    }
}

/// What becomes of a received text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Intake {
    /// The rows to be.
    pub(super) messages: Vec<Message>,
    /// Rows that are needless now, and the message that makes each so.
    pub(super) needless: Vec<(Key, Key)>,
    /// How many messages were refused: the queue is full.
    pub(super) refused: usize,
}

impl SharedState {
    /// A received text as the messages that become rows.
    pub(super) fn receive(&mut self, text: &str, habits: &Habits, now: i64) -> Intake {
        let queue = &mut self.queue;
        // With the time, so that an id is not made again after a restart with an empty table.
        let mut fresh = || format!("{now}-{}", queue.next_sequence());
        let read = envelope::read(text, &habits.choices, &mut fresh);
        let received = match read {
            Ok(received) => received,
            Err(fault) => {
                let id = fresh();
                let sequence = self.queue.next_sequence();
                let beginning = envelope::beginning(text);
                return self.admit(vec![Message::unreadable(id, beginning, &fault, sequence, now)], 1);
            }
        };
        let received = self.without_duplicates(received, now);
        let count = received
            .iter()
            .map(|received| received.number)
            .collect::<BTreeSet<_>>()
            .len();
        let received = if habits.expands {
            self.expanded(received)
        } else {
            received
        };
        let mut before = Before::default();
        let mut messages = Vec::with_capacity(received.len());
        for received in received {
            messages.push(self.queued(received, &mut before, habits.account.as_ref(), now));
        }
        let mut intake = self.admit(messages, count);
        if habits.coalesces {
            self.supersede(&mut intake, now);
        }
        intake
    }

    /// Messages that came before are counted, and left out.
    fn without_duplicates(&mut self, received: Vec<Received>, now: i64) -> Vec<Received> {
        let mut here = BTreeSet::new();
        let mut again = BTreeSet::new();
        let mut first = Vec::with_capacity(received.len());
        for received in received {
            let known = self.room.contains(&received.id) || self.finished.contains(&received.id, now);
            if known || !here.insert(received.id.clone()) {
                again.insert(received.number);
            } else {
                first.push(received);
            }
        }
        self.duplicates += again.len();
        first
    }

    /// With the updates that a create of an open alert becomes.
    fn expanded(&self, received: Vec<Received>) -> Vec<Received> {
        let mut foreseen: BTreeMap<String, Foreseen> = BTreeMap::new();
        let mut expanded = Vec::with_capacity(received.len());
        for received in received {
            let lane = received.target.lane();
            let before = foreseen
                .get(&lane)
                .copied()
                .unwrap_or_else(|| self.foreseen(&lane, &received.target.value));
            let mut after = before;
            let mut updates = Vec::new();
            match received.operation {
                Operation::Create if received.needless.is_some() => {}
                Operation::Create if before.open => {
                    for (operation, field) in before.content.updates_to(&received.fields) {
                        updates.push(update(&received, operation, field));
                        after.content = after.content.after(operation, &received.fields);
                    }
                }
                Operation::Create => {
                    after = Foreseen {
                        open: true,
                        content: Content::of(&received.fields),
                    };
                }
                Operation::Close | Operation::Delete => after.open = false,
                operation => after.content = after.content.after(operation, &received.fields),
            }
            foreseen.insert(lane, after);
            expanded.push(received);
            expanded.extend(updates);
        }
        expanded
    }

    /// A message with its place in the order, where it goes, and what it waits for: the one before it that came with it,
    /// if any.
    fn queued(&mut self, received: Received, before: &mut Before, account: Option<&Account>, now: i64) -> Message {
        let needless = received.needless.clone();
        let is_patient = received.patient;
        let sequence = self.queue.next_sequence();
        let mut message = Message::queued(received, sequence, now);
        if let Some(reason) = needless {
            message.drop_unsent(&format!("not sent: {reason}"), now);
            return message;
        }
        message.account = account.cloned().unwrap_or_default();
        if !before.raised.contains(&message.target.lane()) {
            message.account = self.pinned_behind(&message).unwrap_or_default();
        }
        if message.operation == Some(Operation::Create) {
            before.raised.insert(message.target.lane());
        }
        let lane = self.lane_of(&message, Some(&message.account).filter(|account| account.is_known()));
        let last = before.last.insert(lane.clone(), Arc::clone(&message.id));
        let due = if is_patient {
            self.value_change_at(&lane, now)
        } else {
            now
        };
        if due > now {
            message.wait_until(due, "waits: changes of the value are sent once a minute");
        } else if let Some(before) = last.or_else(|| self.queue.last_of(&lane)) {
            message.wait_for(&format!("waits for {before}, which is about the same alert"));
        } else if self.queue.gates.here.flow != Flow::Running {
            message.wait_for(&format!("waits: {}", self.queue.gates.here.flow.status()));
        } else if let Some(limit) = self.queue.gates.here.rate.limit() {
            message.wait_for(&format!("waits for its turn: {limit:.1} requests a second"));
        }
        message
    }

    /// All of them, or none where the queue has no room for all.
    fn admit(&mut self, messages: Vec<Message>, count: usize) -> Intake {
        let essential = |message: &Message| message.operation.is_some_and(is_essential);
        let bytes = messages.iter().map(|message| message.alert.len()).sum();
        if self.room.takes(messages.len(), bytes, messages.iter().all(essential)) {
            return Intake {
                messages,
                ..Intake::default()
            };
        }
        self.refused += count;
        Intake {
            refused: count,
            ..Intake::default()
        }
    }

    /// What the new messages make needless: among themselves, and of what waits.
    fn supersede(&self, intake: &mut Intake, now: i64) {
        let mut lanes: BTreeMap<String, Lane> = BTreeMap::new();
        for place in 0..intake.messages.len() {
            let message = &intake.messages[place];
            let lane = lanes.entry(message.target.lane()).or_default();
            if ends(message.operation) {
                *lane = Lane {
                    has_ended: true,
                    ..Lane::default()
                };
                continue;
            }
            let Some(operation) = message.operation.filter(|operation| is_replaced(*operation)) else {
                continue;
            };
            let by = Arc::clone(&message.id);
            if let Some(before) = lane.updates.insert(operation.name(), place) {
                intake.messages[before].drop_unsent(&format!("not sent: replaced by {by}"), now);
            } else if !lane.has_ended
                && let Some(before) = self.queue.superseded(&message.target.lane(), operation)
            {
                intake.needless.push((before, by));
            }
        }
    }
}

/// The messages before one among those that came with it.
#[derive(Debug, Default)]
struct Before {
    /// The last one of each lane.
    last: BTreeMap<String, Key>,
    /// The alerts that they raise.
    raised: BTreeSet<String>,
}

/// What stands before a message among those that came with it, about the same alert.
#[derive(Debug, Default)]
struct Lane {
    /// Whether an alert began or ended: what waited before is about another one.
    has_ended: bool,
    /// Where the last update of each kind stands.
    updates: BTreeMap<&'static str, usize>,
}

const fn is_replaced(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::UpdatePriority | Operation::UpdateMessage | Operation::UpdateDescription
    )
}

/// Whether what comes before it is about another alert, or may be.
const fn ends(operation: Option<Operation>) -> bool {
    matches!(
        operation,
        None | Some(Operation::Create | Operation::Close | Operation::Delete)
    )
}

/// One of the updates that a create becomes.
fn update(create: &Received, operation: Operation, field: &str) -> Received {
    let mut fields = Fields::new();
    if let Some(value) = create.fields.get(field) {
        fields.insert(field.to_owned(), value.clone());
    }
    Received {
        id: format!("{}/{field}", create.id),
        number: create.number,
        operation,
        target: create.target.clone(),
        fields,
        remarks: vec![format!("the alert of {} was open already", create.id)],
        needless: None,
        patient: false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::connectors::opsgenie::message::State;

    /// Takes a text as an element does; the rows.
    pub(in crate::connectors::opsgenie) fn receive(state: &mut SharedState, text: &str) -> Vec<Message> {
        let intake = state.receive(text, &Habits::default(), 1_000);
        for message in &intake.messages {
            state.enter_received(message, 1_000);
        }
        intake.messages
    }

    fn state() -> SharedState {
        let mut state = SharedState::new();
        state.queue.gates.here.flow = Flow::Running;
        state
    }

    fn told(messages: &[Message]) -> Vec<String> {
        let told = messages.iter().map(|message| {
            let operation = message.operation.map_or("unreadable", Operation::name);
            format!("{} {operation} {} {}", message.id, message.state.name(), message.result)
        });
        told.collect()
    }

    #[test]
    fn a_create_of_an_open_alert_becomes_updates_too() {
        let mut state = state();
        receive(
            &mut state,
            r#"{"op":"create","id":"1","alias":"a","message":"m","priority":"P3"}"#,
        );
        let again = r#"{"op":"create","id":"2","alias":"a","message":"n","priority":"P1"}"#;
        assert_eq!(
            told(&receive(&mut state, again)),
            [
                "2 create Queued waits for 1, which is about the same alert",
                "2/priority updatePriority Queued waits for 2, which is about the same alert \
                 (the alert of 2 was open already)",
                "2/message updateMessage Queued waits for 2/priority, which is about the same alert \
                 (the alert of 2 was open already)",
            ]
        );
        let same = r#"{"op":"create","id":"3","alias":"a","message":"n","priority":"P1"}"#;
        assert_eq!(receive(&mut state, same).len(), 1);
        let closed = r#"[{"op":"close","id":"4","alias":"a"},{"op":"create","id":"5","alias":"a","message":"o"}]"#;
        assert_eq!(receive(&mut state, closed).len(), 2);
        let habits = Habits {
            expands: false,
            ..Habits::default()
        };
        let other = r#"{"op":"create","id":"6","alias":"a","message":"p"}"#;
        assert_eq!(state.receive(other, &habits, 1_000).messages.len(), 1);
    }

    #[test]
    fn the_last_of_several_updates_that_wait_is_sent() {
        let mut state = state();
        let update =
            |id: &str, value: &str| format!(r#"{{"op":"updatePriority","id":"{id}","alias":"a","value":"{value}"}}"#);
        receive(&mut state, r#"{"op":"create","id":"0","alias":"a","message":"m"}"#);
        receive(&mut state, &update("1", "P1"));
        let intake = state.receive(&update("2", "P2"), &Habits::default(), 1_000);
        assert_eq!(intake.needless, [("1".into(), "2".into())]);
        let both = format!("[{},{}]", update("3", "P3"), update("4", "P4"));
        let intake = state.receive(&both, &Habits::default(), 1_000);
        assert_eq!(intake.messages[0].state, State::Completed);
        assert_eq!(intake.messages[0].result, "not sent: replaced by 4");
        let habits = Habits {
            coalesces: false,
            ..Habits::default()
        };
        assert!(state.receive(&update("5", "P5"), &habits, 1_000).needless.is_empty());
    }

    #[test]
    fn a_full_queue_refuses_notes_first_and_everything_in_the_end() {
        let mut state = state();
        state.room.limit = 10;
        for number in 0..9 {
            receive(&mut state, &format!(r#"{{"message":"m","alias":"a{number}"}}"#));
        }
        let note = r#"{"op":"addNote","alias":"a1","note":"n"}"#;
        let close = r#"{"op":"close","alias":"a1"}"#;
        assert!(receive(&mut state, note).is_empty());
        assert!(receive(&mut state, &format!("[{close},{close}]")).is_empty());
        assert_eq!(receive(&mut state, close).len(), 1);
        assert!(receive(&mut state, close).is_empty());
        assert!(receive(&mut state, "{").is_empty());
        assert_eq!((state.to_show().refused, state.to_show().fill), (5, 100));
    }

    #[test]
    fn a_composite_that_comes_again_is_one_duplicate() {
        let mut state = state();
        let text = r#"{"op":"update","id":"u","alias":"a","priority":"P1","note":"n"}"#;
        assert_eq!(receive(&mut state, text).len(), 2);
        assert!(receive(&mut state, text).is_empty());
        assert_eq!(state.to_show().duplicates, 1);
    }

    #[test]
    fn what_raises_nothing_is_completed_at_once() {
        let mut state = state();
        let text = r#"{"op":"create","id":"1","alias":"a","alarm":{"severity":5}}"#;
        assert_eq!(
            told(&receive(&mut state, text)),
            ["1 create Completed not sent: an alarm of severity Normal raises no alert"]
        );
        assert!(!state.has_created(&Account::default(), "a"));
    }
}
