//! What alarms: every changed value that is shown is looked at, right behind its change.
//!
//! Rules: ALM-1, ALM-21, ALM-24, ALM-33, ALM-45, ALM-48, ALM-55. A value that only memory has does not alarm (PAR-106).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alarm::{
    ALARM_TEMPLATE, AlarmChange, AlarmRecord, Cell, Information, InformationWatch, Monitor, RecordKind, Says,
    Surroundings, cleared,
};
use crate::engine::Engine;
use crate::engine::effect::{Effect, RowChange, RowChangeKind, Seen};
use crate::engine::event::AlarmRequest;
use crate::engine::params::Params;
use crate::engine::saved::Record;
use crate::engine::table::{Memory, Table};
use crate::model::alarm_template::AlarmTemplate;
use crate::model::display_key::display_key;
use crate::model::id::ParamId;
use crate::model::moment::Moment;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::relation::Link;
use crate::model::value::Value;

/// What looks at each change.
#[derive(Debug)]
pub(super) struct Alarms {
    /// What alarms, where anything is monitored.
    monitor: Option<Monitor>,
    /// What is worth an information event, where anything is (ALM-24).
    information: Option<InformationWatch>,
    /// Whether alarms of an earlier run are still to be settled (ALM-48).
    unsettled: bool,
    /// The id of the last record of those that monitored before: ids count on.
    last_record: u64,
}

impl Alarms {
    /// Those of a template (ALM-2).
    pub(super) fn new(protocol: &Arc<Protocol>, template: &AlarmTemplate) -> Self {
        Self {
            monitor: Monitor::new(protocol, template),
            information: InformationWatch::new(protocol, template),
            unsettled: false,
            last_record: 0,
        }
    }

    /// When an alarm changes by itself next.
    pub(super) fn next_wakeup(&self) -> Option<Moment> {
        self.monitor.as_ref()?.next_wakeup()
    }
}

impl Engine {
    /// Takes in the alarms that were open when an earlier run ended; nothing is raised again (ALM-48).
    pub(super) fn restore_alarms(&mut self, records: Vec<AlarmRecord>) {
        if records.is_empty() {
            return;
        }
        let started = self.started_unix_ms;
        let records = records.into_iter().map(|record| record.shifted(-started));
        match &mut self.alarms.monitor {
            Some(monitor) => {
                monitor.restore(records.collect());
                self.alarms.unsettled = true;
            }
            None => {
                let ended: Vec<AlarmChange> = records.map(|record| cleared(record, self.now)).collect();
                let told = told(ended, &self.protocol, started);
                self.effects.extend(told);
            }
        }
    }

    /// The rows of volatile tables are gone after a stop, and their alarms with them (ALM-1).
    pub(super) fn end_volatile_alarms(&mut self) {
        if let Some(monitor) = &mut self.alarms.monitor {
            let ended = monitor.end_volatile(self.now);
            self.effects.extend(told(ended, &self.protocol, self.started_unix_ms));
        }
    }

    /// Somebody assigns a template, or clears an alarm.
    pub(super) fn ask_alarms(&mut self, request: AlarmRequest) {
        let changes = match request {
            AlarmRequest::Assign(template) => {
                let name = template.name().to_owned();
                let changes = self.assign(template);
                let cell = Cell {
                    param: ALARM_TEMPLATE,
                    key: None,
                };
                self.inform(cell, Value::Uninitialised, Says::Text(name.into()));
                changes
            }
            AlarmRequest::Clear(root) => {
                let monitor = self.alarms.monitor.as_mut();
                monitor
                    .and_then(|monitor| monitor.clear(root, self.now))
                    .into_iter()
                    .collect()
            }
        };
        self.effects.extend(told(changes, &self.protocol, self.started_unix_ms));
    }

