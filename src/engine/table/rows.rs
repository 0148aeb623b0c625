//! Calls on single rows and cells.
//!
//! Rules: TBL-21, TBL-50, TBL-51, TBL-70 to TBL-79, TBL-94, TBL-122, TBL-133, SAV-13, SAV-15.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::qaction::CellAction;
use crate::engine::saved::SavedRow;
use crate::engine::table::Table;
use crate::engine::table::cells::{Assigned, holds_data, key_text};
use crate::engine::table::delta::{Changes, RowDelta};
use crate::engine::table::index::ColumnIndex;
use crate::engine::table::refused::TableRefused;
use crate::model::id::ParamId;
use crate::model::table::ColumnKind;
use crate::model::value::{Value, ValueKind};

/// What came of adding a row.
#[derive(Debug)]
pub(crate) struct Added {
    /// The primary key, made by the engine for an `autoincrement` table.
    pub(crate) key: Arc<str>,
    /// Nothing when the row was there already (TBL-70).
    pub(crate) changes: Changes,
}

/// Cells by idx, in which null keeps the cell (TBL-74).
fn kept_if_null(cells: impl Iterator<Item = CellAction>) -> impl Iterator<Item = (usize, CellAction)> {
    cells.enumerate().map(|(idx, action)| match action {
        CellAction::Set(Value::Uninitialised) | CellAction::SetAt(Value::Uninitialised, _) => (idx, CellAction::Leave),
        CellAction::Set(_) | CellAction::SetAt(..) | CellAction::Clear | CellAction::Leave => (idx, action),
    })
}

impl Table {
    /// `AddRow`: cells by idx, the key among them. An existing row stays as it is (TBL-70 to TBL-72); that of a logger
    /// table is updated.
    pub(crate) fn add_row(&mut self, cells: &[Value]) -> Result<Added, TableRefused> {
        self.check_own()?;
        self.check_width(cells.len())?;
        let given = cells.get(self.key_idx).and_then(key_text);
        let key = match given {
            Some(key) => key,
            None if self.columns[self.key_idx].kind == ColumnKind::AutoIncrement => self.next_key(),
            None => return Err(TableRefused::KeyMissing),
        };
        let mut changes = Changes::default();
        if let Some(&position) = self.positions.get(&key) {
            if self.keeps.is_some() {
                self.update(
                    position,
                    kept_if_null(cells.iter().cloned().map(CellAction::Set)),
                    Assigned::Yes,
                    &mut changes,
                );
            }
        } else {
            let actions = cells.iter().cloned().map(CellAction::Set).enumerate();
            if !self.insert(&key, actions, Assigned::Yes, &mut changes) {
                return Err(TableRefused::Full);
            }
        }
        Ok(Added { key, changes })
    }

    /// `SetRow`: cells by idx. Null, `Leave` and a missing tail keep the cell, the key's entry is ignored (TBL-74, TBL-75).
    /// The cells that are assigned are in the delta, equal or not.
    pub(crate) fn set_row(&mut self, key: &str, cells: &[CellAction]) -> Result<Changes, TableRefused> {
        self.check_width(cells.len())?;
        self.assign(key, kept_if_null(cells.iter().cloned()), TableRefused::RowMissing)
    }

    /// `SetParameterIndexByKey`: one cell, by idx (TBL-78). Null makes it uninitialised.
    pub(crate) fn set_cell(&mut self, key: &str, idx: usize, value: Value) -> Result<Changes, TableRefused> {
        self.check_assignable(idx)?;
        self.assign(
            key,
            std::iter::once((idx, CellAction::Set(value))),
            TableRefused::CellRowMissing,
        )
    }

    /// `DeleteRow`: missing keys change nothing (TBL-73).
    pub(crate) fn delete_rows(&mut self, keys: &[Arc<str>]) -> Changes {
        let rows = keys.iter().filter_map(|key| self.remove(key)).collect();
        Changes {
            rows,
            notes: Vec::new(),
        }
    }

