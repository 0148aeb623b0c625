//! What a run knows from its beginning: who it is, what caused it, its input and its row.
//!
//! Rules: QA-9, QA-10, QA-12, QA-24, QAP-17 to QAP-20.

use std::sync::Arc;

use crate::engine::port::{Answer, Call};
use crate::engine::qaction::{CellDetails, Input, RunFacts};
use crate::engine::sl_protocol::SlProtocol;
use crate::model::id::{ParamId, QActionId};
use crate::model::value::Value;

impl SlProtocol {
    /// The facts of this run.
    #[must_use]
    pub const fn facts(&self) -> &RunFacts {
        &self.facts
    }

    /// `QActionID`.
    #[must_use]
    pub const fn qaction_id(&self) -> QActionId {
        self.facts.qaction
    }

    /// `GetTriggerParameter`: what triggered this run; 0 when no parameter did.
    #[must_use]
    pub const fn trigger_parameter(&self) -> ParamId {
        self.facts.trigger_parameter
    }

    /// `DataMinerID`: there is one agent, number 1.
    #[must_use]
    pub const fn dataminer_id(&self) -> u32 {
        1
    }

    /// `ElementID`.
    #[must_use]
    pub const fn element_id(&self) -> u32 {
        self.facts.element_id
    }

    /// `ElementName`.
    #[must_use]
    pub fn element_name(&self) -> &str {
        &self.facts.element_name
    }

    /// `ProtocolName`.
    #[must_use]
    pub fn protocol_name(&self) -> &str {
        &self.facts.protocol_name
    }

    /// `ProtocolVersion`, which is `ElementProtocolVersion` too: an element has the version it names.
    #[must_use]
    pub fn protocol_version(&self) -> &str {
        &self.facts.protocol_version
    }

    /// `UserInfo`, and `UserCookie`, since a user has no session here: who outside caused the chain (CHG-22).
    #[must_use]
    pub fn user(&self) -> &str {
        &self.facts.user
    }

    /// `GetLocalDatabaseType`: a constant (QAP-29).
    #[must_use]
    pub const fn local_database_type(&self) -> &'static str {
        "SQLite"
    }

    /// `GetInputParameter`: by the 0-based place in `inputParameters`, as it was when the run started; uninitialised when
    /// there is none at that place, or when it is a table or bytes (QA-10).
    #[must_use]
    pub fn input(&self, place: usize) -> Value {
        match self.facts.input.get(place) {
            Some(Input::Value(value)) => value.clone(),
            Some(Input::Table(_) | Input::Bytes(_)) | None => Value::Uninitialised,
        }
    }

    /// The bytes of an input parameter of a QAction with `options="binary"`, by its place; none when it is a table (QA-11).
    #[must_use]
    pub fn input_bytes(&self, place: usize) -> Option<&[u8]> {
        match self.facts.input.get(place) {
            Some(Input::Bytes(bytes)) => Some(bytes),
            Some(Input::Value(_) | Input::Table(_)) | None => None,
        }
    }

    /// A column of a table that is an input parameter, by the table's place and the column's idx; none when the table
    /// had no rows (QA-12).
    #[must_use]
    pub fn input_column(&self, place: usize, idx: usize) -> Option<&[Value]> {
        match self.facts.input.get(place) {
            Some(Input::Table(columns)) => columns.get(idx)?.as_deref(),
            Some(Input::Value(_) | Input::Bytes(_)) | None => None,
        }
    }

    /// `RowKey`: the primary key of the row that triggered the run; empty otherwise.
    #[must_use]
    pub const fn row_key(&self) -> &Arc<str> {
        &self.facts.row_key
    }

    /// `RowIndex`: the 1-based position of the row that triggered the run; 0 otherwise.
    pub async fn row_index(&self) -> i64 {
        match self.facts.row_table {
            Some(table) => self.key_position(table, &self.facts.row_key).await,
            None => 0,
        }
    }

    /// `NewRow`: the cells by idx, each with a value where it was in the set; none without a row (QAP-18, QAP-19).
    #[must_use]
    pub fn new_row(&self) -> Option<&[Option<Value>]> {
        self.facts.row_table.map(|_| self.facts.new_row.as_slice())
    }

    /// `NewRow` with what is known of each cell: the time it is of, who set it, what people read (QAP-18).
    pub async fn new_row_details(&self) -> Option<Vec<Option<CellDetails>>> {
        let table = self.facts.row_table?;
        let cells = self.facts.new_row.clone();
        let texts = match self.call(Call::Displayed(table, cells.clone())).await {
            Answer::Texts(texts) => texts,
            _ => Vec::new(),
        };
        let mut texts = texts.into_iter();
        let details = cells.into_iter().enumerate().map(|(idx, cell)| {
            let display = texts.next().flatten();
            let mut times = self.facts.new_row_times.iter();
            Some(CellDetails {
                value: cell?,
                unix_ms: times
                    .find(|(of, _)| *of == idx)
                    .map_or(self.facts.unix_ms, |&(_, of)| of),
                user: Arc::clone(&self.facts.user),
                display: display.unwrap_or_default(),
            })
        });
        Some(details.collect())
    }

    /// `OldRow`: the cells by idx as they were, when the table preserves state; none otherwise (QAP-18, QAP-19).
    #[must_use]
    pub fn old_row(&self) -> Option<&[Value]> {
        self.facts.old_row.as_deref()
    }
}
