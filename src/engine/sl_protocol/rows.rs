//! Calls on rows and cells of tables.
//!
//! Rules: QAP-7 to QAP-16, TBL-70 to TBL-94.

use std::sync::Arc;

use crate::engine::place::{ColumnAt, RowAt};
use crate::engine::port::{Answer, Call, RowsChange, RowsRead};
use crate::engine::qaction::{CellAction, Fill, KeyType};
use crate::engine::sl_protocol::{SlProtocol, count};
use crate::engine::table::Casing;
use crate::model::id::ParamId;
use crate::model::value::Value;

impl SlProtocol {
    async fn look_up(&self, rows: RowsRead) -> Answer {
        self.call(Call::LookUpRows(rows)).await
    }

    async fn change(&self, rows: RowsChange) -> Answer {
        self.rows_of_now().change(rows).await
    }

    /// The key of a row; none when there is no row at that number, with a log line.
    pub(super) async fn key_at(&self, table: ParamId, row: RowAt) -> Option<Arc<str>> {
        let index = match row {
            RowAt::Key(key) => return Some(key),
            RowAt::Index(index) => index,
            // There is no row 0: the last number of all stands for it.
            RowAt::Number(number) => number.wrapping_sub(1),
        };
        match self.look_up(RowsRead::KeyAt(table, index)).await {
            Answer::Key(key) => key,
            _ => None,
        }
    }

    /// The idx of a column; one that no table has when there is no such column.
    pub(super) async fn idx_at(&self, table: ParamId, column: ColumnAt) -> usize {
        match column {
            ColumnAt::Idx(idx) => idx,
            ColumnAt::Number(number) => number.wrapping_sub(1),
            ColumnAt::Pid(pid) => {
                let idx = count(&self.look_up(RowsRead::IdxOf(table, pid)).await);
                usize::try_from(idx).unwrap_or(usize::MAX)
            }
        }
    }

    /// `GetParameterIndex`, `GetParameterIndexByKey`: a cell; none when the row or column does not exist, with a log
    /// line. An uninitialised cell is [`Value::Uninitialised`] (PAR-101, QAP-7).
    pub async fn get_cell(&self, table: ParamId, row: impl Into<RowAt>, column: impl Into<ColumnAt>) -> Option<Value> {
        let key = self.key_at(table, row.into()).await?;
        let idx = self.idx_at(table, column.into()).await;
        match self.look_up(RowsRead::Cell(table, key, idx)).await {
            Answer::Value(value) => value,
            _ => None,
        }
    }

    /// `GetRow`: the cells by idx, all uninitialised when the row does not exist, with a log line; none when the table
    /// does not exist (QAP-9).
    pub async fn get_row(&self, table: ParamId, row: impl Into<RowAt>) -> Option<Vec<Value>> {
        // A row that is not there has no key, which no row has.
        let key = self.key_at(table, row.into()).await.unwrap_or_default();
        match self.look_up(RowsRead::Row(table, key)).await {
            Answer::Values(cells) => cells,
            _ => None,
        }
    }

    /// `GetKeys`, in row order (QAP-10).
    pub async fn keys(&self, table: ParamId, kind: KeyType) -> Vec<Arc<str>> {
        keys(self.look_up(RowsRead::Keys(table, kind)).await)
    }

    /// `GetKeysForIndex` (196): the keys of the rows whose indexed column has the value, in any casing (QAP-11).
    pub async fn keys_for_index(&self, column: ParamId, value: impl Into<Value>) -> Vec<Arc<str>> {
        let rows = RowsRead::KeysForIndex(column, value.into(), Casing::Ignored);
        keys(self.look_up(rows).await)
    }

    /// NT 411: as [`keys_for_index`](Self::keys_for_index), telling `a` from `A` (QAP-11).
    pub async fn keys_for_index_cased(&self, column: ParamId, value: impl Into<Value>) -> Vec<Arc<str>> {
        let rows = RowsRead::KeysForIndex(column, value.into(), Casing::Told);
        keys(self.look_up(rows).await)
    }

    /// `GetKeyPosition`: 1-based; 0 when the row does not exist (QAP-12).
    pub async fn key_position(&self, table: ParamId, key: &str) -> i64 {
        count(&self.look_up(RowsRead::KeyPosition(table, key.into())).await)
    }

    /// `Exists` (QAP-12).
    pub async fn exists(&self, table: ParamId, key: &str) -> bool {
        self.key_position(table, key).await > 0
    }

    /// `RowCount`; -1 when there is no such table (QAP-12).
    pub async fn row_count(&self, table: ParamId) -> i64 {
        count(&self.look_up(RowsRead::Count(table)).await)
    }

    /// `NT_GET_TABLE_COLUMNS` (321): the columns of these 0-based idx, in the same row order; of a table without rows as
    /// many empty ones (QAP-13).
    pub async fn get_columns(&self, table: ParamId, idx: &[usize]) -> Option<Vec<Vec<Value>>> {
        match self.look_up(RowsRead::Columns(table, idx.to_vec())).await {
            Answer::Columns(columns) => columns,
            _ => None,
        }
    }

