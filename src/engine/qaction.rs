//! QActions: code that runs on a change event, and the values it deals in. What it can call is its [`SlProtocol`].
//!
//! Rules: QA-2 to QA-33, MTT-16 to MTT-19, QAP-33.
//!
//! ```
//! use adit::engine::qaction::QActionSet;
//! use adit::engine::sl_protocol::SlProtocol;
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

use crate::engine::exchange::{ExchangeError, Response};
use crate::engine::sl_protocol::SlProtocol;
use crate::model::id::{GroupId, ParamId, QActionId};
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
    /// As `Set`, of a time, in milliseconds since 1970. Without `historySet` the time is ignored (TBL-92, PAR-44).
    SetAt(Value, i64),
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

/// What `NT_UPDATE_DESCRIPTION_XML` (127) changes of a parameter (DSP-96).
#[derive(Debug, Clone, PartialEq)]
pub enum Redefined {
    /// Type 1: the description.
    Description(Arc<str>),
    /// Type 2: the unit.
    Unit(Arc<str>),
    /// Type 3: the lowest value that people may enter.
    RangeLow(f64),
    /// Type 4: the highest one.
    RangeHigh(f64),
    /// Type 5: the step between values.
    Step(f64),
}

impl fmt::Display for Redefined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Description(text) => write!(f, "the description \"{text}\""),
            Self::Unit(unit) => write!(f, "the unit \"{unit}\""),
            Self::RangeLow(number) => write!(f, "the lowest value {number}"),
            Self::RangeHigh(number) => write!(f, "the highest value {number}"),
            Self::Step(number) => write!(f, "the step {number}"),
        }
    }
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
    /// Whether the server has to prove who it is.
    pub certificate: TimerCertificate,
    /// Further requests, one after the other, alike but for these (MTT-17).
    pub further: Vec<TimerPath>,
}

/// One further request of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerPath {
    /// As that of the first.
    pub url: String,
    /// The body, sent untouched.
    pub body: Arc<[u8]>,
}

/// Whether the server of a row's request has to prove who it is (MTT-16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimerCertificate {
    /// No: what a request has that says nothing about it.
    #[default]
    Skip,
    /// Yes.
    Verify,
    /// As the settings of the connection have it. The product does not offer this; who sends a secret needs it.
    AsConnection,
}

/// What came of the request of a multithreaded timer (MTT-18). More than the product gives: headers, and which failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimerResult {
    /// No request was asked for (MTT-19).
    NotPolled,
    /// There is a response, whatever its status.
    Response(Arc<Response>),
    /// There are several, in the order of the paths.
    Responses(Vec<Arc<Response>>),
    /// There is none.
    Failed(ExchangeError),
}

/// One of the `inputParameters` (QA-10).
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A single parameter: 0 or `""` when it was uninitialised (PAR-101).
    Value(Value),
    /// The bytes of a single parameter, for `options="binary"` (QA-11).
    Bytes(Arc<[u8]>),
    /// A table: its columns by idx. A column is none when the table has no rows, or when memory does not hold it
    /// (QA-12).
    Table(Vec<Option<Vec<Value>>>),
}

/// What is known of one cell of a set (QAP-18).
#[derive(Debug, Clone, PartialEq)]
pub struct CellDetails {
    /// The value, as memory has it.
    pub value: Value,
    /// The time that it is of, in milliseconds since 1970.
    pub unix_ms: i64,
    /// Who caused the set; empty when nobody outside did.
    pub user: Arc<str>,
    /// What people read.
    pub display: String,
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
    /// The times that they are of, by idx, in milliseconds since 1970, where that is not when the run was caused.
    pub new_row_times: Vec<(usize, i64)>,
    /// The values before, when the table preserves state.
    pub old_row: Option<Vec<Value>>,
    /// The `inputParameters`, in their order, as they were when the run started (QA-10).
    pub input: Vec<Input>,
    /// Of a choice from a context menu: who chooses, the value of the item, what was entered for the parameters it asks
    /// for, the primary keys of the selected rows (TBL-111). Empty for every other run.
    pub menu: Vec<String>,
    /// Of a multithreaded timer's response QAction: what came of the request (MTT-15).
    pub result: TimerResult,
    /// The wall clock when the run started, in milliseconds since 1970.
    pub unix_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::TimerCertificate;

    #[test]
    fn mtt_16_got_59_a_request_that_says_nothing_accepts_certificates_unseen() {
        assert_eq!(TimerCertificate::default(), TimerCertificate::Skip);
    }
}
