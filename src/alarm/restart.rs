//! Alarms over a restart, and over a change of the template: what is open stays open until a value says otherwise.
//!
//! Rules: ALM-1, ALM-33, ALM-48.

use std::sync::Arc;

use crate::alarm::life::{Alarm, State};
use crate::alarm::monitor::{Monitor, Surroundings, Why};
use crate::alarm::record::{AlarmChange, AlarmRecord, Cell, RecordKind};
use crate::alarm::threshold::Hit;
use crate::model::alarm::{Severity, Side};
use crate::model::id::ParamId;
use crate::model::moment::Moment;
use crate::model::value::Value;

impl Monitor {
    /// Takes in the last records of alarms that were open when an earlier run ended.
    pub fn restore(&mut self, records: Vec<AlarmRecord>) {
        for record in records {
            self.last = self.last.max(record.id);
            if record.cell.key.is_some() {
                self.open_rows += 1;
            }
            let alarm = Alarm {
                root: record.root,
                root_at: record.root_at,
                last: record.id,
                ends: None,
                display_key: record.display_key,
                properties: record.properties,
                clearable: record.kind == RecordKind::Clearable,
            };
            let state = State {
                hit: Hit {
                    severity: record.severity,
                    side: record.side,
                    threshold: None,
                },
                value: record.raw,
                entry: None,
                alarm: Some(alarm),
                counting: None,
                due: None,
            };
            if let Some(State { alarm: Some(_), .. }) = self.states.insert(record.cell.clone(), state)
                && record.cell.key.is_some()
            {
                self.open_rows -= 1;
            }
        }
    }

    /// Says how bad the restored cells are that have no value yet; what no longer alarms, or is gone, is cleared.
    pub fn settle(&mut self, now: Moment, around: &impl Surroundings) -> Vec<AlarmChange> {
        let unseen = self.states.iter().filter(|(_, state)| state.entry.is_none());
        let unseen: Vec<Cell> = unseen.map(|(cell, _)| cell.clone()).collect();
        let settled = unseen.into_iter().filter_map(|cell| {
            let is_gone = cell.key.is_some() && around.display_key(&cell).is_none();
            if !self.entries.is_monitored(cell.param) || self.is_volatile(&cell) || is_gone {
                return self.become_undefined(&cell, None, now);
            }
            Some(AlarmChange {
                severity: self.severity(&cell),
                cell,
                record: None,
            })
        });
        settled.collect()
    }

    /// Takes over from a monitor with another template: every current value is looked at, and alarms of what is no longer
    /// monitored are over (ALM-33).
    pub fn take_over<'v>(
        &mut self,
        mut old: Self,
        current: impl Iterator<Item = (Option<&'v Arc<str>>, Vec<(ParamId, Value)>)>,
        now: Moment,
        around: &impl Surroundings,
    ) -> Vec<AlarmChange> {
        self.last = old.last;
        self.open_rows = old.open_rows;
        self.ends = std::mem::take(&mut old.ends);
        self.states = std::mem::take(&mut old.states);
        for state in self.states.values_mut() {
            (state.counting, state.due) = (None, None);
        }
        let mut changes = self.look_at_current(current, now, around);
        let left = self.states.keys();
        let left: Vec<Cell> = left
            .filter(|cell| !self.entries.is_monitored(cell.param))
            .cloned()
            .collect();
        for cell in left {
            changes.extend(self.become_undefined(&cell, None, now));
        }
        changes
    }

    /// Looks at every current value.
    pub fn look_at_current<'v>(
        &mut self,
        current: impl Iterator<Item = (Option<&'v Arc<str>>, Vec<(ParamId, Value)>)>,
        now: Moment,
        around: &impl Surroundings,
    ) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        for (key, values) in current {
            changes.extend(self.take(key, &values, now, Why::Template, around));
        }
        changes
    }

    /// The id of its last record.
    #[must_use]
    pub fn last_record(&self) -> u64 {
        self.last
    }

    /// Its records count on from this one.
    pub fn count_on_from(&mut self, last: u64) {
        self.last = last;
    }

    /// Nothing is monitored any more: all alarms are over.
    pub fn end_all(&mut self, now: Moment) -> Vec<AlarmChange> {
        let cells: Vec<Cell> = self.states.keys().cloned().collect();
        let ended = cells.iter().filter_map(|cell| self.become_undefined(cell, None, now));
        ended.collect()
    }
}

/// The end of an alarm that nobody monitors any more.
#[must_use]
pub fn cleared(record: AlarmRecord, now: Moment) -> AlarmChange {
    let cell = record.cell.clone();
    let record = AlarmRecord {
        id: record.id + 1,
        previous: record.id,
        severity: Severity::Normal,
        side: Side::Exact,
        kind: RecordKind::Cleared,
        at: i64::try_from(now.0).unwrap_or(i64::MAX),
        ..record
    };
    AlarmChange {
        cell,
        severity: None,
        record: Some(record),
    }
}
