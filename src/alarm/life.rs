//! The life of an alarm: what a look at a cell changes about it, and the record of that.
//!
//! ```text
//!              New Alarm                        Cleared
//!  no alarm ───────────────▶ alarm ───────────────────────────────────▶ no alarm
//!                            │  ▲ Escalated, Dropped, Flipped,              ▲
//!                  Clearable │  │ Value, Name, Threshold changed            │ cleared by somebody
//!                            ▼  │                                           │
//!                          waits until somebody clears it ──────────────────┘     (AutoClear off)
//! ```
//!
//! Rules: ALM-17, ALM-22, ALM-32, ALM-33, ALM-41 to ALM-47, ALM-55, ALM-56.

use std::sync::Arc;

use crate::alarm::hysteresis::Counting;
use crate::alarm::monitor::{Beside, Monitor, Surroundings, Why, row_name};
use crate::alarm::record::{AlarmChange, AlarmRecord, Cell, RecordKind};
use crate::alarm::threshold::{Hit, evaluate};
use crate::model::alarm::{AlarmDef, Comparison, Property, PropertyPart, Severity, Side};
use crate::model::alarm_template::Hysteresis;
use crate::model::display_text::display_text;
use crate::model::id::ParamId;
use crate::model::moment::{Moment, Span};
use crate::model::value::Value;

/// How many characters of a text a record keeps (ALM-47).
const LONGEST_TEXT: usize = 200;

/// What a cell comes to.
#[derive(Debug)]
pub(super) struct State {
    pub(super) hit: Hit,
    pub(super) value: Value,
    /// The entry of the template that said so; none when an earlier run did.
    pub(super) entry: Option<usize>,
    pub(super) alarm: Option<Alarm>,
    /// What counts, where there is hysteresis.
    pub(super) counting: Option<Counting>,
    /// When that changes by itself.
    pub(super) due: Option<Moment>,
}

/// An alarm that is not over.
#[derive(Debug, Clone)]
pub(super) struct Alarm {
    pub(super) root: u64,
    pub(super) root_at: i64,
    pub(super) last: u64,
    pub(super) ends: Option<Moment>,
    pub(super) display_key: Option<Arc<str>>,
    pub(super) properties: Vec<(String, String)>,
    /// It would be over, but waits until somebody clears it (ALM-45).
    pub(super) clearable: bool,
}

/// What a look at a cell found.
struct Found {
    hit: Hit,
    entry: usize,
    comparison: Comparison,
    active_time: Option<Span>,
    auto_clear: bool,
    counting: Option<Counting>,
    due: Option<Moment>,
    properties: Vec<(String, String)>,
}

impl State {
    /// Whether it was normal, and nothing but its value changes: by far the most frequent, and the cheapest.
    const fn stays_normal(&self, found: &Found) -> bool {
        let is_normal = matches!(found.hit.severity, Severity::Normal);
        is_normal && self.alarm.is_none() && self.due.is_none() && found.due.is_none()
    }
}

impl Found {
    fn state(&self, value: Value, alarm: Option<Alarm>) -> State {
        State {
            hit: self.hit,
            value,
            entry: Some(self.entry),
            alarm,
            counting: self.counting,
            due: self.due,
        }
    }
}

