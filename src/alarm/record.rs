//! `AlarmRecord`: one event in the life of an alarm.
//!
//! Rules: ALM-3, ALM-41 to ALM-47, ALM-56. The records from a new alarm to its clearing are a tree: all have the id of the
//! first as their root.

use std::sync::Arc;

use crate::model::alarm::{Severity, Side};
use crate::model::id::ParamId;
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
    /// Its id; ids count up from 1, over restarts too while alarms are open.
    pub id: u64,
    /// The id of the first record of this alarm.
    pub root: u64,
    /// The id of the record before it; 0 for the first.
    pub previous: u64,
    /// What alarms.
    pub cell: Cell,
    /// What people call the row (ALM-46).
    pub display_key: Option<Arc<str>>,
    /// How bad it is now; normal when it is cleared.
    pub severity: Severity,
    /// On which side of its threshold the value is.
    pub side: Side,
    /// What happened.
    pub kind: RecordKind,
    /// The value; what an exception is recorded as (ALM-47).
    pub value: Value,
    /// The value itself, which people read (ALM-47).
    pub raw: Value,
    /// Its properties, by name (ALM-22).
    pub properties: Vec<(String, String)>,
    /// When, in milliseconds since the start; less than 0 for a record of an earlier run.
    pub at: i64,
    /// When the alarm began, in the same way.
    pub root_at: i64,
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
    /// People call its row something else (ALM-56).
    NameChanged,
    /// It is better or worse since another template was assigned (ALM-33).
    ThresholdChanged,
    /// It would be over, but waits until somebody clears it (ALM-45).
    Clearable,
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
            Self::NameChanged => "Name changed",
            Self::ThresholdChanged => "Threshold changed",
            Self::Clearable => "Clearable",
            Self::Cleared => "Cleared",
        }
    }

    /// The number of its type in alarm records (ALM-42 to ALM-45, ALM-56).
    #[must_use]
    pub const fn type_id(self) -> u8 {
        match self {
            Self::New => 10,
            Self::EscalatedFrom(Severity::Warning) => 35,
            Self::EscalatedFrom(Severity::Minor) => 36,
            Self::EscalatedFrom(Severity::Major) => 37,
            Self::EscalatedFrom(Severity::Normal | Severity::Critical) => 8,
            Self::DroppedFrom(Severity::Critical) => 31,
            Self::DroppedFrom(Severity::Major) => 32,
            Self::DroppedFrom(Severity::Minor) => 33,
            Self::DroppedFrom(Severity::Warning) => 34,
            Self::DroppedFrom(Severity::Normal) => 9,
            Self::Flipped => 38,
            Self::ValueChanged => 41,
            Self::NameChanged => 42,
            Self::ThresholdChanged => 53,
            Self::Clearable => 54,
            Self::Cleared => 11,
        }
    }
}

impl AlarmRecord {
    /// The number of its severity in alarm records, which count otherwise than levels (ALM-3).
    #[must_use]
    pub const fn severity_id(&self) -> u8 {
        match self.severity {
            Severity::Critical => 1,
            Severity::Major => 2,
            Severity::Minor => 3,
            Severity::Warning => 4,
            Severity::Normal => 5,
        }
    }

    /// The number of its severity's range: high, low, or normal where there are no sides (ALM-46).
    #[must_use]
    pub const fn range_id(&self) -> u8 {
        match self.side {
            Side::High => 6,
            Side::Low => 7,
            Side::Exact => 5,
        }
    }

    /// The number of its status: open, clearable, or cleared (ALM-42, ALM-45).
    #[must_use]
    pub const fn status_id(&self) -> u8 {
        match self.kind {
            RecordKind::Clearable => 54,
            RecordKind::Cleared => 11,
            RecordKind::New
            | RecordKind::EscalatedFrom(_)
            | RecordKind::DroppedFrom(_)
            | RecordKind::Flipped
            | RecordKind::ValueChanged
            | RecordKind::NameChanged
            | RecordKind::ThresholdChanged => 12,
        }
    }

    /// The same record, its times counted from another moment.
    #[must_use]
    pub fn shifted(mut self, by: i64) -> Self {
        self.at = self.at.saturating_add(by);
        self.root_at = self.root_at.saturating_add(by);
        self
    }
}
