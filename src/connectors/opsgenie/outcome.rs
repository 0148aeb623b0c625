//! What becomes of a message after it was sent: answer or failure → verdict.

use serde_json::Value as Json;

use crate::engine::exchange::{ExchangeError, Response};

use super::answer::{error_of, json_of, platform, status_of};
use super::hold::Platform;
use super::operation::{Operation, Repeat};

/// What an exchange means for its message and for the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// What becomes of the message.
    pub(super) next: Next,
    /// What it says about the platform.
    pub(super) platform: Platform,
}

/// What becomes of a message. Every case carries the text for its Result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Accepted: ask for the verdict under this request id.
    Confirm { request_id: String, result: String },
    /// Done.
    Complete { result: String, alert_id: Option<String> },
    /// No verdict yet: the same question again, later.
    AskAgain { result: String },
    /// Nobody knows whether it was done: look at the alert.
    Look { result: String },
    /// Send it again, later.
    Resend { result: String },
    /// It cannot be done.
    Fail { result: String },
    /// The exchange says nothing about the message: it is as before.
    Back { result: String },
}

/// The classes of status that are about the exchange, not about the message.
pub(super) const fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 500 | 502..=599)
}

/// The verdict on a send that was answered.
pub(super) fn of_answer(response: &Response) -> Verdict {
    let platform = platform(response);
    let next = match (&platform, response.status) {
        (Platform::Refuses(_) | Platform::Busy { .. }, _) => Next::Back {
            result: error_of(response),
        },
        (_, 202) => accepted(response),
        (_, 200..=299) => done(response),
        (_, status) if is_passing(status) => Next::Resend {
            result: error_of(response),
        },
        // Redirects too: the key is not sent to another host.
        (_, _) => Next::Fail {
            result: error_of(response),
        },
    };
    Verdict { next, platform }
}

/// The verdict on a send that was not answered, the `unanswered`th in a row after none.
pub(super) fn of_failure(operation: Operation, error: &ExchangeError, unanswered: u32) -> Verdict {
    let detail = error.detail.clone();
    let next = if error.sent {
        of_silence(operation, &detail, unanswered)
    } else {
        Next::Resend {
            result: format!("not sent: {detail}"),
        }
    };
    let platform = Platform::Gone {
        detail,
        sent: error.sent,
    };
    Verdict { next, platform }
}

/// What becomes of a message that may have reached the platform, or not.
pub(super) fn of_silence(operation: Operation, detail: &str, unanswered: u32) -> Next {
    match (operation, operation.repeat()) {
        (Operation::Create, _) => Next::Look {
            result: format!("no answer ({detail}): looking for the alert"),
        },
        (_, Repeat::Safe) => Next::Resend {
            result: format!("no answer ({detail}): sent again, which changes nothing if it was done"),
        },
        (_, Repeat::Adds) if unanswered == 0 => Next::Resend {
            result: format!("no answer ({detail}): sent again, may be repeated"),
        },
        (_, Repeat::Adds) => Next::Fail {
            result: format!("no answer twice ({detail}): it may have been done"),
        },
    }
}

/// 202: queued by the platform, not done.
fn accepted(response: &Response) -> Next {
    let json = json_of(response);
    let text = |field: &str| json.as_ref().and_then(|json| json.get(field)).and_then(Json::as_str);
    match text("requestId").filter(|id| !id.trim().is_empty()) {
        Some(request_id) => Next::Confirm {
            request_id: request_id.to_owned(),
            result: text("result").unwrap_or("accepted").to_owned(),
        },
        None => Next::Look {
            result: "accepted without a request id: looking for the alert".to_owned(),
        },
    }
}

