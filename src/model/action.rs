//! `Action`: the closed list of what a connector can do without code: `On` × `Type`.
//!
//! Rules: ACT-1 to ACT-16. Types that are not in this list are reported at load and left out.

use crate::model::aggregate::Aggregate;
use crate::model::condition::Condition;
use crate::model::id::{ActionId, GroupId, ParamId, TimerId};
use crate::model::moment::Span;

/// One action.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// `@id`.
    pub id: ActionId,
    /// `Name`, for logs.
    pub name: String,
    /// `Condition`; false does nothing (ACT-2).
    pub condition: Option<Condition>,
    /// `On` and `Type`.
    pub kind: ActionKind,
    /// The line of the definition.
    pub line: u32,
}

/// The items an action works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Targets<Id> {
    /// `On@id`, in list order (ACT-3).
    Listed(Vec<Id>),
    /// No `On@id`: the item that fired the trigger, when it is of the same type (ACT-4).
    Triggering,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionKind {
    /// On `group`: one of the seven ways to put a group in the queue.
    ExecuteGroup(Execute, Targets<GroupId>),
    /// `run actions`: run the QActions of the parameters.
    RunActions(Targets<ParamId>),
    /// `copy`: the source, or the trigger's parameter.
    Copy {
        /// `Type@id`.
        from: Option<ParamId>,
        /// `On@id`.
        to: Targets<ParamId>,
    },
    /// `copy reverse`.
    CopyReverse {
        /// `Type@id`.
        from: Option<ParamId>,
        /// `On@id`.
        to: Targets<ParamId>,
    },
    /// `append`: the displayed text of the source.
    Append {
        /// `Type@id`.
        from: ParamId,
        /// `On@id`.
        to: Targets<ParamId>,
        /// `options="hex"`, with the size of a group when given.
        hex: Option<AppendHex>,
    },
    /// `append data`: the stored bytes of the source.
    AppendData {
        /// `Type@id`.
        from: ParamId,
        /// `On@id`.
        to: Targets<ParamId>,
    },
    /// `increment`.
    Increment(Amount, Targets<ParamId>),
    /// `multiply`.
    Multiply(Amount, Targets<ParamId>),
    /// `pow`.
    Pow(Amount, Targets<ParamId>),
    /// `clear`: the next value counts as new (ACT-11).
    Clear(Targets<ParamId>),
    /// `clear on display`.
    ClearOnDisplay(Targets<ParamId>),
    /// `save`.
    Save(Targets<ParamId>),
    /// `go`: enter the value of a write again.
    Go(Targets<ParamId>),
    /// `change length`.
    ChangeLength {
        /// `Type@id`: the parameter that holds the length.
        length: ParamId,
        /// `On@id`.
        to: Targets<ParamId>,
    },
    /// `replace data`.
    ReplaceData {
        /// Old and new bytes, pairwise.
        replacements: Vec<(Vec<u8>, Vec<u8>)>,
        /// `startoffset`: bytes at the start that are protected.
        start: usize,
        /// `endoffset`: bytes at the end that are protected.
        end: usize,
        /// `use_offset`: the offsets select instead of protect.
        select: bool,
        /// `On@id`.
        to: Targets<ParamId>,
    },
    /// `aggregate`: of the columns in `On@id`.
    Aggregate(Box<Aggregate>, Targets<ParamId>),
    /// On `protocol`: `sleep`.
    Sleep(Span),
    /// On `protocol`: `read file`.
    ReadFile {
        /// The parameter with the path.
        path: ParamId,
        /// The parameter with the number of bytes.
        count: Option<ParamId>,
        /// The parameter with the offset.
        offset: Option<ParamId>,
        /// The parameter that receives the content.
        to: ParamId,
    },
    /// On `protocol`: `swap column`.
    SwapColumn {
        /// The table.
        table: ParamId,
        /// The idx copied from, then cleared.
        from: usize,
        /// The idx copied to.
        to: usize,
    },
    /// On `timer`: `start`.
    StartTimer(Targets<TimerId>),
    /// On `timer`: `stop`.
    StopTimer(Targets<TimerId>),
    /// On `timer`: `restart timer`; `reschedule="true"` also ticks at once.
    RestartTimer {
        /// `On@id`.
        timers: Targets<TimerId>,
        /// `@reschedule`.
        reschedule: bool,
    },
    /// On `timer`: `reschedule`.
    RescheduleTimer(Targets<TimerId>),
}

/// How a group is put in the queue (GQ-4 to GQ-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execute {
    /// `add to execute`: at the end.
    AddToExecute,
    /// `execute`: after the last high-class entry.
    Execute,
    /// `execute next`: at the front.
    ExecuteNext,
    /// `execute one`: as `add to execute`, unless already queued.
    ExecuteOne,
    /// `execute one now`: as `execute`, unless already queued.
    ExecuteOneNow,
    /// `execute one top`: as `execute next`, unless already queued.
    ExecuteOneTop,
    /// `force execute`: interrupts the running group after its item.
    ForceExecute,
}

/// How much to increment, multiply or raise by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// `@value`, 1 unless given.
    Value(f64),
    /// `Type@id`: the parameter that holds it.
    Param(ParamId),
}

/// `options="hex"` of `append`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppendHex {
    /// `hex-n`: digits a group.
    pub group: Option<usize>,
}
