//! The closed list of what can wake an element.

use std::sync::Arc;

use crate::engine::connection_test::TestId;
use crate::engine::exchange::{ExchangeError, RequestId, Response};
use crate::engine::file::FileAnswer;
use crate::engine::saved::Saved;
use crate::model::alarm_template::AlarmTemplate;
use crate::model::id::ParamId;
use crate::model::value::Value;

/// Everything that can happen to an element.
#[derive(Debug)]
pub enum Event {
    /// The element starts. The first event, and only once in an engine's life.
    Start {
        /// What was saved of it.
        saved: Saved,
        /// The wall clock at that moment, in milliseconds since 1970: what QActions read the time from.
        unix_ms: i64,
    },
    /// Somebody outside sets a parameter or a cell (CHG-24).
    Set(SetRequest),
    /// An attempt ended.
    Answered(RequestId, Result<Response, ExchangeError>),
    /// A file was read, or was not (ACT-15).
    FileRead(RequestId, FileAnswer),
    /// Time passed: something may be due.
    Tick,
    /// Somebody assigns a template, or clears an alarm.
    Alarms(AlarmRequest),
    /// An operator tests the connection (GRP-16).
    TestConnection(TestId),
    /// The first client opened the element card, or the last one closed it (TIM-13).
    Card(Card),
    /// No more ticks, requests and queued groups (ELM-10).
    Pause,
    /// Back from pause.
    Resume,
    /// The end: everything under way is given up (ELM-12).
    Stop,
}

/// What somebody asks about alarms.
#[derive(Debug)]
pub enum AlarmRequest {
    /// Another template is assigned (ALM-33).
    Assign(AlarmTemplate),
    /// The alarm with this first record, which waits for it, is cleared (ALM-45).
    Clear(u64),
}

/// Whether at least one client has the element card open: its data pages are looked at (TIM-5, TIM-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Card {
    /// Nobody looks.
    #[default]
    Closed,
    /// Somebody does.
    Open,
}

/// Identifies a set until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(pub u64);

/// What goes with a choice from a context menu (TBL-111).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MenuEntries {
    /// What was entered for the parameters that the item asks for, in its order; an empty text for what was left open.
    pub dependencies: Vec<String>,
    /// The primary keys of the rows that are selected.
    pub rows: Vec<Arc<str>>,
}

/// A set from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct SetRequest {
    /// For the answer.
    pub id: SetId,
    /// The write parameter, or the read of the same name (DSP-91). For a cell: the column.
    pub param: ParamId,
    /// The primary key of the row, when a cell is set.
    pub key: Option<Arc<str>>,
    /// The value as it came in; of a context menu, that of the item.
    pub value: Value,
    /// What goes with the choice of a context menu.
    pub menu: MenuEntries,
    /// Who sets it.
    pub user: Arc<str>,
}
