//! A row's turn: the request it makes, and what its answer means. Run by the multithreaded timer, several rows at a time.

use std::sync::Arc;

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::api_key::without_key;
use crate::connectors::opsgenie::asking::Refusal;
use crate::connectors::opsgenie::backoff::spread;
use crate::connectors::opsgenie::hold::Platform;
use crate::connectors::opsgenie::marker::marked;
use crate::connectors::opsgenie::message::{Course, Message, Stage, State};
use crate::connectors::opsgenie::operation::{Call, Operation, Repeat};
use crate::connectors::opsgenie::outcome::{self, Next, Sent, Verdict};
use crate::connectors::opsgenie::parameters::{CONFIRMATION, OPSGENIE_OPERATIONS, PLATFORM};
use crate::connectors::opsgenie::pump::pump;
use crate::connectors::opsgenie::queue::{Key, Turn};
use crate::connectors::opsgenie::received::drop_unsent;
use crate::connectors::opsgenie::recipients::Ids;
use crate::connectors::opsgenie::responders::Follows;
use crate::connectors::opsgenie::service::{Plan, Service};
use crate::connectors::opsgenie::shared::{Shared, SharedState};
use crate::connectors::opsgenie::target::{Identifier, Target};
use crate::connectors::opsgenie::{account, cleared, confirm, find, look, recipients, responders};
use crate::engine::qaction::{QActionResult, TimerCertificate, TimerRequest, TimerResult};
use crate::engine::sl_protocol::SlProtocol;

/// QAction 71: the request of a row.
pub(super) async fn request(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    let key = protocol.row_key();
    // Only rows whose turn it is make a request, whoever scheduled them.
    let Some(turn) = shared.lock().queue.under_way_as(key) else {
        return Ok(());
    };
    let now = protocol.unix_ms().await;
    if !shared.lock().queue.may_begin(key, now) {
        // A pause began after the row was chosen.
        shared.lock().queue.release(key, now);
        return Ok(());
    }
    let Some((mut message, operation)) = message_of(protocol, key).await else {
        return Ok(());
    };
    let account = shared.lock().account_of(&message);
    if shared.lock().queue.account_of_turn(key).as_ref() != Some(&account) {
        // It was chosen as a message to another account: it waits for its turn there.
        shared.lock().queue.proceed(key, turn.stage, now, Some(account));
        pump(protocol, shared).await;
        return Ok(());
    }
    let Some(authorization) = account::authorization(protocol, shared, &account).await else {
        let reason = format!("the key of {account} is not known: set Platform, address and key back to go on there");
        return fail(protocol, shared, message, &reason, now).await;
    };
    let service = account.service();
    let target = address(&shared.lock(), &account, &message, operation);
    let call = match turn.stage {
        Stage::Confirm => service.status(&message.request_id),
        Stage::Look if operation.repeat() == Repeat::Adds => service.marks(operation, &target),
        Stage::Look => service.alert(&shared.lock().known.prefixes.renamed(&account, operation, &target)),
        Stage::Compare => service.alert(&created(&message)),
        Stage::Send | Stage::Find => {
            if message.attempts == 0 && cleared::left_out(protocol, shared, &message, now).await {
                pump(protocol, shared).await;
                return Ok(());
            }
            let mut fields = marked(operation, message.fields(), key);
            if service != Service::Opsgenie && recipients::lacks_ids(&fields) {
                recipients::identify(&mut fields, &recipients::ids(protocol, &account).await);
            }
            match service.plan(operation, &target, &fields) {
                Plan::Find(call) => {
                    shared.lock().queue.turn_into(key, Stage::Find);
                    call
                }
                Plan::Send { call, remark } => {
                    shared.lock().queue.turn_into(key, Stage::Send);
                    let elsewhere = account != shared.lock().queue.gates.present;
                    let where_to = elsewhere.then(|| format!("on {account}"));
                    message.sending([remark, where_to], &account, now);
                    // Written down before the request leaves.
                    protocol.set_row(OPSGENIE_OPERATIONS, key, message.changes()).await;
                    call
                }
                Plan::Unavailable(reason) => return fail(protocol, shared, message, &reason, now).await,
            }
        }
    };
    let mut request = timer_request(call, &authorization);
    if account == shared.lock().queue.gates.present {
        account::keep_first(protocol, shared, &account, &authorization).await;
    } else {
        request.url.insert_str(0, account.address());
    }
    protocol.return_request(request).await;
    Ok(())
}

