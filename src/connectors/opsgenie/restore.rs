//! The start of an element: the rows of the table become the queue again, in every state they may be in.

use crate::engine::effect::LogLevel;
use crate::engine::qaction::QActionResult;
use crate::engine::sl_protocol::SlProtocol;
use crate::model::value::Value;

use crate::connectors::opsgenie::hold::Flow;
use crate::connectors::opsgenie::message::Message;
use crate::connectors::opsgenie::parameters::{
    AUTHORIZATION, OPSGENIE_OPERATIONS, PAUSED_UNTIL, QUEUE_LIMIT, TEAMS_POLL_STATUS,
};
use crate::connectors::opsgenie::pump::pump;
use crate::connectors::opsgenie::received::row_limit;
use crate::connectors::opsgenie::row::Column;
use crate::connectors::opsgenie::shared::Shared;
use crate::connectors::opsgenie::{account, history, notice, teams};

/// QAction 2: the element has started.
pub(super) async fn started(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    if protocol.get_text(AUTHORIZATION).await.is_empty() {
        protocol.set(TEAMS_POLL_STATUS, "No API key").await;
    }
    teams::aim(protocol).await;
    notice::show(protocol).await;
    restore_once(protocol, shared).await;
    pump(protocol, shared).await;
    Ok(())
}

/// Makes the queue from the table, the first time it is called. A message may arrive before QAction 2 has run.
pub(super) async fn restore_once(protocol: &SlProtocol, shared: &Shared) {
    if shared.lock().restored {
        return;
    }
    let has_key = !protocol.get_text(AUTHORIZATION).await.is_empty();
    let all: Vec<usize> = Column::ALL.into_iter().map(|column| column as usize).collect();
    let columns = protocol
        .get_columns(OPSGENIE_OPERATIONS, &all)
        .await
        .unwrap_or_default();
    let present = account::present(protocol).await;
    let limit = row_limit(protocol.get_number(QUEUE_LIMIT).await);
    let now = protocol.unix_ms().await;
    let paused_until = protocol.get_number(PAUSED_UNTIL).await;
    let mut messages: Vec<Message> = rows(columns)
        .iter()
        .filter_map(|cells| Message::from_cells(cells))
        .collect();
    let mut changed = Vec::new();
    {
        let mut state = shared.lock();
        if std::mem::replace(&mut state.restored, true) {
            return;
        }
        state.queue.change_account(present.clone());
        state.queue.gates.here.flow = match Flow::at_start(has_key) {
            Flow::Running => paused(paused_until, now),
            flow => flow,
        };
        state.room.limit = limit;
    }
    history::read(protocol, shared).await;
    {
        let mut state = shared.lock();
        for message in &mut messages {
            let before = message.clone();
            let course = message.resume(&present, now);
            state.enter(message, course);
            if *message != before {
                changed.push(message.clone());
            }
        }
    }
    for message in &changed {
        protocol
            .set_row(OPSGENIE_OPERATIONS, &message.id, message.changes())
            .await;
    }
    if !changed.is_empty() {
        let text = format!("{} messages were being sent when the element stopped", changed.len());
        protocol.log(LogLevel::Info, text).await;
    }
}

/// The flow of an element that stopped in a pause, or not. A clock that was set back makes no pause longer than one can be.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the parameter holds what `keep_pause` wrote"
)]
const fn paused(until: f64, now: i64) -> Flow {
    const LONGEST_MS: i64 = 3_700_000;
    let until = until as i64;
    if until > now && until - now <= LONGEST_MS {
        return Flow::Throttled { until };
    }
    Flow::Running
}

/// Columns as rows.
pub(super) fn rows(columns: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let count = columns.first().map_or(0, Vec::len);
    let mut rows = vec![Vec::with_capacity(columns.len()); count];
    for column in columns {
        for (row, cell) in rows.iter_mut().zip(column) {
            row.push(cell);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn columns_become_rows() {
        let columns = vec![vec!["a".into(), "b".into()], vec![1.0.into(), 2.0.into()]];
        assert_eq!(rows(columns), [["a".into(), 1.0.into()], ["b".into(), 2.0.into()]]);
        assert!(rows(Vec::new()).is_empty());
    }
}