/// Another 2xx: done at once.
fn done(response: &Response) -> Next {
    let Some(json) = json_of(response) else {
        return Next::Look {
            result: format!("{}: the answer is no JSON; looking for the alert", status_of(response)),
        };
    };
    let data = json.get("data").unwrap_or(&json);
    let text = |value: &Json, field: &str| value.get(field).and_then(Json::as_str).map(str::to_owned);
    Next::Complete {
        result: text(data, "status")
            .or_else(|| text(&json, "result"))
            .unwrap_or_else(|| status_of(response)),
        alert_id: text(data, "alertId")
            .or_else(|| text(data, "id"))
            .filter(|id| !id.is_empty()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::answer::tests::response;
    use super::*;
    use crate::engine::exchange::ExchangeErrorKind;

    /// A verdict of a platform that answers.
    pub(in crate::connectors::opsgenie) const fn answered(next: Next) -> Verdict {
        Verdict {
            next,
            platform: Platform::Answers,
        }
    }

    /// The word for what becomes of a message.
    fn word(next: &Next) -> &'static str {
        match next {
            Next::Confirm { .. } => "confirm",
            Next::Complete { .. } => "complete",
            Next::AskAgain { .. } => "ask again",
            Next::Look { .. } => "look",
            Next::Resend { .. } => "resend",
            Next::Fail { .. } => "fail",
            Next::Back { .. } => "back",
        }
    }

    #[test]
    fn every_status_has_its_class() {
        let classes = [
            ("confirm", &[202][..]),
            ("complete", &[200, 201]),
            (
                "fail",
                &[
                    301, 302, 303, 307, 308, 400, 404, 405, 406, 409, 410, 413, 415, 416, 422, 428, 501,
                ],
            ),
            ("back", &[401, 402, 403, 429]),
            ("resend", &[408, 425, 500, 502, 503, 504, 599]),
        ];
        for (expected, statuses) in classes {
            for status in statuses {
                let answer = response(*status, &[], r#"{"requestId":"r-1"}"#);
                assert_eq!(word(&of_answer(&answer).next), expected, "{status}");
            }
        }
    }

    #[test]
    fn a_malformed_key_holds_the_queue_and_not_the_message() {
        let verdict = of_answer(&response(422, &[], r#"{"message":"Key format is not valid!"}"#));
        assert_eq!(word(&verdict.next), "back");
        assert!(matches!(verdict.platform, Platform::Refuses(_)));
    }

    #[test]
    fn accepted_is_not_done() {
        let verdict = of_answer(&response(
            202,
            &[],
            r#"{"result":"Request will be processed","requestId":"r-1"}"#,
        ));
        let expected = Next::Confirm {
            request_id: "r-1".to_owned(),
            result: "Request will be processed".to_owned(),
        };
        assert_eq!(verdict, answered(expected));
        for body in ["", "{}", r#"{"requestId":" "}"#, "<html>"] {
            assert_eq!(word(&of_answer(&response(202, &[], body)).next), "look", "{body}");
        }
    }

    #[test]
    fn a_synchronous_answer_completes() {
        let verdict = of_answer(&response(
            200,
            &[],
            r#"{"data":{"isSuccess":true,"status":"Created alert","alertId":"a-1"}}"#,
        ));
        let expected = Next::Complete {
            result: "Created alert".to_owned(),
            alert_id: Some("a-1".to_owned()),
        };
        assert_eq!(verdict.next, expected);
        assert_eq!(word(&of_answer(&response(200, &[], "<html>")).next), "look");
    }

    #[test]
    fn an_error_is_told_in_the_result() {
        let verdict = of_answer(&response(
            422,
            &[],
            r#"{"message":"bad","errors":{"priority":"P1 to P5"}}"#,
        ));
        let result = "422 Unprocessable Entity: bad; priority: P1 to P5".to_owned();
        assert_eq!(verdict.next, Next::Fail { result });
    }

    #[test]
    fn a_failure_before_and_after_sending_are_two_things() {
        let error = |sent| ExchangeError {
            kind: ExchangeErrorKind::Timeout,
            sent,
            detail: "timed out".to_owned(),
        };
        let failure = |operation, sent, unanswered| of_failure(operation, &error(sent), unanswered);
        let cases = [
            (Operation::Create, false, 0, "resend"),
            (Operation::Create, true, 0, "look"),
            (Operation::Close, true, 5, "resend"),
            (Operation::AddNote, false, 9, "resend"),
            (Operation::AddNote, true, 0, "resend"),
            (Operation::AddNote, true, 1, "fail"),
        ];
        for (operation, sent, unanswered, expected) in cases {
            let verdict = failure(operation, sent, unanswered);
            assert_eq!(word(&verdict.next), expected, "{operation:?} {sent}");
            assert!(matches!(verdict.platform, Platform::Gone { .. }));
        }
        let repeated = failure(Operation::AddNote, true, 0).next;
        let result = "no answer (timed out): sent again, may be repeated".to_owned();
        assert_eq!(repeated, Next::Resend { result });
    }
}