    /// `AddRow`: cells by idx, the key among them; does nothing to an existing row (TBL-70). Gives the 1-based position;
    /// 0 when the row was refused, with a log line.
    pub async fn add_row(&self, table: ParamId, cells: Vec<Value>) -> i64 {
        match self.add_row_return_key(table, cells).await {
            Some(key) => self.key_position(table, &key).await,
            None => 0,
        }
    }

    /// `AddRowReturnKey` (240): as [`add_row`](Self::add_row), and gives the key, which an autoincrement table makes; none
    /// when the row was refused.
    pub async fn add_row_return_key(&self, table: ParamId, cells: Vec<Value>) -> Option<Arc<str>> {
        self.rows_of_now().add_row(table, cells).await
    }

    /// `SetRow`: cells by idx; null and a missing tail keep the cell (TBL-74). Gives which cells changed; none when the
    /// row does not exist, with a log line.
    pub async fn set_row(&self, table: ParamId, row: impl Into<RowAt>, cells: Vec<CellAction>) -> Option<Vec<bool>> {
        self.rows_of_now().set_row(table, row, cells).await
    }

    /// `SetParameterIndex`, `SetParameterIndexByKey`: a cell; whether it changed (TBL-78).
    pub async fn set_cell(
        &self,
        table: ParamId,
        row: impl Into<RowAt>,
        column: impl Into<ColumnAt>,
        value: impl Into<Value>,
    ) -> bool {
        self.rows_of_now().set_cell(table, row, column, value).await
    }

    /// `SetParametersIndex`, `SetParametersIndexByKey`: cells of a table. All are stored before the first event (TBL-79).
    /// Gives a result a cell: [`CELL_CHANGED`](crate::engine::qaction::CELL_CHANGED), 0 for an equal one, or why not
    /// (QAP-8).
    pub async fn set_cells(&self, table: ParamId, cells: Vec<(RowAt, ColumnAt, Value)>) -> Vec<u32> {
        let mut placed = Vec::with_capacity(cells.len());
        for (row, column, value) in cells {
            // A row that is not there has no key, which no row has.
            let key = self.key_at(table, row).await.unwrap_or_default();
            placed.push((key, self.idx_at(table, column).await, value));
        }
        match self.change(RowsChange::SetCells(table, placed)).await {
            Answer::Results(results) => results,
            _ => Vec::new(),
        }
    }

    /// `DeleteRow` with one key or several: the number of rows left (TBL-73).
    pub async fn delete_rows(&self, table: ParamId, keys: Vec<Arc<str>>) -> i64 {
        count(&self.change(RowsChange::Delete(table, keys)).await)
    }

    /// `DeleteRow`, of one row: the number of rows left (TBL-73).
    pub async fn delete_row(&self, table: ParamId, row: impl Into<RowAt>) -> i64 {
        let keys = self.key_at(table, row.into()).await.into_iter().collect();
        self.delete_rows(table, keys).await
    }

    /// `ClearAllKeys`: 0 removed, -1 already empty, 1 failed (TBL-94).
    pub async fn clear_all_keys(&self, table: ParamId) -> i64 {
        count(&self.change(RowsChange::Clear(table)).await)
    }

    /// `FillArray` and `FillArrayNoDelete` (193, 194): `columns[c][r]`, the first column being the keys (TBL-80 to
    /// TBL-87). Whether the table was filled.
    pub async fn fill_array(&self, table: ParamId, columns: Vec<Vec<CellAction>>, fill: Fill) -> bool {
        self.rows_of_now().fill_array(table, columns, fill).await
    }

    /// `FillArray` in its rows form: `rows[r][c]`, otherwise as [`fill_array`](Self::fill_array).
    pub async fn fill_rows(&self, table: ParamId, rows: Vec<Vec<CellAction>>, fill: Fill) -> bool {
        let width = rows.iter().map(Vec::len).max().unwrap_or_default();
        let mut columns = vec![Vec::with_capacity(rows.len()); width];
        for row in rows {
            // A row that is too short makes columns of different lengths, which the table refuses (TBL-85).
            for (column, cell) in columns.iter_mut().zip(row) {
                column.push(cell);
            }
        }
        self.fill_array(table, columns, fill).await
    }

    /// `FillArrayWithColumn` (220): one column for these keys; unknown keys become rows (TBL-89).
    pub async fn fill_column(
        &self,
        table: ParamId,
        column: ParamId,
        keys: Vec<Arc<str>>,
        values: Vec<CellAction>,
    ) -> bool {
        self.fill_columns(table, vec![(column, values)], keys).await
    }

    /// NT 220 and 336 with several columns: each with a value a key, or one for all (TBL-90).
    pub async fn fill_columns(
        &self,
        table: ParamId,
        columns: Vec<(ParamId, Vec<CellAction>)>,
        keys: Vec<Arc<str>>,
    ) -> bool {
        self.rows_of_now().fill_columns(table, columns, keys).await
    }
}

fn keys(answer: Answer) -> Vec<Arc<str>> {
    match answer {
        Answer::Keys(keys) => keys,
        _ => Vec::new(),
    }
}
