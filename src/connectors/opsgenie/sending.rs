//! A row's turn: the request it makes, and what its answer means. Run by the multithreaded timer, several rows at a time.

use std::sync::Arc;

use crate::engine::qaction::{QActionResult, TimerCertificate, TimerRequest, TimerResult};
use crate::engine::sl_protocol::SlProtocol;

use super::api_key::without_key;
use super::hold::Platform;
use super::message::{Course, Message, Stage};
use super::operation::{Call, Operation};
use super::outcome::{self, Next, Verdict};
use super::parameters::{AUTHORIZATION, OPSGENIE_OPERATIONS, PLATFORM};
use super::pump::pump;
use super::queue::{Key, Turn};
use super::shared::Shared;
use super::{confirm, look};

/// QAction 71: the request of a row.
pub(super) async fn request(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    let key = protocol.row_key();
    // Only rows whose turn it is make a request, whoever scheduled them.
    let Some(turn) = shared.lock().queue.under_way_as(key) else {
        return Ok(());
    };
    let Some((mut message, operation)) = message_of(protocol, key).await else {
        return Ok(());
    };
    let call = match turn.stage {
        Stage::Send => {
            let now = protocol.unix_ms().await;
            message.sending(now);
            // Written down before the request leaves.
            protocol.set_row(OPSGENIE_OPERATIONS, key, message.changes()).await;
            operation.call(&message.target, &message.fields())
        }
        Stage::Confirm => confirm::call(&message.request_id),
        Stage::Look => look::call(&message.target),
    };
    let authorization = protocol.get_text(AUTHORIZATION).await;
    protocol.return_request(timer_request(call, &authorization)).await;
    Ok(())
}

/// QAction 72: what came of it.
pub(super) async fn response(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    let key = protocol.row_key();
    let Some(turn) = shared.lock().queue.under_way_as(key) else {
        return Ok(());
    };
    let stage = turn.stage;
    let now = protocol.unix_ms().await;
    let Some((mut message, operation)) = message_of(protocol, key).await else {
        shared.lock().forget(key);
        pump(protocol, shared).await;
        return Ok(());
    };
    let (was_open, key_changed_at) = {
        let state = shared.lock();
        let created_here = state.has_created(&message.target.value);
        (created_here || message.unanswered > 0, state.key_changed_at)
    };
    let waiting = confirm::Waiting {
        operation,
        waited_ms: now - message.state_since,
        was_open,
    };
    let Some(mut verdict) = verdict(turn, &message, waiting, &protocol.facts().result) else {
        shared.lock().queue.release(key, now);
        return Ok(());
    };
    // A refusal of the key before is nothing against the one there is now.
    if turn.begun < key_changed_at && matches!(verdict.platform, Platform::Refuses(_)) {
        verdict.platform = Platform::Answers;
    }
    let authorization = protocol.get_text(AUTHORIZATION).await;
    hide_key(&mut verdict, &authorization);
    let course = message.settle(stage, &verdict, turn.asked, now);
    protocol.set_row(OPSGENIE_OPERATIONS, key, message.changes()).await;
    if course == Course::Failed {
        let orphans = shared.lock().orphans(&message);
        for (orphan, operation) in orphans {
            settle_orphan(protocol, shared, &orphan, operation, now).await;
        }
    }
    {
        let mut state = shared.lock();
        state.settle(&message, course);
        state.queue.flow = state.queue.flow.after(&verdict.platform, now);
    }
    let responding = !matches!(verdict.platform, Platform::Gone { .. });
    protocol.communication_state(PLATFORM, responding).await;
    pump(protocol, shared).await;
    Ok(())
}

/// A message that waited behind a create that failed: there is no alert it could be about.
async fn settle_orphan(protocol: &SlProtocol, shared: &Shared, key: &Key, operation: Operation, now: i64) {
    let Some((mut message, _)) = message_of(protocol, key).await else {
        shared.lock().forget(key);
        return;
    };
    let course = match operation {
        Operation::Close => message.complete("nothing to close: the create failed", None, now),
        _ => message.fail("create failed: there is no alert", now),
    };
    protocol.set_row(OPSGENIE_OPERATIONS, key, message.changes()).await;
    shared.lock().settle(&message, course);
}

