//! Looks at the alert when nobody knows whether a message was done: the alert itself, or, for what adds something each
//! time, its notes and files.
//!
//! What is seen there as it was wanted is done. What is not seen is sent again where that is safe.

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::connectors::opsgenie::answer::{error_of, json_of, platform};
use crate::connectors::opsgenie::asking::{Refusal, refused};
use crate::connectors::opsgenie::hold::Platform;
use crate::connectors::opsgenie::marker;
use crate::connectors::opsgenie::operation::{Fields, Operation, Repeat};
use crate::connectors::opsgenie::outcome::{Named, Next, Verdict, is_passing};
use crate::connectors::opsgenie::service::found;
use crate::engine::exchange::{ExchangeError, Response};

/// How often what is not there is looked for before it is sent again: the platform may not have processed it yet.
pub(super) const LOOKS: u32 = 3;
/// How far the platform's clock may be behind ours.
const SKEW_MS: i64 = 2_000;

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) id: &'a str,
    pub(super) operation: Operation,
    pub(super) fields: &'a Fields,
    /// Whether the platform has accepted it.
    pub(super) accepted: bool,
    /// Since when the alert was open before a create of the same alias was sent, in milliseconds since 1970: then an open
    /// alert says nothing, unless it was raised again later. None when it was not open.
    pub(super) open_before: Option<i64>,
    /// The id of the alert that had the alias before, and is closed. A search that is behind still shows it as open.
    pub(super) closed: Option<&'a str>,
    /// What it means when the question is refused.
    pub(super) refusal: Refusal,
    /// How often it was looked for before.
    pub(super) asked: u32,
}

