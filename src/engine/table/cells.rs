//! How cells and rows come and go: the one place that writes rows, keys and indexes, so that they always agree.
//!
//! Rules: PAR-102, PAR-103, TBL-75, TBL-77, TBL-79, TBL-92, TBL-95, TBL-133.

use std::sync::Arc;

use crate::engine::convert::to_kind;
use crate::engine::effect::RowChangeKind;
use crate::engine::qaction::CellAction;
use crate::engine::table::delta::{CellDelta, Changes, Note, RowDelta};
use crate::engine::table::{Column, Row, Table};
use crate::model::table::ColumnKind;
use crate::model::value::Value;

/// Whether cells are assigned by name, and so fire even when they are equal; a bulk fill's fire when they differ (TBL-79).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assigned {
    Yes,
    WhenDifferent,
}

impl Table {
    /// Assigns cells of the row at a position.
    pub(super) fn update(
        &mut self,
        position: u64,
        actions: impl Iterator<Item = (usize, CellAction)>,
        assigned: Assigned,
        changes: &mut Changes,
    ) {
        let Some(row) = self.rows.get_mut(&position) else {
            return;
        };
        let (least, most) = actions.size_hint();
        let mut cells = Vec::with_capacity(most.unwrap_or(least));
        for (idx, action) in actions {
            let column = &self.columns[idx];
            if idx == self.key_idx || !holds_data(column.kind) {
                continue;
            }
            let of = time_of(&action);
            let new = match column.stored(action) {
                Stored::Value(new) => new,
                Stored::Kept => continue,
                Stored::Invalid => {
                    changes.notes.push(Note::InvalidNumber(Arc::clone(&row.key), idx));
                    continue;
                }
            };
            let differs = row.cells[idx] != new;
            if differs || assigned == Assigned::Yes {
                let old = std::mem::replace(&mut row.cells[idx], new.clone());
                if differs && let Some(index) = self.indexes.get_mut(&idx) {
                    index.remove(&old, position);
                    index.insert(&new, position);
                }
                let assigned = assigned == Assigned::Yes;
                cells.push(CellDelta {
                    idx,
                    old,
                    new,
                    assigned,
                    of,
                });
            }
        }
        if !cells.is_empty() {
            let key = Arc::clone(&row.key);
            changes.rows.push(RowDelta {
                key,
                position,
                kind: RowChangeKind::Updated,
                cells,
            });
        }
    }

    /// Writes numbers of the engine's own into the row at a position.
    pub(crate) fn write(&mut self, position: u64, values: &[(usize, f64)]) -> Changes {
        let mut changes = Changes::default();
        let actions = values.iter().map(|&(idx, value)| (idx, CellAction::from(value)));
        self.update(position, actions, Assigned::WhenDifferent, &mut changes);
        changes
    }

    /// Appends a row with these cells; false when the table is full, which is noted.
    pub(super) fn insert(
        &mut self,
        key: &Arc<str>,
        actions: impl Iterator<Item = (usize, CellAction)>,
        assigned: Assigned,
        changes: &mut Changes,
    ) -> bool {
        if self.limit.is_some_and(|limit| self.rows.len() >= limit.most) {
            if changes.notes.last() != Some(&Note::Full) {
                changes.notes.push(Note::Full);
            }
            return false;
        }
        let mut cells = vec![Value::Uninitialised; self.columns.len()].into_boxed_slice();
        let mut times = Vec::new();
        for (idx, action) in actions {
            let column = &self.columns[idx];
            if idx == self.key_idx || !holds_data(column.kind) {
                continue;
            }
            times.extend(time_of(&action).map(|of| (idx, of)));
            match column.stored(action) {
                Stored::Value(value) => cells[idx] = value,
                Stored::Kept => {}
                Stored::Invalid => changes.notes.push(Note::InvalidNumber(Arc::clone(key), idx)),
            }
        }
        cells[self.key_idx] = Value::Text(Arc::clone(key));
        let filled = cells.iter().enumerate().filter(|(_, cell)| cell.is_initialised());
        let deltas = filled.map(|(idx, cell)| CellDelta {
            idx,
            old: Value::Uninitialised,
            new: cell.clone(),
            assigned: assigned == Assigned::Yes,
            of: times.iter().find(|(timed, _)| *timed == idx).map(|&(_, of)| of),
        });
        let position = self.next_position;
        changes.rows.push(RowDelta {
            key: Arc::clone(key),
            position,
            kind: RowChangeKind::Added,
            cells: deltas.collect(),
        });
        self.place(position, Arc::clone(key), cells);
        self.drop_oldest(changes);
        if self.limit.is_some_and(|limit| self.rows.len() == limit.notice) {
            changes.notes.push(Note::NearlyFull);
        }
        true
    }

    /// Puts a complete row at a position that is beyond all others.
    pub(super) fn place(&mut self, position: u64, key: Arc<str>, cells: Box<[Value]>) {
        for (&idx, index) in &mut self.indexes {
            index.insert(&cells[idx], position);
        }
        if let Some(number) = key.parse().ok().filter(|&number| number > self.counter) {
            self.counter = number;
        }
        if let Some(places) = self.places.get_mut() {
            places.push(position);
        }
        self.positions.insert(Arc::clone(&key), position);
        self.rows.insert(position, Row { key, cells });
        self.next_position = position + 1;
    }

    /// A logger table keeps the newest rows only (TBL-133).
    fn drop_oldest(&mut self, changes: &mut Changes) {
        let Some(keeps) = self.keeps else { return };
        while self.rows.len() > keeps {
            let oldest = self.rows.first_key_value().map(|(_, row)| Arc::clone(&row.key));
            match oldest.and_then(|key| self.remove(&key)) {
                Some(removed) => changes.rows.push(removed),
                None => return,
            }
        }
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<RowDelta> {
        let position = self.positions.remove(key)?;
        let row = self.rows.remove(&position)?;
        self.places.take();
        for (&idx, index) in &mut self.indexes {
            index.remove(&row.cells[idx], position);
        }
        Some(RowDelta::removed(row.key, position))
    }
}

/// The time that comes with a value (TBL-92).
const fn time_of(action: &CellAction) -> Option<i64> {
    match action {
        CellAction::SetAt(_, of) => Some(*of),
        CellAction::Set(_) | CellAction::Clear | CellAction::Leave => None,
    }
}

/// What an action makes of a cell.
enum Stored {
    Value(Value),
    Kept,
    Invalid,
}

impl Column {
    fn stored(&self, action: CellAction) -> Stored {
        match action {
            CellAction::Leave => Stored::Kept,
            CellAction::Clear => Stored::Value(Value::Uninitialised),
            CellAction::Set(value) | CellAction::SetAt(value, _) => match to_kind(&self.interprete, &value) {
                Some(value) => Stored::Value(value),
                None => Stored::Invalid,
            },
        }
    }
}

/// Whether memory has cells of such a column.
pub(super) const fn holds_data(kind: ColumnKind) -> bool {
    match kind {
        ColumnKind::DisplayKey | ColumnKind::Button => false,
        ColumnKind::Retrieved
        | ColumnKind::Custom
        | ColumnKind::AutoIncrement
        | ColumnKind::State
        | ColumnKind::Unsupported => true,
    }
}

/// A value as a primary key; none for null, the empty text and the sentinels (TBL-50, TBL-51).
pub(super) fn key_text(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Uninitialised => None,
        Value::Number(number) => number.is_finite().then(|| value.to_text()),
        Value::Text(text) => Some(Arc::clone(text)).filter(|text| !text.is_empty()),
    }
}
