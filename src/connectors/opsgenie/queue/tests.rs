//! The order of messages, by example and against a model.

use proptest::prelude::*;

use super::*;
use crate::connectors::opsgenie::hold::Platform;

pub(super) const LIMITS: Limits = Limits { sends: 4, questions: 4 };

pub(super) fn entry(lane: &str, sequence: u64) -> Entry {
    Entry {
        operation: Operation::Create,
        lane: lane.into(),
        sequence,
        urgent: false,
        stage: Stage::Send,
        due: 0,
        was_sent: false,
        patient: false,
        account: None,
    }
}

pub(super) fn queue(entries: &[(&str, &str)]) -> Queue {
    let mut queue = Queue::new(Account::default(), Flow::Running);
    for (key, lane) in entries {
        let sequence = queue.next_sequence();
        queue.admit((*key).into(), entry(lane, sequence));
    }
    queue
}

pub(super) fn names(keys: &[Key]) -> Vec<&str> {
    keys.iter().map(AsRef::as_ref).collect()
}

#[test]
fn messages_of_one_alias_go_one_after_the_other() {
    let mut queue = queue(&[("1", "a"), ("2", "a"), ("3", "b")]);
    assert_eq!(names(&queue.take(0, LIMITS)), ["1", "3"]);
    assert!(queue.take(0, LIMITS).is_empty());
    queue.proceed("1", Stage::Confirm, 500, None);
    assert!(queue.take(499, LIMITS).is_empty());
    assert_eq!(names(&queue.take(500, LIMITS)), ["1"]);
    queue.finish("1");
    assert_eq!(names(&queue.take(500, LIMITS)), ["2"]);
}

#[test]
fn so_many_are_under_way_and_no_more() {
    let entries: Vec<(String, String)> = (0..10).map(|n| (format!("k{n}"), format!("l{n}"))).collect();
    let entries: Vec<(&str, &str)> = entries.iter().map(|(k, l)| (k.as_str(), l.as_str())).collect();
    let mut queue = queue(&entries);
    assert_eq!(names(&queue.take(0, LIMITS)), ["k0", "k1", "k2", "k3"]);
    queue.proceed("k1", Stage::Confirm, 0, None);
    // Its place is free for another message; the question has places of its own.
    assert_eq!(names(&queue.take(0, LIMITS)), ["k4", "k1"]);
}

#[test]
fn urgent_creates_go_first() {
    let mut queue = queue(&[("1", "a")]);
    for (key, urgent) in [("2", false), ("3", true)] {
        let sequence = queue.next_sequence();
        let entry = Entry {
            urgent,
            ..entry(key, sequence)
        };
        queue.admit(key.into(), entry);
    }
    assert_eq!(names(&queue.take(0, LIMITS)), ["3", "1", "2"]);
}

#[test]
fn a_question_counts_how_often_it_was_asked() {
    let mut queue = queue(&[("1", "a")]);
    queue.take(0, LIMITS);
    let turn = |stage, asked| Some(Turn { stage, asked, begun: 0 });
    assert_eq!(queue.under_way_as("1"), turn(Stage::Send, 0));
    for asked in 0..3 {
        queue.proceed("1", Stage::Confirm, 0, None);
        assert_eq!(queue.under_way_as("1"), None);
        queue.take(0, LIMITS);
        assert_eq!(queue.under_way_as("1"), turn(Stage::Confirm, asked));
    }
}

#[test]
fn a_held_queue_sends_one_message_a_minute() {
    let mut queue = queue(&[("1", "a"), ("2", "b")]);
    queue.gates.here.flow = Flow::Running.after(&Platform::Refuses("plan".to_owned()), 0);
    assert!(queue.take(59_999, LIMITS).is_empty());
    assert_eq!(names(&queue.take(60_000, LIMITS)), ["1"]);
    assert!(queue.take(60_000, LIMITS).is_empty());
    queue.gates.here.flow = queue.gates.here.flow.after(&Platform::Answers, 60_000);
    assert_eq!(names(&queue.take(60_000, LIMITS)), ["2"]);
}

