//! What a QAction sees of its element: DataMiner's `SLProtocol`.
//!
//! A QAction is `async`, but all it can await are the calls of its [`SlProtocol`]. Each call leaves a note for the
//! engine, which alone polls the QAction: it carries the call out with everything that it causes (triggers, actions,
//! nested QActions) and polls again. Observable order is that of synchronous calls (API-3, QA-14).
//!
//! Rules: API-1 to API-3, QAP-1 to QAP-33.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::engine::effect::LogLevel;
use crate::engine::port::{Answer, Call, Port, RowsChange, RowsRead};
use crate::engine::qaction::{CellAction, Fill, Input, KeyType, NOT_FOUND, RunFacts, TimerRequest};
use crate::model::id::{ActionId, ConnectionId, ParamId, TimerId, TriggerId};
use crate::model::moment::Span;
use crate::model::value::Value;

/// What a QAction sees of its element: DataMiner's `SLProtocol`.
pub struct SlProtocol {
    facts: RunFacts,
    port: Port,
}

/// Waits until the engine has carried out a call.
struct Pending<'a> {
    port: &'a Port,
    call: Option<Call>,
}

impl Future for Pending<'_> {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Answer> {
        let mut port = self.port.lock();
        if let Some(call) = self.call.take() {
            port.call = Some(call);
            return Poll::Pending;
        }
        port.answer.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl SlProtocol {
    /// A face for one run; the engine keeps the other end of the port.
    pub(super) fn new(facts: RunFacts) -> (Self, Port) {
        let port = Port::default();
        (
            Self {
                facts,
                port: Arc::clone(&port),
            },
            port,
        )
    }

    /// Leaves a call for the engine and waits for the answer.
    async fn call(&self, call: Call) -> Answer {
        Pending {
            port: &self.port,
            call: Some(call),
        }
        .await
    }

    async fn look_up(&self, rows: RowsRead) -> Answer {
        self.call(Call::LookUpRows(rows)).await
    }

    async fn change(&self, rows: RowsChange) -> Answer {
        self.call(Call::ChangeRows(rows)).await
    }

    /// The facts of this run.
    #[must_use]
    pub const fn facts(&self) -> &RunFacts {
        &self.facts
    }

    /// An input parameter by its 0-based place in `inputParameters`, as it was when the run started; uninitialised when
    /// there is none at that place, or when it is a table (QA-10).
    #[must_use]
    pub fn input(&self, place: usize) -> Value {
        match self.facts.input.get(place) {
            Some(Input::Value(value)) => value.clone(),
            Some(Input::Table(_)) | None => Value::Uninitialised,
        }
    }

    /// A column of a table that is an input parameter, by the table's place and the column's idx; none when the table
    /// had no rows (QA-12).
    #[must_use]
    pub fn input_column(&self, place: usize, idx: usize) -> Option<&[Value]> {
        match self.facts.input.get(place) {
            Some(Input::Table(columns)) => columns.get(idx)?.as_deref(),
            Some(Input::Value(_)) | None => None,
        }
    }

    /// The primary key of the row that triggered the run; empty otherwise.
    #[must_use]
    pub fn row_key(&self) -> &Arc<str> {
        &self.facts.row_key
    }

    /// `RowIndex`: the 1-based position of the row that triggered the run; 0 otherwise.
    pub async fn row_index(&self) -> i64 {
        match self.facts.row_table {
            Some(table) => self.key_position(table, &self.facts.row_key).await,
            None => 0,
        }
    }

    /// `GetParameter`: the raw value; 0 or `""` for an uninitialised one (PAR-101); none for an unknown id, with a log
    /// line.
    pub async fn get(&self, id: ParamId) -> Option<Value> {
        value(self.call(Call::Get(id)).await)
    }

    /// The value as a number, as C# converts it: 0 for null and for a text that is none (QAP-32).
    pub async fn get_number(&self, id: ParamId) -> f64 {
        self.get(id).await.map_or(0.0, |value| lenient_number(&value))
    }

    /// The value as text; empty for null (QAP-32).
    pub async fn get_text(&self, id: ParamId) -> Arc<str> {
        self.get(id).await.unwrap_or_default().to_text()
    }

    /// `IsEmpty`: whether the parameter is uninitialised (QAP-21).
    pub async fn is_empty(&self, id: ParamId) -> bool {
        truth(&self.call(Call::IsEmpty(id)).await)
    }

    /// `SetParameter`: always raises a change event, and returns when all that it caused is done (CHG-5, QA-14).
    /// [`Value::Uninitialised`] is null: nothing happens (CHG-16).
    pub async fn set(&self, id: ParamId, value: impl Into<Value>) -> u32 {
        first(self.call(Call::Set(vec![(id, value.into())])).await)
    }

    /// `SetParameters`: strictly in order, each with everything it causes before the next (CHG-17).
    pub async fn set_many(&self, values: Vec<(ParamId, Value)>) -> Vec<u32> {
        match self.call(Call::Set(values)).await {
            Answer::Results(results) => results,
            _ => Vec::new(),
        }
    }

    /// `SetParameterBinary`: stores without any event (CHG-15).
    pub async fn set_binary(&self, id: ParamId, value: impl Into<Value>) -> u32 {
        first(self.call(Call::SetBinary(id, value.into())).await)
    }

    /// `ClearParameter`: a parameter or a whole table becomes uninitialised or empty, also for clients (PAR-105).
    pub async fn clear(&self, id: ParamId) -> u32 {
        first(self.call(Call::Clear(id)).await)
    }

    /// `GetParameterIndexByKey`: a cell by 0-based idx; none when the row or column does not exist. An uninitialised
    /// cell is [`Value::Uninitialised`] (PAR-101).
    pub async fn get_cell(&self, table: ParamId, key: &str, idx: usize) -> Option<Value> {
        value(self.look_up(RowsRead::Cell(table, key.into(), idx)).await)
    }

    /// `GetRow`: the cells by idx; none when the row does not exist (QAP-9).
    pub async fn get_row(&self, table: ParamId, key: &str) -> Option<Vec<Value>> {
        match self.look_up(RowsRead::Row(table, key.into())).await {
            Answer::Values(cells) => cells,
            _ => None,
        }
    }

    /// `GetKeys`, in row order (QAP-10).
    pub async fn keys(&self, table: ParamId, kind: KeyType) -> Vec<Arc<str>> {
        keys(self.look_up(RowsRead::Keys(table, kind)).await)
    }

    /// `GetKeysForIndex`: the keys of the rows whose indexed column has the value, in any casing (QAP-11).
    pub async fn keys_for_index(&self, column: ParamId, value: impl Into<Value>) -> Vec<Arc<str>> {
        keys(self.look_up(RowsRead::KeysForIndex(column, value.into())).await)
    }

    /// `GetKeyPosition`: 1-based; 0 when the row does not exist (QAP-12).
    pub async fn key_position(&self, table: ParamId, key: &str) -> i64 {
        count(&self.look_up(RowsRead::KeyPosition(table, key.into())).await)
    }

    /// `Exists` (QAP-12).
    pub async fn exists(&self, table: ParamId, key: &str) -> bool {
        self.key_position(table, key).await > 0
    }

    /// `RowCount`; -1 when there is no such table (QAP-12).
    pub async fn row_count(&self, table: ParamId) -> i64 {
        count(&self.look_up(RowsRead::Count(table)).await)
    }

    /// `NT_GET_TABLE_COLUMNS` (321): the columns of these 0-based idx, in the same row order (QAP-13).
    pub async fn get_columns(&self, table: ParamId, idx: &[usize]) -> Option<Vec<Vec<Value>>> {
        match self.look_up(RowsRead::Columns(table, idx.to_vec())).await {
            Answer::Columns(columns) => columns,
            _ => None,
        }
    }

    /// `AddRow`: cells by idx, the key among them; does nothing to an existing row (TBL-70). Gives the key, which an
    /// autoincrement table makes; none when the row was refused.
    pub async fn add_row(&self, table: ParamId, cells: Vec<Value>) -> Option<Arc<str>> {
        match self.change(RowsChange::Add(table, cells)).await {
            Answer::Key(key) => key,
            _ => None,
        }
    }

    /// `SetRow`: cells by idx; null and a missing tail keep the cell (TBL-74). Gives which cells changed; none when the
    /// row does not exist.
    pub async fn set_row(&self, table: ParamId, key: &str, cells: Vec<CellAction>) -> Option<Vec<bool>> {
        match self.change(RowsChange::Set(table, key.into(), cells)).await {
            Answer::Flags(flags) => flags,
            _ => None,
        }
    }

    /// `SetParameterIndexByKey`: a cell by 0-based idx; whether it changed (TBL-78).
    pub async fn set_cell(&self, table: ParamId, key: &str, idx: usize, value: impl Into<Value>) -> bool {
        truth(
            &self
                .change(RowsChange::SetCell(table, key.into(), idx, value.into()))
                .await,
        )
    }

    /// `DeleteRow` with one key or several: the number of rows left (TBL-73).
    pub async fn delete_rows(&self, table: ParamId, keys: Vec<Arc<str>>) -> i64 {
        count(&self.change(RowsChange::Delete(table, keys)).await)
    }

    /// `ClearAllKeys`: 0 removed, -1 already empty, 1 failed (TBL-94).
    pub async fn clear_all_keys(&self, table: ParamId) -> i64 {
        count(&self.change(RowsChange::Clear(table)).await)
    }

    /// `FillArray` and `FillArrayNoDelete`: `columns[c][r]`, the first column being the keys (TBL-80 to TBL-87).
    /// Whether the table was filled.
    pub async fn fill_array(&self, table: ParamId, columns: Vec<Vec<CellAction>>, fill: Fill) -> bool {
        truth(&self.change(RowsChange::Fill(table, columns, fill)).await)
    }

    /// `FillArrayWithColumn`: one column for these keys; unknown keys become rows (TBL-89).
    pub async fn fill_column(
        &self,
        table: ParamId,
        column: ParamId,
        keys: Vec<Arc<str>>,
        values: Vec<CellAction>,
    ) -> bool {
        self.fill_columns(table, vec![column], keys, vec![values]).await
    }

    /// NT 220 and 336: several columns for these keys, `data[column][key]` (TBL-90). Whether the table was filled.
    pub async fn fill_columns(
        &self,
        table: ParamId,
        columns: Vec<ParamId>,
        keys: Vec<Arc<str>>,
        data: Vec<Vec<CellAction>>,
    ) -> bool {
        truth(&self.change(RowsChange::FillColumns(table, columns, keys, data)).await)
    }

    /// `CheckTrigger`: fires a trigger whatever its event, and returns when all that it caused is done (TRG-18).
    pub async fn check_trigger(&self, trigger: TriggerId) {
        self.call(Call::CheckTrigger(trigger)).await;
    }

    /// `NT_RUN_ACTION` (221): runs one action, condition included.
    pub async fn run_action(&self, action: ActionId) {
        self.call(Call::RunAction(action)).await;
    }

    /// `SendToDisplay`: shows the value in memory without any event (CHG-23).
    pub async fn send_to_display(&self, id: ParamId) {
        self.call(Call::SendToDisplay(id)).await;
    }

    /// `NT_CHANGE_COMMUNICATION_STATE` (249): whether a connection responds (TMO-17).
    pub async fn communication_state(&self, connection: ConnectionId, responding: bool) {
        self.call(Call::CommunicationState(connection, responding)).await;
    }

    /// Why the last exchange on a connection failed, without secrets; none when it succeeded. More than the product gives:
    /// there only communication triggers tell the kind of failure (TMO-16).
    pub async fn last_failure(&self, connection: ConnectionId) -> Option<Arc<str>> {
        match self.call(Call::LastFailure(connection)).await {
            Answer::Key(reason) => reason,
            _ => None,
        }
    }

    /// `NT_SCHEDULE_ROW_ON_TIMER` (229): queues a row of a multithreaded timer at once (MTT-25). Whether it was queued:
    /// not when the queue is full or the row is queued already.
    pub async fn schedule_row(&self, timer: TimerId, key: &str) -> bool {
        truth(&self.call(Call::ScheduleRow(timer, key.into())).await)
    }

    /// In a `qactionBefore`: the request to make for the row. Without it none is made (MTT-19).
    pub async fn return_request(&self, request: TimerRequest) {
        self.call(Call::TimerRequest(request)).await;
    }

    /// Waits, keeping the gate, as `Thread.Sleep` does.
    pub async fn sleep(&self, span: Span) {
        self.call(Call::Sleep(span)).await;
    }

    /// The wall clock, in milliseconds since 1970.
    pub async fn unix_ms(&self) -> i64 {
        count(&self.call(Call::Now).await)
    }

    /// `Log`: a line in the element log, cut at 5,120 characters (QAP-25).
    pub async fn log(&self, level: LogLevel, text: impl Into<String>) {
        self.call(Call::Log(level, text.into())).await;
    }

    /// `IsActive`: whether the element still runs (ELM-12).
    pub async fn is_active(&self) -> bool {
        truth(&self.call(Call::IsActive).await)
    }
}

/// A value as a number, as C#'s `Convert` does for connectors: null is 0, and so is what is no number (QAP-32).
#[must_use]
pub fn lenient_number(value: &Value) -> f64 {
    match value {
        Value::Uninitialised => 0.0,
        Value::Number(number) => *number,
        Value::Text(text) => crate::model::value::parse_number(text).unwrap_or(0.0),
    }
}

fn value(answer: Answer) -> Option<Value> {
    match answer {
        Answer::Value(value) => value,
        _ => None,
    }
}

fn keys(answer: Answer) -> Vec<Arc<str>> {
    match answer {
        Answer::Keys(keys) => keys,
        _ => Vec::new(),
    }
}

fn first(answer: Answer) -> u32 {
    match answer {
        Answer::Results(results) => results.first().copied().unwrap_or(NOT_FOUND),
        _ => NOT_FOUND,
    }
}

const fn truth(answer: &Answer) -> bool {
    matches!(answer, Answer::Truth(true))
}

const fn count(answer: &Answer) -> i64 {
    match answer {
        Answer::Count(count) => *count,
        _ => 0,
    }
}
