//! The calls of a QAction as data: what its face leaves for the engine, and what it finds as the answer.
//!
//! Rules: API-3, QA-32.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::effect::LogLevel;
use crate::engine::qaction::{CellAction, Fill, KeyType, TimerRequest};
use crate::model::id::{ActionId, ConnectionId, ParamId, TimerId, TriggerId};
use crate::model::moment::Span;
use crate::model::value::Value;

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
    LookUpRows(RowsRead),
    ChangeRows(RowsChange),
    CheckTrigger(TriggerId),
    RunAction(ActionId),
    SendToDisplay(ParamId),
    CommunicationState(ConnectionId, bool),
    LastFailure(ConnectionId),
    ScheduleRow(TimerId, Arc<str>),
    TimerRequest(TimerRequest),
    Sleep(Span),
    Now,
    Log(LogLevel, String),
    IsActive,
}

/// A call that looks up rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RowsRead {
    Cell(ParamId, Arc<str>, usize),
    Row(ParamId, Arc<str>),
    Keys(ParamId, KeyType),
    KeysForIndex(ParamId, Value),
    KeyPosition(ParamId, Arc<str>),
    Count(ParamId),
    Columns(ParamId, Vec<usize>),
}

/// A call that changes rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RowsChange {
    Add(ParamId, Vec<Value>),
    Set(ParamId, Arc<str>, Vec<CellAction>),
    SetCell(ParamId, Arc<str>, usize, Value),
    Delete(ParamId, Vec<Arc<str>>),
    Clear(ParamId),
    Fill(ParamId, Vec<Vec<CellAction>>, Fill),
    FillColumns(ParamId, Vec<ParamId>, Vec<Arc<str>>, Vec<Vec<CellAction>>),
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

impl Call {
    /// Whether carrying it out may run triggers, actions or QActions: then a detached run needs the gate (QA-32).
    pub(super) const fn causes_more(&self) -> bool {
        match self {
            Self::Set(_) | Self::CheckTrigger(_) | Self::RunAction(_) => true,
            Self::ChangeRows(change) => match change {
                RowsChange::Add(..)
                | RowsChange::Set(..)
                | RowsChange::SetCell(..)
                | RowsChange::Fill(..)
                | RowsChange::FillColumns(..) => true,
                RowsChange::Delete(..) | RowsChange::Clear(_) => false,
            },
            Self::Get(_)
            | Self::IsEmpty(_)
            | Self::SetBinary(..)
            | Self::Clear(_)
            | Self::LookUpRows(_)
            | Self::SendToDisplay(_)
            | Self::CommunicationState(..)
            | Self::LastFailure(_)
            | Self::ScheduleRow(..)
            | Self::TimerRequest(_)
            | Self::Sleep(_)
            | Self::Now
            | Self::Log(..)
            | Self::IsActive => false,
        }
    }
}
