//! What alarms: every changed value that is shown is looked at, right behind its change.
//!
//! Rules: ALM-1, ALM-21, ALM-55. A value that only memory has does not alarm (PAR-106).

use crate::alarm::{AlarmChange, Monitor};
use crate::engine::Engine;
use crate::engine::effect::{Effect, RowChangeKind, Seen};
use crate::model::moment::Moment;

impl Engine {
    /// The rows of volatile tables are gone after a stop, and their alarms with them (ALM-1).
    pub(super) fn end_volatile_alarms(&mut self) {
        if let Some(monitor) = &mut self.monitor {
            let ended = monitor.end_volatile(self.now);
            self.effects.extend(told(ended));
        }
    }

    /// The effects, with what they mean for alarms behind them.
    pub(super) fn with_alarms(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let Some(monitor) = &mut self.monitor else {
            return effects;
        };
        let mut all = Vec::with_capacity(effects.len());
        all.extend(told(monitor.tick(self.now)));
        for effect in effects {
            let changes = look_at(monitor, &effect, self.now);
            all.push(effect);
            all.extend(told(changes));
        }
        all
    }
}

fn told(changes: Vec<AlarmChange>) -> impl Iterator<Item = Effect> {
    changes.into_iter().map(|change| Effect::Alarm(Box::new(change)))
}

fn look_at(monitor: &mut Monitor, effect: &Effect, now: Moment) -> Vec<AlarmChange> {
    match effect {
        Effect::Parameter(change) => match change.seen {
            Seen::Everywhere | Seen::ShownOnly => monitor.set(None, &[(change.id, change.value.clone())], now),
            Seen::MemoryOnly => Vec::new(),
        },
        Effect::Row(change) => match change.change {
            RowChangeKind::Removed => monitor.remove_row(change.table, &change.key, now),
            RowChangeKind::Added | RowChangeKind::Updated => monitor.set(Some(&change.key), &change.cells, now),
        },
        Effect::Alarm(_)
        | Effect::Save(_)
        | Effect::ReadFile(..)
        | Effect::Send(..)
        | Effect::Cancel(_)
        | Effect::Close(_)
        | Effect::Tested(..)
        | Effect::Reply(..)
        | Effect::Timeout(_)
        | Effect::Log(_)
        | Effect::Trace(_) => Vec::new(),
    }
}
