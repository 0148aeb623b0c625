//! Close Open Alerts: queues a close for each alert that this element has open on the platform. Before a change of platform:
//! the new one does not know the alerts of the old one.

use serde_json::json;

use crate::connectors::opsgenie::pump::pump;
use crate::connectors::opsgenie::received::take_in;
use crate::connectors::opsgenie::restore::restore_once;
use crate::connectors::opsgenie::shared::Shared;
use crate::engine::effect::LogLevel;
use crate::engine::qaction::QActionResult;
use crate::engine::sl_protocol::SlProtocol;

/// QAction 80: the button.
pub(super) async fn pressed(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    restore_once(protocol, shared).await;
    let user = protocol.facts().user.clone();
    let aliases = shared.lock().open_aliases();
    let count = aliases.len();
    let closes = aliases.iter().map(|alias| {
        json!({"op": "close", "alias": &**alias, "user": "DataMiner", "source": "DataMiner",
            "note": "closed by an operator of DataMiner, before the platform is changed"})
    });
    let text = serde_json::Value::Array(closes.collect()).to_string();
    let result = if count == 0 {
        pump(protocol, shared).await;
        Ok(())
    } else {
        take_in(protocol, shared, &text).await
    };
    let told = format!("Close Open Alerts by {user}: {count} alerts are to be closed");
    protocol.log(LogLevel::Info, told).await;
    result
}
