//! Alarms that cleared while nothing could be sent: they are left out, where an operator wants that.

use crate::connectors::opsgenie::message::Message;
use crate::connectors::opsgenie::operation::Operation;
use crate::connectors::opsgenie::parameters::{DROP_CLEARED, DROP_CLEARED_AFTER};
use crate::connectors::opsgenie::pump::milliseconds;
use crate::connectors::opsgenie::received::drop_unsent;
use crate::connectors::opsgenie::shared::Shared;
use crate::engine::sl_protocol::SlProtocol;

/// Alarms that cleared while nothing could be sent are left out, where an operator wants that: the create, its close, and
/// what stands between. Not when the alert was open before: then the close is about that one.
pub(super) async fn left_out(protocol: &SlProtocol, shared: &Shared, create: &Message, now: i64) -> bool {
    if create.operation != Some(Operation::Create) || protocol.get_number(DROP_CLEARED).await == 0.0 {
        return false;
    }
    let least = milliseconds(protocol.get_number(DROP_CLEARED_AFTER).await);
    if now - create.received_at < least {
        return false;
    }
    let cleared = {
        let state = shared.lock();
        let behind = state.queue.behind(&create.id);
        match behind.iter().position(|(_, operation)| *operation == Operation::Close) {
            Some(close) if !state.known.is_open(&state.queue.gates.present, &create.target.value) => {
                behind[..=close].to_vec()
            }
            Some(_) | None => return false,
        }
    };
    let keys = cleared.iter().map(|(key, _)| key).chain([&create.id]);
    for key in keys {
        drop_unsent(protocol, shared, key, "not sent: the alarm cleared meanwhile", now).await;
    }
    true
}
