//! Stores of older formats, brought to the present one in the transaction that opens them.
//!
//! Rules: SAV-12.

use rusqlite::types::{FromSqlError, Value, ValueRef};
use rusqlite::{Connection, params};

use crate::model::id::ParamId;
use crate::store::cells;
use crate::store::history;
use crate::store::kept::Kept;
use crate::store::record::TABLE_ROW;

/// Brings a store of this format to the one after it, until there is none after it.
pub(super) fn upgrade(db: &Connection, mut format: i64) -> rusqlite::Result<()> {
    if format == 1 {
        cells_into_rows(db)?;
        format = 2;
    }
    if format == 2 {
        db.execute_batch(history::TABLES)?;
        format = 3;
    }
    db.pragma_update(None, "user_version", format)
}

/// Format 1 kept each cell as a line of its own; format 2 keeps the cells of a row as one value.
fn cells_into_rows(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch("alter table table_row rename to row_without_cells")?;
    db.execute_batch(TABLE_ROW)?;
    copy_rows(db)?;
    db.execute_batch("drop table row_without_cells; drop table table_cell")
}

fn copy_rows(db: &Connection) -> rusqlite::Result<()> {
    let mut rows = db.prepare("select element, table_id, row_key, position from row_without_cells")?;
    let mut cells = db.prepare(
        "select column_id, value from table_cell where element = ? and table_id = ? and row_key = ? order by column_id",
    )?;
    let mut write =
        db.prepare("insert into table_row (element, table_id, row_key, position, cells) values (?, ?, ?, ?, ?)")?;
    let mut found = rows.query([])?;
    while let Some(row) = found.next()? {
        let (element, table, key): (u32, u32, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let of_row = params![element, table, key];
        let owned = cells.query_map(of_row, |line| Ok((ParamId(line.get(0)?), line.get::<_, Value>(1)?)))?;
        let owned = owned.collect::<Result<Vec<_>, _>>()?;
        let kept = owned
            .iter()
            .map(|(column, value)| Ok((*column, Kept::try_from(ValueRef::from(value))?)));
        let packed = cells::pack(
            &kept
                .collect::<Result<Vec<_>, FromSqlError>>()
                .map_err(rusqlite::Error::from)?,
        );
        write.execute(params![element, table, key, row.get::<_, i64>(3)?, packed])?;
    }
    Ok(())
}
