//! Follows a request until the platform gives its verdict: `GET /v2/alerts/requests/{requestId}`.

use serde_json::Value as Json;

use crate::engine::exchange::{ExchangeError, Response};

use crate::connectors::opsgenie::answer::{error_of, json_of, platform, status_of};
use crate::connectors::opsgenie::asking::{Refusal, refused};
use crate::connectors::opsgenie::hold::Platform;
use crate::connectors::opsgenie::operation::{Operation, Repeat};
use crate::connectors::opsgenie::outcome::{Named, Next, Verdict, is_passing};

/// How long a verdict is waited for.
pub(super) const DEADLINE_MS: i64 = 600_000;
/// How long "not found" may mean "not processed yet" when the answer does not say.
const UNKNOWN_MS: i64 = 60_000;

/// What is known about the message that waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    /// What was asked for.
    pub(super) operation: Operation,
    /// For how long it waits.
    pub(super) waited_ms: i64,
    /// Whether the alert was known to be open: this element has itself confirmed its create, or has sent this message
    /// before and had no answer. Then an alert that is not there is one that was closed.
    pub(super) was_open: bool,
    /// Whether the alert can be looked at instead.
    pub(super) can_look: bool,
    /// What it means when the question is refused.
    pub(super) refusal: Refusal,
}

/// The verdict when the question was answered.
pub(super) fn of_answer(waiting: Waiting, response: &Response) -> Verdict {
    let platform = platform(response);
    if response.status == 403 {
        return refused(waiting.refusal, response);
    }
    let next = match (&platform, response.status) {
        (Platform::Refuses(_) | Platform::Busy { .. }, _) => Next::Back {
            result: error_of(response),
        },
        (_, 200..=299) => match json_of(response) {
            Some(json) => of_status(waiting, json.get("data").unwrap_or(&json)),
            None => later(waiting, format!("{}: the answer is no JSON", status_of(response))),
        },
        (_, 404) if is_pending(response) || waiting.waited_ms < UNKNOWN_MS => {
            later(waiting, "not processed yet".to_owned())
        }
        (_, status) if is_passing(status) => later(waiting, error_of(response)),
        (_, _) if waiting.can_look => Next::Look {
            result: format!("no verdict ({}): looking at the alert", error_of(response)),
        },
        (_, _) => later(waiting, error_of(response)),
    };
    Verdict { next, platform }
}

/// The verdict when there was no answer.
pub(super) fn of_failure(error: &ExchangeError) -> Verdict {
    Verdict {
        // The time without an answer is not the platform's: the deadline is for what it answers.
        next: Next::AskAgain {
            result: format!("no verdict yet: {}", error.detail),
        },
        platform: Platform::Gone {
            detail: error.detail.clone(),
            sent: error.sent,
        },
    }
}

/// The platform says "not found" until it has processed the request.
fn is_pending(response: &Response) -> bool {
    let kind = response.header("X-Opsgenie-Errortype");
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("RequestNotProcessed"))
}

fn of_status(waiting: Waiting, data: &Json) -> Next {
    let flag = |name: &str| data.get(name).and_then(Json::as_bool);
    let text = |name: &str| data.get(name).and_then(Json::as_str).unwrap_or_default().trim();
    let status = text("status");
    match flag("isSuccess").or_else(|| flag("success")) {
        Some(true) => Next::Complete {
            result: if status.is_empty() { "done" } else { status }.to_owned(),
            alert: Named::of(data, "alertId"),
        },
        // So looks a request that is not processed yet to clients that do not know the 404.
        Some(false) if status.is_empty() && text("processedAt").is_empty() => {
            later(waiting, "not processed yet".to_owned())
        }
        Some(false) => undone(waiting, status),
        None => later(waiting, "a verdict that says nothing".to_owned()),
    }
}

/// What it means for an operation that an alert which was open is not there any more; none where it cannot be done then.
pub(super) const fn already(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::Close | Operation::Acknowledge => Some("already closed"),
        Operation::Delete => Some("already deleted"),
        _ => None,
    }
}

/// Whether the platform says that there is no such alert.
pub(super) fn is_missing(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("alert")
        && ["does not exist", "not found", "no alert"]
            .iter()
            .any(|told| text.contains(told))
}

fn undone(waiting: Waiting, status: &str) -> Next {
    let missing = is_missing(status);
    if missing
        && waiting.was_open
        && let Some(result) = already(waiting.operation)
    {
        return Next::Complete {
            result: result.to_owned(),
            alert: Named::default(),
        };
    }
    // What is so already need not be made so.
    if waiting.operation.repeat() == Repeat::Safe
        && waiting.operation != Operation::Create
        && status.to_ascii_lowercase().contains("already ")
    {
        return Next::Complete {
            result: status.to_owned(),
            alert: Named::default(),
        };
    }
    let result = match status {
        "" => "refused without a reason".to_owned(),
        _ if missing => format!("no open alert: {status}"),
        _ => status.to_owned(),
    };
    Next::Fail { result }
}

