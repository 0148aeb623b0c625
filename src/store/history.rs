//! Alarms and information events on disk: the last record of each alarm that is open, and the newest events.
//!
//! Rules: ALM-48, SAV-17. Severities, sides and kinds are kept by the numbers below, which never change their meaning.

use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use crate::alarm::{AlarmRecord, Cell, InformationEvent, RecordKind};
use crate::engine::saved::{INFORMATION_KEPT, SavedInformation};
use crate::model::alarm::{Severity, Side};
use crate::model::id::{ElementId, ParamId};
use crate::model::moment::Moment;
use crate::model::value::Value;
use crate::store::kept::Kept;
use crate::store::record::{RecordError, run};
use crate::store::secret::Key;

/// The tables that format 3 added.
pub(super) const TABLES: &str = "
create table open_alarm (
    element     integer not null,
    root        integer not null,
    id          integer not null,
    previous    integer not null,
    param       integer not null,
    row_key     text,
    display_key text,
    severity    integer not null,
    side        integer not null,
    kind        integer not null,
    kind_from   integer not null,
    value       any,
    raw         any,
    properties  text not null,
    at          integer not null,
    root_at     integer not null,
    primary key (element, root)
) strict, without rowid;

create table information_event (
    element     integer not null,
    id          integer not null,
    time        integer not null,
    param       integer not null,
    row_key     text,
    display_key text,
    value       any,
    text        text not null,
    primary key (element, id)
) strict, without rowid;

create table trend (
    element integer not null,
    param   integer not null,
    row_key text not null,
    window  integer not null,
    at      integer not null,
    value   real,
    least   real,
    most    real,
    primary key (element, param, row_key, window, at)
) strict, without rowid;
";

/// Separates the properties, and the name of one from its text.
const SEPARATORS: (char, char) = ('\u{1e}', '\u{1f}');

/// Keeps the last record of an open alarm.
pub(super) fn set_alarm(
    db: &Connection,
    key: &Key,
    element: ElementId,
    record: &AlarmRecord,
    secret: bool,
) -> Result<(), RecordError> {
    let place = || self::place(element, record.root);
    let value = Kept::new(&record.value, secret, key, place)?;
    let raw = Kept::new(&record.raw, secret, key, place)?;
    let (kind, from) = kind_number(record.kind);
    let properties = record
        .properties
        .iter()
        .map(|(name, text)| format!("{name}{}{text}", SEPARATORS.1));
    let properties = properties.collect::<Vec<_>>().join(&SEPARATORS.0.to_string());
    run(
        db,
        "insert or replace into open_alarm (element, root, id, previous, param, row_key, display_key, severity, side,
         kind, kind_from, value, raw, properties, at, root_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            element.0,
            signed(record.root),
            signed(record.id),
            signed(record.previous),
            record.cell.param.0,
            record.cell.key,
            record.display_key,
            severity_number(record.severity),
            side_number(record.side),
            kind,
            from,
            value,
            raw,
            properties,
            record.at,
            record.root_at
        ],
    )
}

/// An alarm is over.
pub(super) fn clear_alarm(db: &Connection, element: ElementId, root: u64) -> Result<(), RecordError> {
    run(
        db,
        "delete from open_alarm where element = ? and root = ?",
        params![element.0, signed(root)],
    )
}

/// The last records of the open alarms of an element. What a number does not name is left out.
pub(super) fn load_alarms(db: &Connection, key: &Key, element: ElementId) -> Result<Vec<AlarmRecord>, RecordError> {
    let mut query = db.prepare_cached(
        "select root, id, previous, param, row_key, display_key, severity, side, kind, kind_from, properties, at, root_at,
         value, raw from open_alarm where element = ? order by root",
    )?;
    let mut found = query.query([element.0])?;
    let mut alarms = Vec::new();
    while let Some(line) = found.next()? {
        alarms.extend(alarm(line, key, element)?);
    }
    Ok(alarms)
}

fn alarm(line: &Row<'_>, key: &Key, element: ElementId) -> Result<Option<AlarmRecord>, RecordError> {
    let root = unsigned(line.get(0)?);
    let named = (
        severity_of(line.get(6)?),
        side_of(line.get(7)?),
        kind_of(line.get(8)?, line.get(9)?),
    );
    let (Some(severity), Some(side), Some(kind)) = named else {
        return Ok(None);
    };
    let properties: String = line.get(10)?;
    let properties = properties
        .split(SEPARATORS.0)
        .filter_map(|one| one.split_once(SEPARATORS.1));
    let row_key: Option<String> = line.get(4)?;
    let display_key: Option<String> = line.get(5)?;
    Ok(Some(AlarmRecord {
        id: unsigned(line.get(1)?),
        root,
        previous: unsigned(line.get(2)?),
        cell: Cell {
            param: ParamId(line.get(3)?),
            key: row_key.map(Arc::from),
        },
        display_key: display_key.map(Arc::from),
        severity,
        side,
        kind,
        value: value(line, 13, key, || place(element, root))?.0,
        raw: value(line, 14, key, || place(element, root))?.0,
        properties: properties
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect(),
        at: line.get(11)?,
        root_at: line.get(12)?,
    }))
}

