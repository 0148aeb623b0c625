//! Columns with the option `delta`: a change of one is written into another column of the row.
//!
//! Rules: TBL-36. It is the engine that writes, so equal deltas raise no event (CHG-6).

use crate::engine::Engine;
use crate::engine::effect::RowChangeKind;
use crate::engine::table::Memory;
use crate::engine::table::delta::{CellDelta, Changes};
use crate::model::id::ParamId;
use crate::model::table::{Delta, TableDef};
use crate::model::value::Value;

impl Engine {
    /// Writes the deltas of what changed, before any of it is told.
    pub(super) fn write_deltas(&mut self, table: ParamId, definition: &TableDef, changes: &mut Changes) {
        if definition.columns.iter().all(|column| column.delta.is_none()) {
            return;
        }
        for row in &mut changes.rows {
            match row.kind {
                RowChangeKind::Removed => continue,
                RowChangeKind::Added | RowChangeKind::Updated => {}
            }
            let changed = row.cells.iter().filter(|cell| cell.differs());
            let deltas = changed.filter_map(|cell| Some((definition.columns[cell.idx].delta.as_ref()?, cell)));
            let values: Vec<(usize, f64)> = deltas
                .filter_map(|(delta, cell)| Some((delta.into, self.delta(table, &row.key, delta, cell)?)))
                .collect();
            if let Some(rows) = self.tables.get_mut(&table) {
                row.add(rows.write(row.position, &values));
            }
        }
    }

    /// The difference; none for the first value, and where there is nothing to compare with.
    fn delta(&self, table: ParamId, key: &str, delta: &Delta, cell: &CellDelta) -> Option<f64> {
        let new = cell.new.as_number()?;
        let old = cell.old.as_number()?;
        let Some(link) = &delta.from else {
            return Some(new - old);
        };
        let memory = Memory(&self.tables);
        let (_, cells) = self.tables.get(&table)?.row(key)?;
        let compared = link.follow(cells, &memory)?.get(link.idx).and_then(Value::as_number)?;
        Some(new - compared)
    }
}
