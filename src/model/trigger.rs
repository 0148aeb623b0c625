//! `Trigger`: when something happens, run actions or fire other triggers.
//!
//! Rules: TRG-1 to TRG-21.

use crate::model::condition::{Comparison, Condition};
use crate::model::id::{ActionId, GroupId, ParamId, SessionId, TimerId, TriggerId};
use crate::model::value::Value;

/// One trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// `@id`.
    pub id: TriggerId,
    /// `Name`, for logs.
    pub name: String,
    /// `On` and `Time`; none fires only when it is activated (TRG-6).
    pub on: Option<TriggerOn>,
    /// `Condition`.
    pub condition: Option<Condition>,
    /// The legacy comparison on `Time` (TRG-16).
    pub comparison: Option<TimeComparison>,
    /// `Type` and `Content`.
    pub content: TriggerContent,
    /// The line of the definition.
    pub line: u32,
}

/// The event that fires a trigger: the combinations of `On` and `Time` that run, and the one that counts although it
/// never occurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerOn {
    /// `parameter` `change`.
    ParameterChange(Scope<ParamId>),
    /// `group` `before`.
    BeforeGroup(Scope<GroupId>),
    /// `group` `after`.
    AfterGroup(Scope<GroupId>),
    /// `session` `timeout`.
    SessionTimeout(Scope<SessionId>),
    /// `timer` `before`.
    BeforeTimer(Scope<TimerId>),
    /// `protocol` `after startup`.
    AfterStartup,
    /// `communication`: the connection reports exactly this text (TMO-16).
    Communication(String),
    /// `parameter` `timeout` or `timeout after retries`: never occurs, and `CheckTrigger` does not stand in for it (TRG-18).
    ParameterTimeout,
}

/// Which items of its kind a trigger is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<Id> {
    /// The one with this id.
    One(Id),
    /// `each`: those that have no trigger of their own for the same time (TRG-3).
    Each,
    /// No id given: all of them (TRG-2).
    All,
}

/// What a trigger does. The flag is `else`: run when the condition is false (TRG-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerContent {
    /// `action`.
    Actions(Vec<(ActionId, Branch)>),
    /// `trigger`.
    Triggers(Vec<(TriggerId, Branch)>),
}

/// On which outcome of the condition an entry runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branch {
    /// The condition is true, or there is none.
    Then,
    /// `else="true"`: the condition is false.
    Else,
}

/// `Time@case`, `@value`, `@id`, `@nr`: fire only if the comparison holds (TRG-16).
#[derive(Debug, Clone, PartialEq)]
pub struct TimeComparison {
    /// The parameter compared; the one in `On` unless given.
    pub param: ParamId,
    /// Fires when one of these holds.
    pub cases: Vec<Comparison>,
    /// What it is compared with.
    pub with: ComparedWith,
}

/// The right side of a legacy comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum ComparedWith {
    /// A value.
    Value(Value),
    /// The value of a parameter: `nr="true"`.
    Param(ParamId),
}
