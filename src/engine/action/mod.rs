//! Actions: what a connector does without code. One frame works through the targets of one action.
//!
//! Rules: ACT-1 to ACT-16; which pairs of `On` and `Type` exist is `model::action::ActionKind`.

use std::sync::Arc;
use std::vec::IntoIter;

use crate::engine::Engine;
use crate::engine::chain::{Frame, Next};
use crate::engine::effect::{LogLevel, Origin, Step};
use crate::engine::trigger::Item;
use crate::model::action::{ActionKind, Targets};
use crate::model::id::{ActionId, GroupId, ParamId, TimerId};

mod on_group;
mod on_parameter;
mod on_protocol;

/// One action at work.
pub(super) struct ActionFrame {
    id: ActionId,
    item: Item,
    /// The parameters still to work on; none before the action began.
    params: Option<IntoIter<ParamId>>,
}

impl ActionFrame {
    pub(super) const fn new(id: ActionId, item: Item) -> Self {
        Self { id, item, params: None }
    }

    pub(super) fn step(&mut self, engine: &mut Engine) -> Next {
        let protocol = Arc::clone(&engine.protocol);
        let Some(action) = protocol.action(self.id) else {
            return Next::Done;
        };
        let Some(params) = &mut self.params else {
            if action
                .condition
                .as_ref()
                .is_some_and(|condition| !engine.holds(condition))
            {
                return Next::Done;
            }
            engine.trace(Step::Action(self.id));
            return self.begin(&action.kind, engine);
        };
        let Some(param) = params.next() else { return Next::Done };
        engine.act_on_parameter(&action.kind, self.id, param, self.item)
    }

    /// Does what has no parameters to work through; otherwise lists the parameters.
    fn begin(&mut self, kind: &ActionKind, engine: &mut Engine) -> Next {
        match kind {
            ActionKind::ExecuteGroup(how, targets) => {
                let groups = self.groups(targets);
                engine.execute_groups(*how, &groups);
                Next::Done
            }
            ActionKind::StartTimer(targets) => self
                .timers(targets)
                .into_iter()
                .for_each(|id| engine.start_timer(id))
                .done(),
            ActionKind::StopTimer(targets) => self
                .timers(targets)
                .into_iter()
                .for_each(|id| engine.stop_timer(id))
                .done(),
            ActionKind::RestartTimer { timers, reschedule } => self
                .timers(timers)
                .into_iter()
                .for_each(|id| engine.restart_timer(id, *reschedule))
                .done(),
            ActionKind::RescheduleTimer(targets) => self
                .timers(targets)
                .into_iter()
                .for_each(|id| engine.reschedule_timer(id))
                .done(),
            ActionKind::Sleep(span) => {
                self.params = Some(Vec::new().into_iter());
                Next::Sleep(engine.now + *span)
            }
            ActionKind::SwapColumn { table, from, to } => engine.swap_column(self.id, *table, *from, *to),
            ActionKind::ReadFile { .. } => {
                engine.log(
                    LogLevel::Warning,
                    format!("action {} reads a file: not run yet", self.id),
                );
                Next::Done
            }
            ActionKind::RunActions(targets)
            | ActionKind::Clear(targets)
            | ActionKind::ClearOnDisplay(targets)
            | ActionKind::Save(targets)
            | ActionKind::Go(targets)
            | ActionKind::Copy { to: targets, .. }
            | ActionKind::CopyReverse { to: targets, .. }
            | ActionKind::Append { to: targets, .. }
            | ActionKind::AppendData { to: targets, .. }
            | ActionKind::Increment(_, targets)
            | ActionKind::Multiply(_, targets)
            | ActionKind::Pow(_, targets)
            | ActionKind::ChangeLength { to: targets, .. }
            | ActionKind::ReplaceData { to: targets, .. } => {
                self.params = Some(self.params_of(targets).into_iter());
                Next::Again
            }
        }
    }

    fn params_of(&self, targets: &Targets<ParamId>) -> Vec<ParamId> {
        match (targets, self.item) {
            (Targets::Listed(ids), _) => ids.clone(),
            (Targets::Triggering, Item::Param(id)) => vec![id],
            (Targets::Triggering, Item::Group(_) | Item::Session(_) | Item::Timer(_) | Item::None) => Vec::new(),
        }
    }

    fn groups(&self, targets: &Targets<GroupId>) -> Vec<GroupId> {
        match (targets, self.item) {
            (Targets::Listed(ids), _) => ids.clone(),
            (Targets::Triggering, Item::Group(id)) => vec![id],
            (Targets::Triggering, Item::Param(_) | Item::Session(_) | Item::Timer(_) | Item::None) => Vec::new(),
        }
    }

    fn timers(&self, targets: &Targets<TimerId>) -> Vec<TimerId> {
        match (targets, self.item) {
            (Targets::Listed(ids), _) => ids.clone(),
            (Targets::Triggering, Item::Timer(id)) => vec![id],
            (Targets::Triggering, Item::Param(_) | Item::Group(_) | Item::Session(_) | Item::None) => Vec::new(),
        }
    }
}

/// Ends an action whose work gave nothing back.
trait DoneNow {
    fn done(self) -> Next;
}

impl DoneNow for () {
    fn done(self) -> Next {
        Next::Done
    }
}

/// The origin of what an action sets.
const fn by(id: ActionId) -> Origin {
    Origin::Action(id)
}

/// A change event, or nothing.
fn event(param: ParamId, stored: crate::engine::params::Stored, id: ActionId) -> Next {
    match stored {
        crate::engine::params::Stored::Event => {
            Next::Call(Frame::Change(crate::engine::change::ChangeFrame::new(param, by(id))))
        }
        crate::engine::params::Stored::Silent | crate::engine::params::Stored::Refused => Next::Again,
    }
}
