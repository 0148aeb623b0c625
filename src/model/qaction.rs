//! `QAction`: which events run a piece of code. The code itself is registered in Rust.
//!
//! Rules: QA-1 to QA-33.

use crate::model::condition::Condition;
use crate::model::id::{GroupId, ParamId, QActionId};

/// The declaration of one QAction.
#[derive(Debug, Clone, PartialEq)]
pub struct QActionDef {
    /// `@id`.
    pub id: QActionId,
    /// `@name`, for logs.
    pub name: String,
    /// `@triggers`: the parameters whose events run it, each with its entry point (QA-5).
    pub triggers: Vec<(ParamId, String)>,
    /// With `options="group"`: the groups whose multithreaded results run it (QA-28).
    pub groups: Vec<GroupId>,
    /// `@row`: runs once a row (QA-20, QA-21).
    pub row: bool,
    /// `options="queued"` (QA-16).
    pub queued: bool,
    /// `options="binary"`: input parameters as bytes (QA-11).
    pub binary: bool,
    /// `@inputParameters`, captured when the run starts (QA-10).
    pub input: Vec<ParamId>,
    /// `Condition`.
    pub condition: Option<Condition>,
    /// The line of the definition.
    pub line: u32,
}