/// A message that cannot be sent.
async fn fail(protocol: &SlProtocol, shared: &Shared, mut message: Message, reason: &str, now: i64) -> QActionResult {
    let course = message.fail(reason, now);
    protocol
        .set_row(OPSGENIE_OPERATIONS, &*message.id, message.changes())
        .await;
    shared.lock().settle(&message, course);
    pump(protocol, shared).await;
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
    let (account, is_present, was_open, open_before, closed, key_changed_at) = {
        let state = shared.lock();
        let account = state.queue.account_of_turn(key).unwrap_or_default();
        let alias = message.target.value.as_str();
        let known = state.known.get(&account, alias);
        let closed = known.filter(|known| !known.open && !known.alert_id.is_empty());
        let closed = closed.map(|known| Arc::clone(&known.alert_id));
        let created_here = known.is_some();
        let open_before = state.known.is_open(&account, alias).then_some(message.state_since);
        let is_present = account == state.queue.gates.present;
        (
            account,
            is_present,
            created_here || message.unanswered > 0,
            open_before,
            closed,
            state.key_changed_at,
        )
    };
    let refusal = match (&protocol.facts().result, stage) {
        (TimerResult::Response(response), Stage::Confirm | Stage::Look) if is_present => {
            shared.lock().question_answered(response.status, now)
        }
        _ => Refusal::Passing,
    };
    let sent = Sent {
        operation,
        unanswered: message.unanswered,
        service: account.service(),
        confirms: protocol.get_number(CONFIRMATION).await != 0.0,
        was_open,
    };
    let waiting = confirm::Waiting {
        operation,
        waited_ms: now - message.state_since,
        was_open,
        can_look: sent.service.can_look(),
        refusal,
    };
    let result = &protocol.facts().result;
    let verdict = match (stage, result) {
        (Stage::Compare, TimerResult::Response(_) | TimerResult::Failed(_)) => {
            let ids = recipients::ids(protocol, &account).await;
            Some(compared(shared, &message, &ids, result, now))
        }
        _ => verdict(turn, &message, sent, waiting, (open_before, closed.as_deref()), result),
    };
    let Some(mut verdict) = verdict else {
        shared.lock().queue.release(key, now);
        return Ok(());
    };
    // A refusal of the key before is nothing against the one there is now.
    if is_present && turn.begun < key_changed_at && matches!(verdict.platform, Platform::Refuses(_)) {
        verdict.platform = Platform::Answers;
    }
    if let Platform::Busy { ms } = &mut verdict.platform {
        // So that not all elements of an account come back at the same moment.
        *ms += spread((*ms / 10).min(2_000), key, turn.asked);
    }
    let authorization = account::authorization(protocol, shared, &account)
        .await
        .unwrap_or_default();
    hide_key(&mut verdict, &authorization);
    let heard = matches!(verdict.next, Next::Confirm { .. } | Next::Complete { .. });
    if is_present && heard && turn.begun >= key_changed_at {
        account::keep(protocol, shared, &account, &authorization).await;
    }
    if !is_present {
        let since = if stage == Stage::Send {
            message.received_at
        } else {
            message.state_since
        };
        outcome::give_up(operation, &mut verdict, now - since);
    }
    let fails =
        matches!(verdict.next, Next::Resend { .. } | Next::Back { .. }) || verdict.platform != Platform::Answers;
    let is_untouched = stage == Stage::Send && open_before.is_none() && was_not_looked_at(&verdict);
    let steps_aside = !is_present && fails;
    shared.lock().known.prefixes.learn(&account, &message, &verdict.next);
    if matches!(verdict.next, Next::Found { .. }) {
        // The id means nothing elsewhere.
        message.account = account.clone();
    }
    let course = match responders_of(shared, stage, &verdict, &message, open_before.is_some(), now) {
        Follows::Look => {
            let Next::Complete { result, alert } = verdict.next else {
                return Ok(());
            };
            let course = message.compare(&alert, now);
            shared.lock().compared.wait(&message.id, result, alert);
            course
        }
        Follows::Complete(wrong) => {
            if let (Next::Complete { result, .. }, Some(wrong)) = (&mut verdict.next, wrong) {
                *result = format!("{result}; {wrong}");
            }
            message.settle(stage, &verdict, turn.asked, now)
        }
    };
    if is_untouched {
        // Nothing of it is there: it goes wherever the present platform is by then.
        message.account = Account::default();
    }
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
        state.queue.hear(&account, &verdict.platform, now);
        if steps_aside {
            state.queue.step_aside(key);
        }
    }
    if is_present {
        let responding = !matches!(verdict.platform, Platform::Gone { .. });
        protocol.communication_state(PLATFORM, responding).await;
    }
    pump(protocol, shared).await;
    Ok(())
}

/// Whether the platform did not even look at what was sent.
const fn was_not_looked_at(verdict: &Verdict) -> bool {
    matches!(verdict.next, Next::Back { .. }) || matches!(verdict.platform, Platform::Gone { sent: false, .. })
}

/// Where the alert of a message is found: by its id, where the platform gave it another alias, or knows ids only.
fn address(state: &SharedState, account: &Account, message: &Message, operation: Operation) -> Target {
    let by_id = |id: &str| Target {
        kind: Identifier::Id,
        value: id.to_owned(),
    };
    let target = &message.target;
    if operation == Operation::Create || target.kind != Identifier::Alias {
        return target.clone();
    }
    let needs_id = account.service() == Service::Operations;
    if needs_id && !message.alert_id.is_empty() {
        return by_id(&message.alert_id);
    }
    match state.known.get(account, &target.value) {
        Some(known) if known.open && !known.alert_id.is_empty() && (known.rewritten || needs_id) => {
            by_id(&known.alert_id)
        }
        Some(_) | None => target.clone(),
    }
}