/// Asks again, unless the deadline has passed.
fn later(waiting: Waiting, result: String) -> Next {
    if waiting.waited_ms < DEADLINE_MS {
        return Next::AskAgain { result };
    }
    let result = format!("no verdict in {} minutes ({result})", DEADLINE_MS / 60_000);
    match (waiting.can_look, waiting.operation.repeat()) {
        (true, _) => Next::Look {
            result: format!("{result}: looking at the alert"),
        },
        (false, Repeat::Safe) => Next::Resend {
            result: format!("{result}: sent again"),
        },
        (false, Repeat::Adds) => Next::Fail {
            result: format!("{result}: it may have been done"),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connectors::opsgenie::answer::tests::response;
    use crate::engine::exchange::ExchangeErrorKind;

    const PENDING: (&str, &str) = ("X-Opsgenie-Errortype", "RequestNotProcessed");

    fn waiting(waited_ms: i64) -> Waiting {
        Waiting {
            operation: Operation::Create,
            waited_ms,
            was_open: false,
            can_look: true,
            refusal: Refusal::Passing,
        }
    }

    fn asked(waited_ms: i64, response: &Response) -> Next {
        of_answer(waiting(waited_ms), response).next
    }

    fn verdict(data: &Json) -> Next {
        asked(0, &response(200, &[], &json!({ "data": data }).to_string()))
    }

    #[test]
    fn success_completes_in_both_shapes() {
        let data = json!({"isSuccess": true, "status": "Created alert", "alertId": "a-1", "processedAt": "t"});
        let expected = Next::Complete {
            result: "Created alert".to_owned(),
            alert: Named {
                alert_id: Some("a-1".to_owned()),
                alias: None,
            },
        };
        assert_eq!(verdict(&data), expected);
        assert_eq!(asked(0, &response(200, &[], &data.to_string())), expected);
        assert!(matches!(verdict(&json!({"success": true})), Next::Complete { .. }));
    }

    #[test]
    fn not_found_is_pending_with_the_header_until_the_deadline() {
        let answer = response(404, &[PENDING], "{}");
        assert!(matches!(asked(599_999, &answer), Next::AskAgain { .. }));
        assert!(matches!(asked(600_000, &answer), Next::Look { .. }));
    }

    #[test]
    fn not_found_is_pending_without_the_header_for_a_minute() {
        let answer = response(404, &[], "{}");
        assert!(matches!(asked(59_999, &answer), Next::AskAgain { .. }));
        assert!(matches!(asked(60_000, &answer), Next::Look { .. }));
    }

    #[test]
    fn no_success_without_status_is_pending() {
        let data = json!({"isSuccess": false, "status": "", "processedAt": null});
        assert!(matches!(verdict(&data), Next::AskAgain { .. }));
    }

    #[test]
    fn no_success_with_a_status_fails_with_it() {
        let data = json!({"isSuccess": false, "status": "Alert policy swallowed it", "processedAt": "t"});
        let result = "Alert policy swallowed it".to_owned();
        assert_eq!(verdict(&data), Next::Fail { result });
    }

    #[test]
    fn closing_what_is_closed_completes_only_where_it_was_open() {
        let body = json!({"data": {"isSuccess": false, "status": "Alert does not exist", "processedAt": "t"}});
        let answer = response(200, &[], &body.to_string());
        let next = |operation, was_open| {
            let waiting = Waiting {
                operation,
                waited_ms: 0,
                was_open,
                can_look: true,
                refusal: Refusal::Passing,
            };
            of_answer(waiting, &answer).next
        };
        let failed = Next::Fail {
            result: "no open alert: Alert does not exist".to_owned(),
        };
        assert!(matches!(next(Operation::Close, true), Next::Complete { .. }));
        assert!(matches!(next(Operation::Acknowledge, true), Next::Complete { .. }));
        assert_eq!(next(Operation::Close, false), failed);
        assert_eq!(next(Operation::AddNote, true), failed);
    }

    #[test]
    fn refusals_and_pauses_leave_the_message_waiting() {
        for status in [401, 402, 429] {
            assert!(
                matches!(asked(0, &response(status, &[], "")), Next::Back { .. }),
                "{status}"
            );
        }
    }

    #[test]
    fn a_key_that_may_not_ask_does_not_hold_the_queue() {
        let asked = |refusal| {
            let waiting = Waiting { refusal, ..waiting(0) };
            of_answer(waiting, &response(403, &[], r#"{"message":"no"}"#))
        };
        let for_good = asked(Refusal::Questions);
        assert_eq!(for_good.platform, Platform::Answers);
        let Next::Complete { result, .. } = for_good.next else {
            panic!("completed")
        };
        assert_eq!(result, "accepted (not confirmable: 403 Forbidden: no)");
        let passing = asked(Refusal::Passing);
        assert_eq!(passing.platform, Platform::Answers);
        assert!(matches!(passing.next, Next::AskAgain { .. }));
        let of_all = asked(Refusal::All);
        assert!(matches!(of_all.platform, Platform::Refuses(_)) && matches!(of_all.next, Next::Back { .. }));
    }

    #[test]
    fn without_a_look_what_is_not_confirmed_is_sent_again_where_that_is_safe() {
        let next = |operation, waited_ms| {
            let waiting = Waiting {
                operation,
                can_look: false,
                ..waiting(waited_ms)
            };
            of_answer(waiting, &response(404, &[], "{}")).next
        };
        assert!(matches!(next(Operation::Create, 599_999), Next::AskAgain { .. }));
        assert!(matches!(next(Operation::Create, 600_000), Next::Resend { .. }));
        assert!(matches!(next(Operation::AddNote, 600_000), Next::Fail { .. }));
    }

    #[test]
    fn other_failures_of_the_question_ask_again_or_look() {
        assert!(matches!(asked(0, &response(503, &[], "")), Next::AskAgain { .. }));
        assert!(matches!(asked(0, &response(200, &[], "<html>")), Next::AskAgain { .. }));
        assert!(matches!(asked(0, &response(400, &[], "")), Next::Look { .. }));
        let error = ExchangeError {
            kind: ExchangeErrorKind::CannotConnect,
            sent: false,
            detail: "refused".to_owned(),
        };
        let failed = of_failure(&error);
        assert!(matches!(failed.next, Next::AskAgain { .. }));
        assert!(matches!(failed.platform, Platform::Gone { .. }));
    }
}
