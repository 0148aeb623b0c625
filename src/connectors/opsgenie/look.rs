//! Looks at the alert when nobody knows whether a message was done: `GET /v2/alerts/{identifier}`.
//!
//! What is seen there as it was wanted is done. What is not seen is sent again where that is safe.

use serde_json::Value as Json;

use crate::engine::exchange::{ExchangeError, Response};

use super::answer::{error_of, json_of, platform};
use super::hold::Platform;
use super::operation::{Call, Fields, Operation, Repeat};
use super::outcome::{Next, Verdict, is_passing};
use super::target::Target;

/// The question.
pub(super) fn call(target: &Target) -> Call {
    Call {
        verb: "GET",
        url: format!("{}{}", target.path(), target.query()),
        body: String::new(),
    }
}

/// How often a create is looked for before it is sent again: the platform may not have processed the first one yet.
const LOOKS: u32 = 2;

/// The verdict when the question was answered. `asked` counts the questions before.
pub(super) fn of_answer(operation: Operation, fields: &Fields, asked: u32, response: &Response) -> Verdict {
    let platform = platform(response);
    let next = match (&platform, response.status) {
        (Platform::Refuses(_) | Platform::Busy { .. }, _) => Next::Back {
            result: error_of(response),
        },
        (_, 200..=299) => match json_of(response) {
            Some(json) => of_alert(operation, fields, Some(json.get("data").unwrap_or(&json))),
            None => Next::AskAgain {
                result: error_of(response),
            },
        },
        (_, 404) if operation == Operation::Create && asked + 1 < LOOKS => Next::AskAgain {
            result: "not found on the platform yet".to_owned(),
        },
        (_, 404) => of_alert(operation, fields, None),
        (_, status) if is_passing(status) => Next::AskAgain {
            result: error_of(response),
        },
        (_, _) => unseen(operation, &error_of(response)),
    };
    Verdict { next, platform }
}

/// The verdict when there was no answer.
pub(super) fn of_failure(error: &ExchangeError) -> Verdict {
    Verdict {
        next: Next::AskAgain {
            result: format!("cannot look at the alert yet: {}", error.detail),
        },
        platform: Platform::Gone {
            detail: error.detail.clone(),
            sent: error.sent,
        },
    }
}

fn of_alert(operation: Operation, fields: &Fields, alert: Option<&Json>) -> Next {
    if !is_done(operation, fields, alert) {
        return unseen(operation, "not found on the platform");
    }
    let alert_id = alert.and_then(|alert| alert.get("id")).and_then(Json::as_str);
    Next::Complete {
        result: "found on the platform".to_owned(),
        alert_id: alert_id.map(str::to_owned),
    }
}

/// Whether the alert is as the operation wants it. An alert that is not there is closed: an alias finds open ones only.
fn is_done(operation: Operation, fields: &Fields, alert: Option<&Json>) -> bool {
    let Some(alert) = alert else {
        return matches!(operation, Operation::Close | Operation::Delete);
    };
    let closed = alert.get("status").and_then(Json::as_str) == Some("closed");
    let flag = |name: &str| alert.get(name).and_then(Json::as_bool);
    let equal = |name: &str| fields.get(name).is_some_and(|wanted| alert.get(name) == Some(wanted));
    match operation {
        // A create of an alias that is open adds to its count and changes nothing else.
        Operation::Create => !closed,
        Operation::Close => closed,
        Operation::Acknowledge => flag("acknowledged") == Some(true),
        Operation::Unacknowledge => flag("acknowledged") == Some(false),
        Operation::UpdatePriority => equal("priority"),
        Operation::UpdateMessage => equal("message"),
        Operation::UpdateDescription => equal("description"),
        Operation::AddTags => has_tags(fields, alert),
        Operation::AddDetails => has_details(fields, alert),
        Operation::AddNote
        | Operation::Snooze
        | Operation::Escalate
        | Operation::Assign
        | Operation::AddTeam
        | Operation::AddResponder
        | Operation::RemoveTags
        | Operation::RemoveDetails
        | Operation::Action
        | Operation::Delete => false,
    }
}

fn has_tags(fields: &Fields, alert: &Json) -> bool {
    let tags = |json: Option<&Json>| json.and_then(Json::as_array).cloned().unwrap_or_default();
    let present = tags(alert.get("tags"));
    tags(fields.get("tags")).iter().all(|tag| present.contains(tag))
}

