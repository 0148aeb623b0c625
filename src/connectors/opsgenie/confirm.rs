//! Follows a request until the platform gives its verdict: `GET /v2/alerts/requests/{requestId}`.

use serde_json::Value as Json;

use crate::engine::exchange::{ExchangeError, Response};

use super::answer::{error_of, json_of, platform, status_of};
use super::hold::Platform;
use super::operation::{Call, Operation};
use super::outcome::{Next, Verdict, is_passing};
use super::target::segment;

/// How long a verdict is waited for.
const DEADLINE_MS: i64 = 600_000;
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
}

/// The question.
pub(super) fn call(request_id: &str) -> Call {
    Call {
        verb: "GET",
        url: format!("/v2/alerts/requests/{}", segment(request_id)),
        body: String::new(),
    }
}

/// The verdict when the question was answered.
pub(super) fn of_answer(waiting: Waiting, response: &Response) -> Verdict {
    let platform = platform(response);
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
        (_, _) => Next::Look {
            result: format!("no verdict ({}): looking at the alert", error_of(response)),
        },
    };
    Verdict { next, platform }
}

/// The verdict when there was no answer.
pub(super) fn of_failure(waiting: Waiting, error: &ExchangeError) -> Verdict {
    Verdict {
        next: later(waiting, format!("no verdict yet: {}", error.detail)),
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
            alert_id: Some(text("alertId")).filter(|id| !id.is_empty()).map(str::to_owned),
        },
        // So looks a request that is not processed yet to clients that do not know the 404.
        Some(false) if status.is_empty() && text("processedAt").is_empty() => {
            later(waiting, "not processed yet".to_owned())
        }
        Some(false) => refused(waiting, status),
        None => later(waiting, "a verdict that says nothing".to_owned()),
    }
}

fn refused(waiting: Waiting, status: &str) -> Next {
    let missing = status.eq_ignore_ascii_case("Alert does not exist");
    let ends = matches!(waiting.operation, Operation::Close | Operation::Acknowledge);
    if missing && ends && waiting.was_open {
        return Next::Complete {
            result: "already closed".to_owned(),
            alert_id: None,
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
    Next::Look {
        result: format!(
            "no verdict in {} minutes ({result}): looking at the alert",
            DEADLINE_MS / 60_000
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::answer::tests::response;
    use super::*;
    use crate::engine::exchange::ExchangeErrorKind;

    const PENDING: (&str, &str) = ("X-Opsgenie-Errortype", "RequestNotProcessed");

    fn waiting(waited_ms: i64) -> Waiting {
        Waiting {
            operation: Operation::Create,
            waited_ms,
            was_open: false,
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
            alert_id: Some("a-1".to_owned()),
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
        for status in [401, 402, 403, 429] {
            assert!(
                matches!(asked(0, &response(status, &[], "")), Next::Back { .. }),
                "{status}"
            );
        }
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
        let failed = of_failure(waiting(0), &error);
        assert!(matches!(failed.next, Next::AskAgain { .. }));
        assert!(matches!(failed.platform, Platform::Gone { .. }));
    }
}