/// The value in a column, and whether it was a secret. Nothing is an uninitialised one.
fn value(line: &Row<'_>, at: usize, key: &Key, place: impl FnOnce() -> String) -> Result<(Value, bool), RecordError> {
    match line.get_ref(at)? {
        ValueRef::Null => Ok((Value::Uninitialised, false)),
        kept => Ok(Kept::try_from(kept).map_err(rusqlite::Error::from)?.value(key, place)?),
    }
}

/// After how many information events the oldest ones go: a delete each would cost as much as what it makes room for.
const SWEEP: u64 = 100;

/// Keeps an information event; the oldest ones go when there are too many, some at a time.
pub(super) fn add_information(
    db: &Connection,
    key: &Key,
    element: ElementId,
    saved: &SavedInformation,
) -> Result<(), RecordError> {
    let event = &saved.event;
    let value = Kept::new(&event.value, saved.secret, key, || information_place(element, saved.id))?;
    run(
        db,
        "insert or replace into information_event (element, id, time, param, row_key, display_key, value, text)
         values (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            element.0,
            signed(saved.id),
            saved.time,
            event.cell.param.0,
            event.cell.key,
            event.display_key,
            value,
            event.text
        ],
    )?;
    if !saved.id.is_multiple_of(SWEEP) {
        return Ok(());
    }
    let gone = saved.id.saturating_sub(INFORMATION_KEPT as u64);
    run(
        db,
        "delete from information_event where element = ? and id <= ?",
        params![element.0, signed(gone)],
    )
}

/// The newest information events of an element, oldest first.
pub(super) fn load_information(
    db: &Connection,
    key: &Key,
    element: ElementId,
) -> Result<Vec<SavedInformation>, RecordError> {
    let mut query = db.prepare_cached(
        "select id, time, param, row_key, display_key, text, value from information_event where element = ?1
         and id > (select max(id) from information_event where element = ?1) - ?2 order by id",
    )?;
    let mut found = query.query(params![element.0, INFORMATION_KEPT as i64])?;
    let mut events = Vec::new();
    while let Some(line) = found.next()? {
        let id = unsigned(line.get(0)?);
        let row_key: Option<String> = line.get(3)?;
        let display_key: Option<String> = line.get(4)?;
        let (value, secret) = value(line, 6, key, || information_place(element, id))?;
        events.push(SavedInformation {
            id,
            time: line.get(1)?,
            event: InformationEvent {
                cell: Cell {
                    param: ParamId(line.get(2)?),
                    key: row_key.map(Arc::from),
                },
                display_key: display_key.map(Arc::from),
                value,
                text: line.get(5)?,
                at: Moment::START,
            },
            secret,
        });
    }
    Ok(events)
}

fn information_place(element: ElementId, id: u64) -> String {
    format!("{element}/information {id}")
}

fn place(element: ElementId, root: u64) -> String {
    format!("{element}/alarm {root}")
}

fn signed(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

fn unsigned(id: i64) -> u64 {
    u64::try_from(id).unwrap_or_default()
}

const SEVERITIES: [Severity; 5] = [
    Severity::Normal,
    Severity::Warning,
    Severity::Minor,
    Severity::Major,
    Severity::Critical,
];

fn severity_number(severity: Severity) -> i64 {
    let place = SEVERITIES.iter().position(|each| *each == severity);
    place.and_then(|place| i64::try_from(place).ok()).unwrap_or_default()
}

fn severity_of(number: i64) -> Option<Severity> {
    SEVERITIES.get(usize::try_from(number).ok()?).copied()
}

const fn side_number(side: Side) -> i64 {
    match side {
        Side::Low => -1,
        Side::Exact => 0,
        Side::High => 1,
    }
}

const fn side_of(number: i64) -> Option<Side> {
    match number {
        -1 => Some(Side::Low),
        0 => Some(Side::Exact),
        1 => Some(Side::High),
        _ => None,
    }
}

/// The number of a kind, and of the severity that it came from.
fn kind_number(kind: RecordKind) -> (i64, i64) {
    match kind {
        RecordKind::New => (0, 0),
        RecordKind::EscalatedFrom(from) => (1, severity_number(from)),
        RecordKind::DroppedFrom(from) => (2, severity_number(from)),
        RecordKind::Flipped => (3, 0),
        RecordKind::ValueChanged => (4, 0),
        RecordKind::NameChanged => (5, 0),
        RecordKind::ThresholdChanged => (6, 0),
        RecordKind::Clearable => (7, 0),
        RecordKind::Cleared => (8, 0),
    }
}

fn kind_of(number: i64, from: i64) -> Option<RecordKind> {
    Some(match number {
        0 => RecordKind::New,
        1 => RecordKind::EscalatedFrom(severity_of(from)?),
        2 => RecordKind::DroppedFrom(severity_of(from)?),
        3 => RecordKind::Flipped,
        4 => RecordKind::ValueChanged,
        5 => RecordKind::NameChanged,
        6 => RecordKind::ThresholdChanged,
        7 => RecordKind::Clearable,
        8 => RecordKind::Cleared,
        _ => return None,
    })
}
