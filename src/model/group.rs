//! `Group`: things done one after the other when the group is executed.
//!
//! Rules: GRP-1 to GRP-17, THR-3 to THR-5.

use crate::model::condition::Condition;
use crate::model::id::{ActionId, ConnectionId, ExchangeId, GroupId, ParamId, SessionId, ThreadId, TriggerId};
use crate::model::moment::Span;

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// `@id`; -1 is the ping group.
    pub id: GroupId,
    /// `Name`, for logs.
    pub name: String,
    /// `Type`, poll unless given (GRP-1).
    pub kind: GroupKind,
    /// `Condition`, evaluated when the group leaves the queue (GRP-6).
    pub condition: Option<Condition>,
    /// `@connection`, 0 unless given.
    pub connection: ConnectionId,
    /// Whether it was given: such a group stays on its connection (TMO-24).
    pub connection_given: bool,
    /// `@connectionPID`: the parameter that holds the connection number (THR-5).
    pub connection_pid: Option<ParamId>,
    /// `@threadId`.
    pub thread: Option<ThreadId>,
    /// Whether it can be executed: not when its content is of several kinds (GRP-2).
    pub executable: bool,
    /// `@ping`: the connection test runs it (GRP-16).
    pub ping: bool,
    /// The items that fit the type. What does not fit is reported and left out (GRP-4).
    pub items: Vec<GroupItem>,
    /// The line of the definition.
    pub line: u32,
}

/// `Group/Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKind {
    /// `poll`: sessions.
    Poll,
    /// `action`.
    Action,
    /// `trigger`.
    Trigger,
    /// `poll action`.
    PollAction,
    /// `poll trigger`.
    PollTrigger,
}

impl Group {
    /// Whether it runs sessions.
    #[must_use]
    pub fn has_sessions(&self) -> bool {
        let mut items = self.items.iter();
        items.any(|item| matches!(item.what, Item::Session(..)))
    }
}

impl GroupKind {
    /// Whether a timer queues the group; the other kinds it runs at once (TIM-6).
    #[must_use]
    pub const fn is_poll_class(self) -> bool {
        matches!(self, Self::Poll | Self::PollAction | Self::PollTrigger)
    }
}

/// One item of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupItem {
    /// What is done.
    pub what: Item,
    /// `@next`: how long the following item waits (GRP-9).
    pub next: Option<Span>,
}

/// What an item does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// Run a session, or only one exchange of it (GRP-15).
    Session(SessionId, Option<ExchangeId>),
    /// Run an action.
    Action(ActionId),
    /// Fire a trigger.
    Trigger(TriggerId),
}
