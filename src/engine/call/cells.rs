//! Calls that set several cells, and those that find rows and columns by their place.
//!
//! Rules: QAP-7 to QAP-9, QAP-22, TBL-79.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::call::Outcome;
use crate::engine::chain::Frame;
use crate::engine::change::{ChangesFrame, Fires};
use crate::engine::effect::{Effect, LogLevel, Origin, RowChange, RowChangeKind};
use crate::engine::port::Answer;
use crate::engine::qaction::{CELL_CHANGED, S_OK};
use crate::engine::table::refused::TableRefused;
use crate::model::id::ParamId;
use crate::model::value::Value;

impl Engine {
    /// `SetParametersIndexByKey`: all cells are stored, then come their events (TBL-79).
    pub(in crate::engine) fn set_cells_of(
        &mut self,
        table: ParamId,
        cells: Vec<(Arc<str>, usize, Value)>,
        by: Origin,
        of: Option<i64>,
    ) -> Outcome {
        let mut results = Vec::with_capacity(cells.len());
        let mut events = Vec::new();
        for (key, idx, value) in cells {
            let missing = Err(TableRefused::CellRowMissing);
            let changes = self
                .tables
                .get_mut(&table)
                .map_or(missing, |rows| rows.set_cell(&key, idx, value));
            let refused = changes.as_ref().err().map(|refused| refused.hresult());
            let Some(changes) = self.done_or_log(table, changes) else {
                results.extend(refused);
                continue;
            };
            let changed = changes.changed_cells(idx + 1).get(idx) == Some(&true);
            results.push(if changed { CELL_CHANGED } else { S_OK });
            events.push(self.publish_at(table, changes, by, Fires::Assigned, of));
        }
        let events = ChangesFrame::joined(events, by);
        match events.is_empty() {
            true => Outcome::Answer(Answer::Results(results)),
            false => Outcome::Then(Frame::Changes(events), Answer::Results(results)),
        }
    }

    /// The key of the row at a 0-based index.
    pub(in crate::engine) fn key_at(&mut self, table: ParamId, index: usize) -> Option<Arc<str>> {
        let key = match self.tables.get(&table) {
            Some(rows) => rows.key_at(index).cloned().ok_or(TableRefused::OutOfBounds),
            None => Err(TableRefused::CellRowMissing),
        };
        self.done_or_log(table, key)
    }

    /// The idx of a column; -1 when the table has no such one.
    pub(in crate::engine) fn idx_of(&self, table: ParamId, column: ParamId) -> i64 {
        let idx = self.tables.get(&table).and_then(|rows| rows.idx(column));
        idx.and_then(|idx| i64::try_from(idx).ok()).unwrap_or(-1)
    }

    /// `SendToDisplay` of a row: its cells as memory has them (QAP-22).
    pub(super) fn send_row_to_display(&mut self, table: ParamId, key: &Arc<str>, by: Origin) {
        let protocol = Arc::clone(&self.protocol);
        let columns = protocol.param(table).and_then(|param| param.table.as_ref());
        let row = self.tables.get(&table).and_then(|rows| rows.row(key));
        let (Some(definition), Some((position, cells))) = (columns, row) else {
            let text = format!("row \"{key}\" of table {table} cannot be shown: it does not exist");
            self.log(LogLevel::Error, text);
            return;
        };
        let cells = definition
            .columns
            .iter()
            .zip(cells)
            .map(|(column, cell)| (column.pid, cell.clone()));
        let change = RowChange {
            table,
            key: Arc::clone(key),
            position,
            change: RowChangeKind::Updated,
            cells: cells.collect(),
            times: Vec::new(),
            by,
        };
        self.effects.push(Effect::Row(change));
    }
}
