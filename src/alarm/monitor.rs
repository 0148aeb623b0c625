//! `Monitor`: what alarms in an element, and what each new value changes about it.
//!
//! Rules: ALM-1, ALM-17, ALM-21 to ALM-23, ALM-41 to ALM-47, ALM-55.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::alarm::record::{AlarmChange, AlarmRecord, Cell, RecordKind};
use crate::alarm::threshold::{Hit, evaluate};
use crate::model::alarm::{AlarmDef, Comparison, Severity};
use crate::model::id::ParamId;
use crate::model::moment::Moment;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// How many characters of a text a record keeps (ALM-47).
const LONGEST_TEXT: usize = 200;

/// What is monitored in one run of an element.
#[derive(Debug)]
pub struct Monitor {
    protocol: Arc<Protocol>,
    /// The monitored parameters that a parameter decides about.
    dependents: BTreeMap<ParamId, Vec<ParamId>>,
    /// The values of those that are monitored, or decide.
    values: BTreeMap<Cell, Value>,
    /// What is not undefined.
    states: BTreeMap<Cell, State>,
    /// The alarms that end by themselves, by when (ALM-21).
    ends: BTreeSet<(Moment, Cell)>,
    last: u64,
}

/// What a cell comes to.
#[derive(Debug)]
struct State {
    hit: Hit,
    value: Value,
    alarm: Option<Alarm>,
}

/// An alarm that is not over.
#[derive(Debug, Clone, Copy)]
struct Alarm {
    root: u64,
    root_at: Moment,
    last: u64,
    ends: Option<Moment>,
}

impl Monitor {
    /// None when the definition monitors nothing.
    #[must_use]
    pub fn new(protocol: &Arc<Protocol>) -> Option<Self> {
        let alarms = &protocol.parts().alarms;
        if alarms.is_empty() {
            return None;
        }
        let mut dependents: BTreeMap<ParamId, Vec<ParamId>> = BTreeMap::new();
        for (param, alarm) in alarms {
            for input in alarm.inputs() {
                dependents.entry(input).or_default().push(*param);
            }
        }
        Some(Self {
            protocol: Arc::clone(protocol),
            dependents,
            values: BTreeMap::new(),
            states: BTreeMap::new(),
            ends: BTreeSet::new(),
            last: 0,
        })
    }

    /// Parameters, or cells of one row, have these values: all of them are there before any is looked at.
    pub fn set(&mut self, key: Option<&Arc<str>>, values: &[(ParamId, Value)], now: Moment) -> Vec<AlarmChange> {
        let mut affected: Vec<Cell> = Vec::new();
        for (param, value) in values {
            let monitored = self.protocol.parts().alarms.contains_key(param);
            let dependents = self.dependents.get(param).cloned().unwrap_or_default();
            if !monitored && dependents.is_empty() {
                continue;
            }
            let cell = Cell {
                param: *param,
                key: key.cloned(),
            };
            self.values.insert(cell.clone(), value.clone());
            affected.extend(monitored.then_some(cell));
            affected.extend(
                dependents
                    .into_iter()
                    .flat_map(|dependent| self.cells_of(dependent, key)),
            );
        }
        affected.sort();
        affected.dedup();
        let looked_at = affected.into_iter().filter_map(|cell| self.look_at(cell, now));
        looked_at.collect()
    }

    /// A row is gone, and its alarms with it (ALM-55).
    pub fn remove_row(&mut self, table: ParamId, key: &Arc<str>, now: Moment) -> Vec<AlarmChange> {
        let columns = self.protocol.param(table).and_then(|param| param.table.as_ref());
        let columns: Vec<ParamId> = columns
            .into_iter()
            .flat_map(|table| table.columns.iter().map(|c| c.pid))
            .collect();
        let cells = columns.into_iter().map(|param| Cell {
            param,
            key: Some(Arc::clone(key)),
        });
        let mut changes = Vec::new();
        for cell in cells {
            if let Some(value) = self.values.remove(&cell) {
                changes.extend(self.become_undefined(&cell, &value, now));
            }
        }
        changes
    }