impl Monitor {
    /// Evaluates a cell, which is so bad up to now, and notes what that changes.
    pub(super) fn look_at(
        &mut self,
        cell: &Cell,
        severity: Option<Severity>,
        now: Moment,
        why: Why,
        around: &impl Surroundings,
    ) -> Option<AlarmChange> {
        let value = self.values.get(cell).cloned()?;
        let Some(found) = self.evaluated(cell, &value, now, around) else {
            return self.become_undefined(cell, Some(&value), now);
        };
        if let Some(state) = self.states.get_mut(cell).filter(|state| state.stays_normal(&found)) {
            *state = found.state(value, None);
            return None;
        }
        let before = self.states.remove(cell);
        if let Some(due) = before.as_ref().and_then(|before| before.due) {
            self.due.remove(&(due, cell.clone()));
        }
        let alarm = before.as_ref().and_then(|before| before.alarm.clone());
        let kind = match (&alarm, &before) {
            (None, _) => (found.hit.severity != Severity::Normal).then_some(RecordKind::New),
            (Some(alarm), Some(before)) => what_happens(alarm, before, &found, &value, why),
            (Some(_), None) => None,
        };
        let record = kind.map(|kind| {
            let mut known = alarm.clone();
            let display_key = around.display_key(cell);
            if let Some(known) = &mut known {
                known.properties.clone_from(&found.properties);
                known.display_key = display_key.clone().or(known.display_key.take());
            }
            let mut record = self.record(cell, known.as_ref(), kind, &value, now);
            (record.severity, record.side) = (found.hit.severity, found.hit.side);
            if known.is_none() {
                (record.display_key, record.properties) = (display_key, found.properties.clone());
            }
            record
        });
        self.go_on(cell, alarm, record.as_ref(), &found, &value, now);
        // How bad a cell is that an earlier run left as it is, nobody was told in this one (ALM-48).
        let is_restored = before.as_ref().is_some_and(|before| before.entry.is_none());
        let is_new = record.is_some() || is_restored || severity != self.severity(cell);
        is_new.then(|| AlarmChange {
            cell: cell.clone(),
            severity: self.severity(cell),
            record,
        })
    }

    /// How bad a value is, by the entry that decides; none when that is undefined.
    fn evaluated(&self, cell: &Cell, value: &Value, now: Moment, around: &impl Surroundings) -> Option<Found> {
        let beside = Beside { monitor: self, cell };
        let decided = self.entries.decide(cell.param, || row_name(cell, around), &beside)?;
        let def = decided.alarm;
        let mut hit = evaluate(def, value, |param| {
            let beside = self.beside(cell, param);
            self.values.get(&beside).cloned().unwrap_or_default()
        })?;
        let before = self.states.get(cell);
        let (mut counting, mut due) = (None, None);
        if let Some(hysteresis) = decided.hysteresis {
            let counted = self.counted(before, hit, hysteresis, now);
            (hit, counting, due) = (counted.0, Some(counted.1), counted.2);
        }
        Some(Found {
            hit,
            entry: decided.entry,
            comparison: def.comparison,
            active_time: def.active_time,
            auto_clear: decided.auto_clear,
            counting,
            due,
            properties: properties(self, &def.properties, cell, around),
        })
    }

    /// What counts of a hit, with hysteresis (ALM-32).
    fn counted(
        &self,
        before: Option<&State>,
        hit: Hit,
        hysteresis: &Hysteresis,
        now: Moment,
    ) -> (Hit, Counting, Option<Moment>) {
        let known = before.map(|state| state.counting.unwrap_or_else(|| Counting::of(state.hit.severity)));
        let mut counting = known.unwrap_or_default();
        let (severity, due) = counting.look(hit.severity, hysteresis, now);
        let counted = if severity == hit.severity {
            hit
        } else if let Some(before) = before.filter(|before| before.hit.severity == severity) {
            before.hit
        } else {
            let side = if severity < hit.severity { hit.side } else { Side::Exact };
            let threshold = None;
            Hit {
                severity,
                side,
                threshold,
            }
        };
        (counted, counting, due)
    }

    /// The state after a look; the end of an alarm with an active time moves (ALM-21).
    fn go_on(
        &mut self,
        cell: &Cell,
        alarm: Option<Alarm>,
        record: Option<&AlarmRecord>,
        found: &Found,
        value: &Value,
        now: Moment,
    ) {
        let had_alarm = alarm.is_some();
        if let Some(ends) = alarm.as_ref().and_then(|alarm| alarm.ends) {
            self.ends.remove(&(ends, cell.clone()));
        }
        let is_over = record.is_some_and(|record| record.kind == RecordKind::Cleared);
        let is_bad = found.hit.severity != Severity::Normal;
        let ends = found.active_time.filter(|_| is_bad).map(|span| now + span);
        let going_on = match (record, alarm) {
            _ if is_over => None,
            (Some(record), _) => Some(Alarm {
                root: record.root,
                root_at: record.root_at,
                last: record.id,
                ends,
                display_key: record.display_key.clone(),
                properties: record.properties.clone(),
                clearable: record.kind == RecordKind::Clearable,
            }),
            (None, Some(alarm)) => Some(Alarm { ends, ..alarm }),
            // An alarm that ended by itself does not come back with the same value.
            (None, None) => None,
        };
        if let Some(ends) = ends.filter(|_| going_on.is_some()) {
            self.ends.insert((ends, cell.clone()));
        }
        if let Some(due) = found.due {
            self.due.insert((due, cell.clone()));
        }
        if cell.key.is_some() {
            match (had_alarm, going_on.is_some()) {
                (false, true) => self.open_rows += 1,
                (true, false) => self.open_rows -= 1,
                (true, true) | (false, false) => {}
            }
        }
        let state = found.state(value.clone(), going_on);
        self.states.insert(cell.clone(), state);
    }

