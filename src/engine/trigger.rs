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
use crate::model::protocol::Protocol;
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
    match triggers {
        [] => Next::Again,
        [trigger] => Next::Call(Frame::Trigger(TriggerFrame::of_event(*trigger, item))),
        triggers => Next::Call(Frame::Triggers(TriggersFrame {
            triggers: few(triggers.iter().copied()),
            item,
        })),
    }
}

/// Ids to work through. Nearly always there are one or two, which cost no allocation.
pub(super) type Few<Id> = smallvec::IntoIter<[Id; 4]>;

pub(super) fn few<Id: Copy>(ids: impl IntoIterator<Item = Id>) -> Few<Id> {
    ids.into_iter().collect::<SmallVec<[Id; 4]>>().into_iter()
}

/// Several triggers, one after the other.
pub(super) struct TriggersFrame {
    triggers: Few<TriggerId>,
    item: Item,
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
    pub(super) fn step(&mut self) -> Next {
        self.triggers.next().map_or(Next::Done, |id| {
            Next::Call(Frame::Trigger(TriggerFrame::of_event(id, self.item)))
        })
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
    /// One whose event happened.
    const fn of_event(id: TriggerId, item: Item) -> Self {
        Self::fired(id, item, FiredBy::Event)
    }

    /// One that is activated by name: by another trigger, a group, `CheckTrigger`.
    pub(super) const fn by_name(id: TriggerId, item: Item) -> Self {
        Self::fired(id, item, FiredBy::Name)
    }

    const fn fired(id: TriggerId, item: Item, by: FiredBy) -> Self {
        let content = None;
        Self { id, item, by, content }
    }

    /// Which.
    pub(super) const fn id(&self) -> TriggerId {
        self.id
    }

    pub(super) fn step(&mut self, engine: &mut Engine, context: &Context) -> Next {
        if self.content.is_none() {
            if context.triggers > TRIGGER_LIMIT {
                let (id, nested) = (self.id, context.triggers);
                return Next::Abort(format!(
                    "trigger {id} would be the {nested}th nested one: an endless loop was stopped"
                ));
            }
            self.content = self.fire(engine, &context.protocol);
        }
        let item = self.item;
        match &mut self.content {
            None => Next::Done,
            Some(Content::Actions(ids)) => ids
                .next()
                .map_or(Next::Done, |id| Next::Call(Frame::Action(ActionFrame::new(id, item)))),
            Some(Content::Triggers(ids)) => ids
                .next()
                .map_or(Next::Done, |id| Next::Call(Frame::Trigger(Self::by_name(id, item)))),
        }
    }

    /// Evaluates the condition and takes the entries of its outcome (TRG-11, TRG-12). None when it does not go off.
    fn fire(&self, engine: &mut Engine, protocol: &Protocol) -> Option<Content> {
        let trigger = protocol.trigger(self.id)?;
        if let Some(comparison) = &trigger.comparison
            && self.by == FiredBy::Event
            && !engine.legacy_comparison_holds(comparison)
        {
            return None;
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
            return None;
        }
        engine.trace(Step::Trigger(self.id));
        Some(content)
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
