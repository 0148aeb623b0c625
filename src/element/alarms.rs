//! What readers see of the alarms of an element.
//!
//! Rules: ALM-40, ALM-41, ALM-48, ALM-49.

use std::collections::BTreeMap;

use crate::alarm::{AlarmChange, AlarmRecord, RecordKind};
use crate::model::alarm::Severity;
use crate::model::id::ParamId;

/// The alarms of an element that are not over.
#[derive(Debug, Default)]
pub struct ShownAlarms {
    /// How bad each monitored standalone parameter is; rows have their own.
    severities: BTreeMap<ParamId, Severity>,
    /// Whether anything is known to be good or bad.
    monitored: bool,
    /// By the id of the first record.
    active: BTreeMap<u64, ShownAlarm>,
    /// How many there are of each severity: the worst is asked for with every change.
    count: BTreeMap<Severity, usize>,
    latch: LatchState,
}

/// The worst alarm state since the last reset (ALM-49): being in timeout is worse than any alarm (ALM-40).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LatchState {
    /// Not in timeout.
    Of(Option<Severity>),
    /// In timeout.
    Timeout,
}

impl Default for LatchState {
    fn default() -> Self {
        Self::Of(None)
    }
}

/// An alarm that is not over.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownAlarm {
    /// Its last record.
    pub record: AlarmRecord,
    /// When that was made, in milliseconds since 1970.
    pub time: i64,
}

impl ShownAlarms {
    /// How bad a standalone parameter is; none when that is undefined.
    #[must_use]
    pub fn severity(&self, param: ParamId) -> Option<Severity> {
        self.severities.get(&param).copied()
    }

    /// The worst of all; none when nothing is monitored (ALM-40).
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        let worst = self.count.last_key_value().map(|(severity, _)| *severity);
        worst.or_else(|| self.monitored.then_some(Severity::Normal))
    }

    /// The worst alarm state since the last reset (ALM-49).
    #[must_use]
    pub fn latch(&self) -> LatchState {
        self.latch
    }

    /// The latch state is the alarm state of now.
    pub fn reset_latch(&mut self, in_timeout: bool) {
        self.latch = match in_timeout {
            true => LatchState::Timeout,
            false => LatchState::Of(self.worst()),
        };
    }

    /// The element is in timeout.
    pub(super) fn latch_timeout(&mut self) {
        self.latch = LatchState::Timeout;
    }

    /// Takes in the last record of an alarm that an earlier run left open, its times in milliseconds since 1970.
    pub(super) fn restore(&mut self, record: AlarmRecord) {
        let time = record.at;
        *self.count.entry(record.severity).or_default() += 1;
        self.active.insert(record.root, ShownAlarm { record, time });
        self.latch = self.latch.max(LatchState::Of(self.worst()));
    }

    /// Those that are not over, oldest first.
    pub fn active(&self) -> impl Iterator<Item = &ShownAlarm> {
        self.active.values()
    }

    /// Takes in a change.
    pub(super) fn take(&mut self, change: &AlarmChange, time: i64) {
        self.monitored |= change.severity.is_some();
        if change.cell.key.is_none() {
            match change.severity {
                Some(severity) => self.severities.insert(change.cell.param, severity),
                None => self.severities.remove(&change.cell.param),
            };
        }
        if let Some(record) = &change.record {
            self.take_record(record, time);
        }
        self.latch = self.latch.max(LatchState::Of(self.worst()));
    }

    fn take_record(&mut self, record: &AlarmRecord, time: i64) {
        if let Some(before) = self.active.remove(&record.root) {
            self.leave(before.record.severity);
        }
        if record.kind != RecordKind::Cleared {
            let record = record.clone();
            *self.count.entry(record.severity).or_default() += 1;
            self.active.insert(record.root, ShownAlarm { record, time });
        }
    }

    /// One alarm of this severity less.
    fn leave(&mut self, severity: Severity) {
        if let Some(count) = self.count.get_mut(&severity) {
            *count -= 1;
            if *count == 0 {
                self.count.remove(&severity);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LatchState, ShownAlarms};
    use crate::alarm::{AlarmChange, AlarmRecord, Cell, RecordKind};
    use crate::model::alarm::{Severity, Side};
    use crate::model::id::ParamId;
    use crate::model::value::Value;

    #[test]
    fn alm_49_the_latch_state_is_the_worst_since_the_reset() {
        let mut alarms = ShownAlarms::default();
        let mut record = AlarmRecord {
            id: 1,
            root: 1,
            previous: 0,
            cell: Cell {
                param: ParamId(1),
                key: None,
            },
            display_key: None,
            severity: Severity::Major,
            side: Side::High,
            kind: RecordKind::New,
            value: Value::Number(1.0),
            raw: Value::Number(1.0),
            properties: Vec::new(),
            at: 0,
            root_at: 0,
        };
        let change = |record: &AlarmRecord| AlarmChange {
            cell: record.cell.clone(),
            severity: Some(record.severity),
            record: Some(record.clone()),
        };
        alarms.take(&change(&record), 0);
        (record.severity, record.kind) = (Severity::Warning, RecordKind::DroppedFrom(Severity::Major));
        alarms.take(&change(&record), 0);
        assert_eq!(alarms.latch(), LatchState::Of(Some(Severity::Major)));
        alarms.reset_latch(false);
        assert_eq!(alarms.latch(), LatchState::Of(Some(Severity::Warning)));
        alarms.latch_timeout();
        (record.severity, record.kind) = (Severity::Normal, RecordKind::Cleared);
        alarms.take(&change(&record), 0);
        assert_eq!(alarms.latch(), LatchState::Timeout);
        alarms.reset_latch(false);
        assert_eq!(alarms.latch(), LatchState::Of(Some(Severity::Normal)));
    }

    #[test]
    fn alm_4_gop_37_what_is_undefined_makes_nothing_normal() {
        let mut alarms = ShownAlarms::default();
        let change = |param, severity| AlarmChange {
            cell: Cell {
                param: ParamId(param),
                key: None,
            },
            severity,
            record: None,
        };
        alarms.take(&change(1, None), 0);
        assert_eq!((alarms.worst(), alarms.severity(ParamId(1))), (None, None));
        alarms.take(&change(2, Some(Severity::Normal)), 0);
        assert_eq!(alarms.worst(), Some(Severity::Normal));
        assert_eq!(alarms.severity(ParamId(1)), None);
    }
}
