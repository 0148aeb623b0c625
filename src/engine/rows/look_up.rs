//! Calls that look rows up: cells, keys, places, columns.
//!
//! Rules: QAP-7 to QAP-13.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::effect::LogLevel;
use crate::engine::port::{Answer, RowsRead};
use crate::engine::qaction::KeyType;
use crate::engine::table::refused::TableRefused;
use crate::engine::table::{Casing, Table};
use crate::model::id::ParamId;
use crate::model::value::Value;

impl Engine {
    /// Answers a call that looks up rows.
    pub(in crate::engine) fn look_up_rows(&mut self, call: RowsRead) -> Answer {
        match call {
            RowsRead::Cell(table, key, idx) => {
                let cell = self
                    .tables
                    .get(&table)
                    .map_or(Err(TableRefused::CellRowMissing), |rows| {
                        rows.get_cell(&key, idx).cloned()
                    });
                Answer::Value(self.done_or_log(table, cell))
            }
            RowsRead::Row(table, key) => {
                let rows = self.tables.get(&table);
                let row = rows.and_then(|rows| rows.get_row(&key)).ok_or(TableRefused::RowMissing);
                let none = rows.map(Table::empty_row);
                Answer::Values(self.done_or_log(table, row).or(none))
            }
            RowsRead::Keys(table, kind) => Answer::Keys(self.keys_of(table, kind)),
            RowsRead::KeysForIndex(column, value, casing) => Answer::Keys(self.keys_for_index(column, &value, casing)),
            RowsRead::KeyAt(table, index) => Answer::Key(self.key_at(table, index)),
            RowsRead::IdxOf(table, column) => Answer::Count(self.idx_of(table, column)),
            RowsRead::KeyPosition(table, key) => {
                let place = self.tables.get(&table).and_then(|rows| rows.key_position(&key));
                Answer::Count(place.and_then(|place| i64::try_from(place).ok()).unwrap_or_default())
            }
            RowsRead::Count(table) => Answer::Count(self.count_rows(table)),
            RowsRead::Columns(table, idx) => {
                let columns = self
                    .tables
                    .get(&table)
                    .and_then(|rows| rows.columns(&idx))
                    .ok_or(TableRefused::OutOfBounds);
                Answer::Columns(self.done_or_log(table, columns))
            }
        }
    }

    fn keys_of(&mut self, table: ParamId, kind: KeyType) -> Vec<Arc<str>> {
        let protocol = Arc::clone(&self.protocol);
        let (Some(param), Some(rows)) = (protocol.param(table), self.tables.get(&table)) else {
            return Vec::new();
        };
        match kind {
            KeyType::Index => rows.keys().cloned().collect(),
            KeyType::DisplayKey if param.display.rtdisplay => self.display_keys(table),
            KeyType::DisplayKey => {
                self.log(
                    LogLevel::Error,
                    format!("table {table} has no display keys: RTDisplay is false"),
                );
                Vec::new()
            }
        }
    }

    fn keys_for_index(&mut self, column: ParamId, value: &Value, casing: Casing) -> Vec<Arc<str>> {
        let place = self.protocol.param(column).and_then(|param| param.column_of);
        let keys = place.and_then(|place| self.tables.get(&place.table)?.keys_for_index(place.idx, value, casing));
        if keys.is_none() {
            self.log(
                LogLevel::Error,
                format!("column {column} has no index: keys cannot be looked up by it"),
            );
        }
        keys.unwrap_or_default()
    }

    pub(super) fn count_rows(&self, table: ParamId) -> i64 {
        self.tables
            .get(&table)
            .map_or(-1, |rows| i64::try_from(rows.row_count()).unwrap_or(i64::MAX))
    }
}
