//! The closed list of what an element asks for. Effects are performed in the order in which they stand.
//!
//! A reply is an effect like any other: what was changed, saved or sent before it stands before it.

use std::fmt;
use std::sync::Arc;

use crate::alarm::{AlarmChange, Information};
use crate::engine::connection_test::{TestId, TestOutcome};
use crate::engine::event::SetId;
use crate::engine::exchange::{ExchangeError, Request, RequestId, TransportId};
use crate::engine::file::FileRead;
use crate::engine::saved::Record;
use crate::engine::set::SetRefused;
use crate::engine::to_element::{ElementRef, ToElement};
use crate::model::id::{
    ActionId, ConnectionId, ExchangeId, GroupId, ParamId, QActionId, SessionId, TimerId, TriggerId,
};
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// Something an element asks for, or tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A parameter has a value: a changed one, or one set by something that raises change events all the same.
    Parameter(ParameterChange),
    /// A row changed.
    Row(RowChange),
    /// Windows of a trend are over at this time, in milliseconds since 1970: of this parameter, or of the cell in this row
    /// (NT 374).
    CloseTrend(ParamId, Option<Arc<str>>, i64),
    /// How bad a value is changed, and what that means for its alarm.
    Alarm(Box<AlarmChange>),
    /// Something worth telling that is no alarm (ALM-50).
    Information(Box<Information>),
    /// To be stored, durable before the next reply or request goes out.
    Save(Record),
    /// To be sent; answered by `Event::Answered`.
    Send(RequestId, Box<Request>),
    /// A file to be read; answered by `Event::FileRead` (ACT-15).
    ReadFile(RequestId, FileRead),
    /// The answer is no longer wanted.
    Cancel(RequestId),
    /// The transport is no longer needed (HTTP-70).
    Close(TransportId),
    /// The answer to a set.
    Reply(SetId, Result<(), SetRefused>),
    /// The answer to a connection test.
    Tested(TestId, TestOutcome),
    /// The element entered or left the timeout state (TMO-5, TMO-9).
    Timeout(TimeoutChange),
    /// Something that an element of this agent is asked, this one or another (NT 50, NT 115). Nobody waits for it.
    ToElement(ElementRef, ToElement),
    /// The definition as QActions changed it, for whoever shows it (DSP-96).
    Redefined(Arc<Protocol>),
    /// A line for the element log.
    Log(LogEntry),
    /// A step of the execution trace. Only when the engine was told to trace.
    Trace(Step),
}

/// Who set a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A set from outside.
    User,
    /// An action.
    Action(ActionId),
    /// A QAction.
    QAction(QActionId),
    /// The response of a session.
    Session(SessionId),
    /// The definition: fixed and default values, element information.
    Default,
    /// The store: a saved value.
    Store,
    /// A multithreaded timer writing its statistics.
    Timer(TimerId),
    /// An alarm level, told to who is registered for it (PAR-29).
    Alarm,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User => f.write_str("user"),
            Self::Action(id) => write!(f, "action {id}"),
            Self::QAction(id) => write!(f, "qaction {id}"),
            Self::Session(id) => write!(f, "session {id}"),
            Self::Default => f.write_str("default"),
            Self::Store => f.write_str("store"),
            Self::Timer(id) => write!(f, "timer {id}"),
            Self::Alarm => f.write_str("alarm"),
        }
    }
}

/// A parameter has a value.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterChange {
    /// The parameter.
    pub id: ParamId,
    /// Its value.
    pub value: Value,
    /// Who set it.
    pub by: Origin,
    /// Whether the value differs from the one before: only then does the time of its last change move (PAR-108).
    pub differs: bool,
    /// Where it is seen.
    pub seen: Seen,
    /// The time it is of, in milliseconds since 1970, when that is not now (PAR-44).
    pub of: Option<i64>,
}

/// Where a change of a parameter is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// In memory and in the shown store.
    Everywhere,
    /// In memory only: the action `clear` leaves the shown value (PAR-106).
    MemoryOnly,
    /// In the shown store only: `clear on display`, `SendToDisplay`.
    ShownOnly,
}

/// A row changed.
#[derive(Debug, Clone, PartialEq)]
pub struct RowChange {
    /// The table.
    pub table: ParamId,
    /// The primary key.
    pub key: Arc<str>,
    /// Its place among the rows: rows are in ascending order.
    pub position: u64,
    /// What happened.
    pub change: RowChangeKind,
    /// The columns set or changed, with their values; all initialised ones of a new row.
    pub cells: Vec<(ParamId, Value)>,
    /// The times that values of these columns are of, in milliseconds since 1970, where that is not now (TBL-91).
    pub times: Vec<(ParamId, i64)>,
    /// Who did it.
    pub by: Origin,
}

impl RowChange {
    /// The newest time of its values, when every one of them is of a time that is not now.
    #[must_use]
    pub fn all_of(&self) -> Option<i64> {
        let newest = self.times.iter().map(|&(_, of)| of).max();
        newest.filter(|_| self.cells.iter().all(|&(column, _)| self.of(column).is_some()))
    }

    /// The time that the value of a column is of, when that is not now.
    #[must_use]
    pub fn of(&self, column: ParamId) -> Option<i64> {
        let mut times = self.times.iter();
        times.find(|(timed, _)| *timed == column).map(|&(_, of)| of)
    }
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowChangeKind {
    /// It is new.
    Added,
    /// Cells changed.
    Updated,
    /// It is gone.
    Removed,
}

/// The element entered or left the timeout state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeoutChange {
    /// Whether it is in timeout now.
    pub timeout: bool,
    /// Why: the last failure, for people.
    pub reason: String,
}

/// A line for the element log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// How bad it is.
    pub level: LogLevel,
    /// The text, without secrets.
    pub text: String,
}

/// How bad a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For developers.
    Debug,
    /// Worth knowing.
    Info,
    /// Something is not as it should be.
    Warning,
    /// Something failed.
    Error,
}

/// A step of the execution trace (LOG-2); the contract's section 3 names the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The element's state.
    State(TracedState),
    /// A timer ticked.
    Timer(TimerId),
    /// A group began or ended on a thread; the main one is 0.
    Group(GroupId, Phase, u32),
    /// A session began.
    SessionBegin(SessionId),
    /// A session ended.
    SessionEnd(SessionId, Outcome),
    /// A response arrived, or a failure.
    Response {
        /// The session; none for a multithreaded timer.
        session: Option<SessionId>,
        /// The exchange.
        exchange: Option<ExchangeId>,
        /// The element connection.
        connection: ConnectionId,
        /// The status and the number of bytes of the body, or what went wrong.
        answer: Result<(u16, usize), ExchangeError>,
    },
    /// A trigger fired.
    Trigger(TriggerId),
    /// An action ran.
    Action(ActionId),
    /// A QAction ran.
    QAction {
        /// Which.
        id: QActionId,
        /// The parameter or group that triggered it; 0 when nothing did.
        trigger: i64,
        /// The row, for a row trigger.
        key: Option<Arc<str>>,
        /// No Rust implementation is registered.
        missing: bool,
    },
}

/// The states of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TracedState {
    /// Runs, and is not in timeout.
    Active,
    /// Runs, in timeout.
    Timeout,
    /// Paused.
    Paused,
    /// Stopped.
    Stopped,
}

/// Begin or end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It begins.
    Begin,
    /// It ends.
    End,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every exchange had a response with a good status.
    Succeeded,
    /// At least one failed.
    Timeout,
}
