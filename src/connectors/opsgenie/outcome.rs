//! What becomes of a message after it was sent: answer or failure → verdict.

use serde_json::Value as Json;

use crate::engine::exchange::{ExchangeError, Response};

use crate::connectors::opsgenie::answer::{error_of, json_of, platform, status_of};
use crate::connectors::opsgenie::confirm::{DEADLINE_MS, already, is_missing};
use crate::connectors::opsgenie::hold::Platform;
use crate::connectors::opsgenie::operation::{Operation, Repeat};
use crate::connectors::opsgenie::service::Service;

/// What an exchange means for its message and for the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// What becomes of the message.
    pub(super) next: Next,
    /// What it says about the platform.
    pub(super) platform: Platform,
}

/// What the platform calls an alert.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Named {
    pub(super) alert_id: Option<String>,
    /// Another one than was asked for, where a rule of the integration rewrote it.
    pub(super) alias: Option<String>,
}

impl Named {
    /// What an answer about an alert says.
    pub(super) fn of(data: &Json, id: &str) -> Self {
        let text = |name: &str| data.get(name).and_then(Json::as_str).map(str::trim);
        let text = |name| text(name).filter(|text| !text.is_empty()).map(str::to_owned);
        Self {
            alert_id: text(id),
            alias: text("alias"),
        }
    }
}

/// What is known of a message when its answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) operation: Operation,
    /// How often there was no answer before.
    pub(super) unanswered: u32,
    pub(super) service: Service,
    /// Whether the platform tells what became of a request.
    pub(super) confirms: bool,
    /// Whether the alert was known to be open, as in `confirm::Waiting`.
    pub(super) was_open: bool,
}

/// What becomes of a message. Every case carries the text for its Result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Accepted: ask for the verdict under this request id.
    Confirm { request_id: String, result: String },
    /// Done. What the platform calls the alert, where it says it.
    Complete { result: String, alert: Named },
    /// The alert was found: what is asked for can be sent.
    Found { alert_id: String },
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

/// How long a platform of before is waited for: nobody may ever mend it.
const FORMER_MS: i64 = 86_400_000;

/// What still waits for a platform of before, after so long, is given up. A create, without which nobody is called, goes
/// to the present platform instead, and much sooner.
pub(super) fn give_up(operation: Operation, verdict: &mut Verdict, waited_ms: i64) {
    let (Next::AskAgain { result } | Next::Resend { result } | Next::Back { result }) = &verdict.next else {
        return;
    };
    if operation == Operation::Create && waited_ms >= DEADLINE_MS {
        let result = format!("no verdict on a platform of before: sent again ({result})");
        verdict.next = Next::Resend { result };
    } else if waited_ms >= FORMER_MS {
        let result = format!("given up after 24 hours on a platform of before: {result}");
        verdict.next = Next::Fail { result };
    }
}

/// The classes of status that are about the exchange, not about the message.
pub(super) const fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 500 | 502..=599)
}

/// The verdict on a send that was answered.
pub(super) fn of_answer(sent: Sent, response: &Response) -> Verdict {
    let platform = platform(response);
    let next = match (&platform, response.status) {
        (Platform::Refuses(_) | Platform::Busy { .. }, _) => Next::Back {
            result: error_of(response),
        },
        (_, 202) => accepted(sent, response),
        (_, 200..=299) if is_queued(sent, response) => accepted(sent, response),
        (_, 200..=299) => done(sent, response),
        (_, status) if is_passing(status) => Next::Resend {
            result: error_of(response),
        },
        (_, 404) if sent.was_open && is_alert_missing(response) => match already(sent.operation) {
            Some(result) => Next::Complete {
                result: result.to_owned(),
                alert: Named::default(),
            },
            None => Next::Fail {
                result: error_of(response),
            },
        },
        // Redirects too: the key is not sent to another host.
        (_, _) => Next::Fail {
            result: error_of(response),
        },
    };
    Verdict { next, platform }
}

/// Whether it is the alert that was not found, not the path.
fn is_alert_missing(response: &Response) -> bool {
    let json = json_of(response).unwrap_or_default();
    json.get("message").and_then(Json::as_str).is_some_and(is_missing)
}

