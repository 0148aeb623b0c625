//! Triggers that go off: their conditions, and the actions and triggers they name.
//!
//! Rules: TRG-8 to TRG-12, TRG-16, TRG-18, TRG-20.

use smallvec::SmallVec;

use crate::engine::Engine;
use crate::engine::action::ActionFrame;
use crate::engine::chain::{Context, Frame, Next, TRIGGER_LIMIT};
use crate::engine::condition;
use crate::engine::effect::Step;
use crate::engine::told::Conditional;
use crate::model::condition::{Condition, Expression};
use crate::model::id::{ActionId, GroupId, ParamId, SessionId, TimerId, TriggerId};
use crate::model::trigger::{Branch, ComparedWith, TimeComparison, TriggerContent};
use crate::model::value::{Value, ValueKind};

/// The item whose event fired a trigger: what an action without `On@id` works on (ACT-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Param(ParamId),
    Group(GroupId),
    Session(SessionId),
    Timer(TimerId),
    /// Nothing in particular: startup, `CheckTrigger`.
    None,
}

impl Item {
    /// The parameter, when it is one.
    pub(super) const fn param(self) -> Option<ParamId> {
        match self {
            Self::Param(id) => Some(id),
            Self::Group(_) | Self::Session(_) | Self::Timer(_) | Self::None => None,
        }
    }

    /// The group, when it is one.
    pub(super) const fn group(self) -> Option<GroupId> {
        match self {
            Self::Group(id) => Some(id),
            Self::Param(_) | Self::Session(_) | Self::Timer(_) | Self::None => None,
        }
    }

    /// The timer, when it is one.
    pub(super) const fn timer(self) -> Option<TimerId> {
        match self {
            Self::Timer(id) => Some(id),
            Self::Param(_) | Self::Group(_) | Self::Session(_) | Self::None => None,
        }
    }
}

/// Runs the triggers that an event fires; the next step when there are none.
pub(super) fn fire(triggers: &[TriggerId], item: Item) -> Next {
    if triggers.is_empty() {
        return Next::Again;
    }
    Next::Call(Frame::Triggers(TriggersFrame::of_event(triggers, item)))
}

/// Ids to work through. Nearly always there are one or two, which cost no allocation.
type Few<Id> = smallvec::IntoIter<[Id; 4]>;

fn few<Id: Copy>(ids: impl IntoIterator<Item = Id>) -> Few<Id> {
    ids.into_iter().collect::<SmallVec<[Id; 4]>>().into_iter()
}

/// Several triggers, one after the other.
pub(super) struct TriggersFrame {
    triggers: Few<TriggerId>,
    item: Item,
    by: FiredBy,
}

/// What makes a trigger go off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FiredBy {
    /// Its own event.
    Event,
    /// Somebody named it; its `On` and `Time`, with the comparison on it, do not matter (TRG-8, TRG-18).
    Name,
}

impl TriggersFrame {
    /// The triggers of an event.
    pub(super) fn of_event(triggers: &[TriggerId], item: Item) -> Self {
        Self {
            triggers: few(triggers.iter().copied()),
            item,
            by: FiredBy::Event,
        }
    }

    /// A trigger that is activated by name: by another trigger, a group, `CheckTrigger`.
    pub(super) fn by_name(trigger: TriggerId, item: Item) -> Self {
        Self {
            triggers: few([trigger]),
            item,
            by: FiredBy::Name,
        }
    }

    pub(super) fn step(&mut self, context: &Context) -> Next {
        let Some(id) = self.triggers.next() else {
            return Next::Done;
        };
        if context.triggers >= TRIGGER_LIMIT {
            return Next::Abort(format!(
                "trigger {id} would be the {}th nested one: an endless loop was stopped",
                TRIGGER_LIMIT + 1
            ));
        }
        Next::Call(Frame::Trigger(TriggerFrame {
            id,
            item: self.item,
            by: self.by,
            content: None,
        }))
    }
}

/// One trigger that goes off.
pub(super) struct TriggerFrame {
    id: TriggerId,
    item: Item,
    by: FiredBy,
    /// What is left to do; none before the condition was evaluated.
    content: Option<Content>,
}

enum Content {
    Actions(Few<ActionId>),
    Triggers(Few<TriggerId>),
}

impl Content {
    fn is_empty(&self) -> bool {
        match self {
            Self::Actions(ids) => ids.len() == 0,
            Self::Triggers(ids) => ids.len() == 0,
        }
    }
}

impl TriggerFrame {
    /// Which.
    pub(super) const fn id(&self) -> TriggerId {
        self.id
    }

    pub(super) fn step(&mut self, engine: &mut Engine, context: &Context) -> Next {
        let Some(content) = &mut self.content else {
            return self.fire(engine);
        };
        match content {
            Content::Actions(ids) => ids.next().map_or(Next::Done, |id| {
                Next::Call(Frame::Action(ActionFrame::new(id, self.item)))
            }),
            Content::Triggers(ids) => {
                let Some(id) = ids.next() else { return Next::Done };
                TriggersFrame::by_name(id, self.item).step(context)
            }
        }
    }

    /// Evaluates the condition and takes the entries of its outcome (TRG-11, TRG-12).
    fn fire(&mut self, engine: &mut Engine) -> Next {
        let protocol = std::sync::Arc::clone(&engine.protocol);
        let Some(trigger) = protocol.trigger(self.id) else {
            return Next::Done;
        };
        if let Some(comparison) = &trigger.comparison
            && self.by == FiredBy::Event
            && !engine.legacy_comparison_holds(comparison)
        {
            return Next::Done;
        }
        let branch = match engine.allows(trigger.condition.as_ref(), Conditional::Trigger(self.id)) {
            true => Branch::Then,
            false => Branch::Else,
        };
        let content = match &trigger.content {
            TriggerContent::Actions(entries) => Content::Actions(on_branch(entries, branch)),
            TriggerContent::Triggers(entries) => Content::Triggers(on_branch(entries, branch)),
        };
        if branch == Branch::Else && content.is_empty() {
            // The condition has to be met for the trigger to go off.
            return Next::Done;
        }
        engine.trace(Step::Trigger(self.id));
        self.content = Some(content);
        Next::Again
    }
}

fn on_branch<Id: Copy>(entries: &[(Id, Branch)], branch: Branch) -> Few<Id> {
    few(entries.iter().filter(|(_, on)| *on == branch).map(|&(id, _)| id))
}

impl Engine {
    /// The comparison on `Time` (TRG-16).
    fn legacy_comparison_holds(&self, comparison: &TimeComparison) -> bool {
        let operand = |id| {
            let kind = self
                .protocol
                .param(id)
                .map_or(ValueKind::Text, |param| param.interprete.kind);
            Expression::Param(id, kind)
        };
        let right = match &comparison.with {
            ComparedWith::Value(Value::Number(number)) => Expression::Number(*number),
            ComparedWith::Value(value) => Expression::Text(value.to_text().to_string()),
            ComparedWith::Param(id) => operand(*id),
        };
        let compare = |case| Condition::Compare(operand(comparison.param), case, right.clone());
        let holds = |case| condition::evaluate(&compare(case), self).unwrap_or_default();
        comparison.cases.iter().any(|&case| holds(case))
    }
}