#[test]
fn a_throttled_queue_sends_nothing_until_the_pause_is_over() {
    let mut queue = queue(&[("1", "a")]);
    queue.gates.here.flow = Flow::Running.after(&Platform::Busy { ms: 1_000 }, 0);
    assert!(queue.take(999, LIMITS).is_empty());
    assert_eq!(names(&queue.take(1_000, LIMITS)), ["1"]);
    assert_eq!(queue.gates.here.flow, Flow::Running);
}

#[test]
fn a_queue_without_a_key_is_idle() {
    let mut queue = queue(&[("1", "a")]);
    queue.gates.here.flow = Flow::NoKey;
    assert!(queue.is_idle());
    queue.gates.here.flow = Flow::Running;
    assert!(!queue.is_idle());
    queue.take(0, LIMITS);
    queue.finish("1");
    assert!(queue.is_idle());
}

#[test]
fn what_waits_behind_a_create_ends_at_the_next_create() {
    let mut queue = queue(&[("1", "a")]);
    for operation in [
        Operation::AddNote,
        Operation::Close,
        Operation::Create,
        Operation::Close,
    ] {
        let sequence = queue.next_sequence();
        let entry = Entry {
            operation,
            ..entry("a", sequence)
        };
        queue.admit(sequence.to_string().into(), entry);
    }
    let behind = queue.behind("1");
    assert_eq!(
        behind,
        [("2".into(), Operation::AddNote), ("3".into(), Operation::Close)]
    );
    assert!(queue.behind("5").is_empty() && queue.behind("none").is_empty());
}

#[test]
fn an_earlier_message_of_a_lane_that_enters_later_goes_first() {
    // Rows are restored in table order, which need not be the order of arrival.
    let mut queue = Queue::new(Account::default(), Flow::Running);
    queue.admit("late".into(), entry("a", 9));
    queue.admit("early".into(), entry("a", 3));
    queue.skip_sequence(9);
    assert_eq!(names(&queue.take(0, LIMITS)), ["early"]);
    assert_eq!(queue.next_sequence(), 10);
}

#[test]
fn an_update_that_was_not_sent_is_superseded_by_the_next_one() {
    let mut queue = Queue::new(Account::default(), Flow::Running);
    for (key, operation) in [
        ("1", Operation::Create),
        ("2", Operation::UpdatePriority),
        ("3", Operation::AddNote),
    ] {
        let sequence = queue.next_sequence();
        let entry = Entry {
            operation,
            ..entry("a", sequence)
        };
        queue.admit(key.into(), entry);
    }
    assert_eq!(queue.superseded("a", Operation::UpdatePriority), Some("2".into()));
    assert_eq!(queue.superseded("a", Operation::UpdateMessage), None);
    assert_eq!(queue.superseded("b", Operation::UpdatePriority), None);
    assert_eq!(queue.last_of("a"), Some("3".into()));
    queue.take(0, LIMITS);
    queue.finish("1");
    queue.take(0, LIMITS);
    // It is under way now.
    assert_eq!(queue.superseded("a", Operation::UpdatePriority), None);
}

#[test]
fn a_request_that_turns_into_a_question_counts_as_one() {
    let mut queue = queue(&[("1", "a"), ("2", "b"), ("3", "c")]);
    let one = Limits { sends: 1, questions: 1 };
    assert_eq!(names(&queue.take(0, one)), ["1"]);
    queue.turn_into("1", Stage::Find);
    assert_eq!(queue.under_way_as("1").unwrap().stage, Stage::Find);
    assert_eq!(names(&queue.take(0, one)), ["2"]);
    queue.finish("1");
    queue.finish("2");
    assert_eq!(names(&queue.take(0, one)), ["3"]);
}

#[test]
fn the_queue_knows_when_it_can_go_on() {
    let mut queue = queue(&[("1", "a"), ("2", "b")]);
    let one = Limits { sends: 1, questions: 1 };
    assert_eq!(queue.next_wake(5, one), Some(5));
    queue.take(5, one);
    // Only an answer helps the second one.
    assert_eq!(queue.next_wake(5, one), None);
    queue.proceed("1", Stage::Confirm, 500, None);
    queue.take(5, one);
    assert_eq!(queue.next_wake(5, one), Some(500));
    queue.gates.here.flow = Flow::Throttled { until: 900 };
    assert_eq!(queue.next_wake(5, one), Some(900));
    assert!(!queue.may_begin("1", 899) && queue.may_begin("1", 900));
    queue.gates.here.flow = Flow::NoKey;
    assert_eq!(queue.next_wake(5, one), None);
}

