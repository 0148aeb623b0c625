//! QActions: code that runs on a change event, and what it sees of the element: the `SLProtocol` face.
//!
//! A QAction is `async`, but all it can await are the calls of its [`SlProtocol`]. Each call leaves a note for the
//! engine, which alone polls the QAction: it carries the call out with everything that it causes (triggers, actions,
//! nested QActions) and polls again. Observable order is that of synchronous calls (API-3, QA-14).
//!
//! Rules: QA-2 to QA-33, API-1 to API-3, QAP-1 to QAP-33.
//!
//! ```
//! use adit::engine::qaction::{QActionSet, SlProtocol};
//! use adit::model::id::{ParamId, QActionId};
//!
//! // QAction 1: parameter 11 becomes the double of parameter 10.
//! let mut qactions = QActionSet::default();
//! qactions.add(QActionId(1), |protocol: &SlProtocol| {
//!     Box::pin(async move {
//!         let value = protocol.get_number(ParamId(10)).await;
//!         protocol.set(ParamId(11), value * 2.0).await;
//!         Ok(())
//!     })
//! });
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;

use crate::engine::exchange::{ExchangeError, Response};
use crate::model::id::{ActionId, ConnectionId, GroupId, ParamId, QActionId, TimerId, TriggerId};
use crate::model::moment::Span;
use crate::model::value::Value;

/// What a run of a QAction comes to. An error is logged with the QAction's id; the chain goes on (QA-19).
pub type QActionResult = Result<(), QActionError>;

/// A run of a QAction.
pub type QActionFuture<'a> = Pin<Box<dyn Future<Output = QActionResult> + Send + 'a>>;

/// Code for one QAction of a definition.
pub trait QAction: Send + Sync {
    /// Runs once. May await the calls of `protocol` and nothing else.
    fn run<'a>(&'a self, protocol: &'a SlProtocol) -> QActionFuture<'a>;
}

/// A QAction failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QActionError(pub String);

impl fmt::Display for QActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for QActionError {}

/// The QActions of one element: fresh instances at each start, kept until it stops (QA-7).
#[derive(Default, Clone)]
pub struct QActionSet {
    by_id: BTreeMap<QActionId, Arc<dyn QAction>>,
}

impl QActionSet {
    /// Registers a closure or function as the code of a QAction.
    pub fn add<F>(&mut self, id: QActionId, code: F)
    where
        F: for<'a> Fn(&'a SlProtocol) -> QActionFuture<'a> + Send + Sync + 'static,
    {
        self.insert(id, Arc::new(Closure(code)));
    }

    /// Registers the code of a QAction.
    pub fn insert(&mut self, id: QActionId, code: Arc<dyn QAction>) {
        self.by_id.insert(id, code);
    }

    /// The code registered for a QAction.
    #[must_use]
    pub fn get(&self, id: QActionId) -> Option<&Arc<dyn QAction>> {
        self.by_id.get(&id)
    }

    /// The QActions that have code, in ascending order.
    pub fn ids(&self) -> impl Iterator<Item = QActionId> {
        self.by_id.keys().copied()
    }
}

impl fmt::Debug for QActionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_id.keys()).finish()
    }
}

/// A closure as a QAction.
struct Closure<F>(F);

impl<F> QAction for Closure<F>
where
    F: for<'a> Fn(&'a SlProtocol) -> QActionFuture<'a> + Send + Sync,
{
    fn run<'a>(&'a self, protocol: &'a SlProtocol) -> QActionFuture<'a> {
        (self.0)(protocol)
    }
}

/// Success of a call that gives an HRESULT (QAP-33).
pub const S_OK: u32 = 0;
/// The parameter or row does not exist (QAP-33).
pub const NOT_FOUND: u32 = 0x8004_0239;
/// The value does not fit the type (QAP-2).
pub const INVALID_VALUE: u32 = 0x8004_0222;
/// The table or row of an index call does not exist (QAP-33).
pub const NO_SUCH_ROW: u32 = 0x8004_0221;
/// An index is out of bounds (QAP-33).
pub const OUT_OF_BOUNDS: u32 = 0x8004_0244;
/// The cell changed (QAP-33).
pub const CELL_CHANGED: u32 = 0x0004_024A;

