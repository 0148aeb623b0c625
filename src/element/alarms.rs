//! What readers see of the alarms of an element.
//!
//! Rules: ALM-40, ALM-41.

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
        let Some(record) = &change.record else { return };
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
    use super::ShownAlarms;
    use crate::alarm::{AlarmChange, Cell};
    use crate::model::alarm::Severity;
    use crate::model::id::ParamId;

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