fn has_details(fields: &Fields, alert: &Json) -> bool {
    let wanted = fields.get("details").and_then(Json::as_object);
    let present = alert.get("details");
    wanted.is_some_and(|wanted| {
        let mut wanted = wanted.iter();
        wanted.all(|(key, value)| present.and_then(|details| details.get(key)) == Some(value))
    })
}

fn unseen(operation: Operation, reason: &str) -> Next {
    match operation.repeat() {
        Repeat::Safe => Next::Resend {
            result: format!("{reason}: sent again"),
        },
        Repeat::Adds => Next::Fail {
            result: format!("not confirmed ({reason}): it may have been done"),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::answer::tests::response;
    use super::*;

    fn looked(operation: Operation, fields: &Json, status: u16, alert: &Json) -> Next {
        let answer = response(status, &[], &json!({ "data": alert }).to_string());
        of_answer(operation, fields.as_object().unwrap(), LOOKS - 1, &answer).next
    }

    #[test]
    fn an_alert_is_looked_for_by_its_alias() {
        let call = call(&Target::alias("a/1"));
        assert_eq!(
            (call.verb, call.url.as_str()),
            ("GET", "/v2/alerts/a%2F1?identifierType=alias")
        );
    }

    #[test]
    fn an_open_alert_means_that_the_create_was_done() {
        let found = looked(
            Operation::Create,
            &json!({}),
            200,
            &json!({"id": "a-1", "status": "open"}),
        );
        let expected = Next::Complete {
            result: "found on the platform".to_owned(),
            alert_id: Some("a-1".to_owned()),
        };
        assert_eq!(found, expected);
        let missing = looked(Operation::Create, &json!({}), 404, &json!({}));
        let result = "not found on the platform: sent again".to_owned();
        assert_eq!(missing, Next::Resend { result });
    }

    #[test]
    fn a_create_is_looked_for_twice_since_it_may_be_processed_in_between() {
        let missing = response(404, &[], "{}");
        let first = |operation| of_answer(operation, &Fields::new(), 0, &missing).next;
        let result = "not found on the platform yet".to_owned();
        assert_eq!(first(Operation::Create), Next::AskAgain { result });
        assert!(matches!(first(Operation::Close), Next::Complete { .. }));
        assert!(matches!(first(Operation::Acknowledge), Next::Resend { .. }));
    }

    #[test]
    fn what_is_seen_as_wanted_is_done() {
        let alert = json!({"status": "open", "acknowledged": true, "priority": "P1", "message": "m", "description": "d",
            "tags": ["a", "b"], "details": {"k": "v", "l": "w"}});
        let seen = [
            (Operation::Acknowledge, json!({}), true),
            (Operation::Unacknowledge, json!({}), false),
            (Operation::Close, json!({}), false),
            (Operation::UpdatePriority, json!({"priority": "P1"}), true),
            (Operation::UpdatePriority, json!({"priority": "P2"}), false),
            (Operation::UpdateMessage, json!({"message": "m"}), true),
            (Operation::UpdateDescription, json!({"description": "e"}), false),
            (Operation::AddTags, json!({"tags": ["b"]}), true),
            (Operation::AddTags, json!({"tags": ["b", "c"]}), false),
            (Operation::AddDetails, json!({"details": {"k": "v"}}), true),
            (Operation::AddDetails, json!({"details": {"k": "w"}}), false),
            (Operation::Snooze, json!({}), false),
        ];
        for (operation, fields, done) in seen {
            let next = looked(operation, &fields, 200, &alert);
            assert_eq!(matches!(next, Next::Complete { .. }), done, "{operation:?} {fields}");
        }
    }

    #[test]
    fn an_alert_that_is_not_there_is_closed() {
        assert!(matches!(
            looked(Operation::Close, &json!({}), 404, &json!({})),
            Next::Complete { .. }
        ));
        assert!(matches!(
            looked(Operation::Delete, &json!({}), 404, &json!({})),
            Next::Complete { .. }
        ));
        assert!(matches!(
            looked(Operation::AddNote, &json!({}), 404, &json!({})),
            Next::Fail { .. }
        ));
    }

    #[test]
    fn a_question_without_answer_is_asked_again() {
        for status in [500, 503] {
            assert!(matches!(
                looked(Operation::Create, &json!({}), status, &json!({})),
                Next::AskAgain { .. }
            ));
        }
        assert!(matches!(
            looked(Operation::Create, &json!({}), 401, &json!({})),
            Next::Back { .. }
        ));
    }
}