/// The verdict when the question was answered.
pub(super) fn of_answer(sought: Sought<'_>, response: &Response) -> Verdict {
    let platform = platform(response);
    if response.status == 403 && sought.accepted {
        return refused(sought.refusal, response);
    }
    let next = match (&platform, response.status) {
        (Platform::Refuses(_) | Platform::Busy { .. }, _) => Next::Back {
            result: error_of(response),
        },
        (_, 200..=299) => match json_of(response) {
            Some(json) if sought.operation.repeat() == Repeat::Adds => of_marks(sought, &json),
            Some(json) => of_alert(sought, found(&json)),
            None => Next::AskAgain {
                result: error_of(response),
            },
        },
        (_, 404) if sought.operation.repeat() == Repeat::Adds => of_marks(sought, &Json::Null),
        (_, 404) => of_alert(sought, None),
        (_, status) if is_passing(status) => Next::AskAgain {
            result: error_of(response),
        },
        (_, _) => unseen(sought, &error_of(response)),
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

fn of_marks(sought: Sought<'_>, answer: &Json) -> Next {
    if marker::is_among(sought.operation, sought.fields, sought.id, answer) {
        return Next::Complete {
            result: "found on the platform".to_owned(),
            alert: Named::default(),
        };
    }
    not_yet(sought)
}

fn of_alert(sought: Sought<'_>, alert: Option<&Json>) -> Next {
    if !is_done(sought, alert) {
        return not_yet(sought);
    }
    Next::Complete {
        result: "found on the platform".to_owned(),
        alert: alert.map(|alert| Named::of(alert, "id")).unwrap_or_default(),
    }
}

/// What would add something when it is sent again is looked for several times.
fn not_yet(sought: Sought<'_>) -> Next {
    let adds = sought.operation == Operation::Create || sought.operation.repeat() == Repeat::Adds;
    if adds && sought.asked + 1 < LOOKS {
        return Next::AskAgain {
            result: "not found on the platform yet".to_owned(),
        };
    }
    unseen(sought, "not found on the platform")
}

/// Whether the alert is as the operation wants it. An alert that is not there is closed: an alias finds open ones only.
fn is_done(sought: Sought<'_>, alert: Option<&Json>) -> bool {
    let Sought { operation, fields, .. } = sought;
    let Some(alert) = alert else {
        return matches!(operation, Operation::Close | Operation::Delete);
    };
    let status = alert.get("status").and_then(Json::as_str);
    let closed = status.is_some_and(|status| status.eq_ignore_ascii_case("closed"));
    let flag = |name: &str| alert.get(name).and_then(Json::as_bool);
    let equal = |name: &str| fields.get(name).is_some_and(|wanted| alert.get(name) == Some(wanted));
    match operation {
        Operation::Create => !closed && !is_the_one_before(sought, alert) && was_raised(sought, alert),
        Operation::Close => closed,
        Operation::Acknowledge => flag("acknowledged") == Some(true),
        Operation::Unacknowledge => flag("acknowledged") == Some(false),
        Operation::UpdatePriority => equal("priority"),
        Operation::UpdateMessage => equal("message"),
        Operation::UpdateDescription => equal("description"),
        Operation::AddTags => has_tags(fields, alert),
        Operation::RemoveTags => !has_any_tag(fields, alert),
        Operation::AddDetails => has_details(fields, alert),
        Operation::RemoveDetails => !has_any_detail(fields, alert),
        Operation::Snooze => {
            flag("snoozed") == Some(true) && same_moment(fields.get("endTime"), alert.get("snoozedUntil"))
        }
        Operation::Assign => is_owned(fields, alert),
        Operation::AddNote
        | Operation::Escalate
        | Operation::AddTeam
        | Operation::AddResponder
        | Operation::Action
        | Operation::Attach
        | Operation::Delete => false,
    }
}

fn is_the_one_before(sought: Sought<'_>, alert: &Json) -> bool {
    sought.closed.is_some() && sought.closed == alert.get("id").and_then(Json::as_str)
}

/// Whether an open alert is due to this create. One that was open before is, when it was raised again since.
fn was_raised(sought: Sought<'_>, alert: &Json) -> bool {
    let Some(sent_at) = sought.open_before else { return true };
    let moment = |name: &str| alert.get(name).and_then(Json::as_str)?.parse::<Timestamp>().ok();
    let raised = ["lastOccurredAt", "lastOccuredAt", "createdAt"]
        .into_iter()
        .find_map(moment);
    raised.is_none_or(|raised| raised.as_millisecond() >= sent_at - SKEW_MS)
}

fn same_moment(wanted: Option<&Json>, seen: Option<&Json>) -> bool {
    let moment = |json: Option<&Json>| json.and_then(Json::as_str)?.parse::<Timestamp>().ok();
    moment(wanted).is_some() && moment(wanted) == moment(seen)
}

fn is_owned(fields: &Fields, alert: &Json) -> bool {
    let owner = alert
        .get("owner")
        .and_then(Json::as_str)
        .filter(|owner| !owner.is_empty());
    let wanted = fields.get("owner");
    let named = |name: &str| wanted.and_then(|wanted| wanted.get(name)).and_then(Json::as_str);
    owner.is_some() && (named("username") == owner || named("id") == owner)
}

fn has_any_tag(fields: &Fields, alert: &Json) -> bool {
    let texts = |json: Option<&Json>| json.and_then(Json::as_array).cloned().unwrap_or_default();
    let present = texts(alert.get("tags"));
    texts(fields.get("tags")).iter().any(|tag| present.contains(tag))
}

fn has_any_detail(fields: &Fields, alert: &Json) -> bool {
    let keys = fields.get("keys").and_then(Json::as_array).cloned().unwrap_or_default();
    let present = alert.get("details").or_else(|| alert.get("extraProperties"));
    keys.iter()
        .filter_map(Json::as_str)
        .any(|key| present.is_some_and(|details| details.get(key).is_some()))
}

fn has_tags(fields: &Fields, alert: &Json) -> bool {
    let tags = |json: Option<&Json>| json.and_then(Json::as_array).cloned().unwrap_or_default();
    let present = tags(alert.get("tags"));
    tags(fields.get("tags")).iter().all(|tag| present.contains(tag))
}

fn has_details(fields: &Fields, alert: &Json) -> bool {
    let wanted = fields.get("details").and_then(Json::as_object);
    let present = alert.get("details").or_else(|| alert.get("extraProperties"));
    wanted.is_some_and(|wanted| {
        let mut wanted = wanted.iter();
        wanted.all(|(key, value)| present.and_then(|details| details.get(key)) == Some(value))
    })
}

/// What the platform accepted and did not do is sent again where that changes nothing if it comes late; what it may never
/// have got is sent again in any case.
fn unseen(sought: Sought<'_>, reason: &str) -> Next {
    match (sought.operation.repeat(), sought.accepted) {
        (Repeat::Safe, _) => Next::Resend {
            result: format!("{reason}: sent again"),
        },
        (Repeat::Adds, false) => Next::Resend {
            result: format!("{reason}: sent again, may be repeated"),
        },
        (Repeat::Adds, true) => Next::Fail {
            result: format!("not confirmed ({reason}): it may have been done"),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connectors::opsgenie::answer::tests::response;

    fn sought(operation: Operation, fields: &Fields) -> Sought<'_> {
        Sought {
            id: "m-1",
            operation,
            fields,
            accepted: false,
            open_before: None,
            closed: None,
            refusal: Refusal::Passing,
            asked: LOOKS - 1,
        }
    }

    fn looked(operation: Operation, fields: &Json, status: u16, alert: &Json) -> Next {
        let answer = response(status, &[], &json!({ "data": alert }).to_string());
        of_answer(sought(operation, fields.as_object().unwrap()), &answer).next
    }

    #[test]
    fn an_open_alert_means_that_the_create_was_done() {
        let alert = json!({"id": "a-1", "alias": "a", "status": "open"});
        let found = looked(Operation::Create, &json!({}), 200, &alert);
        let expected = Next::Complete {
            result: "found on the platform".to_owned(),
            alert: Named {
                alert_id: Some("a-1".to_owned()),
                alias: Some("a".to_owned()),
            },
        };
        assert_eq!(found, expected);
        let missing = looked(Operation::Create, &json!({}), 404, &json!({}));
        let result = "not found on the platform: sent again".to_owned();
        assert_eq!(missing, Next::Resend { result });
    }

    #[test]
    fn an_alert_that_was_open_before_must_have_been_raised_again() {
        let sent: Timestamp = "2026-11-22T16:00:00Z".parse().unwrap();
        let is_done = |raised: &str| {
            let fields = Fields::new();
            let sought = Sought {
                open_before: Some(sent.as_millisecond()),
                ..sought(Operation::Create, &fields)
            };
            let alert = json!({"data": {"id": "a-1", "status": "open", "createdAt": "2026-11-01T00:00:00Z",
                "lastOccurredAt": raised}});
            matches!(
                of_answer(sought, &response(200, &[], &alert.to_string())).next,
                Next::Complete { .. }
            )
        };
        assert!(is_done("2026-11-22T16:00:00.5Z"));
        assert!(!is_done("2026-11-22T15:59:00Z"));
    }

    #[test]
    fn an_alert_that_was_closed_before_is_not_that_of_a_new_create() {
        let fields = Fields::new();
        let shown = response(200, &[], r#"{"values":[{"id":"a-1","status":"open"}]}"#);
        let is_done = |closed| {
            let sought = Sought {
                closed: Some(closed),
                ..sought(Operation::Create, &fields)
            };
            matches!(of_answer(sought, &shown).next, Next::Complete { .. })
        };
        assert!(!is_done("a-1"));
        assert!(is_done("a-0"));
    }

    #[test]
    fn what_would_add_something_is_looked_for_several_times() {
        let missing = response(404, &[], "{}");
        let next = |operation, asked| {
            let fields = Fields::new();
            let sought = Sought {
                asked,
                ..sought(operation, &fields)
            };
            of_answer(sought, &missing).next
        };
        let result = "not found on the platform yet".to_owned();
        assert_eq!(next(Operation::Create, 0), Next::AskAgain { result });
        assert!(matches!(next(Operation::AddNote, 1), Next::AskAgain { .. }));
        assert!(matches!(next(Operation::AddNote, 2), Next::Resend { .. }));
        assert!(matches!(next(Operation::Close, 0), Next::Complete { .. }));
        assert!(matches!(next(Operation::Acknowledge, 0), Next::Resend { .. }));
    }

    #[test]
    fn a_note_is_found_by_its_mark() {
        let notes = json!([{"note": "seen [dm:m-1]"}]);
        let found = looked(Operation::AddNote, &json!({"note": "seen"}), 200, &notes);
        assert!(matches!(found, Next::Complete { .. }));
        let other = looked(
            Operation::AddNote,
            &json!({"note": "seen"}),
            200,
            &json!([{"note": "seen"}]),
        );
        let result = "not found on the platform: sent again, may be repeated".to_owned();
        assert_eq!(other, Next::Resend { result });
        let fields = Fields::new();
        let accepted = Sought {
            accepted: true,
            ..sought(Operation::AddNote, &fields)
        };
        let next = of_answer(accepted, &response(200, &[], r#"{"data":[]}"#)).next;
        assert!(matches!(next, Next::Fail { .. }));
    }

    #[test]
    fn what_is_seen_as_wanted_is_done() {
        let alert = json!({"status": "open", "acknowledged": true, "priority": "P1", "message": "m", "description": "d",
            "tags": ["a", "b"], "details": {"k": "v", "l": "w"}, "snoozed": true, "owner": "a@b.c",
            "snoozedUntil": "2026-11-22T16:00:00.000Z"});
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
            (Operation::RemoveTags, json!({"tags": ["c"]}), true),
            (Operation::RemoveTags, json!({"tags": ["a"]}), false),
            (Operation::AddDetails, json!({"details": {"k": "v"}}), true),
            (Operation::AddDetails, json!({"details": {"k": "w"}}), false),
            (Operation::RemoveDetails, json!({"keys": ["k"]}), false),
            (Operation::RemoveDetails, json!({"keys": ["m"]}), true),
            (Operation::Snooze, json!({"endTime": "2026-11-22T16:00:00Z"}), true),
            (Operation::Snooze, json!({"endTime": "2026-11-22T17:00:00Z"}), false),
            (Operation::Assign, json!({"owner": {"username": "a@b.c"}}), true),
            (Operation::Assign, json!({"owner": {"username": "x"}}), false),
        ];
        for (operation, fields, done) in seen {
            let next = looked(operation, &fields, 200, &alert);
            assert_eq!(matches!(next, Next::Complete { .. }), done, "{operation:?} {fields}");
        }
    }

    #[test]
    fn an_alert_that_is_not_there_is_closed() {
        for operation in [Operation::Close, Operation::Delete] {
            let next = looked(operation, &json!({}), 404, &json!({}));
            assert!(matches!(next, Next::Complete { .. }), "{operation:?}");
        }
    }

    #[test]
    fn a_question_without_answer_is_asked_again() {
        for status in [500, 503] {
            assert!(matches!(
                looked(Operation::Create, &json!({}), status, &json!({})),
                Next::AskAgain { .. }
            ));
        }
        for status in [401, 403] {
            let next = looked(Operation::Create, &json!({}), status, &json!({}));
            assert!(matches!(next, Next::Back { .. }), "{status}");
        }
    }
}