    /// The alarms of volatile tables end: the element stops, and nothing of them is kept (ALM-1).
    pub fn end_volatile(&mut self, now: Moment) -> Vec<AlarmChange> {
        let protocol = Arc::clone(&self.protocol);
        let is_volatile = |cell: &Cell| {
            let column = protocol.param(cell.param).and_then(|param| param.column_of);
            let table = column.and_then(|column| protocol.param(column.table)?.table.as_ref());
            table.is_some_and(|table| table.volatile)
        };
        let cells: Vec<Cell> = self.states.keys().filter(|cell| is_volatile(cell)).cloned().collect();
        let mut changes = Vec::new();
        for cell in cells {
            let value = self.values.remove(&cell).unwrap_or_default();
            changes.extend(self.become_undefined(&cell, &value, now));
        }
        changes
    }

    /// When an alarm ends by itself next.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Moment> {
        self.ends.first().map(|(at, _)| *at)
    }

    /// Ends the alarms that are due to (ALM-21).
    pub fn tick(&mut self, now: Moment) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        while let Some((at, cell)) = self.ends.first().cloned()
            && at <= now
        {
            self.ends.remove(&(at, cell.clone()));
            let value = self.values.get(&cell).cloned().unwrap_or_default();
            if let Some(alarm) = self.states.get_mut(&cell).and_then(|state| state.alarm.take()) {
                let record = self.record(&cell, Some(alarm), Severity::Normal, RecordKind::Cleared, &value, now);
                changes.push(AlarmChange {
                    cell,
                    severity: Some(Severity::Normal),
                    record: Some(record),
                });
            }
        }
        changes
    }

    /// How bad a cell is; none when that is undefined.
    #[must_use]
    pub fn severity(&self, cell: &Cell) -> Option<Severity> {
        let state = self.states.get(cell)?;
        // An alarm that ended by itself is over, whatever the value is.
        Some(state.alarm.map_or(Severity::Normal, |_| state.hit.severity))
    }

    /// The cells of a monitored parameter: the one of the row when it is a column, and what decides is one too.
    fn cells_of(&self, param: ParamId, key: Option<&Arc<str>>) -> Vec<Cell> {
        match (self.is_column(param), key) {
            (true, None) => {
                let first = Cell { param, key: None };
                let cells = self.values.range(first..).map(|(cell, _)| cell);
                cells.take_while(|cell| cell.param == param).cloned().collect()
            }
            (true, Some(key)) => vec![Cell {
                param,
                key: Some(Arc::clone(key)),
            }],
            (false, _) => vec![Cell { param, key: None }],
        }
    }

    fn is_column(&self, param: ParamId) -> bool {
        self.protocol
            .param(param)
            .is_some_and(|param| param.column_of.is_some())
    }

    /// Evaluates a cell, and notes what that changes.
    fn look_at(&mut self, cell: Cell, now: Moment) -> Option<AlarmChange> {
        let value = self.values.get(&cell).cloned()?;
        let protocol = Arc::clone(&self.protocol);
        let def = protocol.parts().alarms.get(&cell.param)?;
        let input = |param| {
            let key = cell.key.as_ref().filter(|_| self.is_column(param));
            let of = Cell {
                param,
                key: key.cloned(),
            };
            self.values.get(&of).cloned().unwrap_or_default()
        };
        let Some(hit) = evaluate(def, &value, input) else {
            return self.become_undefined(&cell, &value, now);
        };
        let severity = self.severity(&cell);
        let before = self.states.remove(&cell);
        let alarm = before.as_ref().and_then(|before| before.alarm);
        let kind = match (alarm, hit.severity) {
            (None, Severity::Normal) => None,
            (None, _) => Some(RecordKind::New),
            (Some(_), Severity::Normal) => Some(RecordKind::Cleared),
            (Some(_), _) => before.and_then(|before| changed(def, &before, hit, &value)),
        };
        let record = kind.map(|kind| self.record(&cell, alarm, hit.severity, kind, &value, now));
        let alarm = self.going_on(&cell, def, alarm, hit, record.as_ref(), now);
        let is_new = record.is_some() || severity != Some(hit.severity);
        self.states.insert(cell.clone(), State { hit, value, alarm });
        is_new.then_some(AlarmChange {
            cell,
            severity: Some(hit.severity),
            record,
        })
    }

    /// The alarm after an event; its end moves (ALM-21).
    fn going_on(
        &mut self,
        cell: &Cell,
        def: &AlarmDef,
        alarm: Option<Alarm>,
        hit: Hit,
        record: Option<&AlarmRecord>,
        now: Moment,
    ) -> Option<Alarm> {
        if let Some(ends) = alarm.and_then(|alarm| alarm.ends) {
            self.ends.remove(&(ends, cell.clone()));
        }
        if hit.severity == Severity::Normal {
            return None;
        }
        let ends = def.active_time.map(|span| now + span);
        if let Some(ends) = ends {
            self.ends.insert((ends, cell.clone()));
        }
        match (record, alarm) {
            (Some(record), _) => Some(Alarm {
                root: record.root,
                root_at: record.root_at,
                last: record.id,
                ends,
            }),
            (None, Some(alarm)) => Some(Alarm { ends, ..alarm }),
            (None, None) => None,
        }
    }

    /// Nothing can be said of a cell any more: an alarm of it is over (ALM-17).
    fn become_undefined(&mut self, cell: &Cell, value: &Value, now: Moment) -> Option<AlarmChange> {
        let alarm = self.states.remove(cell)?.alarm;
        if let Some(ends) = alarm.and_then(|alarm| alarm.ends) {
            self.ends.remove(&(ends, cell.clone()));
        }
        let cleared = |alarm| self.record(cell, Some(alarm), Severity::Normal, RecordKind::Cleared, value, now);
        Some(AlarmChange {
            cell: cell.clone(),
            severity: None,
            record: alarm.map(cleared),
        })
    }

    /// The value of a record of this cell (ALM-47).
    fn recorded(&self, cell: &Cell, value: &Value) -> Value {
        let def = self.protocol.parts().alarms.get(&cell.param);
        def.map_or_else(|| value.clone(), |def| recorded_as(def, value))
    }

    fn record(
        &mut self,
        cell: &Cell,
        alarm: Option<Alarm>,
        severity: Severity,
        kind: RecordKind,
        value: &Value,
        now: Moment,
    ) -> AlarmRecord {
        self.last += 1;
        AlarmRecord {
            id: self.last,
            root: alarm.map_or(self.last, |alarm| alarm.root),
            previous: alarm.map_or(0, |alarm| alarm.last),
            cell: cell.clone(),
            severity,
            kind,
            value: shortened(self.recorded(cell, value)),
            raw: value.clone(),
            at: now,
            root_at: alarm.map_or(now, |alarm| alarm.root_at),
        }
    }
}

