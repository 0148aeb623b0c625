//! A hand-made element for the faces: a definition with one of everything, and a task that answers commands and
//! fills the view as a real element does, without an engine.

use std::sync::Arc;

use adit::element::config::ElementConfig;
use adit::element::lifecycle::StateRequest;
use adit::element::view::{ElementEvent, ElementState, ShownRow, ShownValue, View};
use adit::element::{Command, Element, PendingFor, SetTarget};
use adit::engine::connection_test::TestOutcome;
use adit::engine::effect::{Origin, ParameterChange, RowChange, RowChangeKind, Seen};
use adit::engine::pending_calls::Pending;
use adit::engine::set::{RefusedReason, SetRefused};
use adit::engine::settings::ElementSettings;
use adit::model::connection::{Connection, ConnectionKind};
use adit::model::id::{ConnectionId, ElementId, GroupId, ParamId};
use adit::model::interprete::Range;
use adit::model::measurement::{Discreet, Measurement, MeasurementKind, Position};
use adit::model::moment::Span;
use adit::model::page::{Page, PageKind};
use adit::model::param::{ColumnOf, Param, ParamKind};
use adit::model::protocol::{Parts, Protocol};
use adit::model::table::{Column, ColumnKind, TableDef};
use adit::model::value::{Value, ValueKind};
use tokio::sync::mpsc;

/// The time of every value.
pub(crate) const CHANGED: i64 = 1_700_000_000_000;

/// The table of the device.
pub(crate) const JOBS: ParamId = ParamId(100);

/// A running device element of this name, with values and rows.
pub(crate) fn device(id: u32, name: &str) -> Element {
    let element = unstarted(id, name);
    element.0.publish(fill, []);
    tokio::spawn(answer(element.0.clone(), element.1));
    element.0
}

/// A device element whose task never answers.
pub(crate) fn unstarted(id: u32, name: &str) -> (Element, mpsc::Receiver<Command>) {
    let protocol = Arc::new(definition());
    let mut settings = ElementSettings::prefilled(ElementId(id), name, &protocol);
    settings.connections[0].host = "192.0.2.7".to_owned();
    Element::new(ElementConfig {
        settings,
        ..ElementConfig::prefilled(ElementId(id), name, protocol)
    })
}

/// A row as the view keeps it: key, state, tries, token, button, hidden.
pub(crate) fn put_row(view: &mut View, position: u64, key: &str, state: &str, tries: f64) {
    let table = view.tables.entry(JOBS).or_default();
    let key: Arc<str> = key.into();
    table.positions.insert(Arc::clone(&key), position);
    let hidden = Value::Uninitialised;
    let cells = vec![
        Value::Text(Arc::clone(&key)),
        state.into(),
        if tries < 0.0 {
            Value::Uninitialised
        } else {
            tries.into()
        },
        "token".into(),
        Value::Uninitialised,
        hidden,
    ];
    table.rows.insert(
        position,
        ShownRow {
            key,
            cells,
            changed: CHANGED,
            severities: Vec::new(),
        },
    );
}

fn fill(view: &mut View) {
    view.state = ElementState::Active;
    for (id, value) in [
        (1, Value::Number(21.0)),
        (2, "GenieKey abc".into()),
        (10, Value::Number(0.5)),
    ] {
        let changed = CHANGED;
        view.params.insert(ParamId(id), ShownValue { value, changed });
    }
    put_row(view, 1, "a/b", "Done", 2.0);
    put_row(view, 2, "Ä", "Error", 10.0);
    put_row(view, 5, "c", "Waiting", -1.0);
}

/// Answers commands as an element would: `refuse REASON` is refused, everything else is accepted and shown.
async fn answer(element: Element, mut commands: mpsc::Receiver<Command>) {
    while let Some(command) = commands.recv().await {
        match command {
            Command::Set {
                target, value, reply, ..
            } => {
                let _ = reply.send(set(&element, &target, &value));
            }
            Command::Card { reply, .. } => {
                let _ = reply.send(());
            }
            Command::Trend { reply, .. } => {
                let _ = reply.send(Ok(Vec::new()));
            }
            Command::Alarms { reply, .. } => {
                let _ = reply.send(());
            }
            Command::TestConnection { reply } => {
                let outcome = match element.look(|view| view.state) {
                    ElementState::Active => TestOutcome::Succeeded,
                    ElementState::Paused => TestOutcome::Failed("HTTP/1.1 500 Internal Server Error".to_owned()),
                    ElementState::Stopped | ElementState::Error => TestOutcome::NotRun("it is stopped".to_owned()),
                };
                let _ = reply.send(outcome);
            }
            Command::Asked(_) => {}
            Command::Pending { reply } => {
                let call = PendingFor {
                    what: Pending::Group(GroupId(1)),
                    thread: 0,
                    elapsed: Span(1500),
                };
                let _ = reply.send(vec![call]);
            }
            Command::State { request, reply } => {
                let _ = reply.send(change_state(&element, request));
            }
        }
    }
}

