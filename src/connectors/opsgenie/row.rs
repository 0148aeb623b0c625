//! A message as cells of Opsgenie Operations, and back.

use std::sync::Arc;

use crate::engine::qaction::CellAction;
use crate::engine::sl_protocol::lenient_number;
use crate::model::value::Value;

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::datetime::{ole_date, unix_ms};
use crate::connectors::opsgenie::message::{Message, State};
use crate::connectors::opsgenie::operation::Operation;
use crate::connectors::opsgenie::target::{Identifier, Target};

/// What the Operation column shows of a text that could not be read.
const UNREADABLE: &str = "unreadable";

/// The columns of Opsgenie Operations by idx.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    MessageID,
    Received,
    Operation,
    Alias,
    State,
    Result,
    Alert,
    Attempts,
    NextAttempt,
    RequestID,
    AlertID,
    Sequence,
    IdentifierType,
    ReceivedAt,
    StateSince,
    Unanswered,
    Remarks,
    Account,
}

impl Column {
    /// Every column, in order.
    pub(super) const ALL: [Self; 18] = [
        Self::MessageID,
        Self::Received,
        Self::Operation,
        Self::Alias,
        Self::State,
        Self::Result,
        Self::Alert,
        Self::Attempts,
        Self::NextAttempt,
        Self::RequestID,
        Self::AlertID,
        Self::Sequence,
        Self::IdentifierType,
        Self::ReceivedAt,
        Self::StateSince,
        Self::Unanswered,
        Self::Remarks,
        Self::Account,
    ];
}

impl Message {
    /// The cells of the row, by idx.
    pub(super) fn cells(&self) -> Vec<Value> {
        Column::ALL.into_iter().map(|column| self.cell(column)).collect()
    }

    /// The cells that moves change; the others are kept.
    pub(super) fn changes(&self) -> Vec<CellAction> {
        let change = |column| match column {
            Column::MessageID
            | Column::Received
            | Column::Operation
            | Column::Alias
            | Column::Alert
            | Column::IdentifierType
            | Column::ReceivedAt => CellAction::Leave,
            Column::State
            | Column::Result
            | Column::Attempts
            | Column::NextAttempt
            | Column::RequestID
            | Column::AlertID
            | Column::Sequence
            | Column::StateSince
            | Column::Unanswered
            | Column::Remarks
            | Column::Account => CellAction::Set(self.cell(column)),
        };
        Column::ALL.into_iter().map(change).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "counts and milliseconds are far below 2^53")]
    fn cell(&self, column: Column) -> Value {
        match column {
            Column::MessageID => Value::Text(Arc::clone(&self.id)),
            Column::Received => ole_date(self.received_at).into(),
            Column::Operation => self.operation.map_or(UNREADABLE, Operation::name).into(),
            Column::Alias => self.target.value.as_str().into(),
            Column::State => self.state.name().into(),
            Column::Result => self.result.as_str().into(),
            Column::Alert => Value::Text(Arc::clone(&self.alert)),
            Column::Attempts => f64::from(self.attempts).into(),
            // 0 is shown as not applicable.
            Column::NextAttempt => self.next_attempt.map_or(0.0, ole_date).into(),
            Column::RequestID => self.request_id.as_str().into(),
            Column::AlertID => self.alert_id.as_str().into(),
            Column::Sequence => (self.sequence as f64).into(),
            Column::IdentifierType => self.target.kind.name().into(),
            Column::ReceivedAt => (self.received_at as f64).into(),
            Column::StateSince => (self.state_since as f64).into(),
            Column::Unanswered => f64::from(self.unanswered).into(),
            Column::Remarks => self.remarks.as_str().into(),
            Column::Account => self.account.text().into(),
        }
    }

    /// The message of a row; none when the row has no key or no state.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cells hold what `cells` wrote; a cast of anything else saturates"
    )]
    pub(super) fn from_cells(cells: &[Value]) -> Option<Self> {
        let cell = |column: Column| cells.get(column as usize).unwrap_or(&Value::Uninitialised);
        let text = |column| cell(column).to_text().to_string();
        let number = |column| lenient_number(cell(column));
        let id = cell(Column::MessageID).to_text();
        if id.is_empty() {
            return None;
        }
        // The cell is a date with fewer digits than milliseconds: close enough to wait for.
        let next_attempt = Some(number(Column::NextAttempt)).filter(|date| *date > 0.0);
        Some(Self {
            id,
            operation: Operation::named(&text(Column::Operation)),
            target: Target {
                kind: Identifier::named(&text(Column::IdentifierType)).unwrap_or(Identifier::Alias),
                value: text(Column::Alias),
            },
            state: State::named(&text(Column::State))?,
            result: text(Column::Result),
            alert: cell(Column::Alert).to_text(),
            attempts: number(Column::Attempts) as u32,
            next_attempt: next_attempt.map(unix_ms),
            request_id: text(Column::RequestID),
            alert_id: text(Column::AlertID),
            sequence: number(Column::Sequence) as u64,
            received_at: number(Column::ReceivedAt) as i64,
            state_since: number(Column::StateSince) as i64,
            unanswered: number(Column::Unanswered) as u32,
            remarks: text(Column::Remarks),
            account: Account::of_text(&text(Column::Account)),
            rewritten: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::opsgenie::envelope::Received;
    use crate::connectors::opsgenie::operation::Fields;

    const NOW: i64 = 1_795_000_000_000;

    #[test]
    fn a_row_reads_back_as_the_message_it_was() {
        let received = Received {
            id: "m-1".to_owned(),
            number: 1,
            operation: Operation::Close,
            target: Target::alias("a-1"),
            fields: Fields::new(),
            remarks: Vec::new(),
            needless: None,
            patient: false,
        };
        let mut message = Message::queued(received, 7, NOW);
        message.sending([None, None], &Account::default(), NOW + 5);
        message.unanswered = 2;
        message.remarks = "cut".to_owned();
        message.target.kind = Identifier::Tiny;
        message.account = Account::of_text("1@https://here.test");
        message.next_attempt = Some(NOW + 1_000);
        assert_eq!(Message::from_cells(&message.cells()), Some(message));
    }

    #[test]
    fn a_row_without_key_or_state_is_no_message() {
        assert_eq!(Message::from_cells(&[]), None);
        assert_eq!(Message::from_cells(&["m-1".into()]), None);
    }

    #[test]
    fn an_unreadable_text_is_a_row_in_error() {
        let message = Message::unreadable("m-2".to_owned(), "{".to_owned(), "not valid JSON", 1, NOW);
        let cells = message.cells();
        assert_eq!(cells[Column::State as usize], "Error".into());
        assert_eq!(cells[Column::Operation as usize], "unreadable".into());
        assert_eq!(cells[Column::Result as usize], "not valid JSON".into());
        assert_eq!(cells[Column::Alert as usize], "{".into());
        assert_eq!(Message::from_cells(&cells), Some(message));
    }
}
