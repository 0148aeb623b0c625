//! Removes what refers to an item that lowering left out, so that every reference in a loaded protocol resolves.
//!
//! Rules: TRG-21, TIM-25 and the promise of `model`. Nothing is reported here: the item itself was, where it stands.

use std::collections::BTreeSet;

use crate::model::action::{ActionKind, Targets};
use crate::model::group::Item;
use crate::model::id::{ActionId, TimerId};
use crate::model::protocol::Parts;
use crate::model::trigger::{Scope, TriggerContent, TriggerOn};

/// Removes references to actions and timers that are not there; all other declared items are kept, if need be emptied.
pub(super) fn prune(parts: &mut Parts) {
    let timers: BTreeSet<TimerId> = parts.timers.iter().map(|timer| timer.id).collect();
    let actions: BTreeSet<ActionId> = parts.actions.iter().map(|action| action.id).collect();
    for action in &mut parts.actions {
        prune_action(&mut action.kind, &timers);
    }
    for group in &mut parts.groups {
        group.items.retain(|item| match item.what {
            Item::Action(id) => actions.contains(&id),
            Item::Session(..) | Item::Trigger(_) => true,
        });
    }
    for trigger in &mut parts.triggers {
        if let Some(TriggerOn::BeforeTimer(Scope::One(id))) = trigger.on
            && !timers.contains(&id)
        {
            trigger.on = None;
        }
        match &mut trigger.content {
            TriggerContent::Actions(entries) => entries.retain(|(id, _)| actions.contains(id)),
            TriggerContent::Triggers(_) => {}
        }
    }
}

fn prune_action(kind: &mut ActionKind, timers: &BTreeSet<TimerId>) {
    match kind {
        ActionKind::StartTimer(targets)
        | ActionKind::StopTimer(targets)
        | ActionKind::RestartTimer { timers: targets, .. }
        | ActionKind::RescheduleTimer(targets) => {
            if let Targets::Listed(ids) = targets {
                ids.retain(|id| timers.contains(id));
            }
        }
        ActionKind::ExecuteGroup(..)
        | ActionKind::RunActions(_)
        | ActionKind::Copy { .. }
        | ActionKind::CopyReverse { .. }
        | ActionKind::Append { .. }
        | ActionKind::AppendData { .. }
        | ActionKind::Increment(..)
        | ActionKind::Multiply(..)
        | ActionKind::Pow(..)
        | ActionKind::Clear(_)
        | ActionKind::ClearOnDisplay(_)
        | ActionKind::Save(_)
        | ActionKind::Go(_)
        | ActionKind::ChangeLength { .. }
        | ActionKind::ReplaceData { .. }
        | ActionKind::Aggregate(..)
        | ActionKind::Sleep(_)
        | ActionKind::ReadFile { .. }
        | ActionKind::SwapColumn { .. } => {}
    }
}
