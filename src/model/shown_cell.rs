//! What a table shows in a cell: the value in memory, the display key, or for a view the cell it stands for.
//!
//! Rules: TBL-22, TBL-120, TBL-121.

use std::borrow::Cow;

use crate::model::display_key::display_key;
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::relation::TableRows;
use crate::model::table::{ColumnKind, RowSource};
use crate::model::value::Value;

/// Whether a view shows this column of the row that it stands for, or goes through it, in one of its own.
pub(crate) fn shows(protocol: &Protocol, view: &Param, idx: usize, column: ParamId) -> bool {
    let link = view
        .table
        .as_ref()
        .and_then(|table| table.columns.get(idx)?.view.as_ref());
    let Some((link, there)) = link.and_then(|link| Some((link, protocol.param(link.table)?))) else {
        return false;
    };
    let of = |table: Option<&Param>, idx: usize| Some(table?.table.as_ref()?.columns.get(idx)?.pid);
    match (link.hops.first(), there.table.as_ref().map(|table| table.rows)) {
        (Some(hop), _) => {
            let base = view.table.as_ref().and_then(|table| match table.rows {
                RowSource::View(base) => protocol.param(base),
                RowSource::Own | RowSource::Nothing => None,
            });
            of(base, hop.foreign_key) == Some(column)
        }
        (None, Some(RowSource::Own)) => of(Some(there), link.idx) == Some(column),
        (None, Some(RowSource::View(_))) => shows(protocol, there, link.idx, column),
        (None, Some(RowSource::Nothing) | None) => false,
    }
}

/// The value of a column in a row whose cells in memory are given: for a view, those of the base row. `rows` finds the
/// rows that foreign keys lead to. The loader saw to it that no view shows itself.
pub(crate) fn shown_cell<'r>(
    protocol: &'r Protocol,
    table: &'r Param,
    idx: usize,
    cells: &'r [Value],
    rows: &'r impl TableRows,
) -> Cow<'r, Value> {
    let definition = table.table.as_ref();
    let Some((definition, column)) = definition.and_then(|table| Some((table, table.columns.get(idx)?))) else {
        return Cow::Owned(Value::Uninitialised);
    };
    if column.kind == ColumnKind::DisplayKey {
        return Cow::Owned(Value::from(display_key(protocol, table, cells, rows)));
    }
    match definition.rows {
        RowSource::Own => cells.get(idx).map_or(Cow::Owned(Value::Uninitialised), Cow::Borrowed),
        RowSource::Nothing => Cow::Owned(Value::Uninitialised),
        RowSource::View(_) => {
            let shown = column.view.as_ref().and_then(|link| {
                let there = protocol.param(link.table)?;
                Some(shown_cell(protocol, there, link.idx, link.follow(cells, rows)?, rows))
            });
            shown.unwrap_or(Cow::Owned(Value::Uninitialised))
        }
    }
}
