//! Retry: the messages in error are queued again, behind those that wait. What could not be read cannot be sent either.

use crate::connectors::opsgenie::message::{Course, Message, Stage};
use crate::connectors::opsgenie::parameters::OPSGENIE_OPERATIONS;
use crate::connectors::opsgenie::pump::pump;
use crate::connectors::opsgenie::restore::restore_once;
use crate::connectors::opsgenie::sending::message_of;
use crate::connectors::opsgenie::shared::Shared;
use crate::engine::effect::LogLevel;
use crate::engine::qaction::QActionResult;
use crate::engine::sl_protocol::SlProtocol;

/// QAction 53: the button.
pub(super) async fn pressed(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    restore_once(protocol, shared).await;
    let now = protocol.unix_ms().await;
    let keys = shared.lock().errors();
    let mut messages: Vec<Message> = Vec::with_capacity(keys.len());
    for key in &keys {
        if let Some((message, _)) = message_of(protocol, key).await {
            messages.push(message);
        }
    }
    // In the order in which they came.
    messages.sort_by_key(|message| message.sequence);
    for message in &mut messages {
        let sequence = {
            let mut state = shared.lock();
            state.leave_errors(&message.id);
            state.queue.next_sequence()
        };
        message.retry(sequence, now);
        protocol
            .set_row(OPSGENIE_OPERATIONS, &message.id, message.changes())
            .await;
        let course = Course::Open {
            stage: Stage::Send,
            due: now,
        };
        shared.lock().enter(message, course);
    }
    let user = &protocol.facts().user;
    let text = format!("Retry by {user}: {} messages in error are queued again", messages.len());
    protocol.log(LogLevel::Info, text).await;
    pump(protocol, shared).await;
    Ok(())
}
