//! Actions on the protocol: swap column. `sleep` is a wait of the action's own frame.
//!
//! Rules: table 8.4.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::action::by;
use crate::engine::chain::{Frame, Next};
use crate::engine::change::Fires;
use crate::engine::qaction::CellAction;
use crate::model::id::{ActionId, ParamId};

impl Engine {
    /// Copies column `from` over `to`, then clears `from`.
    pub(super) fn swap_column(&mut self, id: ActionId, table: ParamId, from: usize, to: usize) -> Next {
        let Some(rows) = self.tables.get(&table) else {
            return Next::Done;
        };
        let keys: Vec<Arc<str>> = rows.keys().cloned().collect();
        let mut events = Vec::new();
        for key in keys {
            let value = self
                .tables
                .get(&table)
                .and_then(|rows| rows.get_cell(&key, from).ok().cloned())
                .unwrap_or_default();
            let copy = if value.is_initialised() {
                CellAction::Set(value)
            } else {
                CellAction::Clear
            };
            let cells = vec![(to, copy), (from, CellAction::Clear)];
            if let Some((changes, _)) = self.set_cells(table, &key, cells, by(id), Fires::OnChange) {
                events.push(changes);
            }
        }
        Next::Become(Frame::Changes(crate::engine::change::ChangesFrame::joined(
            events,
            by(id),
        )))
    }
}
