//! The intake: a set of Message → rows of Opsgenie Operations, stored before the set returns.

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::intake::{Habits, Intake};
use crate::connectors::opsgenie::mapping::{AliasOf, Choices, ValueChanges};
use crate::connectors::opsgenie::parameters::{
    ALIAS_OF, COALESCE_UPDATES, DEFAULT_TEAM, ERROR_PRIORITY, EXPAND_CREATES, MESSAGE, OPSGENIE_OPERATIONS,
    QUEUE_LIMIT, RAISE_INFORMATION, TIMEOUT_PRIORITY, VALUE_CHANGES,
};
use crate::connectors::opsgenie::pump::pump;
use crate::connectors::opsgenie::queue::Key;
use crate::connectors::opsgenie::restore::restore_once;
use crate::connectors::opsgenie::room::MOST_ROWS;
use crate::connectors::opsgenie::sending::message_of;
use crate::connectors::opsgenie::shared::Shared;
use crate::engine::effect::LogLevel;
use crate::engine::qaction::{QActionError, QActionResult};
use crate::engine::sl_protocol::SlProtocol;

/// QAction 51: somebody hands over a message.
pub(super) async fn received(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    restore_once(protocol, shared).await;
    let text = protocol.get_text(MESSAGE).await;
    take_in(protocol, shared, &text, None).await
}

/// A text becomes rows, whose messages go to the present account unless another one is given.
pub(super) async fn take_in(
    protocol: &SlProtocol,
    shared: &Shared,
    text: &str,
    account: Option<Account>,
) -> QActionResult {
    let habits = habits(protocol, account).await;
    let limit = row_limit(protocol.get_number(QUEUE_LIMIT).await);
    let now = protocol.unix_ms().await;
    let intake = {
        let mut state = shared.lock();
        state.room.limit = limit;
        state.receive(text, &habits, now)
    };
    let Intake {
        messages,
        needless,
        mut refused,
    } = intake;
    for message in &messages {
        match protocol.add_row_return_key(OPSGENIE_OPERATIONS, message.cells()).await {
            Some(_) => shared.lock().enter_received(message, now),
            None => refused += 1,
        }
    }
    for (key, by) in needless {
        drop_unsent(protocol, shared, &key, &format!("not sent: replaced by {by}"), now).await;
    }
    pump(protocol, shared).await;
    if refused > 0 {
        let text = format!("{refused} messages were refused: the queue is full, of {limit} rows at most");
        protocol.log(LogLevel::Error, text.as_str()).await;
        return Err(QActionError(text));
    }
    Ok(())
}

/// A row that waits is completed without being sent.
pub(super) async fn drop_unsent(protocol: &SlProtocol, shared: &Shared, key: &Key, reason: &str, now: i64) {
    let Some((mut message, _)) = message_of(protocol, key).await else {
        shared.lock().forget(key);
        return;
    };
    message.drop_unsent(reason, now);
    protocol.set_row(OPSGENIE_OPERATIONS, key, message.changes()).await;
    shared.lock().settle_unsent(&message);
}

/// What an operator chose.
async fn habits(protocol: &SlProtocol, account: Option<Account>) -> Habits {
    let is_on = |number: f64| number != 0.0;
    Habits {
        choices: Choices {
            timeout: priority(protocol.get_number(TIMEOUT_PRIORITY).await),
            error: priority(protocol.get_number(ERROR_PRIORITY).await),
            information: is_on(protocol.get_number(RAISE_INFORMATION).await),
            alias: match protocol.get_number(ALIAS_OF).await {
                2.0 => AliasOf::Parameter,
                _ => AliasOf::AlarmTree,
            },
            value_changes: match protocol.get_number(VALUE_CHANGES).await {
                0.0 => ValueChanges::Ignored,
                2.0 => ValueChanges::All,
                _ => ValueChanges::OnceAMinute,
            },
            default_team: Some(protocol.get_text(DEFAULT_TEAM).await.trim().to_owned()).filter(|team| !team.is_empty()),
        },
        coalesces: is_on(protocol.get_number(COALESCE_UPDATES).await),
        expands: is_on(protocol.get_number(EXPAND_CREATES).await),
        account,
    }
}

fn priority(number: f64) -> String {
    format!("P{}", number.clamp(1.0, 5.0).round())
}

/// The most rows an operator wants; the most there are when that says nothing.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "between 1 and 100,000 after the clamp"
)]
pub(super) fn row_limit(number: f64) -> usize {
    if number >= 1.0 {
        number.min(MOST_ROWS as f64) as usize
    } else {
        MOST_ROWS
    }
}

#[cfg(test)]
mod tests {
    use super::{priority, row_limit};

    #[test]
    fn a_priority_is_one_of_five() {
        assert_eq!([0.0, 1.0, 5.0, 9.0].map(priority), ["P1", "P1", "P5", "P5"]);
    }

    #[test]
    fn the_queue_never_takes_more_rows_than_the_table() {
        assert_eq!([0.0, 1.0, 500.0, 1e9].map(row_limit), [100_000, 1, 500, 100_000]);
    }
}
