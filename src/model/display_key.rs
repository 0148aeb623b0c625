//! The display key of a row: what a person calls it.

use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// The display key of a row of the table, by its cells in idx order. Empty for a parameter that is no table.
#[must_use]
pub fn display_key(protocol: &Protocol, table: &Param, cells: &[Value]) -> String {
    let _ = protocol;
    let Some(definition) = &table.table else {
        return String::new();
    };
    cells.get(definition.index).map(Value::to_string).unwrap_or_default()
}
