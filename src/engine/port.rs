//! The calls of a QAction as data: what its face leaves for the engine, and what it finds as the answer.
//!
//! Rules: API-3, QA-32.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::effect::LogLevel;
use crate::engine::pool::PoolState;
use crate::engine::qaction::{CellAction, Fill, KeyType, Redefined, TimerRequest};
use crate::engine::sl_protocol::Named;
use crate::engine::table::Casing;
use crate::engine::to_element::{ElementRef, ToElement};
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
    /// The parameter that a name stands for.
    Find(Arc<str>, Named),
    IsEmpty(ParamId),
    GetData(ParamId),
    Set(Vec<(ParamId, Value)>),
    SetAt(ParamId, Value, i64),
    SetBinary(ParamId, Arc<[u8]>),
    /// Something that an element of this agent is asked.
    ToElement(ElementRef, ToElement),
    Clear(ParamId),
    GetDescription(ParamId),
    /// The texts that people read for values of the columns of a table, by idx.
    Displayed(ParamId, Vec<Option<Value>>),
    Redefine(Vec<(ParamId, Redefined)>),
    LookUpRows(RowsRead),
    /// Rows change; the time that all values are of, when that is not now.
    ChangeRows(RowsChange, Option<i64>),
    CheckTrigger(TriggerId),
    RunAction(ActionId),
    SendToDisplay(ParamId),
    SendRowToDisplay(ParamId, Arc<str>),
    /// A message, and what triggered the run.
    Message(String, ParamId),
    /// A call of the product that does not exist here, and what to do instead.
    Unsupported(&'static str, u32, String),
    CloseTrend(ParamId, Option<Arc<str>>, i64),
    CommunicationState(ConnectionId, bool),
    LastFailure(ConnectionId),
    ConnectionAddress(ConnectionId),
    ScheduleRow(TimerId, Arc<str>),
    ResetPool(TimerId),
    TurnPool(TimerId, PoolState),
    TimerRequest(TimerRequest),
    Sleep(Span),
    Now,
    Log(LogLevel, String),
    IsActive,
    IsStarted,
}

/// A call that looks up rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RowsRead {
    Cell(ParamId, Arc<str>, usize),
    Row(ParamId, Arc<str>),
    Keys(ParamId, KeyType),
    KeysForIndex(ParamId, Value, Casing),
    /// The key of the row at a 0-based index.
    KeyAt(ParamId, usize),
    /// The idx of a column.
    IdxOf(ParamId, ParamId),
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
    SetCells(ParamId, Vec<(Arc<str>, usize, Value)>),
    Delete(ParamId, Vec<Arc<str>>),
    Clear(ParamId),
    Fill(ParamId, Vec<Vec<CellAction>>, Fill),
    FillColumns(ParamId, Vec<(ParamId, Vec<CellAction>)>, Vec<Arc<str>>),
}

impl RowsChange {
    /// The table whose rows it changes.
    pub(super) const fn table(&self) -> ParamId {
        match self {
            Self::Add(table, _)
            | Self::Set(table, ..)
            | Self::SetCell(table, ..)
            | Self::SetCells(table, _)
            | Self::Delete(table, _)
            | Self::Clear(table)
            | Self::Fill(table, ..)
            | Self::FillColumns(table, ..) => *table,
        }
    }
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Done,
    Value(Option<Value>),
    Param(Option<ParamId>),
    Bytes(Option<Arc<[u8]>>),
    Values(Option<Vec<Value>>),
    Results(Vec<u32>),
    Flags(Option<Vec<bool>>),
    Truth(bool),
    Count(i64),
    Key(Option<Arc<str>>),
    Keys(Vec<Arc<str>>),
    Texts(Vec<Option<String>>),
    Columns(Option<Vec<Vec<Value>>>),
}

impl Call {
    /// Whether carrying it out may run triggers, actions or QActions: then a detached run needs the gate (QA-32).
    pub(super) const fn causes_more(&self) -> bool {
        match self {
            Self::Set(_) | Self::SetAt(..) | Self::CheckTrigger(_) | Self::RunAction(_) => true,
            Self::ChangeRows(change, _) => match change {
                RowsChange::Add(..)
                | RowsChange::Set(..)
                | RowsChange::SetCell(..)
                | RowsChange::SetCells(..)
                | RowsChange::Fill(..)
                | RowsChange::FillColumns(..) => true,
                RowsChange::Delete(..) | RowsChange::Clear(_) => false,
            },
            Self::Get(_)
            | Self::Find(..)
            | Self::IsEmpty(_)
            | Self::GetData(_)
            | Self::SetBinary(..)
            | Self::ToElement(..)
            | Self::Clear(_)
            | Self::GetDescription(_)
            | Self::Redefine(_)
            | Self::LookUpRows(_)
            | Self::SendToDisplay(_)
            | Self::SendRowToDisplay(..)
            | Self::Message(..)
            | Self::Unsupported(..)
            | Self::CloseTrend(..)
            | Self::Displayed(..)
            | Self::CommunicationState(..)
            | Self::LastFailure(_)
            | Self::ConnectionAddress(_)
            | Self::ScheduleRow(..)
            | Self::ResetPool(_)
            | Self::TurnPool(..)
            | Self::TimerRequest(_)
            | Self::Sleep(_)
            | Self::Now
            | Self::Log(..)
            | Self::IsActive
            | Self::IsStarted => false,
        }
    }
}
