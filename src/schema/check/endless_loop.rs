//! A change that causes itself: trigger → action → parameter → trigger, with nothing in between that could end it.
//!
//! Rules: VAL-25, TRG-20, CHG-4, CHG-6. A condition or a comparison may end a circle, and so may a copy to a read
//! parameter, which raises nothing once the values are equal: circles through those are not reported. What QActions and
//! queued groups cause is not known here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::action::{ActionKind, Targets};
use crate::model::id::{ActionId, ParamId, TriggerId};
use crate::model::protocol::Protocol;
use crate::model::trigger::{Branch, Scope, Trigger, TriggerContent, TriggerOn};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Trigger(TriggerId),
    Action(ActionId),
    Change(ParamId),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trigger(id) => write!(f, "trigger {id}"),
            Self::Action(id) => write!(f, "action {id}"),
            Self::Change(id) => write!(f, "a change of parameter {id}"),
        }
    }
}

/// What each step causes for certain.
type Causes = BTreeMap<Step, BTreeSet<Step>>;

/// Reports every circle at its first trigger.
pub(super) fn check(cx: &mut Lowering<'_>, protocol: &Protocol) {
    for circle in circles(&causes(protocol)) {
        report(cx, &circle);
    }
}

fn report(cx: &mut Lowering<'_>, circle: &[Step]) {
    let first = circle.iter().filter(|step| matches!(step, Step::Trigger(_))).min();
    let Some(&Step::Trigger(id)) = first else { return };
    let Some(node) = cx.declared.triggers.node(id) else {
        return;
    };
    let start = circle
        .iter()
        .position(|&step| step == Step::Trigger(id))
        .unwrap_or_default();
    let steps: Vec<String> = circle[start..]
        .iter()
        .chain(&circle[..=start])
        .map(ToString::to_string)
        .collect();
    let message = format!("nothing ends this: {}", steps.join(" → "));
    let hint = "give one of them a condition";
    cx.report(Diagnostic::new(&codes::ENDLESS_LOOP, node.name_span(), message).hint(hint));
}

/// The circles in which no step is in another one found before, depth first from the lowest step.
fn circles(causes: &Causes) -> Vec<Vec<Step>> {
    let effects = |step: Step| causes.get(&step).into_iter().flatten().copied();
    let mut circles = Vec::new();
    let mut known = BTreeSet::new();
    let mut in_circle: BTreeSet<Step> = BTreeSet::new();
    for &start in causes.keys() {
        if !known.insert(start) {
            continue;
        }
        let mut path = vec![start];
        let mut open = vec![effects(start)];
        while let Some(next) = open.last_mut().map(Iterator::next) {
            match next {
                None => {
                    open.pop();
                    path.pop();
                }
                Some(next) if known.insert(next) => {
                    path.push(next);
                    open.push(effects(next));
                }
                Some(next) if in_circle.contains(&next) => {}
                Some(next) => {
                    if let Some(position) = path.iter().position(|&step| step == next) {
                        in_circle.extend(&path[position..]);
                        circles.push(path[position..].to_vec());
                    }
                }
            }
        }
    }
    circles
}

