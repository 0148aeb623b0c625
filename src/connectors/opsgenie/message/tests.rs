//! The moves of a message.

use serde_json::json;

use super::*;
use crate::connectors::opsgenie::outcome::tests::answered;
use crate::connectors::opsgenie::service::Service;

fn at(service: Service) -> Account {
    Account::at(service, "https://here.test")
}

const NOW: i64 = 1_795_000_000_000;

fn queued(operation: Operation) -> Message {
    let received = Received {
        id: "m-1".to_owned(),
        number: 1,
        operation,
        target: Target::alias("a-1"),
        fields: json!({"message": "Lost", "priority": "P1"})
            .as_object()
            .unwrap()
            .clone(),
        remarks: Vec::new(),
        needless: None,
        patient: false,
    };
    Message::queued(received, 7, NOW)
}

fn sent(operation: Operation) -> Message {
    let mut message = queued(operation);
    message.sending([None, None], &at(Service::Opsgenie), NOW);
    message
}

fn gone(next: Next) -> Verdict {
    let platform = Platform::Gone {
        detail: "timed out".to_owned(),
        sent: true,
    };
    Verdict { next, platform }
}

fn named(alert_id: &str, alias: &str) -> Named {
    Named {
        alert_id: Some(alert_id.to_owned()),
        alias: Some(alias.to_owned()),
    }
}

fn result() -> String {
    "r".to_owned()
}

#[test]
fn the_way_to_completed() {
    let mut message = sent(Operation::Create);
    assert_eq!((message.state, message.attempts), (State::Sending, 1));
    let accepted = answered(Next::Confirm {
        request_id: "r-1".to_owned(),
        result: result(),
    });
    let Course::Open {
        stage: Stage::Confirm,
        due,
    } = message.settle(Stage::Send, &accepted, 0, NOW)
    else {
        panic!("waits for the verdict")
    };
    assert!((500..=1_000).contains(&(due - NOW)));
    assert_eq!((message.state, message.request_id.as_str()), (State::Confirming, "r-1"));
    let pending = answered(Next::AskAgain { result: result() });
    let again = message.settle(Stage::Confirm, &pending, 0, NOW);
    let expected = Course::Open {
        stage: Stage::Confirm,
        due: NOW + 2_000,
    };
    assert_eq!(again, expected);
    let done = answered(Next::Complete {
        result: "Created alert".to_owned(),
        alert: named("alert-1", "a-1"),
    });
    assert_eq!(message.settle(Stage::Confirm, &done, 1, NOW + 5), Course::Completed);
    assert_eq!(
        (message.state, message.result.as_str()),
        (State::Completed, "Created alert")
    );
    assert_eq!((message.alert_id.as_str(), message.next_attempt), ("alert-1", None));
    assert_eq!(message.state_since, NOW + 5);
}

#[test]
fn what_was_changed_at_intake_stays_in_the_result() {
    let mut message = queued(Operation::Create);
    message.remarks = "message cut".to_owned();
    message.complete("Created alert", &named("1", "x-a-1"), NOW);
    assert_eq!(
        message.result,
        "Created alert; the platform calls it x-a-1 (message cut)"
    );
    assert!(message.rewritten);
}

#[test]
fn a_refusal_is_no_attempt() {
    let mut message = sent(Operation::Create);
    let refused = Verdict {
        next: Next::Back { result: result() },
        platform: Platform::Refuses("plan".to_owned()),
    };
    message.settle(Stage::Send, &refused, 0, NOW);
    assert_eq!((message.state, message.attempts), (State::Queued, 0));
}

#[test]
fn a_refusal_of_the_question_leaves_the_message_confirming() {
    let mut message = sent(Operation::Create);
    message.state = State::Confirming;
    let busy = Verdict {
        next: Next::Back { result: result() },
        platform: Platform::Busy { ms: 1_000 },
    };
    let course = message.settle(Stage::Confirm, &busy, 3, NOW);
    let expected = Course::Open {
        stage: Stage::Confirm,
        due: NOW,
    };
    assert_eq!(
        (course, message.state, message.attempts),
        (expected, State::Confirming, 1)
    );
}

#[test]
fn no_answer_leaves_a_create_sending_until_the_alert_was_looked_for() {
    let mut message = sent(Operation::Create);
    let course = message.settle(Stage::Send, &gone(Next::Look { result: result() }), 0, NOW);
    let expected = Course::Open {
        stage: Stage::Look,
        due: NOW + 2_000,
    };
    assert_eq!(
        (course, message.state, message.unanswered),
        (expected, State::Sending, 1)
    );
    let unseen = answered(Next::Resend { result: result() });
    message.settle(Stage::Look, &unseen, 0, NOW);
    assert_eq!(message.state, State::Retrying);
}

