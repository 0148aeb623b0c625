//! The memory of one table: rows by primary key, in order of first appearance.
//!
//! A mutation stores all its cells and tells what it did; it raises no event itself. Rules: TBL-21, TBL-50, TBL-51,
//! TBL-70 to TBL-95, TBL-122, TBL-133, QAP-7 to QAP-13, SAV-13, SAV-15.
//!
//! Not here: display keys (they exist in the shown store only, TBL-22) and the rows of view tables (they store nothing,
//! TBL-120).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use crate::engine::table::index::ColumnIndex;
use crate::engine::table::refused::TableRefused;
use crate::model::id::ParamId;
use crate::model::interprete::Interprete;
use crate::model::relation::TableRows;
use crate::model::table::{ColumnKind, RowSource, TableDef};
use crate::model::value::Value;

mod rows;

mod fill;
mod state;

pub(crate) mod delta;
pub(crate) mod refused;

mod cells;
mod index;

#[cfg(test)]
mod tests;

/// Rows of a table, and the number at which a notice is due (TBL-95).
const MAX_ROWS: RowLimit = RowLimit {
    most: 105_000,
    notice: 85_000,
};

/// The same for a `volatile` table.
const MAX_VOLATILE_ROWS: RowLimit = RowLimit {
    most: 1_005_000,
    notice: 805_000,
};

/// The memory of one table.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    /// The idx of the primary key.
    key_idx: usize,
    auto_add: bool,
    /// None for a `partial` table, and for one that keeps the newest rows only.
    limit: Option<RowLimit>,
    /// A logger table keeps this many rows, the newest (TBL-133).
    keeps: Option<usize>,
    /// Whether the rows are its own; a view has none (TBL-122).
    is_own: bool,
    /// The idx of the `state` column, and whether rows that a full fill does not name are removed (TBL-23).
    state: Option<(usize, bool)>,
    /// The rows by position. Positions only grow, so their order is that of first appearance (TBL-87).
    rows: BTreeMap<u64, Row>,
    /// The position of each key. Never iterated: its order is not that of the rows.
    positions: HashMap<Arc<str>, u64>,
    next_position: u64,
    /// All positions in order, when a place among the rows was asked for since the last removal and there are gaps.
    places: OnceLock<Vec<u64>>,
    /// The highest number an `autoincrement` key ever had (TBL-21).
    counter: u64,
    /// What the columns that keys are looked up by hold, by idx.
    indexes: BTreeMap<usize, ColumnIndex>,
}

/// The rows of all tables, as foreign keys find them.
pub(crate) struct Memory<'a>(pub(crate) &'a BTreeMap<ParamId, Table>);

impl TableRows for Memory<'_> {
    fn cells(&self, table: ParamId, key: &str) -> Option<&[Value]> {
        self.0.get(&table)?.row(key).map(|(_, cells)| cells)
    }
}

/// Whether a look-up by value tells `a` from `A` (QAP-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Casing {
    /// It does: NT 411.
    Told,
    /// It does not: `GetKeysForIndex`.
    Ignored,
}

#[derive(Debug)]
struct Column {
    pid: ParamId,
    kind: ColumnKind,
    interprete: Interprete,
}

#[derive(Debug)]
struct Row {
    key: Arc<str>,
    /// One cell a column, by idx.
    cells: Box<[Value]>,
}

#[derive(Debug, Clone, Copy)]
struct RowLimit {
    most: usize,
    notice: usize,
}