/// What a call does with one cell (TBL-75, TBL-76).
#[derive(Debug, Clone, PartialEq)]
pub enum CellAction {
    /// Give it this value. [`Value::Uninitialised`] is null: a row set keeps the cell, a fill clears it (PAR-104).
    Set(Value),
    /// Make it uninitialised.
    Clear,
    /// Keep it.
    Leave,
}

impl<V: Into<Value>> From<V> for CellAction {
    fn from(value: V) -> Self {
        Self::Set(value.into())
    }
}

/// What becomes of the rows that a fill does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// They are deleted: `FillArray` (TBL-82).
    Full,
    /// They stay: `FillArrayNoDelete` (TBL-83).
    NoDelete,
}

/// Which keys of a table are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// Primary keys.
    Index,
    /// Display keys.
    DisplayKey,
}

/// The request that the `qactionBefore` of a multithreaded timer asks for (MTT-16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerRequest {
    /// The verb.
    pub method: String,
    /// An absolute URL, or one relative to the connection of the timer's group (HTTP-11).
    pub url: String,
    /// The headers, in sending order. Those of HTTP-23 are added.
    pub headers: Vec<(String, String)>,
    /// The body, sent untouched.
    pub body: Arc<[u8]>,
    /// The time limit; the connection's when none.
    pub timeout: Option<Span>,
    /// Whether the certificate is accepted unseen. None follows the connection: safer than the product's default, which
    /// is to accept (MTT-16).
    pub skip_certificate_verification: Option<bool>,
}

/// What came of the request of a multithreaded timer (MTT-18). More than the product gives: headers, and which failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimerResult {
    /// No request was asked for (MTT-19).
    NotPolled,
    /// There is a response, whatever its status.
    Response(Arc<Response>),
    /// There is none.
    Failed(ExchangeError),
}

/// Facts about one run that do not change while it runs (QA-9, QAP-17).
#[derive(Debug, Clone, PartialEq)]
pub struct RunFacts {
    /// The QAction.
    pub qaction: QActionId,
    /// The entry point of the trigger parameter (QA-5).
    pub entry_point: String,
    /// The parameter that triggered the run; 0 when none did.
    pub trigger_parameter: ParamId,
    /// The group whose result triggered the run, for `options="group"`.
    pub trigger_group: Option<GroupId>,
    /// The element's id.
    pub element_id: u32,
    /// The element's name.
    pub element_name: Arc<str>,
    /// The connector's name.
    pub protocol_name: Arc<str>,
    /// The connector's version.
    pub protocol_version: Arc<str>,
    /// Who caused the chain; empty when nobody outside did.
    pub user: Arc<str>,
    /// The table of the row, of a row trigger.
    pub row_table: Option<ParamId>,
    /// The primary key of the row, of a row trigger; empty otherwise (QAP-19).
    pub row_key: Arc<str>,
    /// The new values of that row's cells by idx: none where the cell was not in the set (QAP-18).
    pub new_row: Vec<Option<Value>>,
    /// The values before, when the table preserves state.
    pub old_row: Option<Vec<Value>>,
    /// The `inputParameters` as they were when the run started (QA-10).
    pub input: Vec<Value>,
    /// Of a multithreaded timer's response QAction: what came of the request (MTT-15).
    pub result: TimerResult,
    /// The wall clock when the run started, in milliseconds since 1970.
    pub unix_ms: i64,
}

/// What a QAction sees of its element: DataMiner's `SLProtocol`.
pub struct SlProtocol {
    facts: RunFacts,
    port: Port,
}

/// The place where a QAction leaves its call and finds the answer.
pub(super) type Port = Arc<Mutex<Exchangeable>>;

