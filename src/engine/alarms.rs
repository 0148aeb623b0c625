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
        | Effect::Redefined(_)
        | Effect::Reply(..)
        | Effect::Timeout(_)
        | Effect::Log(_)
        | Effect::Trace(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::engine::effect::Effect;
    use crate::engine::event::Event;
    use crate::engine::qaction::QActionSet;
    use crate::engine::saved::Saved;
    use crate::engine::settings::ElementSettings;
    use crate::engine::{Engine, EngineOptions};
    use crate::model::alarm::{AlarmDef, AlarmTemplate, Comparison, Limit, Severity, Side, Threshold};
    use crate::model::display_text::tests::param;
    use crate::model::id::{ElementId, ParamId};
    use crate::model::moment::Moment;
    use crate::model::param::ParamKind;
    use crate::model::protocol::{Parts, Protocol};
    use crate::model::value::ValueKind;

    /// How often something alarms at the start of an element whose parameter 1 is 95 where 90 is critical.
    fn alarms(template: AlarmTemplate) -> usize {
        let mut level = param(1, "Level", ParamKind::Read, ValueKind::Number);
        level.interprete.default = Some(95.0.into());
        let def = AlarmDef {
            thresholds: vec![Threshold {
                severity: Severity::Critical,
                side: Side::High,
                limit: Limit::Number(90.0),
            }],
            comparison: Comparison::Range,
            baseline: None,
            disabled_if: None,
            gate: None,
            active_time: None,
            exceptions: Vec::new(),
        };
        let protocol = Arc::new(Protocol::build(Parts {
            params: vec![level],
            alarms: [(ParamId(1), def)].into(),
            ..Parts::default()
        }));
        let mut settings = ElementSettings::prefilled(ElementId(1), "Meter", &protocol);
        settings.alarm_template = template;
        let mut engine = Engine::new(protocol, settings, QActionSet::default(), EngineOptions::default());
        let start = Event::Start {
            saved: Saved::default(),
            unix_ms: 0,
        };
        let effects = engine.handle(start, Moment::START);
        effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Alarm(_)))
            .count()
    }

    #[test]
    fn alm_2_gop_24_without_a_template_nothing_alarms() {
        assert_eq!(alarms(AlarmTemplate::ProtocolDefaults), 1);
        assert_eq!(alarms(AlarmTemplate::None), 0);
    }
}