impl Table {
    /// An empty table.
    pub(crate) fn new<'a>(definition: &TableDef, interprete: impl Fn(ParamId) -> &'a Interprete) -> Self {
        let columns: Vec<Column> = definition
            .columns
            .iter()
            .enumerate()
            .map(|(idx, column)| Column {
                pid: column.pid,
                kind: column.kind,
                // The primary key is a text, whatever its parameter says (TBL-1).
                interprete: if idx == definition.index {
                    Interprete::text()
                } else {
                    interprete(column.pid).clone()
                },
            })
            .collect();
        let indexed = definition
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.indexed);
        let state = definition.columns.iter().enumerate();
        let state = state.into_iter().find(|(_, column)| column.kind == ColumnKind::State);
        Self {
            columns,
            key_idx: definition.index,
            auto_add: definition.auto_add,
            limit: match (definition.page_size, definition.keeps, definition.volatile) {
                (Some(_), _, _) | (None, Some(_), _) => None,
                (None, None, true) => Some(MAX_VOLATILE_ROWS),
                (None, None, false) => Some(MAX_ROWS),
            },
            keeps: definition.keeps,
            is_own: definition.rows == RowSource::Own,
            state: state.map(|(idx, column)| (idx, column.removes_deleted)),
            rows: BTreeMap::new(),
            positions: HashMap::new(),
            next_position: 0,
            places: OnceLock::new(),
            counter: 0,
            indexes: indexed.map(|(idx, _)| (idx, ColumnIndex::default())).collect(),
        }
    }

    /// The number of rows.
    pub(crate) fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is a row with this key; keys are case-sensitive (TBL-51).
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.positions.contains_key(key)
    }

    /// The idx of a column.
    pub(crate) fn idx(&self, column: ParamId) -> Option<usize> {
        self.columns.iter().position(|other| other.pid == column)
    }

    /// The 1-based place of a row among the rows (QAP-12).
    pub(crate) fn key_position(&self, key: &str) -> Option<usize> {
        let position = *self.positions.get(key)?;
        let (&first, _) = self.rows.first_key_value()?;
        let (&last, _) = self.rows.last_key_value()?;
        // Without gaps, which is the rule, the place is a difference.
        let place = if usize::try_from(last - first).is_ok_and(|span| span + 1 == self.rows.len()) {
            usize::try_from(position - first).ok()?
        } else {
            let places = self.places.get_or_init(|| self.rows.keys().copied().collect());
            places.binary_search(&position).ok()?
        };
        Some(place + 1)
    }

    /// The primary keys, in row order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.rows.values().map(|row| &row.key)
    }

    /// The rows in order: key, position and cells by idx.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&Arc<str>, u64, &[Value])> {
        self.rows
            .iter()
            .map(|(&position, row)| (&row.key, position, row.cells.as_ref()))
    }

    /// A row's position and all its cells by idx, the slots that hold no data included.
    pub(crate) fn row(&self, key: &str) -> Option<(u64, &[Value])> {
        let position = *self.positions.get(key)?;
        let row = self.rows.get(&position)?;
        Some((position, &row.cells))
    }

    /// The cells of a row as a QAction sees them: without a display key, which is not in memory (QAP-9).
    pub(crate) fn get_row(&self, key: &str) -> Option<Vec<Value>> {
        let (_, cells) = self.row(key)?;
        let in_memory = self.columns.iter().map(|column| column.kind != ColumnKind::DisplayKey);
        let cells = cells.iter().zip(in_memory).filter(|(_, in_memory)| *in_memory);
        Some(cells.map(|(cell, _)| cell.clone()).collect())
    }

    /// What a row call gives for a row that is not there: as many cells, all uninitialised (QAP-9).
    pub(crate) fn empty_row(&self) -> Vec<Value> {
        let in_memory = self
            .columns
            .iter()
            .filter(|column| column.kind != ColumnKind::DisplayKey);
        vec![Value::Uninitialised; in_memory.count()]
    }

    /// The key of the row at a 0-based index (QAP-9).
    pub(crate) fn key_at(&self, index: usize) -> Option<&Arc<str>> {
        self.keys().nth(index)
    }

    /// A cell by idx (QAP-7).
    pub(crate) fn get_cell(&self, key: &str, idx: usize) -> Result<&Value, TableRefused> {
        let (_, cells) = self.row(key).ok_or(TableRefused::CellRowMissing)?;
        cells.get(idx).ok_or(TableRefused::OutOfBounds)
    }

    /// The columns of these idx, cells in row order; none when one of them is not in memory (QAP-13).
    pub(crate) fn columns(&self, idx: &[usize]) -> Option<Vec<Vec<Value>>> {
        let column = |&idx: &usize| {
            let in_memory = self.columns.get(idx)?.kind != ColumnKind::DisplayKey;
            in_memory.then(|| self.rows.values().map(|row| row.cells[idx].clone()).collect())
        };
        idx.iter().map(column).collect()
    }

    /// All columns by idx, as a QAction gets them as its input; none where there is nothing in memory, and for all of a
    /// table without rows (QA-12).
    pub(crate) fn input_columns(&self) -> Vec<Option<Vec<Value>>> {
        let column = |idx| self.columns(&[idx])?.pop().filter(|cells| !cells.is_empty());
        (0..self.columns.len()).map(column).collect()
    }

    /// The keys of the rows whose indexed column has the value (QAP-11); none when the column has no index.
    pub(crate) fn keys_for_index(&self, idx: usize, value: &Value, casing: Casing) -> Option<Vec<Arc<str>>> {
        let index = self.indexes.get(&idx)?;
        let rows = index.positions(value).filter_map(|position| self.rows.get(&position));
        let rows = rows.filter(|row| casing == Casing::Ignored || row.cells[idx].to_text() == value.to_text());
        Some(rows.map(|row| Arc::clone(&row.key)).collect())
    }
}
