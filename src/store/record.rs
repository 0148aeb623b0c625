//! The records on disk: tables, and what each record does to them.
//!
//! A number is kept as REAL (all 64 bits of it), a text as TEXT, a secret as BLOB (sealed). Uninitialised is absence. The
//! cells of a row are one value: a row is written whole, with one statement.
//!
//! Rules: ELM-15, SAV-2, SAV-12, SAV-14, DSP-60.

use rusqlite::{Connection, params};

use crate::engine::saved::{Paused, Record, Saved, SavedRow};
use crate::model::id::{ElementId, ParamId};
use crate::model::value::Value;
use crate::store::cells::{self, DamagedCells};
use crate::store::history;
use crate::store::kept::Kept;
use crate::store::secret::{Key, SecretError};

/// The version of the tables, in `user_version`. A change of them is a new version, with a step that brings older
/// stores to it.
pub(super) const VERSION: i64 = 3;

/// The tables of version 1; `history` has those that came with version 2. `meta` says which key the secrets are sealed with, and which elements are paused.
pub(super) const TABLES: &str = "
create table meta (
    name  text primary key,
    value any not null
) strict, without rowid;

create table param_value (
    element integer not null,
    param   integer not null,
    value   any not null,
    primary key (element, param)
) strict, without rowid;
";

/// The table of rows. `cells` is what `cells` makes of them.
pub(super) const TABLE_ROW: &str = "
create table table_row (
    element  integer not null,
    table_id integer not null,
    row_key  text not null,
    position integer not null,
    cells    blob not null,
    primary key (element, table_id, row_key)
) strict, without rowid;
";

/// A record could not be written or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    /// A secret failed.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A commit of the same element failed before.
    #[error("it is not stored: what came before it could not be stored either")]
    Behind,
    /// The cells of a row are damaged.
    #[error(
        "row {key} of table {table} of element {element} is damaged: put back a copy of the store, or move it away to \
         start with nothing saved"
    )]
    Cells {
        /// The element.
        element: ElementId,
        /// The table.
        table: ParamId,
        /// The primary key.
        key: Box<str>,
    },
}

/// Writes one record, within the transaction that is open.
pub(super) fn apply(db: &Connection, key: &Key, element: ElementId, record: &Record) -> Result<(), RecordError> {
    match record {
        Record::Param { id, value, secret } => set_param(db, key, element, *id, value, *secret),
        Record::Row(row) => set_row(db, key, element, row),
        Record::RowRemoved { table, key } => run(
            db,
            "delete from table_row where element = ? and table_id = ? and row_key = ?",
            params![element.0, table.0, key],
        ),
        Record::TableCleared { table } => run(
            db,
            "delete from table_row where element = ? and table_id = ?",
            params![element.0, table.0],
        ),
        Record::Alarm { record, secret } => history::set_alarm(db, key, element, record, *secret),
        Record::AlarmCleared { root } => history::clear_alarm(db, element, *root),
        Record::Paused(Paused::Yes) => run(
            db,
            "insert or replace into meta (name, value) values (?, 1)",
            [paused_place(element)],
        ),
        Record::Paused(Paused::No) => run(db, "delete from meta where name = ?", [paused_place(element)]),
    }
}

fn set_param(
    db: &Connection,
    key: &Key,
    element: ElementId,
    param: ParamId,
    value: &Value,
    secret: bool,
) -> Result<(), RecordError> {
    let Some(kept) = Kept::new(value, secret, key, || param_place(element, param))? else {
        return run(
            db,
            "delete from param_value where element = ? and param = ?",
            params![element.0, param.0],
        );
    };
    // An equal value does not touch the disk (SAV-16).
    run(
        db,
        "insert into param_value (element, param, value) values (?, ?, ?)
         on conflict do update set value = excluded.value where value is not excluded.value",
        params![element.0, param.0, kept],
    )
}

fn set_row(db: &Connection, key: &Key, element: ElementId, row: &SavedRow) -> Result<(), RecordError> {
    let position = i64::try_from(row.position).unwrap_or(i64::MAX);
    let mut cells = Vec::with_capacity(row.cells.len());
    for (column, value, secret) in &row.cells {
        let kept = Kept::new(value, *secret, key, || cell_place(element, *column, &row.key))?;
        cells.extend(kept.map(|kept| (*column, kept)));
    }
    cells.sort_unstable_by_key(|&(column, _)| column);
    run(
        db,
        "insert or replace into table_row (element, table_id, row_key, position, cells) values (?, ?, ?, ?, ?)",
        params![element.0, row.table.0, row.key, position, cells::pack(&cells)],
    )
}

/// Everything that is kept of an element.
pub(super) fn load(db: &Connection, key: &Key, element: ElementId) -> Result<Saved, RecordError> {
    Ok(Saved {
        params: load_params(db, key, element)?,
        rows: load_rows(db, key, element)?,
        alarms: history::load_alarms(db, key, element)?,
        paused: load_paused(db, element)?,
    })
}

fn load_paused(db: &Connection, element: ElementId) -> Result<Paused, RecordError> {
    let mut query = db.prepare_cached("select 1 from meta where name = ?")?;
    let is_paused = query.exists([paused_place(element)])?;
    Ok(if is_paused { Paused::Yes } else { Paused::No })
}

fn load_params(db: &Connection, key: &Key, element: ElementId) -> Result<Vec<(ParamId, Value)>, RecordError> {
    let mut query = db.prepare_cached("select param, value from param_value where element = ? order by param")?;
    let mut found = query.query([element.0])?;
    let mut params = Vec::new();
    while let Some(line) = found.next()? {
        let param = ParamId(line.get(0)?);
        let kept = Kept::try_from(line.get_ref(1)?).map_err(rusqlite::Error::from)?;
        let (value, _) = kept.value(key, || param_place(element, param))?;
        params.push((param, value));
    }
    Ok(params)
}

fn load_rows(db: &Connection, key: &Key, element: ElementId) -> Result<Vec<SavedRow>, RecordError> {
    let mut query = db.prepare_cached(
        "select table_id, row_key, position, cells from table_row where element = ? order by table_id, position, row_key",
    )?;
    let mut found = query.query([element.0])?;
    let mut rows = Vec::new();
    while let Some(line) = found.next()? {
        let row_key = line.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let packed = line.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
        let table = ParamId(line.get(0)?);
        let kept = cells::unpack(packed).map_err(|DamagedCells| RecordError::Cells {
            element,
            table,
            key: row_key.into(),
        })?;
        let mut cells = Vec::with_capacity(kept.len());
        for (column, kept) in kept {
            let (value, secret) = kept.value(key, || cell_place(element, column, row_key))?;
            cells.push((column, value, secret));
        }
        let position: i64 = line.get(2)?;
        rows.push(SavedRow {
            table,
            key: row_key.into(),
            position: u64::try_from(position).unwrap_or_default(),
            cells,
        });
    }
    Ok(rows)
}

/// Where `meta` says that an element is paused.
fn paused_place(element: ElementId) -> String {
    format!("paused {element}")
}

fn param_place(element: ElementId, param: ParamId) -> String {
    format!("{element}/{param}")
}

fn cell_place(element: ElementId, column: ParamId, row_key: &str) -> String {
    format!("{element}/{column}/{row_key}")
}

pub(super) fn run(db: &Connection, statement: &str, values: impl rusqlite::Params) -> Result<(), RecordError> {
    db.prepare_cached(statement)?.execute(values)?;
    Ok(())
}