/// What lies in the port.
#[derive(Default)]
pub(super) struct Exchangeable {
    /// The call to carry out.
    pub(super) call: Option<Call>,
    /// Its answer.
    pub(super) answer: Option<Answer>,
}

/// A call of a QAction, as the engine sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Call {
    Get(ParamId),
    IsEmpty(ParamId),
    Set(Vec<(ParamId, Value)>),
    SetBinary(ParamId, Value),
    Clear(ParamId),
    GetCell(ParamId, Arc<str>, usize),
    GetRow(ParamId, Arc<str>),
    Keys(ParamId, KeyType),
    KeysForIndex(ParamId, Value),
    KeyPosition(ParamId, Arc<str>),
    RowCount(ParamId),
    Columns(ParamId, Vec<usize>),
    AddRow(ParamId, Vec<Value>),
    SetRow(ParamId, Arc<str>, Vec<CellAction>),
    SetCell(ParamId, Arc<str>, usize, Value),
    DeleteRows(ParamId, Vec<Arc<str>>),
    ClearAllKeys(ParamId),
    FillArray(ParamId, Vec<Vec<CellAction>>, Fill),
    FillColumn(ParamId, ParamId, Vec<Arc<str>>, Vec<CellAction>),
    CheckTrigger(TriggerId),
    RunAction(ActionId),
    SendToDisplay(ParamId),
    CommunicationState(ConnectionId, bool),
    ScheduleRow(TimerId, Arc<str>),
    TimerRequest(TimerRequest),
    Sleep(Span),
    Now,
    Log(crate::engine::effect::LogLevel, String),
    IsActive,
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Done,
    Value(Option<Value>),
    Values(Option<Vec<Value>>),
    Results(Vec<u32>),
    Flags(Option<Vec<bool>>),
    Truth(bool),
    Count(i64),
    Key(Option<Arc<str>>),
    Keys(Vec<Arc<str>>),
    Columns(Option<Vec<Vec<Value>>>),
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