/// The verdict on a send that was not answered.
pub(super) fn of_failure(sent: Sent, error: &ExchangeError) -> Verdict {
    let detail = error.detail.clone();
    let next = if error.sent {
        of_silence(sent, &detail)
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

/// What becomes of a message that may have reached the platform, or not. What changes nothing the second time is sent
/// again; of the rest the platform is asked first, where it can be.
pub(super) fn of_silence(sent: Sent, detail: &str) -> Next {
    let looks = sent.service.can_look();
    match (sent.operation, sent.operation.repeat()) {
        (Operation::Create, _) if looks => Next::Look {
            result: format!("no answer ({detail}): looking for the alert"),
        },
        (_, Repeat::Safe) => Next::Resend {
            result: format!("no answer ({detail}): sent again, which changes nothing if it was done"),
        },
        (_, Repeat::Adds) if looks => Next::Look {
            result: format!("no answer ({detail}): looking for what it would have written"),
        },
        (_, Repeat::Adds) if sent.unanswered == 0 => Next::Resend {
            result: format!("no answer ({detail}): sent again, may be repeated"),
        },
        (_, Repeat::Adds) => Next::Fail {
            result: format!("no answer twice ({detail}): it may have been done"),
        },
    }
}

/// 202: queued by the platform, not done.
fn accepted(sent: Sent, response: &Response) -> Next {
    let json = json_of(response);
    let text = |field: &str| json.as_ref().and_then(|json| json.get(field)).and_then(Json::as_str);
    if !sent.confirms {
        return unconfirmable("the platform does not tell what became of it");
    }
    match text("requestId").filter(|id| !id.trim().is_empty()) {
        Some(request_id) => Next::Confirm {
            request_id: request_id.to_owned(),
            result: text("result").unwrap_or("accepted").to_owned(),
        },
        None if sent.service.can_look() => Next::Look {
            result: "accepted without a request id: looking for the alert".to_owned(),
        },
        None => unconfirmable("no request id"),
    }
}

/// Accepted, and nobody can tell more.
pub(super) fn unconfirmable(reason: &str) -> Next {
    Next::Complete {
        result: format!("accepted (not confirmable: {reason})"),
        alert: Named::default(),
    }
}

/// Whether another 2xx says that the request was queued: it names a request, and nothing that was done.
fn is_queued(sent: Sent, response: &Response) -> bool {
    let json = json_of(response).unwrap_or_default();
    sent.operation != Operation::Attach && json.get("requestId").is_some() && json.get("data").is_none()
}

/// Another 2xx: done at once.
fn done(sent: Sent, response: &Response) -> Next {
    let Some(json) = json_of(response) else {
        if sent.operation.repeat() == Repeat::Adds || !sent.service.can_look() {
            return Next::Complete {
                result: status_of(response),
                alert: Named::default(),
            };
        }
        return Next::Look {
            result: format!("{}: the answer is no JSON; looking for the alert", status_of(response)),
        };
    };
    let data = json.get("data").unwrap_or(&json);
    let text = |value: &Json, field: &str| value.get(field).and_then(Json::as_str).map(str::to_owned);
    let mut alert = Named::of(data, "alertId");
    // Elsewhere the id is that of a note or a file.
    if sent.operation == Operation::Create && alert.alert_id.is_none() {
        alert = Named::of(data, "id");
    }
    Next::Complete {
        result: text(data, "status")
            .or_else(|| text(&json, "result"))
            .unwrap_or_else(|| status_of(response)),
        alert,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::connectors::opsgenie::answer::tests::response;
    use crate::engine::exchange::ExchangeErrorKind;

    /// A verdict of a platform that answers.
    pub(in crate::connectors::opsgenie) const fn answered(next: Next) -> Verdict {
        Verdict {
            next,
            platform: Platform::Answers,
        }
    }

    fn sent(operation: Operation, unanswered: u32) -> Sent {
        Sent {
            operation,
            unanswered,
            service: Service::Opsgenie,
            confirms: true,
            was_open: false,
        }
    }

    fn of_answer(response: &Response) -> Verdict {
        super::of_answer(sent(Operation::Create, 0), response)
    }

    #[test]
    fn an_alert_that_is_gone_is_closed_when_it_was_known_to_be_open() {
        let gone = response(404, &[], r#"{"message":"Alert does not exist"}"#);
        let answered = |operation, was_open, response: &Response| {
            let sent = Sent {
                was_open,
                ..sent(operation, 0)
            };
            word(&super::of_answer(sent, response).next)
        };
        assert_eq!(answered(Operation::Close, true, &gone), "complete");
        assert_eq!(answered(Operation::Close, false, &gone), "fail");
        assert_eq!(answered(Operation::AddNote, true, &gone), "fail");
        let route = response(404, &[], r#"{"message":"No handler for POST /v2/alerts/a/close"}"#);
        assert_eq!(answered(Operation::Close, true, &route), "fail");
    }

    /// The word for what becomes of a message.
    fn word(next: &Next) -> &'static str {
        match next {
            Next::Confirm { .. } => "confirm",
            Next::Complete { .. } => "complete",
            Next::Found { .. } => "found",
            Next::AskAgain { .. } => "ask again",
            Next::Look { .. } => "look",
            Next::Resend { .. } => "resend",
            Next::Fail { .. } => "fail",
            Next::Back { .. } => "back",
        }
    }

    #[test]
    fn a_platform_of_before_is_not_waited_for_without_end() {
        let mut verdict = of_answer(&response(401, &[], ""));
        give_up(Operation::Close, &mut verdict, FORMER_MS - 1);
        give_up(Operation::Create, &mut verdict, DEADLINE_MS - 1);
        assert_eq!(word(&verdict.next), "back");
        let mut create = verdict.clone();
        give_up(Operation::Create, &mut create, DEADLINE_MS);
        assert_eq!(word(&create.next), "resend");
        give_up(Operation::Close, &mut verdict, FORMER_MS);
        let result = "given up after 24 hours on a platform of before: 401 Unauthorized".to_owned();
        assert_eq!(verdict.next, Next::Fail { result });
        let mut done = of_answer(&response(202, &[], r#"{"requestId":"r"}"#));
        give_up(Operation::Close, &mut done, FORMER_MS);
        assert_eq!(word(&done.next), "confirm");
    }

    #[test]
    fn every_status_has_its_class() {
        let classes = [
            ("confirm", &[200, 201, 202, 204][..]),
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
            alert: Named {
                alert_id: Some("a-1".to_owned()),
                alias: None,
            },
        };
        assert_eq!(verdict.next, expected);
        assert_eq!(word(&of_answer(&response(200, &[], "<html>")).next), "look");
        // An attachment is answered when it is there, and every answer names its request.
        let added = response(201, &[], r#"{"result":"Added alert attachment","requestId":"r-1"}"#);
        let attached = super::of_answer(sent(Operation::Attach, 0), &added);
        assert_eq!(word(&attached.next), "complete");
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
        let failure = |service, operation, reached, unanswered| {
            let sent = Sent {
                service,
                ..sent(operation, unanswered)
            };
            of_failure(sent, &error(reached))
        };
        let (opsgenie, events) = (Service::Opsgenie, Service::Events);
        let cases = [
            (opsgenie, Operation::Create, false, 0, "resend"),
            (opsgenie, Operation::Create, true, 0, "look"),
            (opsgenie, Operation::Close, true, 5, "resend"),
            (opsgenie, Operation::AddNote, false, 9, "resend"),
            (opsgenie, Operation::AddNote, true, 0, "look"),
            (opsgenie, Operation::Attach, true, 3, "look"),
            (events, Operation::Create, true, 0, "resend"),
            (events, Operation::AddNote, true, 0, "resend"),
            (events, Operation::AddNote, true, 1, "fail"),
        ];
        for (service, operation, reached, unanswered, expected) in cases {
            let verdict = failure(service, operation, reached, unanswered);
            assert_eq!(word(&verdict.next), expected, "{service:?} {operation:?} {reached}");
            assert!(matches!(verdict.platform, Platform::Gone { .. }));
        }
        let repeated = failure(events, Operation::AddNote, true, 0).next;
        let result = "no answer (timed out): sent again, may be repeated".to_owned();
        assert_eq!(repeated, Next::Resend { result });
    }

    #[test]
    fn where_nothing_can_be_confirmed_accepted_is_the_end() {
        let accepted = response(202, &[], r#"{"requestId":"r-1"}"#);
        let sent = Sent {
            confirms: false,
            ..sent(Operation::Create, 0)
        };
        let Next::Complete { result, .. } = super::of_answer(sent, &accepted).next else {
            panic!("completed")
        };
        assert_eq!(
            result,
            "accepted (not confirmable: the platform does not tell what became of it)"
        );
    }

    #[test]
    fn the_id_of_a_file_is_not_that_of_the_alert() {
        let added = response(201, &[], r#"{"result":"Added","data":{"id":"7","name":"f"}}"#);
        let verdict = super::of_answer(sent(Operation::Attach, 0), &added);
        let expected = Next::Complete {
            result: "Added".to_owned(),
            alert: Named::default(),
        };
        assert_eq!(verdict.next, expected);
    }
}
