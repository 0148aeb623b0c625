//! The element log and its trace; and what the log tells once and not at every turn: faults of the definition that show
//! at run time.
//!
//! Rules: CON-12, THR-5 (OQ-8), HTTP-64, TMO-21, QA-2, QA-23, QAP-29, PAR-44, PAR-113, TBL-58.

use std::fmt;

use crate::engine::Engine;
use crate::engine::effect::{Effect, LogEntry, LogLevel, Step};
use crate::model::id::{ActionId, GroupId, ParamId, QActionId, SessionId, TimerId, TriggerId};

/// One thing told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    /// No code is registered for a QAction.
    MissingQAction(QActionId),
    /// The `connectionPID` of a group holds no connection of the element.
    ConnectionPid(GroupId),
    /// Slow poll is on, but no group asks whether the device answers again.
    NoPingGroup,
    /// A QAction set a parameter that the runtime fills in.
    InformationOverwritten(ParamId),
    /// A session logs in with a certificate that is not there.
    NoClientCertificate(SessionId),
    /// A condition proved invalid.
    InvalidCondition(Conditional),
    /// A set gave a time to a parameter without `historySet`.
    TimeIgnored(ParamId),
    /// A queued QAction was not queued.
    QueuedRuns(QActionId),
    /// A call that is not supported, and its number.
    Unsupported(&'static str, u32),
    /// Several rows of a table have one display key.
    DisplayKeyTwice(ParamId),
    /// A QAction changes the table of which a change runs it.
    OwnTable(QActionId),
}

/// An item with a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Conditional {
    Group(GroupId),
    Trigger(TriggerId),
    Action(ActionId),
    Timer(TimerId),
    QAction(QActionId),
}

impl fmt::Display for Conditional {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(id) => write!(f, "group {id}"),
            Self::Trigger(id) => write!(f, "trigger {id}"),
            Self::Action(id) => write!(f, "action {id}"),
            Self::Timer(id) => write!(f, "timer {id}"),
            Self::QAction(id) => write!(f, "QAction {id}"),
        }
    }
}

impl Engine {
    pub(super) fn log_once(&mut self, what: Told, level: LogLevel, text: impl Into<String>) {
        if self.told.insert(what) {
            self.log(level, text);
        }
    }

    pub(super) fn log(&mut self, level: LogLevel, text: impl Into<String>) {
        self.effects.push(Effect::Log(LogEntry {
            level,
            text: text.into(),
        }));
    }

    pub(super) fn trace(&mut self, step: Step) {
        if self.tracing {
            self.effects.push(Effect::Trace(step));
        }
    }
}