#[test]
fn unknown_keys_change_nothing() {
    let mut queue = queue(&[("1", "a")]);
    queue.finish("x");
    queue.proceed("x", Stage::Send, 0, None);
    queue.release("x", 0);
    queue.release("1", 0);
    assert_eq!(names(&queue.take(0, LIMITS)), ["1"]);
    assert_eq!(queue.len(), 1);
}

/// One thing that happens to the queue.
#[derive(Debug, Clone)]
enum Step {
    Admit(u8),
    Wait(u16),
    Take,
    /// The n-th of those under way proceeds after so long, as a question or not.
    Proceed(usize, bool, u16),
    Finish(usize),
    Release(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..4_u8).prop_map(Step::Admit),
        1 => (0..3_000_u16).prop_map(Step::Wait),
        3 => Just(Step::Take),
        2 => (0..8_usize, any::<bool>(), 0..2_000_u16).prop_map(|(n, question, wait)| Step::Proceed(n, question, wait)),
        2 => (0..8_usize).prop_map(Step::Finish),
        1 => (0..8_usize).prop_map(Step::Release),
    ]
}

/// The model: the unfinished messages in order of arrival, with lane, due time and whether they are under way.
#[derive(Default)]
struct Model {
    rows: Vec<(String, u8, i64, bool)>,
}

impl Model {
    fn under_way(&self, n: usize) -> Option<String> {
        let busy: Vec<_> = self.rows.iter().filter(|row| row.3).collect();
        (!busy.is_empty()).then(|| busy[n % busy.len()].0.clone())
    }

    fn row(&mut self, key: &str) -> &mut (String, u8, i64, bool) {
        self.rows.iter_mut().find(|row| row.0 == key).unwrap()
    }

    /// The first message of its lane, and its time has come.
    fn may_go(&self, key: &str, now: i64) -> bool {
        let row = self.rows.iter().find(|row| row.0 == key).unwrap();
        let first = self.rows.iter().find(|other| other.1 == row.1).unwrap();
        first.0 == key && !row.3 && row.2 <= now
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_each_alias_keeps_its_order_and_nothing_is_forgotten(steps in prop::collection::vec(step(), 1..80)) {
        let mut queue = Queue::new(Account::default(), Flow::Running);
        let mut model = Model::default();
        let mut now = 0;
        for step in steps {
            match step {
                Step::Admit(lane) => {
                    let sequence = queue.next_sequence();
                    let key = sequence.to_string();
                    queue.admit(key.as_str().into(), entry(&lane.to_string(), sequence));
                    model.rows.push((key, lane, 0, false));
                }
                Step::Wait(ms) => now += i64::from(ms),
                Step::Take => {
                    for key in queue.take(now, LIMITS) {
                        prop_assert!(model.may_go(&key, now), "{key} out of turn");
                        model.row(&key).3 = true;
                    }
                    prop_assert!(model.rows.iter().filter(|row| row.3).count() <= LIMITS.sends + LIMITS.questions);
                }
                Step::Proceed(n, question, wait) => if let Some(key) = model.under_way(n) {
                    let due = now + i64::from(wait);
                    queue.proceed(&key, if question { Stage::Confirm } else { Stage::Send }, due, None);
                    (model.row(&key).2, model.row(&key).3) = (due, false);
                }
                Step::Finish(n) => if let Some(key) = model.under_way(n) {
                    queue.finish(&key);
                    model.rows.retain(|row| row.0 != key);
                }
                Step::Release(n) => if let Some(key) = model.under_way(n) {
                    queue.release(&key, now);
                    (model.row(&key).2, model.row(&key).3) = (now, false);
                }
            }
            prop_assert_eq!(queue.len(), model.rows.len());
        }
        // Left to itself the queue drains: every message had its turn.
        for key in model.rows.iter().filter(|row| row.3) {
            queue.finish(&key.0);
        }
        while queue.len() > 0 {
            now += 10_000;
            let taken = queue.take(now, LIMITS);
            prop_assert!(!taken.is_empty(), "{} messages are stuck", queue.len());
            for key in taken {
                queue.finish(&key);
            }
        }
        prop_assert!(queue.is_idle());
    }
}
