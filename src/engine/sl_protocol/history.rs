//! Row calls whose values are of a time: the history sets of tables.
//!
//! Rules: NT 374, TRD-6, TBL-71, TBL-91, TBL-92, PAR-44. A cell with a time of its own is a
//! [`CellAction::SetAt`](crate::engine::qaction::CellAction::SetAt) in any call.

use std::sync::Arc;

use crate::engine::place::{ColumnAt, RowAt};
use crate::engine::port::{Answer, Call, RowsChange};
use crate::engine::qaction::{CellAction, Fill};
use crate::engine::sl_protocol::{SlProtocol, truth};
use crate::model::id::ParamId;
use crate::model::value::Value;

/// The row calls of a run, for values of one time.
#[derive(Clone, Copy)]
pub struct RowsOfTime<'a> {
    protocol: &'a SlProtocol,
    /// None is now.
    unix_ms: Option<i64>,
}

impl SlProtocol {
    /// Row calls for values of this time, in milliseconds since 1970. Columns without `historySet` ignore it.
    #[must_use]
    pub const fn rows_of(&self, unix_ms: i64) -> RowsOfTime<'_> {
        RowsOfTime {
            protocol: self,
            unix_ms: Some(unix_ms),
        }
    }

    /// Row calls for values of now.
    pub(super) const fn rows_of_now(&self) -> RowsOfTime<'_> {
        RowsOfTime {
            protocol: self,
            unix_ms: None,
        }
    }

    /// `NT_CLOSE_HISTORY_TREND_WINDOW` (374): closes the windows of a trend that ended until this time, in milliseconds
    /// since 1970, although no later value has come; of a parameter, or of the cell of a column in a row. Only for what has
    /// `historySet`, and never a window that has not passed yet.
    pub async fn close_trend_windows(&self, param: ParamId, key: Option<&str>, unix_ms: i64) {
        self.call(Call::CloseTrend(param, key.map(Arc::from), unix_ms)).await;
    }
}

impl RowsOfTime<'_> {
    pub(super) async fn change(self, rows: RowsChange) -> Answer {
        self.protocol.call(Call::ChangeRows(rows, self.unix_ms)).await
    }

    /// As [`SlProtocol::fill_array`].
    pub async fn fill_array(self, table: ParamId, columns: Vec<Vec<CellAction>>, fill: Fill) -> bool {
        truth(&self.change(RowsChange::Fill(table, columns, fill)).await)
    }

    /// As [`SlProtocol::fill_columns`].
    pub async fn fill_columns(
        self,
        table: ParamId,
        columns: Vec<(ParamId, Vec<CellAction>)>,
        keys: Vec<Arc<str>>,
    ) -> bool {
        truth(&self.change(RowsChange::FillColumns(table, columns, keys)).await)
    }

    /// As [`SlProtocol::add_row_return_key`].
    pub async fn add_row(self, table: ParamId, cells: Vec<Value>) -> Option<Arc<str>> {
        match self.change(RowsChange::Add(table, cells)).await {
            Answer::Key(key) => key,
            _ => None,
        }
    }

    /// As [`SlProtocol::set_row`].
    pub async fn set_row(self, table: ParamId, row: impl Into<RowAt>, cells: Vec<CellAction>) -> Option<Vec<bool>> {
        let key = self.protocol.key_at(table, row.into()).await?;
        match self.change(RowsChange::Set(table, key, cells)).await {
            Answer::Flags(flags) => flags,
            _ => None,
        }
    }

    /// As [`SlProtocol::set_cell`].
    pub async fn set_cell(
        self,
        table: ParamId,
        row: impl Into<RowAt>,
        column: impl Into<ColumnAt>,
        value: impl Into<Value>,
    ) -> bool {
        let Some(key) = self.protocol.key_at(table, row.into()).await else {
            return false;
        };
        let idx = self.protocol.idx_at(table, column.into()).await;
        truth(&self.change(RowsChange::SetCell(table, key, idx, value.into())).await)
    }
}
