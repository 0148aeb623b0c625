//! `AlarmRecord`: one event in the life of an alarm.
//!
//! Rules: ALM-41 to ALM-47. The records from a new alarm to its clearing are a tree: all have the id of the first as
//! their root.

use std::sync::Arc;

use crate::model::alarm::Severity;
use crate::model::id::ParamId;
use crate::model::moment::Moment;
use crate::model::value::Value;

/// A parameter of its own, or a cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The parameter or column.
    pub param: ParamId,
    /// The primary key of the row.
    pub key: Option<Arc<str>>,
}

/// One event in the life of an alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmRecord {
    /// Its id; ids count up from 1 in each run of an element.
    pub id: u64,
    /// The id of the first record of this alarm.
    pub root: u64,
    /// The id of the record before it; 0 for the first.
    pub previous: u64,
    /// What alarms.
    pub cell: Cell,
    /// How bad it is now; normal when it is cleared.
    pub severity: Severity,
    /// What happened.
    pub kind: RecordKind,
    /// The value; what an exception is recorded as (ALM-47).
    pub value: Value,
    /// The value itself, which people read (ALM-47).
    pub raw: Value,
    /// When.
    pub at: Moment,
    /// When the alarm began.
    pub root_at: Moment,
}

/// How bad a cell is now, and the event in the life of its alarm, when there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmChange {
    /// Which.
    pub cell: Cell,
    /// How bad it is; none when that is undefined.
    pub severity: Option<Severity>,
    /// What happened to its alarm.
    pub record: Option<AlarmRecord>,
}

/// What happened to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// It is new.
    New,
    /// It became worse than this.
    EscalatedFrom(Severity),
    /// It became better than this, and still alarms.
    DroppedFrom(Severity),
    /// It is as bad, on the other side.
    Flipped,
    /// It is as bad, for another threshold or text (ALM-44).
    ValueChanged,
    /// It is over.
    Cleared,
}

impl RecordKind {
    /// What it is called in alarm records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "New Alarm",
            Self::EscalatedFrom(Severity::Warning) => "Escalated from Warning",
            Self::EscalatedFrom(Severity::Minor) => "Escalated from Minor",
            Self::EscalatedFrom(Severity::Major) => "Escalated from Major",
            Self::EscalatedFrom(Severity::Normal | Severity::Critical) => "Escalated",
            Self::DroppedFrom(Severity::Critical) => "Dropped from Critical",
            Self::DroppedFrom(Severity::Major) => "Dropped from Major",
            Self::DroppedFrom(Severity::Minor) => "Dropped from Minor",
            Self::DroppedFrom(Severity::Normal | Severity::Warning) => "Dropped",
            Self::Flipped => "Flipped",
            Self::ValueChanged => "Value changed",
            Self::Cleared => "Cleared",
        }
    }
}
