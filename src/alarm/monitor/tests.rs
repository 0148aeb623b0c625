//! What values do to alarms, by their rules.

use std::sync::Arc;

use super::{Monitor, Surroundings};
use crate::alarm::record::Cell;
use crate::model::alarm::{AlarmDef, Comparison, Limit, Severity, Side, Threshold};
use crate::model::alarm_template::AlarmTemplate;
use crate::model::id::ParamId;
use crate::model::moment::{Moment, Span};
use crate::model::protocol::{Parts, Protocol};
use crate::model::relation::Link;
use crate::model::value::Value;

const LEVEL: ParamId = ParamId(1);

/// An element without rows.
struct Alone;

impl Surroundings for Alone {
    fn display_key(&self, _: &Cell) -> Option<Arc<str>> {
        None
    }

    fn value(&self, _: &Cell, _: ParamId, _: Option<&Link>) -> Value {
        Value::Uninitialised
    }
}

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
        properties: Vec::new(),
    };
    let parts = Parts {
        alarms: [(LEVEL, def)].into(),
        ..Parts::default()
    };
    let protocol = Arc::new(Protocol::build(parts));
    Monitor::new(&protocol, &AlarmTemplate::ProtocolDefaults).expect("something is monitored")
}

/// What each value gives: id, root, previous, name and time of the root, or a dash.
fn records(monitor: &mut Monitor, values: impl IntoIterator<Item = Value>) -> Vec<String> {
    let mut at = 0;
    let mut record_of = |value| {
        at += 1;
        let changes = monitor.set(None, &[(LEVEL, value)], Moment(at), &Alone);
        let record = changes.into_iter().find_map(|change| change.record);
        record.map_or_else(
            || "-".to_owned(),
            |record| {
                let (id, root, previous) = (record.id, record.root, record.previous);
                format!("{id} {root} {previous} {} @{}", record.kind.name(), record.root_at)
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
fn alm_47_an_alarm_that_ends_by_itself_is_recorded_by_what_stands_for_its_exception() {
    let mut monitor = monitor(Some(Span(1000)));
    monitor.set(None, &[(LEVEL, Value::Number(999.0))], Moment(1), &Alone);
    let ended = monitor
        .tick(Moment(1001), &Alone)
        .into_iter()
        .find_map(|change| change.record);
    assert_eq!(ended.map(|record| record.value), Some(Value::Number(-1.0)));
}

#[test]
fn alm_48_how_bad_a_restored_cell_is_is_told_though_nothing_happened() {
    let value = [(LEVEL, Value::Number(95.0))];
    let opened = monitor(None).set(None, &value, Moment(1), &Alone);
    let record = opened.into_iter().find_map(|change| change.record);
    let mut next_run = monitor(None);
    next_run.restore(vec![record.expect("95 is major")]);
    let told = next_run.set(None, &value, Moment(1), &Alone);
    let told: Vec<_> = told.iter().map(|change| (change.severity, &change.record)).collect();
    assert_eq!(told, [(Some(Severity::Major), &None)]);
    assert!(next_run.set(None, &value, Moment(2), &Alone).is_empty(), "once");
}