/// What changed of an alarm that goes on: a number may move as long as it hits the same threshold (ALM-43, ALM-44).
fn changed(def: &AlarmDef, before: &State, now: Hit, value: &Value) -> Option<RecordKind> {
    if now.severity > before.hit.severity {
        return Some(RecordKind::EscalatedFrom(before.hit.severity));
    }
    if now.severity < before.hit.severity {
        return Some(RecordKind::DroppedFrom(before.hit.severity));
    }
    if now.side != before.hit.side {
        return Some(RecordKind::Flipped);
    }
    let differs = match def.comparison {
        Comparison::Range => now.threshold != before.hit.threshold,
        Comparison::Equality => *value != before.value,
    };
    differs.then_some(RecordKind::ValueChanged)
}

/// A text as records keep it (ALM-47).
fn shortened(value: Value) -> Value {
    match &value {
        Value::Text(text) if text.chars().nth(LONGEST_TEXT).is_some() => {
            Value::from(text.chars().take(LONGEST_TEXT).collect::<String>())
        }
        Value::Uninitialised | Value::Number(_) | Value::Text(_) => value,
    }
}

/// The value of a record: an exception by what stands for it (ALM-47).
fn recorded_as(def: &AlarmDef, value: &Value) -> Value {
    let exception = def.exceptions.iter().find(|(exception, _)| exception == value);
    exception.map_or(value, |(_, mapped)| mapped).clone()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Monitor;
    use crate::model::alarm::{AlarmDef, Comparison, Limit, Severity, Side, Threshold};
    use crate::model::id::ParamId;
    use crate::model::moment::{Moment, Span};
    use crate::model::protocol::{Parts, Protocol};
    use crate::model::value::Value;

    const LEVEL: ParamId = ParamId(1);

    /// `CL 0;-5`, `MiL 10`, `WaH 80;$-1`, `MaH 90`, `CH 100`.
    fn thresholds() -> Vec<Threshold> {
        use Severity::{Critical, Major, Minor, Warning};
        let of = |severity, side, limit: f64| Threshold {
            severity,
            side,
            limit: Limit::Number(limit),
        };
        vec![
            of(Critical, Side::Low, -5.0),
            of(Critical, Side::Low, 0.0),
            of(Critical, Side::High, 100.0),
            of(Major, Side::High, 90.0),
            of(Minor, Side::Low, 10.0),
            of(Warning, Side::High, 80.0),
            Threshold {
                severity: Warning,
                side: Side::High,
                limit: Limit::Exception(Value::Number(-1.0)),
            },
        ]
    }

    fn monitor(active_time: Option<Span>) -> Monitor {
        let def = AlarmDef {
            thresholds: thresholds(),
            comparison: Comparison::Range,
            baseline: None,
            disabled_if: None,
            gate: None,
            active_time,
            exceptions: vec![(Value::Number(999.0), Value::Number(-1.0))],
        };
        let parts = Parts {
            alarms: [(LEVEL, def)].into(),
            ..Parts::default()
        };
        Monitor::new(&Arc::new(Protocol::build(parts))).expect("something is monitored")
    }

    /// What each value gives: id, root, previous, name and time of the root, or a dash.
    fn records(monitor: &mut Monitor, values: impl IntoIterator<Item = Value>) -> Vec<String> {
        let mut at = 0;
        let mut record_of = |value| {
            at += 1;
            let changes = monitor.set(None, &[(LEVEL, value)], Moment(at));
            let record = changes.into_iter().find_map(|change| change.record);
            record.map_or_else(
                || "-".to_owned(),
                |record| {
                    let (id, root, previous) = (record.id, record.root, record.previous);
                    format!("{id} {root} {previous} {} @{}", record.kind.name(), record.root_at.0)
                },
            )
        };
        values.into_iter().map(&mut record_of).collect()
    }

    #[test]
    fn alm_41_to_alm_45_the_records_of_an_alarm_are_a_tree_from_new_to_cleared() {
        let values = [50.0, 85.0, 95.0, 105.0, 90.0, 5.0, 80.0, 50.0, 85.0];
        let found = records(&mut monitor(None), values.map(Value::Number));
        assert_eq!(
            found,
            [
                "-",
                "1 1 0 New Alarm @2",
                "2 1 1 Escalated from Warning @2",
                "3 1 2 Escalated from Major @2",
                "4 1 3 Dropped from Critical @2",
                "5 1 4 Dropped from Major @2",
                "6 1 5 Dropped from Minor @2",
                "7 1 6 Cleared @2",
                "8 8 0 New Alarm @9",
            ]
        );
    }

    #[test]
    fn alm_43_alm_44_the_other_side_and_another_threshold_of_one_severity() {
        let values = [100.0, 101.0, -1.0, -2.0, -5.0, 0.0];
        let found = records(&mut monitor(None), values.map(Value::Number));
        assert_eq!(
            found,
            [
                "1 1 0 New Alarm @1",
                "-",
                "2 1 1 Flipped @1",
                "-",
                "3 1 2 Value changed @1",
                "4 1 3 Value changed @1",
            ]
        );
    }

    #[test]
    fn alm_17_a_value_that_goes_away_ends_its_alarm_and_leaves_it_undefined() {
        let mut monitor = monitor(None);
        let found = records(&mut monitor, [Value::Number(100.0), Value::Uninitialised]);
        assert_eq!(found, ["1 1 0 New Alarm @1", "2 1 1 Cleared @1"]);
        assert!(monitor.states.is_empty());
    }

    #[test]
    fn alm_47_a_long_text_is_cut_in_a_record() {
        let long = Value::from("ä".repeat(201));
        assert_eq!(super::shortened(long), Value::from("ä".repeat(200)));
        let short = Value::from("ä".repeat(200));
        assert_eq!(super::shortened(short.clone()), short);
    }

    #[test]
    fn alm_47_an_alarm_that_ends_by_itself_is_recorded_by_what_stands_for_its_exception() {
        let mut monitor = monitor(Some(Span(1000)));
        monitor.set(None, &[(LEVEL, Value::Number(999.0))], Moment(1));
        let ended = monitor.tick(Moment(1001)).into_iter().find_map(|change| change.record);
        assert_eq!(ended.map(|record| record.value), Some(Value::Number(-1.0)));
    }
}
