//! `alarmRegistration`: a parameter is told each change of the alarm level of others.
//!
//! Its value becomes `PID/level/key`, by a set of the engine's own, which raises a change event. One is told after the
//! other, each with everything that it causes, behind what caused the change of the level.
//!
//! Rules: PAR-29, ALM-3.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::alarm::Cell;
use crate::engine::Engine;
use crate::engine::chain::{Frame, Gating};
use crate::engine::change::{ChangeFrame, Fires};
use crate::engine::effect::{Effect, Origin};
use crate::engine::gate::GateId;
use crate::engine::params::Stored;
use crate::model::alarm::level_id;
use crate::model::id::ParamId;
use crate::model::value::Value;

/// The levels that somebody is told about.
#[derive(Debug, Default)]
pub(super) struct AlarmRegistrations {
    /// The level of each cell that has one.
    levels: BTreeMap<Cell, u8>,
    /// Who is to be told what, in order.
    waiting: VecDeque<(ParamId, String)>,
}

impl Engine {
    /// Notes the changes of levels among the effects. True when somebody is to be told.
    pub(super) fn note_levels(&mut self, effects: &[Effect]) -> bool {
        let receivers = &self.protocol.parts().alarm_registrations;
        if receivers.is_empty() {
            return false;
        }
        let registrations = &mut self.alarm_registrations;
        for effect in effects {
            let Effect::Alarm(change) = effect else { continue };
            let Some(receivers) = receivers.get(&change.cell.param) else {
                continue;
            };
            let level = level_id(change.severity);
            if registrations.levels.insert(change.cell.clone(), level).unwrap_or(0) == level {
                continue;
            }
            let key = change.cell.key.as_deref().unwrap_or_default();
            let text = format!("{}/{level}/{key}", change.cell.param);
            let told = receivers.iter().map(|&receiver| (receiver, text.clone()));
            registrations.waiting.extend(told);
        }
        !registrations.waiting.is_empty()
    }

    /// Tells what waits longest. False when nothing waits.
    pub(super) fn tell_level(&mut self) -> bool {
        let Some((receiver, text)) = self.alarm_registrations.waiting.pop_front() else {
            return false;
        };
        let protocol = Arc::clone(&self.protocol);
        let Some(param) = protocol.param(receiver) else {
            return true;
        };
        if self.store(param, &Value::from(text), Origin::Alarm, Fires::OnChange) == Stored::Event {
            let change = Frame::Change(ChangeFrame::new(receiver, Origin::Alarm));
            self.start_chain(GateId::MAIN, Gating::Whole, Arc::from(""), change);
        }
        true
    }

    /// Nobody is told any more: the element stops.
    pub(super) fn forget_levels(&mut self) {
        self.alarm_registrations = AlarmRegistrations::default();
    }
}