#[test]
fn a_message_is_given_up_after_20_attempts_and_a_day() {
    let resend = answered(Next::Resend { result: result() });
    let settled = |attempts, age, verdict: &Verdict| {
        let mut message = sent(Operation::Create);
        message.attempts = attempts;
        message.settle(Stage::Send, verdict, 0, NOW + age);
        message.state
    };
    assert_eq!(settled(20, PATIENCE_MS - 1, &resend), State::Retrying);
    assert_eq!(settled(19, PATIENCE_MS, &resend), State::Retrying);
    assert_eq!(settled(20, PATIENCE_MS, &resend), State::Error);
    // A platform that does not answer is waited for without end.
    assert_eq!(settled(500, PATIENCE_MS * 14, &gone(resend.next)), State::Retrying);
}

#[test]
fn after_a_restart_every_message_goes_on() {
    let resumed = |state, operation| {
        let mut message = sent(operation);
        message.state = state;
        let course = message.resume(&at(Service::Opsgenie), NOW + 60_000);
        (course, message.state)
    };
    let open = |stage, due| Course::Open { stage, due };
    let later = NOW + 60_000;
    assert_eq!(
        resumed(State::Queued, Operation::Create),
        (open(Stage::Send, later), State::Queued)
    );
    assert_eq!(
        resumed(State::Confirming, Operation::Create),
        (open(Stage::Confirm, later), State::Confirming)
    );
    assert_eq!(
        resumed(State::Unconfirmed, Operation::Create),
        (open(Stage::Look, later), State::Unconfirmed)
    );
    // Sending: nobody knows whether it was sent.
    assert_eq!(
        resumed(State::Sending, Operation::Create),
        (open(Stage::Look, later + 2_000), State::Sending)
    );
    let (course, state) = resumed(State::Sending, Operation::Close);
    assert!(matches!(course, Course::Open { stage: Stage::Send, .. }));
    assert_eq!(state, State::Retrying);
    assert_eq!(resumed(State::Completed, Operation::Create).0, Course::Completed);
    assert_eq!(resumed(State::Error, Operation::Create).0, Course::Failed);
}

#[test]
fn a_note_that_may_have_been_sent_is_looked_for_and_repeated_once_where_it_cannot_be() {
    let mut message = sent(Operation::AddNote);
    message.account = at(Service::Opsgenie);
    let look = message.resume(&at(Service::Opsgenie), NOW);
    assert!(matches!(look, Course::Open { stage: Stage::Look, .. }));
    let mut message = sent(Operation::AddNote);
    message.account = at(Service::Events);
    let again = message.resume(&at(Service::Opsgenie), NOW);
    assert!(matches!(again, Course::Open { stage: Stage::Send, .. }));
    message.sending([None, None], &at(Service::Events), NOW);
    assert_eq!(message.resume(&at(Service::Events), NOW), Course::Failed);
}

#[test]
fn an_unknown_request_is_looked_for_and_asked_for_again_until_the_deadline() {
    let mut message = sent(Operation::Create);
    message.state = State::Confirming;
    let look = answered(Next::Look { result: result() });
    let unseen = answered(Next::Resend { result: result() });
    let course = message.settle(Stage::Confirm, &look, 3, NOW + 60_000);
    assert!(matches!(course, Course::Open { stage: Stage::Look, .. }));
    assert_eq!(message.state, State::Confirming);
    let course = message.settle(Stage::Look, &unseen, 2, NOW + 62_000);
    let expected = Course::Open {
        stage: Stage::Confirm,
        due: NOW + 92_000,
    };
    assert_eq!((course, message.state), (expected, State::Confirming));
    message.settle(Stage::Confirm, &look, 9, NOW + DEADLINE_MS);
    assert_eq!(message.state, State::Unconfirmed);
    message.settle(Stage::Look, &unseen, 2, NOW + DEADLINE_MS + 9_000);
    assert_eq!(message.state, State::Retrying);
}

#[test]
fn a_message_that_was_given_up_can_be_sent_again() {
    let mut message = sent(Operation::Create);
    message.fail("422", NOW);
    message.retry(99, NOW + 5);
    assert_eq!(
        (message.state, message.attempts, message.sequence),
        (State::Queued, 0, 99)
    );
    assert_eq!(message.result, "to be sent again; before: 422");
}

#[test]
fn only_creates_of_p1_and_p2_are_urgent() {
    let urgent = |operation, priority: &str| {
        let fields = Fields::from_iter([("priority".to_owned(), priority.into())]);
        queued(operation).is_urgent(&fields)
    };
    assert!(urgent(Operation::Create, "P1") && urgent(Operation::Create, "P2"));
    assert!(!urgent(Operation::UpdatePriority, "P1"));
    assert!(!urgent(Operation::Create, "P3"));
    assert!(!queued(Operation::Create).is_urgent(&Fields::new()));
}
