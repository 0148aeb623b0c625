//! Closes what this element has opened, where it was opened: on the present platform, as before a change, or on those of
//! before, with their address and the key that was kept of each. The messages are like any others.

use std::sync::Arc;

use serde_json::json;

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::pump::pump;
use crate::connectors::opsgenie::received::take_in;
use crate::connectors::opsgenie::restore::restore_once;
use crate::connectors::opsgenie::shared::Shared;
use crate::engine::effect::LogLevel;
use crate::engine::qaction::QActionResult;
use crate::engine::sl_protocol::SlProtocol;

/// QAction 80: the button Close Open Alerts, for what is open on the present platform.
pub(super) async fn pressed(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    restore_once(protocol, shared).await;
    let present = shared.lock().queue.gates.present.clone();
    close(protocol, shared, "Close Open Alerts", &[present]).await
}

/// QAction 83: the button Close Former Alerts, for what is still open on platforms of before.
pub(super) async fn former_pressed(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    restore_once(protocol, shared).await;
    let accounts: Vec<Account> = {
        let state = shared.lock();
        let former = state.known.count_elsewhere(&state.queue.gates.present);
        former.into_iter().map(|(account, _)| account).collect()
    };
    close(protocol, shared, "Close Former Alerts", &accounts).await
}

/// Queues a close for each alert that is open in these accounts.
async fn close(protocol: &SlProtocol, shared: &Shared, button: &str, accounts: &[Account]) -> QActionResult {
    let user = protocol.facts().user.clone();
    let mut result = Ok(());
    if accounts.is_empty() {
        let told = format!("{button} by {user}: no alerts are to be closed");
        protocol.log(LogLevel::Info, told).await;
    }
    for account in accounts {
        let aliases = shared.lock().known.open_in(account);
        if !aliases.is_empty() {
            let taken = take_in(protocol, shared, &closes(&aliases), Some(account.clone())).await;
            result = result.and(taken);
        }
        let told = format!(
            "{button} by {user}: {} alerts of {account} are to be closed",
            aliases.len()
        );
        protocol.log(LogLevel::Info, told).await;
    }
    pump(protocol, shared).await;
    result
}

fn closes(aliases: &[Arc<str>]) -> String {
    let closes = aliases.iter().map(|alias| {
        json!({"op": "close", "alias": &**alias, "user": "DataMiner", "source": "DataMiner",
            "note": "closed by an operator of DataMiner, because the platform is changed"})
    });
    serde_json::Value::Array(closes.collect()).to_string()
}
