//! The hidden tables: which messages are finished, and which alerts are known, kept for the next start.

use std::sync::Arc;

use crate::connectors::opsgenie::known::{COLUMNS, Known};
use crate::connectors::opsgenie::parameters::{FINISHED_MESSAGES, KNOWN_ALERTS};
use crate::connectors::opsgenie::restore::rows;
use crate::connectors::opsgenie::shared::{Shared, Unwritten};
use crate::engine::qaction::CellAction;
use crate::engine::sl_protocol::{SlProtocol, lenient_number};
use crate::model::id::ParamId;
use crate::model::value::Value;

/// Writes what is to be remembered, and removes what is forgotten.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
pub(super) async fn store(protocol: &SlProtocol, shared: &Shared, now: i64) {
    let (unwritten, old_messages, old_alerts) = {
        let mut state = shared.lock();
        let unwritten = std::mem::take(&mut state.unwritten);
        (unwritten, state.finished.take_old(now), state.known.take_old(now))
    };
    for unwritten in unwritten {
        match unwritten {
            Unwritten::Finished(id, at) => {
                write(
                    protocol,
                    FINISHED_MESSAGES,
                    &id,
                    vec![id.as_ref().into(), (at as f64).into()],
                )
                .await;
            }
            Unwritten::Known(place) => {
                let Some(known) = shared.lock().known.get(&place.account, &place.alias).cloned() else {
                    continue;
                };
                write(protocol, KNOWN_ALERTS, &place.key(), known.cells(&place)).await;
            }
        }
    }
    if !old_messages.is_empty() {
        protocol.delete_rows(FINISHED_MESSAGES, old_messages).await;
    }
    if !old_alerts.is_empty() {
        protocol.delete_rows(KNOWN_ALERTS, old_alerts).await;
    }
}

/// Writes a row, which is added when it is not there.
pub(super) async fn write(protocol: &SlProtocol, table: ParamId, key: &str, cells: Vec<Value>) {
    if protocol.exists(table, key).await {
        let changes = cells.into_iter().map(CellAction::Set).collect();
        protocol.set_row(table, key, changes).await;
    } else {
        protocol.add_row_return_key(table, cells).await;
    }
}

/// Reads the tables at the start.
#[expect(clippy::cast_possible_truncation, reason = "the cells hold what `store` wrote")]
pub(super) async fn read(protocol: &SlProtocol, shared: &Shared) {
    let finished = protocol
        .get_columns(FINISHED_MESSAGES, &[0, 1])
        .await
        .unwrap_or_default();
    let known: Vec<usize> = (0..COLUMNS).collect();
    let known = protocol.get_columns(KNOWN_ALERTS, &known).await.unwrap_or_default();
    let known = rows(known);
    let known: Vec<_> = known.iter().filter_map(|cells| Known::from_cells(cells)).collect();
    // They are written again, under a key with the account.
    let nameless = known.iter().filter(|(place, _)| !place.account.is_known());
    let nameless: Vec<_> = nameless.map(|(place, _)| Arc::clone(&place.alias)).collect();
    {
        let mut state = shared.lock();
        let present = state.queue.gates.present.clone();
        for (mut place, alert) in known {
            if !place.account.is_known() {
                place.account = present.clone();
                state.unwritten.push(Unwritten::Known(place.clone()));
            }
            state.known.insert(place, alert);
        }
    }
    if !nameless.is_empty() {
        store(protocol, shared, protocol.unix_ms().await).await;
        protocol.delete_rows(KNOWN_ALERTS, nameless).await;
    }
    let mut state = shared.lock();
    for cells in rows(finished) {
        if let [id, at] = cells.as_slice() {
            state.finished.insert(&id.to_text(), lenient_number(at) as i64);
        }
    }
}