    /// Nothing can be said of a cell any more: an alarm of it is over (ALM-17).
    pub(super) fn become_undefined(&mut self, cell: &Cell, value: Option<&Value>, now: Moment) -> Option<AlarmChange> {
        let state = self.states.remove(cell)?;
        let alarm = state.alarm;
        if let Some(ends) = alarm.as_ref().and_then(|alarm| alarm.ends) {
            self.ends.remove(&(ends, cell.clone()));
        }
        if let Some(due) = state.due {
            self.due.remove(&(due, cell.clone()));
        }
        if alarm.is_some() && cell.key.is_some() {
            self.open_rows -= 1;
        }
        let value = value.unwrap_or(&state.value);
        let cleared = |alarm| self.record(cell, Some(&alarm), RecordKind::Cleared, value, now);
        Some(AlarmChange {
            cell: cell.clone(),
            severity: None,
            record: alarm.map(cleared),
        })
    }

    /// The alarm of a cell ends, whatever its value is.
    pub(super) fn end(&mut self, cell: &Cell, now: Moment) -> Option<AlarmChange> {
        let state = self.states.get_mut(cell)?;
        let alarm = state.alarm.take()?;
        let value = self.values.get(cell).unwrap_or(&state.value).clone();
        if let Some(ends) = alarm.ends {
            self.ends.remove(&(ends, cell.clone()));
        }
        if cell.key.is_some() {
            self.open_rows -= 1;
        }
        let record = self.record(cell, Some(&alarm), RecordKind::Cleared, &value, now);
        Some(AlarmChange {
            cell: cell.clone(),
            severity: Some(Severity::Normal),
            record: Some(record),
        })
    }

    /// Rows may be called something else, since these columns of that row have values (ALM-56).
    pub(super) fn rename(
        &mut self,
        values: &[(ParamId, Value)],
        key: &Arc<str>,
        now: Moment,
        around: &impl Surroundings,
    ) -> Vec<AlarmChange> {
        let of = |param: &ParamId| self.protocol.param(*param).and_then(|param| param.column_of);
        let Some(table) = values
            .iter()
            .find_map(|(param, _)| of(param))
            .map(|column| column.table)
        else {
            return Vec::new();
        };
        let own = self.columns(table);
        let own = own.into_iter().map(|param| Cell {
            param,
            key: Some(Arc::clone(key)),
        });
        let mut cells: Vec<Cell> = own.filter(|cell| self.states.contains_key(cell)).collect();
        // Rows of other tables are called after this one (TBL-55).
        let changed = |column: &ParamId| values.iter().any(|(param, _)| param == column);
        let called_after: Vec<ParamId> = self
            .protocol
            .tables()
            .filter(|param| {
                param
                    .table
                    .as_ref()
                    .is_some_and(|table| table.named_elsewhere.keys().any(changed))
            })
            .map(|param| param.id)
            .collect();
        for table in called_after {
            let columns = self.columns(table);
            let states = self.states.keys();
            cells.extend(states.filter(|cell| columns.contains(&cell.param)).cloned());
        }
        let renamed = cells.into_iter().filter_map(|cell| self.renamed(cell, now, around));
        renamed.collect()
    }

