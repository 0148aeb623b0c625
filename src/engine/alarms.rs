//! What alarms: every changed value that is shown is looked at, right behind its change.
//!
//! Rules: ALM-1, ALM-21, ALM-24, ALM-55. A value that only memory has does not alarm (PAR-106).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alarm::{AlarmChange, Cell, InformationEvent, InformationWatch, Monitor};
use crate::engine::Engine;
use crate::engine::effect::{Effect, RowChange, RowChangeKind, Seen};
use crate::engine::table::{Memory, Table};
use crate::model::alarm::AlarmTemplate;
use crate::model::display_key::display_key;
use crate::model::id::ParamId;
use crate::model::moment::Moment;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// What looks at each change.
#[derive(Debug)]
pub(super) struct Alarms {
    /// What alarms, where anything is monitored.
    monitor: Option<Monitor>,
    /// What is worth an information event, where anything is (ALM-24).
    information: Option<InformationWatch>,
}

impl Alarms {
    /// Those of the definition, or none without a template (ALM-2).
    pub(super) fn new(protocol: &Arc<Protocol>, template: &AlarmTemplate) -> Self {
        match template {
            AlarmTemplate::ProtocolDefaults => Self {
                monitor: Monitor::new(protocol),
                information: InformationWatch::new(protocol),
            },
            AlarmTemplate::None => Self {
                monitor: None,
                information: None,
            },
        }
    }

    /// When an alarm ends by itself next.
    pub(super) fn next_wakeup(&self) -> Option<Moment> {
        self.monitor.as_ref()?.next_wakeup()
    }
}

impl Engine {
    /// The rows of volatile tables are gone after a stop, and their alarms with them (ALM-1).
    pub(super) fn end_volatile_alarms(&mut self) {
        if let Some(monitor) = &mut self.alarms.monitor {
            let ended = monitor.end_volatile(self.now);
            self.effects.extend(told(ended));
        }
    }

    /// The effects, with what they mean for alarms and information events behind them.
    pub(super) fn with_alarms(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let Alarms { monitor, information } = &mut self.alarms;
        if monitor.is_none() && information.is_none() {
            return effects;
        }
        let names = Names {
            protocol: &self.protocol,
            tables: &self.tables,
        };
        let mut all = Vec::with_capacity(effects.len());
        if let Some(monitor) = monitor {
            all.extend(told(monitor.tick(self.now)));
        }
        for effect in effects {
            let Some(change) = change(&effect) else {
                all.push(effect);
                continue;
            };
            let changes = monitor.as_mut().map(|monitor| look_at(monitor, &change, self.now));
            let watch = information.as_mut();
            let events = watch.map(|watch| worth_telling(watch, &change, &names, self.now));
            all.push(effect);
            all.extend(told(changes.unwrap_or_default()));
            all.extend(events.unwrap_or_default());
        }
        all
    }
}

/// What people call rows.
pub(super) struct Names<'a> {
    pub(super) protocol: &'a Protocol,
    pub(super) tables: &'a BTreeMap<ParamId, Table>,
}

impl Names<'_> {
    /// The display key of the row of a cell; none for a parameter of its own, and where there is no such row.
    pub(super) fn display_key(&self, cell: &Cell) -> Option<Arc<str>> {
        let key = cell.key.as_ref()?;
        let column = self.protocol.param(cell.param)?.column_of?;
        let table = self.protocol.param(column.table)?;
        let base = self.protocol.table_with_rows(table.id);
        let (_, cells) = self.tables.get(&base)?.row(key)?;
        Some(display_key(self.protocol, table, cells, &Memory(self.tables)).into())
    }
}

/// A change that is seen, as alarms look at it.
enum Change<'a> {
    /// A parameter has a value.
    Value(ParamId, &'a Value),
    /// Cells of a row have values.
    Cells(&'a RowChange),
    /// A row is gone.
    RowRemoved(&'a RowChange),
}

/// The change that an effect is. A value that only memory has is none (PAR-106).
fn change(effect: &Effect) -> Option<Change<'_>> {
    match effect {
        Effect::Parameter(change) => match change.seen {
            Seen::Everywhere | Seen::ShownOnly => Some(Change::Value(change.id, &change.value)),
            Seen::MemoryOnly => None,
        },
        Effect::Row(change) => Some(match change.change {
            RowChangeKind::Removed => Change::RowRemoved(change),
            RowChangeKind::Added | RowChangeKind::Updated => Change::Cells(change),
        }),
        Effect::Alarm(_)
        | Effect::Information(_)
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
        | Effect::Trace(_) => None,
    }
}

fn told(changes: Vec<AlarmChange>) -> impl Iterator<Item = Effect> {
    changes.into_iter().map(|change| Effect::Alarm(Box::new(change)))
}

/// What a change does to alarms.
fn look_at(monitor: &mut Monitor, change: &Change<'_>, now: Moment) -> Vec<AlarmChange> {
    match change {
        Change::Value(param, value) => monitor.set(None, &[(*param, (*value).clone())], now),
        Change::Cells(row) => monitor.set(Some(&row.key), &row.cells, now),
        Change::RowRemoved(row) => monitor.remove_row(row.table, &row.key, now),
    }
}

/// What a change is worth telling (ALM-24).
fn worth_telling(watch: &mut InformationWatch, change: &Change<'_>, names: &Names<'_>, at: Moment) -> Vec<Effect> {
    let event = |key: Option<&Arc<str>>, param: ParamId, value: &Value, text: String| {
        let cell = Cell {
            param,
            key: key.cloned(),
        };
        Effect::Information(Box::new(InformationEvent {
            display_key: names.display_key(&cell),
            cell,
            value: value.clone(),
            text,
            at,
        }))
    };
    match change {
        Change::Value(param, value) => {
            let texts = watch.set(None, *param, value).into_iter();
            texts.map(|text| event(None, *param, value, text)).collect()
        }
        Change::Cells(row) => {
            let mut events = Vec::new();
            for (param, value) in &row.cells {
                let texts = watch.set(Some(&row.key), *param, value).into_iter();
                events.extend(texts.map(|text| event(Some(&row.key), *param, value, text)));
            }
            events
        }
        Change::RowRemoved(row) => {
            let table = names.protocol.param(row.table).and_then(|param| param.table.as_ref());
            let columns = table.into_iter().flat_map(|table| &table.columns);
            watch.remove_row(columns.map(|column| column.pid), &row.key);
            Vec::new()
        }
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
