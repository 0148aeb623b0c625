//! The `state` column: what the last full fill did to each row.
//!
//! ```text
//!            named, new              named, other cells           named, same cells
//!  (no row) ------------> 3 New      1 Updated <----- row -----> 2 Equal
//!                                        ^             |
//!                     named again        |  not named  v
//!                          5 Recreated <-------- 4 Deleted (the row stays, unless option `delete` removes it)
//! ```
//!
//! Rules: TBL-23, TBL-24. A fill that is not full, and sets of rows and cells, leave the state as it is.

use std::sync::Arc;

use crate::engine::qaction::CellAction;
use crate::engine::table::Table;
use crate::engine::table::cells::Assigned;
use crate::engine::table::delta::Changes;
use crate::model::value::parse_number;

const UPDATED: f64 = 1.0;
const EQUAL: f64 = 2.0;
const NEW: f64 = 3.0;
const DELETED: f64 = 4.0;
const RECREATED: f64 = 5.0;

impl Table {
    /// A row of a full fill, with its state.
    pub(super) fn upsert_with_state(
        &mut self,
        key: &Arc<str>,
        cells: impl Iterator<Item = (usize, CellAction)>,
        state: usize,
        changes: &mut Changes,
    ) {
        let mark = |state_is: f64| std::iter::once((state, CellAction::from(state_is)));
        let Some(&position) = self.positions.get(key) else {
            self.insert(key, cells.chain(mark(NEW)), Assigned::WhenDifferent, changes);
            return;
        };
        // The column may be a text.
        let was = self
            .row(key)
            .and_then(|(_, cells)| parse_number(&cells[state].to_text()));
        let was_deleted = was == Some(DELETED);
        let rows_before = changes.rows.len();
        self.update(position, cells, Assigned::WhenDifferent, changes);
        let differs = changes.rows.len() > rows_before;
        let state_is = match (was_deleted, differs) {
            (true, _) => RECREATED,
            (false, true) => UPDATED,
            (false, false) => EQUAL,
        };
        let mut marked = Changes::default();
        self.update(position, mark(state_is), Assigned::WhenDifferent, &mut marked);
        match changes.rows.last_mut() {
            Some(row) if differs => row.add(marked),
            Some(_) | None => changes.rows.append(&mut marked.rows),
        }
    }

    /// Rows that are no longer there stay, and say so.
    pub(super) fn mark_deleted(&mut self, keys: &[Arc<str>], state: usize, changes: &mut Changes) {
        for key in keys {
            if let Some(&position) = self.positions.get(key) {
                let mark = std::iter::once((state, CellAction::from(DELETED)));
                self.update(position, mark, Assigned::WhenDifferent, changes);
            }
        }
    }
}
