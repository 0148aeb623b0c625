//! What the element log tells once and not at every turn: faults of the definition that show at run time.
//!
//! Rules: CON-12, THR-5 (OQ-8), QA-2.

use std::fmt;

use crate::model::id::{ActionId, GroupId, QActionId, TimerId, TriggerId};

/// One thing told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    /// No code is registered for a QAction.
    MissingQAction(QActionId),
    /// The `connectionPID` of a group holds no connection of the element.
    ConnectionPid(GroupId),
    /// A condition proved invalid.
    InvalidCondition(Conditional),
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