const REASONS: [(&str, RefusedReason); 14] = [
    ("unknown_pid", RefusedReason::UnknownPid),
    ("not_displayed", RefusedReason::NotDisplayed),
    ("not_writable", RefusedReason::NotWritable),
    ("level", RefusedReason::Level),
    ("dependency", RefusedReason::Dependency),
    ("format", RefusedReason::Format),
    ("length", RefusedReason::Length),
    ("range", RefusedReason::Range),
    ("step", RefusedReason::Step),
    ("not_in_list", RefusedReason::NotInList),
    ("row_missing", RefusedReason::RowMissing),
    ("not_active", RefusedReason::NotActive),
    ("queue_full", RefusedReason::QueueFull),
    ("not_stored", RefusedReason::NotStored),
];

/// The names of all reasons, as values that make the device refuse a set.
pub(crate) fn reasons() -> impl Iterator<Item = &'static str> {
    REASONS.into_iter().map(|(name, _)| name)
}

fn set(element: &Element, target: &SetTarget, value: &Value) -> Result<(), SetRefused> {
    let asked = value.as_text().and_then(|text| text.strip_prefix("refuse "));
    if let Some((name, reason)) = REASONS.into_iter().find(|(name, _)| asked == Some(*name)) {
        let detail = format!("refused as {name}");
        return Err(SetRefused { reason, detail });
    }
    match &target.key {
        Some(key) => set_cell(element, target.param, key, value),
        None => {
            show(element, target.param, value);
            Ok(())
        }
    }
}

/// Shows a value in the read of a write, and tells the followers.
pub(crate) fn show(element: &Element, param: ParamId, value: &Value) {
    let protocol = &element.config().protocol;
    let id = protocol.param(param).and_then(|param| param.partner).unwrap_or(param);
    let shown = ShownValue {
        value: value.clone(),
        changed: CHANGED,
    };
    let change = ParameterChange {
        id,
        value: value.clone(),
        by: Origin::User,
        differs: true,
        seen: Seen::Everywhere,
        of: None,
    };
    let changed = |view: &mut View| {
        view.params.insert(id, shown);
    };
    element.publish(changed, [ElementEvent::Parameter(change)]);
}

fn set_cell(element: &Element, param: ParamId, key: &Arc<str>, value: &Value) -> Result<(), SetRefused> {
    let place = element.config().protocol.param(param).and_then(|param| param.column_of);
    let position = element.look(|view| view.tables.get(&JOBS)?.positions.get(key).copied());
    let (Some(place), Some(position)) = (place, position) else {
        return Err(SetRefused {
            reason: RefusedReason::RowMissing,
            detail: format!("Jobs has no row {key}"),
        });
    };
    // The button `Remove` takes its row away.
    let removed = param == ParamId(105);
    let change = RowChange {
        table: JOBS,
        key: Arc::clone(key),
        position,
        change: if removed {
            RowChangeKind::Removed
        } else {
            RowChangeKind::Updated
        },
        cells: if removed {
            Vec::new()
        } else {
            vec![(ParamId(102), value.clone()), (ParamId(106), "x".into())]
        },
        times: Vec::new(),
        by: Origin::User,
    };
    let changed = |view: &mut View| {
        let table = view.tables.get_mut(&JOBS).expect("the table has rows");
        if removed {
            table.rows.remove(&position);
            table.positions.remove(key);
        } else {
            table.rows.get_mut(&position).expect("the row").cells[place.idx] = value.clone();
        }
    };
    element.publish(changed, [ElementEvent::Row(change)]);
    Ok(())
}

fn change_state(element: &Element, request: StateRequest) -> ElementState {
    let before = element.look(|view| view.state);
    let after = match (request, before) {
        (StateRequest::Pause, ElementState::Stopped) => ElementState::Stopped,
        (StateRequest::Pause, _) => ElementState::Paused,
        (StateRequest::Stop, _) => ElementState::Stopped,
        (StateRequest::Activate | StateRequest::Restart, _) => ElementState::Active,
    };
    element.publish(|view| view.state = after, [ElementEvent::State(after, false)]);
    after
}