    /// `ClearAllKeys`: removes all rows (TBL-94).
    pub(crate) fn clear(&mut self) -> Changes {
        let rows = std::mem::take(&mut self.rows);
        self.positions = HashMap::new();
        self.places.take();
        self.indexes.values_mut().for_each(ColumnIndex::clear);
        let rows = rows
            .into_iter()
            .map(|(position, row)| RowDelta::removed(row.key, position));
        Changes {
            rows: rows.collect(),
            notes: Vec::new(),
        }
    }

    /// Puts a saved row back, without any change being told (SAV-13). Gives the columns whose value was discarded because
    /// it is of another type now (SAV-15). A key that is there already, or is none, is left out.
    pub(crate) fn restore(&mut self, saved: &SavedRow) -> Vec<ParamId> {
        if saved.key.is_empty() || self.contains(&saved.key) {
            return Vec::new();
        }
        let mut discarded = Vec::new();
        let mut cells = vec![Value::Uninitialised; self.columns.len()].into_boxed_slice();
        for (pid, value, _) in &saved.cells {
            let Some(idx) = self.idx(*pid) else { continue };
            match (self.columns[idx].interprete.kind, value) {
                (ValueKind::Number, Value::Number(_)) | (ValueKind::Text, Value::Text(_)) => cells[idx] = value.clone(),
                (_, Value::Uninitialised) => {}
                (ValueKind::Number, Value::Text(_)) | (ValueKind::Text, Value::Number(_)) => discarded.push(*pid),
            }
        }
        cells[self.key_idx] = Value::Text(Arc::clone(&saved.key));
        // A saved position is kept unless it would break the order, or leave no room for further rows.
        let position = if (self.next_position..u64::MAX / 2).contains(&saved.position) {
            saved.position
        } else {
            self.next_position
        };
        self.place(position, Arc::clone(&saved.key), cells);
        discarded
    }

    /// Assigns cells of an existing row; creates a missing one when the table has `autoAdd`.
    fn assign(
        &mut self,
        key: &str,
        actions: impl Iterator<Item = (usize, CellAction)>,
        missing: TableRefused,
    ) -> Result<Changes, TableRefused> {
        self.check_own()?;
        let mut changes = Changes::default();
        if let Some(&position) = self.positions.get(key) {
            self.update(position, actions, Assigned::Yes, &mut changes);
        } else if !self.auto_add {
            return Err(missing);
        } else if key.is_empty() {
            return Err(TableRefused::KeyMissing);
        } else if !self.insert(&key.into(), actions, Assigned::Yes, &mut changes) {
            return Err(TableRefused::Full);
        }
        Ok(changes)
    }

    /// The next key of an `autoincrement` table: above every number that ever was a key (TBL-21).
    fn next_key(&self) -> Arc<str> {
        self.counter.saturating_add(1).to_string().into()
    }

    /// A row may not be wider than the table (TBL-72). The slot of a display key counts as one: it is dropped later.
    fn check_width(&self, width: usize) -> Result<(), TableRefused> {
        if width > self.columns.len() {
            return Err(TableRefused::TooWide);
        }
        Ok(())
    }

    /// Rows of a view are those of another table (TBL-122).
    pub(super) const fn check_own(&self) -> Result<(), TableRefused> {
        if self.is_own { Ok(()) } else { Err(TableRefused::View) }
    }

    /// Whether single cells of the column can be set: not the key, and not what holds no data.
    pub(super) fn check_assignable(&self, idx: usize) -> Result<(), TableRefused> {
        let column = self.columns.get(idx).ok_or(TableRefused::OutOfBounds)?;
        if idx == self.key_idx {
            return Err(TableRefused::KeyColumn);
        }
        if !holds_data(column.kind) {
            return Err(TableRefused::NoData);
        }
        Ok(())
    }
}