/// What follows for a message of which a verdict came: a create that was confirmed may have got other responders.
fn responders_of(
    shared: &Shared,
    stage: Stage,
    verdict: &Verdict,
    message: &Message,
    was_open: bool,
    now: i64,
) -> Follows {
    let is_confirmed =
        matches!((stage, &verdict.next), (Stage::Confirm, Next::Complete { alert, .. }) if alert.alert_id.is_some());
    if !is_confirmed || message.operation != Some(Operation::Create) {
        return Follows::Complete(None);
    }
    shared.lock().compared.follows(&message.fields(), was_open, now)
}

/// The alert of a create was looked at, or not: the create is complete in any case.
fn compared(shared: &Shared, message: &Message, ids: &Ids, result: &TimerResult, now: i64) -> Verdict {
    let mut state = shared.lock();
    let waited = state.compared.waited(&message.id);
    let response = match result {
        TimerResult::Response(response) => Some(response),
        TimerResult::Failed(_) | TimerResult::NotPolled | TimerResult::Responses(_) => None,
    };
    let fields = message.fields();
    let seen = response.and_then(|response| responders::of_answer(&fields, ids, response));
    if let Some(wrong) = &seen {
        state.compared.saw(&fields, wrong.clone(), now);
    }
    responders::completed(response.map(AsRef::as_ref), waited, seen.flatten().as_deref())
}

/// The alert that a create has made, by its id.
fn created(message: &Message) -> Target {
    Target {
        kind: Identifier::Id,
        value: message.alert_id.clone(),
    }
}

/// A message that waited behind a create that failed: there is no alert it could be about.
async fn settle_orphan(protocol: &SlProtocol, shared: &Shared, key: &Key, operation: Operation, now: i64) {
    if operation == Operation::Close {
        drop_unsent(protocol, shared, key, "nothing to close: the create failed", now).await;
        return;
    }
    let Some((mut message, _)) = message_of(protocol, key).await else {
        shared.lock().forget(key);
        return;
    };
    let course = message.fail("create failed: there is no alert", now);
    protocol.set_row(OPSGENIE_OPERATIONS, key, message.changes()).await;
    shared.lock().settle(&message, course);
}

/// The message of a row, with its operation; none when there is none.
pub(super) async fn message_of(protocol: &SlProtocol, key: &str) -> Option<(Message, Operation)> {
    let cells = protocol.get_row(OPSGENIE_OPERATIONS, key).await?;
    let message = Message::from_cells(&cells)?;
    let operation = message.operation?;
    Some((message, operation))
}

/// What an exchange means; none when there was no exchange.
fn verdict(
    turn: Turn,
    message: &Message,
    sent: Sent,
    waiting: confirm::Waiting,
    (open_before, closed): (Option<i64>, Option<&str>),
    result: &TimerResult,
) -> Option<Verdict> {
    let verdict = match (turn.stage, result) {
        // One request a row: there is never more than one response.
        (_, TimerResult::NotPolled | TimerResult::Responses(_)) => return None,
        (Stage::Send, TimerResult::Response(response)) => outcome::of_answer(sent, response),
        (Stage::Send, TimerResult::Failed(error)) => outcome::of_failure(sent, error),
        (Stage::Confirm, TimerResult::Response(response)) => confirm::of_answer(waiting, response),
        (Stage::Confirm, TimerResult::Failed(error)) => confirm::of_failure(error),
        (Stage::Find, TimerResult::Response(response)) => find::of_answer(waiting, turn.asked, response),
        (Stage::Find, TimerResult::Failed(error)) => find::of_failure(error),
        (Stage::Look, TimerResult::Response(response)) => {
            let sought = look::Sought {
                id: &message.id,
                operation: sent.operation,
                fields: &message.fields(),
                accepted: message.state != State::Sending,
                open_before,
                closed,
                refusal: waiting.refusal,
                asked: turn.asked,
            };
            look::of_answer(sought, response)
        }
        (Stage::Look, TimerResult::Failed(error)) => look::of_failure(error),
        (Stage::Compare, TimerResult::Response(_) | TimerResult::Failed(_)) => return None,
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
        | Next::Back { result } => Some(result),
        Next::Found { .. } => None,
    };
    if let Some(result) = result {
        *result = without_key(result, authorization);
    }
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
    headers.extend(call.content_type.map(|kind| ("Content-Type".to_owned(), kind)));
    TimerRequest {
        method: call.verb.to_owned(),
        url: call.url,
        headers,
        body: Arc::from(call.body),
        timeout: None,
        certificate: TimerCertificate::AsConnection,
        further: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::opsgenie::operation::Fields;

    #[test]
    fn a_request_carries_the_key_in_its_header_only() {
        let call = Call::json("POST", "/v2/alerts".to_owned(), Fields::new());
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
