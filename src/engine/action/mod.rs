//! Actions: what a connector does without code. One frame works through the targets of one action.
//!
//! Rules: ACT-1 to ACT-23; which pairs of `On` and `Type` exist is `model::action::ActionKind`.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::action::aggregate::AggregateFrame;
use crate::engine::chain::{Context, Frame, Gating, Next};
use crate::engine::change::ChangeFrame;
use crate::engine::effect::{Effect, LogLevel, Origin, Step};
use crate::engine::gate::GateId;
use crate::engine::params::Stored;
use crate::engine::told::Conditional;
use crate::engine::trigger::{Few, Item, few};
use crate::model::action::{ActionKind, Targets};
use crate::model::id::{ActionId, ParamId};

pub(super) mod aggregate;
mod bytes;
mod on_group;
mod on_parameter;
mod on_protocol;
mod read_file;
mod tally;

/// One action at work.
pub(super) struct ActionFrame {
    id: ActionId,
    item: Item,
    /// The parameters still to work on; none before the action began.
    params: Option<Few<ParamId>>,
    /// The parameter that receives the file which is being read.
    file_to: Option<ParamId>,
}

impl ActionFrame {
    /// Which.
    pub(super) const fn id(&self) -> ActionId {
        self.id
    }

    pub(super) const fn new(id: ActionId, item: Item) -> Self {
        Self {
            id,
            item,
            params: None,
            file_to: None,
        }
    }

    pub(super) fn step(&mut self, engine: &mut Engine, context: &mut Context) -> Next {
        let protocol = &context.protocol;
        let Some(action) = protocol.action(self.id) else {
            return Next::Done;
        };
        if let (Some(to), Some(answer)) = (self.file_to.take(), context.file.take()) {
            return engine.take_file(self.id, to, answer);
        }
        if self.params.is_none() {
            if !engine.allows(action.condition.as_ref(), Conditional::Action(self.id)) {
                return Next::Done;
            }
            engine.trace(Step::Action(self.id));
            match self.begin(&action.kind, engine) {
                Next::Again => {}
                next => return next,
            }
        }
        let Some(param) = self.params.as_mut().and_then(Iterator::next) else {
            return Next::Done;
        };
        engine.act_on_parameter(protocol, action, param, self.item)
    }

    /// Does what has no parameters to work through; otherwise lists the parameters.
    fn begin(&mut self, kind: &ActionKind, engine: &mut Engine) -> Next {
        let timers = |targets| listed(targets, self.item.timer());
        match kind {
            ActionKind::ExecuteGroup(how, targets) => {
                let groups = listed(targets, self.item.group());
                if groups.len() == 0 {
                    engine.log_without_target(self.id);
                }
                engine.execute_groups(*how, groups.as_slice());
            }
            ActionKind::StartTimer(targets) => timers(targets).for_each(|id| engine.start_timer(id)),
            ActionKind::StopTimer(targets) => timers(targets).for_each(|id| engine.stop_timer(id)),
            ActionKind::RestartTimer {
                timers: targets,
                reschedule,
            } => {
                timers(targets).for_each(|id| engine.restart_timer(id, *reschedule));
            }
            ActionKind::RescheduleTimer(targets) => timers(targets).for_each(|id| engine.reschedule_timer(id)),
            ActionKind::Sleep(span) => {
                self.params = Some(few(None));
                return Next::Sleep(engine.now + *span);
            }
            ActionKind::Aggregate(aggregate, targets) => {
                let columns = listed(targets, self.item.param()).collect::<Vec<_>>();
                if columns.is_empty() {
                    engine.log_without_target(self.id);
                    return Next::Done;
                }
                let frame = Frame::Aggregate(AggregateFrame::new(self.id, columns));
                if !aggregate.threaded {
                    return Next::Become(frame);
                }
                engine.start_chain(GateId::MAIN, Gating::QActions, Arc::from(""), frame);
            }
            ActionKind::SwapColumn { table, from, to } => return engine.swap_column(self.id, *table, *from, *to),
            ActionKind::ReadFile {
                path,
                count,
                offset,
                to,
            } => {
                let Some(read) = engine.file_to_read(self.id, *path, *count, *offset) else {
                    return Next::Done;
                };
                self.params = Some(few(None));
                self.file_to = Some(*to);
                let request = engine.new_request();
                engine.effects.push(Effect::ReadFile(request, read));
                return Next::File(request);
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
                let params = listed(targets, self.item.param());
                if params.len() == 0 {
                    engine.log_without_target(self.id);
                }
                self.params = Some(params);
                return Next::Again;
            }
        }
        Next::Done
    }
}

impl Engine {
    /// An action without an id that no trigger of its type led to (ACT-4).
    fn log_without_target(&mut self, id: ActionId) {
        self.log(
            LogLevel::Warning,
            format!("action {id} does nothing: it names nothing to work on, and neither does a trigger"),
        );
    }
}

/// The ids an action works on: those listed, else the triggering item when it is of the same type (ACT-3, ACT-4).
fn listed<Id: Copy>(targets: &Targets<Id>, triggering: Option<Id>) -> Few<Id> {
    match targets {
        Targets::Listed(ids) => few(ids.iter().copied()),
        Targets::Triggering => few(triggering),
    }
}

/// The origin of what an action sets.
const fn by(id: ActionId) -> Origin {
    Origin::Action(id)
}

/// A change event, or nothing.
fn event(param: ParamId, stored: Stored, id: ActionId) -> Next {
    match stored {
        Stored::Event => Next::Call(Frame::Change(ChangeFrame::new(param, by(id)))),
        Stored::Silent | Stored::Refused => Next::Again,
    }
}
