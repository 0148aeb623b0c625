//! The intake: a set of Message → rows of Opsgenie Operations, stored before the set returns.

use crate::engine::qaction::{QActionError, QActionResult};
use crate::engine::sl_protocol::SlProtocol;

use super::parameters::{MESSAGE, OPSGENIE_OPERATIONS};
use super::pump::pump;
use super::restore::restore_once;
use super::shared::Shared;

/// QAction 51: somebody hands over a message.
pub(super) async fn received(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    restore_once(protocol, shared).await;
    let text = protocol.get_text(MESSAGE).await;
    let now = protocol.unix_ms().await;
    let messages = shared.lock().receive(&text, now);
    let mut refused = 0;
    for message in &messages {
        match protocol.add_row_return_key(OPSGENIE_OPERATIONS, message.cells()).await {
            Some(_) => shared.lock().enter_received(message, now),
            None => refused += 1,
        }
    }
    pump(protocol, shared).await;
    if refused > 0 {
        return Err(QActionError(format!(
            "{refused} messages were lost: the table takes no more rows"
        )));
    }
    Ok(())
}
