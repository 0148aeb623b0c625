//! Clear Table: removes the messages in error, and no others.

use crate::engine::effect::LogLevel;
use crate::engine::qaction::QActionResult;
use crate::engine::sl_protocol::SlProtocol;

use crate::connectors::opsgenie::parameters::OPSGENIE_OPERATIONS;
use crate::connectors::opsgenie::pump::pump;
use crate::connectors::opsgenie::restore::restore_once;
use crate::connectors::opsgenie::shared::Shared;

/// QAction 52: the button.
pub(super) async fn pressed(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    restore_once(protocol, shared).await;
    let errors = shared.lock().take_errors();
    let count = errors.len();
    if count > 0 {
        protocol.delete_rows(OPSGENIE_OPERATIONS, errors).await;
    }
    let user = &protocol.facts().user;
    protocol
        .log(
            LogLevel::Info,
            format!("Clear Table by {user}: {count} messages in error removed"),
        )
        .await;
    pump(protocol, shared).await;
    Ok(())
}