fn definition() -> Protocol {
    let mut parts = Parts {
        name: "Test Device".to_owned(),
        version: "1.0.0.1".to_owned(),
        connections: vec![Connection::new(ConnectionId(0), ConnectionKind::Http)],
        default_page: Some("General".to_owned()),
        ..Parts::default()
    };
    let pages = [
        ("General", PageKind::Data),
        ("---", PageKind::Separator),
        ("Jobs", PageKind::Data),
        ("More", PageKind::Popup),
        ("Manual", PageKind::Web("https://manual.invalid/".to_owned())),
    ];
    parts.pages = pages.into_iter().map(|(name, kind)| Page::plain(name, kind)).collect();
    parts.params = params();
    Protocol::build(parts)
}

fn params() -> Vec<Param> {
    use MeasurementKind::{Button, Discreet as Choice, Number, Text};
    let mut temperature = on("General", 0, read(1, "Temperature", Number));
    temperature.display.units = "°C".to_owned();
    let key = on("General", 1, secret(partner(3, read(2, "ApiKey", Text))));
    let key_write = on("General", 1, secret(partner(2, write(3, "ApiKey", Text))));
    let message = on("More", 0, write(4, "Message", Text));
    let mut hidden = read(5, "Hidden", Text);
    hidden.display.rtdisplay = false;
    let mut clear = on("Jobs", 1, write(6, "ClearJobs", Button));
    clear.measurement.as_mut().expect("a measurement").discreets = vec![choice("1", "Clear", &["confirm:Clear all?"])];
    let load = on("General", 2, partner(11, read(10, "Load", Number)));
    let mut load_write = on("General", 2, partner(10, write(11, "Load", Number)));
    load_write.display.range = Range {
        low: Some(0.0),
        high: Some(1.0),
    };
    let mut tries = read(103, "Tries", Number);
    tries.description = "The Tries (The Jobs)".to_owned();
    let mut jobs = on("Jobs", 0, read(100, "Jobs", MeasurementKind::Table));
    jobs.kind = ParamKind::Array;
    jobs.table = Some(Box::new(table()));
    let mut state_write = column(1, partner(102, write(112, "State", Choice)));
    state_write.measurement.as_mut().expect("a measurement").discreets = ["Done", "Error", "Waiting"]
        .map(|state| choice(state, state, &[]))
        .to_vec();
    let mut remove = column(4, write(105, "Remove", Button));
    remove.measurement.as_mut().expect("a measurement").discreets = vec![choice("1", "Remove", &[])];
    let mut internal = column(5, read(106, "Internal", Text));
    internal.display.rtdisplay = false;
    vec![
        temperature,
        key,
        key_write,
        message,
        hidden,
        clear,
        load,
        load_write,
        jobs,
        column(0, read(101, "Job", Text)),
        column(1, partner(112, read(102, "State", Text))),
        column(2, tries),
        column(3, secret(read(104, "Token", Text))),
        remove,
        internal,
        state_write,
    ]
}

fn table() -> TableDef {
    let kinds = [ColumnKind::Retrieved; 6];
    let columns = kinds
        .into_iter()
        .zip(101..)
        .map(|(kind, pid)| Column::plain(ParamId(pid), if pid == 105 { ColumnKind::Button } else { kind }));
    TableDef::plain(columns.collect())
}

fn read(id: u32, name: &str, control: MeasurementKind) -> Param {
    let mut param = Param::plain(ParamId(id), name, ParamKind::Read);
    if control == MeasurementKind::Number {
        param.interprete.kind = ValueKind::Number;
    }
    param.description = format!("The {name}");
    param.measurement = Some(Measurement::plain(control));
    param.display.rtdisplay = true;
    param.level = 0;
    param
}

fn write(id: u32, name: &str, control: MeasurementKind) -> Param {
    let mut param = read(id, name, control);
    param.kind = ParamKind::Write;
    param
}

fn partner(id: u32, mut param: Param) -> Param {
    param.partner = Some(ParamId(id));
    param
}

fn secret(mut param: Param) -> Param {
    param.measurement.as_mut().expect("a measurement").password = true;
    param
}

fn column(idx: usize, mut param: Param) -> Param {
    param.column_of = Some(ColumnOf { table: JOBS, idx });
    param
}

fn on(page: &str, row: u32, mut param: Param) -> Param {
    param.display.positions.push(Position {
        page: page.to_owned(),
        row,
        column: 0,
        measurement: None,
    });
    param
}

fn choice(value: &str, display: &str, options: &[&str]) -> Discreet {
    Discreet {
        options: options.iter().map(ToString::to_string).collect(),
        ..Discreet::plain(value.into(), display)
    }
}
