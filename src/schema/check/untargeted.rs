//! An action without `On@id` is for the item that fired the trigger, so some trigger has to be for such an item.
//!
//! Rules: ACT-4. A trigger without an event is fired by something that is not known here, so it is given the benefit.

use std::collections::BTreeMap;

use crate::model::action::{ActionKind, Targets};
use crate::model::id::ActionId;
use crate::model::protocol::Protocol;
use crate::model::trigger::{Branch, Trigger, TriggerContent, TriggerOn};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;

/// Looks at every action without an item of its own.
pub(super) fn check(cx: &mut Lowering<'_>, protocol: &Protocol) {
    let mut running: BTreeMap<ActionId, Vec<&Trigger>> = BTreeMap::new();
    for trigger in &protocol.parts().triggers {
        for (action, _) in run_by(trigger) {
            running.entry(*action).or_default().push(trigger);
        }
    }
    for action in &protocol.parts().actions {
        let Some(kind) = wanted(&action.kind) else { continue };
        let mut triggers = running.get(&action.id).into_iter().flatten();
        if triggers.any(|trigger| trigger.on.as_ref().is_none_or(|on| gives(on) == Some(kind))) {
            continue;
        }
        let Some(node) = cx.declared.actions.node(action.id).and_then(|node| node.child("On")) else {
            continue;
        };
        let (word, hint) = match kind {
            Kind::Param => ("parameter", "write `<On id=\"…\">parameter</On>`"),
            Kind::Group => ("group", "write `<On id=\"…\">group</On>`"),
        };
        let message = format!(
            "no trigger on a {word} runs action {}, so it has none to work on and does nothing",
            action.id
        );
        cx.report(Diagnostic::new(&codes::UNTARGETED, node.name_span(), message).hint(hint));
    }
}

/// The kind of an item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Param,
    Group,
}

/// The kind of item an action takes from its trigger; none when it names its own, or needs none.
fn wanted(kind: &ActionKind) -> Option<Kind> {
    let targets = match kind {
        ActionKind::ExecuteGroup(_, targets) => return (*targets == Targets::Triggering).then_some(Kind::Group),
        ActionKind::RunActions(to)
        | ActionKind::Copy { to, .. }
        | ActionKind::CopyReverse { to, .. }
        | ActionKind::Append { to, .. }
        | ActionKind::AppendData { to, .. }
        | ActionKind::Increment(_, to)
        | ActionKind::Multiply(_, to)
        | ActionKind::Pow(_, to)
        | ActionKind::Clear(to)
        | ActionKind::ClearOnDisplay(to)
        | ActionKind::Save(to)
        | ActionKind::Go(to)
        | ActionKind::ChangeLength { to, .. }
        | ActionKind::ReplaceData { to, .. }
        | ActionKind::Aggregate(_, to) => to,
        ActionKind::Sleep(_)
        | ActionKind::ReadFile { .. }
        | ActionKind::SwapColumn { .. }
        | ActionKind::StartTimer(_)
        | ActionKind::StopTimer(_)
        | ActionKind::RestartTimer { .. }
        | ActionKind::RescheduleTimer(_) => return None,
    };
    (*targets == Targets::Triggering).then_some(Kind::Param)
}

/// The actions that a trigger runs, with the branch of each.
fn run_by(trigger: &Trigger) -> &[(ActionId, Branch)] {
    match &trigger.content {
        TriggerContent::Actions(entries) => entries,
        TriggerContent::Triggers(_) => &[],
    }
}

/// The kind of item an event is about.
const fn gives(on: &TriggerOn) -> Option<Kind> {
    match on {
        TriggerOn::ParameterChange(_) => Some(Kind::Param),
        TriggerOn::BeforeGroup(_) | TriggerOn::AfterGroup(_) => Some(Kind::Group),
        TriggerOn::SessionTimeout(_)
        | TriggerOn::BeforeTimer(_)
        | TriggerOn::AfterStartup
        | TriggerOn::Communication(_)
        | TriggerOn::ParameterTimeout => None,
    }
}