/// The message of a row, with its operation; none when there is none.
async fn message_of(protocol: &SlProtocol, key: &str) -> Option<(Message, Operation)> {
    let cells = protocol.get_row(OPSGENIE_OPERATIONS, key).await?;
    let message = Message::from_cells(&cells)?;
    let operation = message.operation?;
    Some((message, operation))
}

/// What an exchange means; none when there was no exchange.
fn verdict(turn: Turn, message: &Message, waiting: confirm::Waiting, result: &TimerResult) -> Option<Verdict> {
    let (operation, asked) = (waiting.operation, turn.asked);
    let verdict = match (turn.stage, result) {
        // One request a row: there is never more than one response.
        (_, TimerResult::NotPolled | TimerResult::Responses(_)) => return None,
        (Stage::Send, TimerResult::Response(response)) => outcome::of_answer(response),
        (Stage::Send, TimerResult::Failed(error)) => outcome::of_failure(operation, error, message.unanswered),
        (Stage::Confirm, TimerResult::Response(response)) => confirm::of_answer(waiting, response),
        (Stage::Confirm, TimerResult::Failed(error)) => confirm::of_failure(waiting, error),
        (Stage::Look, TimerResult::Response(response)) => {
            look::of_answer(operation, &message.fields(), asked, response)
        }
        (Stage::Look, TimerResult::Failed(error)) => look::of_failure(error),
    };
    Some(verdict)
}

/// What the platform answered may repeat the key: it is shown nowhere.
fn hide_key(verdict: &mut Verdict, authorization: &str) {
    let result = match &mut verdict.next {
        Next::Confirm { result, .. }
        | Next::Complete { result, .. }
        | Next::AskAgain { result }
        | Next::Look { result }
        | Next::Resend { result }
        | Next::Fail { result }
        | Next::Back { result } => result,
    };
    *result = without_key(result, authorization);
    match &mut verdict.platform {
        Platform::Refuses(text) | Platform::Gone { detail: text, .. } => *text = without_key(text, authorization),
        Platform::Answers | Platform::Busy { .. } => {}
    }
}

fn timer_request(call: Call, authorization: &str) -> TimerRequest {
    let mut headers = vec![
        ("Accept".to_owned(), "application/json".to_owned()),
        ("Authorization".to_owned(), authorization.to_owned()),
    ];
    if !call.body.is_empty() {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    TimerRequest {
        method: call.verb.to_owned(),
        url: call.url,
        headers,
        body: Arc::from(call.body.into_bytes()),
        timeout: None,
        certificate: TimerCertificate::AsConnection,
        further: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_carries_the_key_in_its_header_only() {
        let call = Call {
            verb: "POST",
            url: "/v2/alerts".to_owned(),
            body: "{}".to_owned(),
        };
        let request = timer_request(call, "GenieKey abc");
        let headers: Vec<(&str, &str)> = request.headers.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(
            headers,
            [
                ("Accept", "application/json"),
                ("Authorization", "GenieKey abc"),
                ("Content-Type", "application/json")
            ]
        );
        assert!(!request.url.contains("abc"));
        assert_eq!(&*request.body, b"{}");
    }

    #[test]
    fn a_key_that_the_platform_repeats_is_shown_nowhere() {
        let mut verdict = Verdict {
            next: Next::Back {
                result: "401: abc is unknown".to_owned(),
            },
            platform: Platform::Refuses("authentication (abc)".to_owned()),
        };
        hide_key(&mut verdict, "GenieKey abc");
        let result = "401: *** is unknown".to_owned();
        assert_eq!(verdict.next, Next::Back { result });
        assert_eq!(verdict.platform, Platform::Refuses("authentication (***)".to_owned()));
    }
}