    /// Every current value is looked at with another template (ALM-33).
    fn assign(&mut self, template: AlarmTemplate) -> Vec<AlarmChange> {
        let mut fresh = Alarms::new(&self.protocol, &template);
        self.settings.alarm_template = template;
        let around = Around {
            protocol: &self.protocol,
            tables: &self.tables,
            params: &self.params,
        };
        if let Some(watch) = &mut fresh.information {
            // What is so already is no news.
            for (key, values) in around.current() {
                for (param, value) in values {
                    let cell = Cell {
                        param,
                        key: key.cloned(),
                    };
                    watch.set(&cell, &value, &around);
                }
            }
        }
        let old = self.alarms.monitor.take();
        fresh.last_record = self.alarms.last_record;
        let changes = match (old, &mut fresh.monitor) {
            (Some(old), Some(monitor)) => monitor.take_over(old, around.current(), self.now, &around),
            (Some(mut old), None) => {
                let ended = old.end_all(self.now);
                fresh.last_record = old.last_record();
                ended
            }
            (None, Some(monitor)) => {
                monitor.count_on_from(self.alarms.last_record);
                monitor.look_at_current(around.current(), self.now, &around)
            }
            (None, None) => Vec::new(),
        };
        self.alarms = fresh;
        changes
    }

    /// The effects, with what they mean for alarms and information events behind them.
    pub(super) fn with_alarms(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let Alarms {
            monitor,
            information,
            unsettled,
            ..
        } = &mut self.alarms;
        if monitor.is_none() && information.is_none() {
            return effects;
        }
        let around = Around {
            protocol: &self.protocol,
            tables: &self.tables,
            params: &self.params,
        };
        let told = |changes| told(changes, &self.protocol, self.started_unix_ms);
        let mut all = Vec::with_capacity(effects.len());
        if let Some(monitor) = monitor {
            all.extend(told(monitor.tick(self.now, &around)));
        }
        for effect in effects {
            let Some(change) = change(&effect) else {
                all.push(effect);
                continue;
            };
            let monitor = monitor.as_mut();
            let changes = monitor.map(|monitor| look_at(monitor, &change, self.now, &around));
            let watch = information.as_mut();
            let events = watch.map(|watch| worth_telling(watch, &change, &around, self.now));
            all.push(effect);
            all.extend(told(changes.unwrap_or_default()));
            all.extend(events.unwrap_or_default());
        }
        if let Some(monitor) = monitor.as_mut().filter(|_| std::mem::take(unsettled)) {
            all.extend(told(monitor.settle(self.now, &around)));
        }
        all
    }
}

/// The element around its alarms.
pub(super) struct Around<'a> {
    pub(super) protocol: &'a Protocol,
    pub(super) tables: &'a BTreeMap<ParamId, Table>,
    pub(super) params: &'a Params,
}

impl<'a> Around<'a> {
    /// Every current value: of parameters of their own, and of rows.
    fn current(&self) -> impl Iterator<Item = (Option<&'a Arc<str>>, Vec<(ParamId, Value)>)> {
        let (protocol, params, tables) = (self.protocol, self.params, self.tables);
        let standalone = protocol.parts().params.iter().filter(|param| param.is_standalone());
        let values = standalone
            .map(|param| (param.id, params.get(param.id).clone()))
            .filter(|(_, value)| value.is_initialised())
            .map(|value| (None, vec![value]));
        let rows = protocol.tables().flat_map(move |table| {
            let columns = table.table.iter().flat_map(|table| &table.columns);
            let columns: Vec<ParamId> = columns.map(|column| column.pid).collect();
            let rows = tables.get(&table.id).into_iter().flat_map(Table::rows);
            rows.map(move |(key, _, cells)| {
                let cells = columns.iter().copied().zip(cells.iter().cloned());
                (Some(key), cells.filter(|(_, cell)| cell.is_initialised()).collect())
            })
        });
        values.chain(rows)
    }

    fn cells(&self, cell: &Cell) -> Option<(&'a Param, &'a [Value])> {
        let key = cell.key.as_ref()?;
        let column = self.protocol.param(cell.param)?.column_of?;
        let table = self.protocol.param(column.table)?;
        let base = self.protocol.table_with_rows(table.id);
        let (_, cells) = self.tables.get(&base)?.row(key)?;
        Some((table, cells))
    }
}