    fn renamed(&mut self, cell: Cell, now: Moment, around: &impl Surroundings) -> Option<AlarmChange> {
        let mut alarm = self.states.get(&cell)?.alarm.clone()?;
        let display_key = around.display_key(&cell)?;
        if alarm.display_key.as_ref() == Some(&display_key) {
            return None;
        }
        let was_known = alarm.display_key.is_some();
        alarm.display_key = Some(display_key);
        let (hit, value) = self.states.get(&cell).map(|state| (state.hit, state.value.clone()))?;
        let record = was_known.then(|| {
            let mut record = self.record(&cell, Some(&alarm), RecordKind::NameChanged, &value, now);
            (record.severity, record.side) = (hit.severity, hit.side);
            alarm.last = record.id;
            record
        });
        let severity = self.severity(&cell);
        self.states.get_mut(&cell)?.alarm = Some(alarm);
        let record = record?;
        Some(AlarmChange {
            cell,
            severity,
            record: Some(record),
        })
    }

    /// The value of a record of this cell (ALM-47).
    fn recorded(&self, cell: &Cell, value: &Value) -> Value {
        let entry = self.states.get(cell).and_then(|state| state.entry).unwrap_or_default();
        let def = self.entries.get(cell.param, entry);
        def.map_or_else(|| value.clone(), |def| recorded_as(def, value))
    }

    /// A record of an alarm, or the first one of a new alarm.
    fn record(
        &mut self,
        cell: &Cell,
        alarm: Option<&Alarm>,
        kind: RecordKind,
        value: &Value,
        now: Moment,
    ) -> AlarmRecord {
        self.last += 1;
        let at = i64::try_from(now.0).unwrap_or(i64::MAX);
        AlarmRecord {
            id: self.last,
            root: alarm.map_or(self.last, |alarm| alarm.root),
            previous: alarm.map_or(0, |alarm| alarm.last),
            cell: cell.clone(),
            display_key: alarm.and_then(|alarm| alarm.display_key.clone()),
            severity: Severity::Normal,
            side: Side::Exact,
            kind,
            value: shortened(self.recorded(cell, value)),
            raw: value.clone(),
            properties: alarm.map(|alarm| alarm.properties.clone()).unwrap_or_default(),
            at,
            root_at: alarm.map_or(at, |alarm| alarm.root_at),
        }
    }
}

/// What happens to an alarm; nothing where a number moves as long as it hits the same threshold (ALM-43 to ALM-45).
fn what_happens(alarm: &Alarm, before: &State, found: &Found, value: &Value, why: Why) -> Option<RecordKind> {
    let (was, is) = (before.hit, found.hit);
    if is.severity == Severity::Normal {
        return match (found.auto_clear, alarm.clearable) {
            (true, _) => Some(RecordKind::Cleared),
            (false, false) => Some(RecordKind::Clearable),
            (false, true) => None,
        };
    }
    if is.severity != was.severity && why == Why::Template {
        return Some(RecordKind::ThresholdChanged);
    }
    if is.severity > was.severity {
        return Some(RecordKind::EscalatedFrom(was.severity));
    }
    if is.severity < was.severity {
        return Some(RecordKind::DroppedFrom(was.severity));
    }
    if is.side != was.side {
        return Some(RecordKind::Flipped);
    }
    let differs = match found.comparison {
        Comparison::Range => before.entry == Some(found.entry) && is.threshold != was.threshold,
        Comparison::Equality => *value != before.value,
    };
    (differs && why == Why::Value).then_some(RecordKind::ValueChanged)
}

/// The properties of an alarm (ALM-22).
fn properties(
    monitor: &Monitor,
    wanted: &[Property],
    cell: &Cell,
    around: &impl Surroundings,
) -> Vec<(String, String)> {
    let text = |part: &PropertyPart| match part {
        PropertyPart::Text(text) => text.clone(),
        PropertyPart::Value(param, link) => {
            let value = around.value(cell, *param, link.as_ref());
            let param = monitor.protocol.param(*param).filter(|_| value.is_initialised());
            param.map(|param| display_text(param, &value)).unwrap_or_default()
        }
    };
    let of = |property: &Property| (property.name.clone(), property.parts.iter().map(text).collect());
    wanted.iter().map(of).collect()
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
    use super::shortened;
    use crate::model::value::Value;

    #[test]
    fn alm_47_a_long_text_is_cut_in_a_record() {
        let long = Value::from("ä".repeat(201));
        assert_eq!(shortened(long), Value::from("ä".repeat(200)));
        let short = Value::from("ä".repeat(200));
        assert_eq!(shortened(short.clone()), short);
    }
}
