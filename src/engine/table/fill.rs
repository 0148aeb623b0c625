//! Bulk fills: many rows in one call, atomic towards observers.
//!
//! Rules: TBL-24, TBL-80 to TBL-90, TBL-93. Only cells that differ are told (TBL-79).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::engine::qaction::{CellAction, Fill};
use crate::engine::table::Table;
use crate::engine::table::cells::{Assigned, key_text};
use crate::engine::table::delta::{Changes, Note};
use crate::engine::table::refused::TableRefused;

use crate::model::table::ColumnKind;

impl Table {
    /// `FillArray` and `FillArrayNoDelete`: `data[column][row]`. Null clears a cell; of a key given twice the last row
    /// counts; columns that are not supplied keep their cells.
    pub(crate) fn fill(&mut self, data: &[Vec<CellAction>], fill: Fill) -> Result<Changes, TableRefused> {
        self.check_own()?;
        let slots = self.slots(data.len())?;
        let height = data.first().map_or(0, Vec::len);
        if data.iter().any(|column| column.len() != height) {
            return Err(TableRefused::Lengths);
        }
        let mut changes = Changes::default();
        let keys = slots.iter().zip(data).find(|(idx, _)| **idx == Some(self.key_idx));
        let keys = keys.map(|(_, column)| column.iter().map(key_of)).into_iter().flatten();
        let rows = rows_by_key(keys, &mut changes.notes);
        if fill == Fill::Full {
            self.end_others(&rows, &mut changes);
        }
        for (key, row) in rows {
            let cells = slots
                .iter()
                .zip(data)
                .filter_map(|(idx, column)| Some(((*idx)?, column[row].clone())));
            match self.state {
                Some((state, _)) if fill == Fill::Full => self.upsert_with_state(&key, cells, state, &mut changes),
                Some(_) | None => self.upsert(&key, cells, &mut changes),
            }
        }
        Ok(changes)
    }

    /// `FillArrayWithColumn`: columns for these keys; one value counts for all of them; unknown keys become rows
    /// (TBL-89, TBL-90).
    pub(crate) fn fill_columns(
        &mut self,
        columns: &[(usize, Vec<CellAction>)],
        keys: &[Arc<str>],
    ) -> Result<Changes, TableRefused> {
        self.check_own()?;
        for (idx, values) in columns {
            self.check_assignable(*idx)?;
            if values.len() != keys.len() && values.len() != 1 {
                return Err(TableRefused::Lengths);
            }
        }
        let mut changes = Changes::default();
        let given = keys
            .iter()
            .map(|key| Some(Arc::clone(key)).filter(|key| !key.is_empty()));
        for (key, row) in rows_by_key(given, &mut changes.notes) {
            let cells = columns.iter().filter_map(|(idx, values)| {
                let value = if values.len() == 1 {
                    values.first()
                } else {
                    values.get(row)
                };
                Some((*idx, value?.clone()))
            });
            self.upsert(&key, cells, &mut changes);
        }
        Ok(changes)
    }

    /// The idx that each data column goes to; none where the data is dropped. When there is one for every column of the
    /// table they go by idx (TBL-81), else onto the fillable columns in order (TBL-80).
    fn slots(&self, width: usize) -> Result<Vec<Option<usize>>, TableRefused> {
        if self.columns[self.key_idx].kind == ColumnKind::AutoIncrement {
            return Err(TableRefused::AutoIncrement);
        }
        let is_fillable = |idx: usize| idx == self.key_idx || self.columns[idx].kind == ColumnKind::Retrieved;
        let all = 0..self.columns.len();
        if width == self.columns.len() {
            return Ok(all.map(|idx| is_fillable(idx).then_some(idx)).collect());
        }
        let slots: Vec<_> = all.filter(|&idx| is_fillable(idx)).take(width).map(Some).collect();
        if slots.len() < width {
            return Err(TableRefused::TooWide);
        }
        if width > 0 && !slots.contains(&Some(self.key_idx)) {
            return Err(TableRefused::KeyMissing);
        }
        Ok(slots)
    }

    /// The rows that a full fill does not name are deleted, or said to be in the `state` column (TBL-82, TBL-24).
    fn end_others(&mut self, rows: &[(Arc<str>, usize)], changes: &mut Changes) {
        let given: HashSet<&str> = rows.iter().map(|(key, _)| key.as_ref()).collect();
        let others: Vec<Arc<str>> = self
            .keys()
            .filter(|key| !given.contains(key.as_ref()))
            .cloned()
            .collect();
        match self.state {
            Some((state, false)) => self.mark_deleted(&others, state, changes),
            Some((_, true)) | None => changes.rows.append(&mut self.delete_rows(&others).rows),
        }
    }

    pub(super) fn upsert(
        &mut self,
        key: &Arc<str>,
        cells: impl Iterator<Item = (usize, CellAction)>,
        changes: &mut Changes,
    ) {
        match self.positions.get(key) {
            Some(&position) => self.update(position, cells, Assigned::WhenDifferent, changes),
            None => {
                self.insert(key, cells, Assigned::WhenDifferent, changes);
            }
        }
    }
}

/// The primary key that a cell of the key column gives.
fn key_of(action: &CellAction) -> Option<Arc<str>> {
    match action {
        CellAction::Set(value) | CellAction::SetAt(value, _) => key_text(value),
        CellAction::Clear | CellAction::Leave => None,
    }
}

/// Each key once, in order of first appearance, with the last row that names it (TBL-86). Rows without a key are noted
/// and left out (TBL-51).
fn rows_by_key(keys: impl Iterator<Item = Option<Arc<str>>>, notes: &mut Vec<Note>) -> Vec<(Arc<str>, usize)> {
    let mut rows: Vec<(Arc<str>, usize)> = Vec::new();
    let mut places: HashMap<Arc<str>, usize> = HashMap::new();
    for (row, key) in keys.enumerate() {
        let Some(key) = key else {
            notes.push(Note::KeyMissing(row));
            continue;
        };
        if let Some(&place) = places.get(&key) {
            rows[place].1 = row;
            notes.push(Note::KeyRepeated(key));
        } else {
            places.insert(Arc::clone(&key), rows.len());
            rows.push((key, row));
        }
    }
    rows
}
