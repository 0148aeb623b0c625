//! What people see of a run: the log, messages, values pushed to clients.
//!
//! Rules: QAP-22, QAP-25, QAP-26, QA-33, CHG-23.

use crate::engine::effect::LogLevel;
use crate::engine::port::Call;
use crate::engine::sl_protocol::SlProtocol;
use crate::model::id::ParamId;

impl SlProtocol {
    /// `Log`: a line in the element log, cut at 5,120 characters (QAP-25).
    pub async fn log(&self, level: LogLevel, text: impl Into<String>) {
        self.call(Call::Log(level, text.into())).await;
    }

    /// `ShowInformationMessage`: to the client that caused this run directly, by a write or a context menu; where none
    /// did, an information event (QA-33, QAP-26).
    pub async fn show_information_message(&self, text: impl Into<String>) {
        self.call(Call::Message(text.into(), self.facts.trigger_parameter))
            .await;
    }

    /// `SendToDisplay` (123): shows the value in memory without any event (CHG-23).
    pub async fn send_to_display(&self, id: ParamId) {
        self.call(Call::SendToDisplay(id)).await;
    }

    /// `SendToDisplay` of rows: shows their cells as memory has them, without any event (QAP-22).
    pub async fn send_rows_to_display(&self, table: ParamId, keys: &[&str]) {
        for &key in keys {
            self.call(Call::SendRowToDisplay(table, key.into())).await;
        }
    }

    /// `NT_INVALIDATE` (307): marks parameters as invalid or valid for clients. Taken, and nothing follows: clients here
    /// show values as they are.
    pub const fn invalidate(&self, _: &[ParamId]) {}
}