impl Surroundings for Around<'_> {
    fn display_key(&self, cell: &Cell) -> Option<Arc<str>> {
        let (table, cells) = self.cells(cell)?;
        Some(display_key(self.protocol, table, cells, &Memory(self.tables)).into())
    }

    fn value(&self, cell: &Cell, param: ParamId, link: Option<&Link>) -> Value {
        let column = self.protocol.param(param).and_then(|param| param.column_of);
        let found = match (link, column) {
            (Some(link), _) => {
                let memory = Memory(self.tables);
                let own = self.cells(cell).map(|(_, cells)| cells);
                own.and_then(|cells| link.follow(cells, &memory)?.get(link.idx).cloned())
            }
            (None, Some(column)) => self.cells(cell).and_then(|(_, cells)| cells.get(column.idx).cloned()),
            (None, None) => Some(self.params.get(param).clone()),
        };
        found.unwrap_or_default()
    }
}

/// What changes about alarms is told, and what stays open is kept (ALM-48).
fn told(changes: Vec<AlarmChange>, protocol: &Protocol, started: i64) -> impl Iterator<Item = Effect> {
    changes.into_iter().flat_map(move |change| {
        let kept = change.record.as_ref().map(|record| {
            if record.kind == RecordKind::Cleared {
                return Record::AlarmCleared { root: record.root };
            }
            Record::Alarm {
                record: Box::new(record.clone().shifted(started)),
                secret: protocol.param(record.cell.param).is_some_and(Param::is_secret),
            }
        });
        [Some(Effect::Alarm(Box::new(change))), kept.map(Effect::Save)]
            .into_iter()
            .flatten()
    })
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
        | Effect::CloseTrend(..)
        | Effect::Tested(..)
        | Effect::Redefined(_)
        | Effect::ToElement(..)
        | Effect::Reply(..)
        | Effect::Timeout(_)
        | Effect::Log(_)
        | Effect::Trace(_) => None,
    }
}

/// What a change does to alarms.
fn look_at(monitor: &mut Monitor, change: &Change<'_>, now: Moment, around: &Around<'_>) -> Vec<AlarmChange> {
    match change {
        Change::Value(param, value) => monitor.set(None, &[(*param, (*value).clone())], now, around),
        Change::Cells(row) => monitor.set(Some(&row.key), &row.cells, now, around),
        Change::RowRemoved(row) => monitor.remove_row(row.table, &row.key, now),
    }
}

/// What a change is worth telling (ALM-24).
fn worth_telling(watch: &mut InformationWatch, change: &Change<'_>, around: &Around<'_>, at: Moment) -> Vec<Effect> {
    let mut events = Vec::new();
    let mut look = |key: Option<&Arc<str>>, param: ParamId, value: &Value| {
        let cell = Cell {
            param,
            key: key.cloned(),
        };
        for text in watch.set(&cell, value, around) {
            events.push(Effect::Information(Box::new(Information {
                display_key: around.display_key(&cell),
                cell: cell.clone(),
                value: value.clone(),
                says: Says::Text(text.into()),
                at,
            })));
        }
    };
    match change {
        Change::Value(param, value) => look(None, *param, value),
        Change::Cells(row) => row
            .cells
            .iter()
            .for_each(|(param, value)| look(Some(&row.key), *param, value)),
        Change::RowRemoved(row) => {
            let table = around.protocol.param(row.table).and_then(|param| param.table.as_ref());
            let columns = table.into_iter().flat_map(|table| &table.columns);
            watch.remove_row(columns.map(|column| column.pid), &row.key);
        }
    }
    events
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
    use crate::model::alarm::{AlarmDef, Comparison, Limit, Severity, Side, Threshold};
    use crate::model::alarm_template::AlarmTemplate;
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
            properties: Vec::new(),
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
