//! What placeholders stand for: memory, at the row that is set or selected.
//!
//! Only what clients may see is filled in: no secrets, and nothing without `RTDisplay` (DSP-1).
//!
//! Rules: TBL-58, TBL-103, TBL-116.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::effect::LogLevel;
use crate::engine::table::Memory;
use crate::engine::told::Told;
use crate::model::display_key::display_key;
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::placeholder::{Placeholders, RowName, fill_in};
use crate::model::value::Value;

impl Engine {
    /// The text with its placeholders filled in; the row is given by its table, the one that holds it, and its key.
    pub(super) fn fill_in(&mut self, text: &str, row: Option<(ParamId, &Arc<str>)>) -> String {
        let row = row.map(|(table, key)| (table, Arc::clone(key)));
        fill_in(text, &mut Here { engine: self, row })
    }

    /// The keys of the rows of a table by their display keys: the first row in table order where several have one, which
    /// is told once (TBL-58).
    pub(super) fn row_by_display_key(&mut self, table: ParamId, wanted: &str) -> Option<Arc<str>> {
        let names = self.display_keys(table);
        let keys = self.tables.get(&table)?.keys();
        let found = keys.zip(&names).find(|(_, name)| name.as_ref() == wanted);
        found.map(|(key, _)| Arc::clone(key))
    }

    /// The display keys of the rows of a table, in table order; it is told once when two rows have the same one (TBL-58).
    pub(super) fn display_keys(&mut self, table: ParamId) -> Vec<Arc<str>> {
        let protocol = Arc::clone(&self.protocol);
        let (Some(param), Some(rows)) = (protocol.param(table), self.tables.get(&table)) else {
            return Vec::new();
        };
        let memory = Memory(&self.tables);
        let keys = rows
            .rows()
            .map(|(_, _, cells)| display_key(&protocol, param, cells, &memory));
        let keys: Vec<Arc<str>> = keys.map(Arc::from).collect();
        let mut seen = BTreeSet::new();
        if let Some(twice) = keys.iter().find(|&key| !seen.insert(key)) {
            let text = format!(
                "Table [{} [{table}]]: several rows have the display key \"{twice}\"; the first one is meant by it",
                param.description
            );
            self.log_once(Told::DisplayKeyTwice(table), LogLevel::Warning, text);
        }
        keys
    }
}

/// The element, at a row.
struct Here<'a> {
    engine: &'a mut Engine,
    row: Option<(ParamId, Arc<str>)>,
}

impl Here<'_> {
    /// The key of the row that is named.
    fn key(&mut self, table: ParamId, row: RowName<'_>) -> Option<Arc<str>> {
        match row {
            RowName::Current => {
                let (of, key) = self.row.as_ref()?;
                (*of == table).then(|| Arc::clone(key))
            }
            RowName::Primary(key) => Some(key.into()),
            RowName::Display(name) => self.engine.row_by_display_key(table, name),
        }
    }
}

impl Placeholders for Here<'_> {
    fn element_name(&mut self) -> Option<String> {
        Some(self.engine.settings.name.clone())
    }

    fn element(&mut self) -> Option<String> {
        Some(format!("1/{}", self.engine.settings.id))
    }

    fn primary_key(&mut self) -> Option<String> {
        self.row.as_ref().map(|(_, key)| key.to_string())
    }

    fn display_key(&mut self) -> Option<String> {
        let (table, key) = self.row.as_ref()?;
        let param = self.engine.protocol.param(*table)?;
        let (_, cells) = self.engine.tables.get(table)?.row(key)?;
        Some(display_key(
            &self.engine.protocol,
            param,
            cells,
            &Memory(&self.engine.tables),
        ))
    }

    fn value(&mut self, param: ParamId, row: RowName<'_>) -> Option<String> {
        let protocol = Arc::clone(&self.engine.protocol);
        let param = protocol.param(param).filter(|param| is_seen(param))?;
        let Some(column) = param.column_of else {
            return Some(self.engine.params.get(param.id).to_string());
        };
        let table = protocol.table_with_rows(column.table);
        let key = self.key(table, row)?;
        let cell = self.engine.tables.get(&table)?.get_cell(&key, column.idx).ok()?;
        Some(cell.to_string())
    }

    fn value_of_child(&mut self, column: ParamId) -> Option<String> {
        let (parent, key) = self.row.clone()?;
        let protocol = &self.engine.protocol;
        let column = protocol.param(column).filter(|param| is_seen(param))?.column_of?;
        let child = protocol.param(column.table)?.table.as_ref()?;
        let link = child
            .columns
            .iter()
            .position(|column| column.foreign_key == Some(parent))?;
        let rows = self.engine.tables.get(&column.table)?;
        let refers = |cells: &[Value]| cells.get(link).is_some_and(|cell| cell.to_string() == *key);
        let (_, _, cells) = rows.rows().find(|(_, _, cells)| refers(cells))?;
        cells.get(column.idx).map(Value::to_string)
    }
}

fn is_seen(param: &Param) -> bool {
    param.display.rtdisplay && !param.is_secret()
}