fn causes(protocol: &Protocol) -> Causes {
    let mut causes = Causes::new();
    let parts = protocol.parts();
    let certain = parts
        .triggers
        .iter()
        .filter(|trigger| trigger.condition.is_none() && trigger.comparison.is_none());
    let certain: Vec<&Trigger> = certain.collect();
    for trigger in &certain {
        let effects = causes.entry(Step::Trigger(trigger.id)).or_default();
        match &trigger.content {
            TriggerContent::Actions(entries) => effects.extend(then(entries).map(Step::Action)),
            TriggerContent::Triggers(entries) => effects.extend(then(entries).map(Step::Trigger)),
        }
    }
    let mut running: BTreeMap<ActionId, Vec<&Trigger>> = BTreeMap::new();
    for trigger in &certain {
        for action in run_by(trigger) {
            running.entry(action).or_default().push(trigger);
        }
    }
    for action in parts.actions.iter().filter(|action| action.condition.is_none()) {
        let triggers = running.get(&action.id).into_iter().flatten();
        let triggering = || triggers.clone().filter_map(|trigger| fired_by(trigger));
        let changed: Vec<ParamId> = match changed_by(&action.kind) {
            None => continue,
            Some(Targets::Listed(params)) => params.clone(),
            Some(Targets::Triggering) => triggering().collect(),
        };
        let changed = changed
            .into_iter()
            .filter(|&param| is_certain(protocol, &action.kind, param));
        causes
            .entry(Step::Action(action.id))
            .or_default()
            .extend(changed.map(Step::Change));
    }
    let changed: BTreeSet<Step> = causes.values().flatten().copied().collect();
    let dedicated: BTreeSet<ParamId> = parts.triggers.iter().filter_map(fired_by).collect();
    let mut on_one: BTreeMap<ParamId, Vec<&Trigger>> = BTreeMap::new();
    let mut on_many: Vec<&Trigger> = Vec::new();
    for trigger in certain {
        match trigger.on {
            Some(TriggerOn::ParameterChange(Scope::One(param))) => on_one.entry(param).or_default().push(trigger),
            Some(TriggerOn::ParameterChange(Scope::All | Scope::Each)) => on_many.push(trigger),
            _ => {}
        }
    }
    for step in changed {
        if let Step::Change(param) = step {
            let fired = on_one.get(&param).into_iter().flatten().chain(&on_many);
            let fired = fired.filter(|trigger| fires_on(trigger, param, &dedicated));
            causes.insert(step, fired.map(|trigger| Step::Trigger(trigger.id)).collect());
        }
    }
    causes
}

fn then<Id: Copy>(entries: &[(Id, Branch)]) -> impl Iterator<Item = Id> {
    entries
        .iter()
        .filter(|(_, branch)| *branch == Branch::Then)
        .map(|(id, _)| *id)
}

/// The actions that a trigger runs.
fn run_by(trigger: &Trigger) -> impl Iterator<Item = ActionId> {
    let entries = match &trigger.content {
        TriggerContent::Actions(entries) => entries.as_slice(),
        TriggerContent::Triggers(_) => &[],
    };
    then(entries)
}

/// The one parameter whose change fires a trigger.
fn fired_by(trigger: &Trigger) -> Option<ParamId> {
    match trigger.on {
        Some(TriggerOn::ParameterChange(Scope::One(param))) => Some(param),
        _ => None,
    }
}

/// Whether a change of the parameter fires the trigger: `each` only where no trigger is dedicated to it (TRG-3).
fn fires_on(trigger: &Trigger, param: ParamId, dedicated: &BTreeSet<ParamId>) -> bool {
    match trigger.on {
        Some(TriggerOn::ParameterChange(Scope::One(id))) => id == param,
        Some(TriggerOn::ParameterChange(Scope::All)) => true,
        Some(TriggerOn::ParameterChange(Scope::Each)) => !dedicated.contains(&param),
        _ => false,
    }
}

/// The parameters an action sets.
fn changed_by(kind: &ActionKind) -> Option<&Targets<ParamId>> {
    match kind {
        ActionKind::Copy { to, .. }
        | ActionKind::CopyReverse { to, .. }
        | ActionKind::Append { to, .. }
        | ActionKind::AppendData { to, .. }
        | ActionKind::Increment(_, to)
        | ActionKind::Multiply(_, to)
        | ActionKind::Pow(_, to)
        | ActionKind::Go(to) => Some(to),
        ActionKind::ExecuteGroup(..)
        | ActionKind::RunActions(_)
        | ActionKind::Clear(_)
        | ActionKind::ClearOnDisplay(_)
        | ActionKind::Save(_)
        | ActionKind::ChangeLength { .. }
        | ActionKind::ReplaceData { .. }
        | ActionKind::Aggregate(..)
        | ActionKind::Sleep(_)
        | ActionKind::ReadFile { .. }
        | ActionKind::SwapColumn { .. }
        | ActionKind::StartTimer(_)
        | ActionKind::StopTimer(_)
        | ActionKind::RestartTimer { .. }
        | ActionKind::RescheduleTimer(_) => None,
    }
}

/// Whether the action raises a change of the parameter every time: on a write always (CHG-4), else by a value that
/// differs from the one before.
fn is_certain(protocol: &Protocol, kind: &ActionKind, param: ParamId) -> bool {
    let grows = matches!(
        kind,
        ActionKind::Increment(..) | ActionKind::Append { .. } | ActionKind::AppendData { .. }
    );
    grows || protocol.param(param).is_some_and(|param| param.is_write())
}