impl Call {
    /// Whether carrying it out may run triggers, actions or QActions: then a detached run needs the gate (QA-32).
    pub(super) const fn causes_more(&self) -> bool {
        match self {
            Self::Set(_)
            | Self::SetRow(..)
            | Self::SetCell(..)
            | Self::AddRow(..)
            | Self::FillArray(..)
            | Self::FillColumn(..)
            | Self::CheckTrigger(_)
            | Self::RunAction(_) => true,
            Self::Get(_)
            | Self::IsEmpty(_)
            | Self::SetBinary(..)
            | Self::Clear(_)
            | Self::GetCell(..)
            | Self::GetRow(..)
            | Self::Keys(..)
            | Self::KeysForIndex(..)
            | Self::KeyPosition(..)
            | Self::RowCount(_)
            | Self::Columns(..)
            | Self::DeleteRows(..)
            | Self::ClearAllKeys(_)
            | Self::SendToDisplay(_)
            | Self::CommunicationState(..)
            | Self::ScheduleRow(..)
            | Self::TimerRequest(_)
            | Self::Sleep(_)
            | Self::Now
            | Self::Log(..)
            | Self::IsActive => false,
        }
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

    /// The facts of this run.
    #[must_use]
    pub const fn facts(&self) -> &RunFacts {
        &self.facts
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
        value(self.call(Call::GetCell(table, key.into(), idx)).await)
    }

    /// `GetRow`: the cells by idx; none when the row does not exist (QAP-9).
    pub async fn get_row(&self, table: ParamId, key: &str) -> Option<Vec<Value>> {
        match self.call(Call::GetRow(table, key.into())).await {
            Answer::Values(cells) => cells,
            _ => None,
        }
    }

    /// `GetKeys`, in row order (QAP-10).
    pub async fn keys(&self, table: ParamId, kind: KeyType) -> Vec<Arc<str>> {
        keys(self.call(Call::Keys(table, kind)).await)
    }

    /// `GetKeysForIndex`: the keys of the rows whose indexed column has the value, in any casing (QAP-11).
    pub async fn keys_for_index(&self, column: ParamId, value: impl Into<Value>) -> Vec<Arc<str>> {
        keys(self.call(Call::KeysForIndex(column, value.into())).await)
    }

    /// `GetKeyPosition`: 1-based; 0 when the row does not exist (QAP-12).
    pub async fn key_position(&self, table: ParamId, key: &str) -> i64 {
        count(&self.call(Call::KeyPosition(table, key.into())).await)
    }

    /// `Exists` (QAP-12).
    pub async fn exists(&self, table: ParamId, key: &str) -> bool {
        self.key_position(table, key).await > 0
    }

    /// `RowCount`; -1 when there is no such table (QAP-12).
    pub async fn row_count(&self, table: ParamId) -> i64 {
        count(&self.call(Call::RowCount(table)).await)
    }

    /// `NT_GET_TABLE_COLUMNS` (321): the columns of these 0-based idx, in the same row order (QAP-13).
    pub async fn get_columns(&self, table: ParamId, idx: &[usize]) -> Option<Vec<Vec<Value>>> {
        match self.call(Call::Columns(table, idx.to_vec())).await {
            Answer::Columns(columns) => columns,
            _ => None,
        }
    }

    /// `AddRow`: cells by idx, the key among them; does nothing to an existing row (TBL-70). Gives the key, which an
    /// autoincrement table makes; none when the row was refused.
    pub async fn add_row(&self, table: ParamId, cells: Vec<Value>) -> Option<Arc<str>> {
        match self.call(Call::AddRow(table, cells)).await {
            Answer::Key(key) => key,
            _ => None,
        }
    }

    /// `SetRow`: cells by idx; null and a missing tail keep the cell (TBL-74). Gives which cells changed; none when the
    /// row does not exist.
    pub async fn set_row(&self, table: ParamId, key: &str, cells: Vec<CellAction>) -> Option<Vec<bool>> {
        match self.call(Call::SetRow(table, key.into(), cells)).await {
            Answer::Flags(flags) => flags,
            _ => None,
        }
    }

    /// `SetParameterIndexByKey`: a cell by 0-based idx; whether it changed (TBL-78).
    pub async fn set_cell(&self, table: ParamId, key: &str, idx: usize, value: impl Into<Value>) -> bool {
        truth(&self.call(Call::SetCell(table, key.into(), idx, value.into())).await)
    }

    /// `DeleteRow` with one key or several: the number of rows left (TBL-73).
    pub async fn delete_rows(&self, table: ParamId, keys: Vec<Arc<str>>) -> i64 {
        count(&self.call(Call::DeleteRows(table, keys)).await)
    }

    /// `ClearAllKeys`: 0 removed, -1 already empty, 1 failed (TBL-94).
    pub async fn clear_all_keys(&self, table: ParamId) -> i64 {
        count(&self.call(Call::ClearAllKeys(table)).await)
    }

    /// `FillArray` and `FillArrayNoDelete`: `columns[c][r]`, the first column being the keys (TBL-80 to TBL-87).
    /// Whether the table was filled.
    pub async fn fill_array(&self, table: ParamId, columns: Vec<Vec<CellAction>>, fill: Fill) -> bool {
        truth(&self.call(Call::FillArray(table, columns, fill)).await)
    }

    /// `FillArrayWithColumn`: one column for these keys; unknown keys become rows (TBL-89).
    pub async fn fill_column(
        &self,
        table: ParamId,
        column: ParamId,
        keys: Vec<Arc<str>>,
        values: Vec<CellAction>,
    ) -> bool {
        truth(&self.call(Call::FillColumn(table, column, keys, values)).await)
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
    pub async fn log(&self, level: crate::engine::effect::LogLevel, text: impl Into<String>) {
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
