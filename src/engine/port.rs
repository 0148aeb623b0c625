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
    LastFailure(ConnectionId),
    ScheduleRow(TimerId, Arc<str>),
    TimerRequest(TimerRequest),
    Sleep(Span),
    Now,
    Log(LogLevel, String),
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
