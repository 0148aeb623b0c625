//! Which rows of a table are shown, in which order: filter, sort, page.
//!
//! The element waits while somebody looks at its view, so a large table is never looked through at once, let alone
//! copied: a filter and a sort go through it in portions and keep positions and sort keys only; the page that is asked
//! for is rendered in one look at the end. A row that goes away meanwhile is left out.
//!
//! Rules: TBL-22, TBL-87, TBL-117 to TBL-119, TBL-140.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::api::error::{Problem, Reason};
use crate::api::find;
use crate::api::rest::filter::Filter;
use crate::element::Element;
use crate::element::view::{ShownRow, ShownTable, View};
use crate::model::alarm::Severity;
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::relation::Link;
use crate::model::table::{RowSource, TableDef};
use crate::model::value::{Value, ValueKind};

/// Rows looked at in one go.
const PORTION: usize = 1000;

/// A table of an element.
pub(super) struct Table<'a> {
    pub(super) element: &'a Element,
    pub(super) protocol: &'a Protocol,
    pub(super) param: &'a Param,
    pub(super) definition: &'a TableDef,
    /// The table that holds the rows: this one, or the base of a view.
    with_rows: ParamId,
    /// The shown columns with their idx.
    pub(super) columns: Vec<(usize, &'a Param)>,
}

/// A row of a table, in one look at the element.
#[derive(Clone, Copy)]
pub(super) struct Row<'v> {
    table: &'v Table<'v>,
    view: &'v View,
    pub(super) row: &'v ShownRow,
}

impl<'v> Row<'v> {
    /// What it shows in a column.
    pub(super) fn cell(self, idx: usize) -> Cow<'v, Value> {
        self.view.cell(self.table.protocol, self.table.param, self.row, idx)
    }

    /// The alarm of a cell. Those of a view have none (TBL-122).
    pub(super) fn severity(self, idx: usize) -> Option<Severity> {
        match self.table.definition.rows {
            RowSource::Own => self.row.severity(idx),
            RowSource::View(_) | RowSource::Nothing => None,
        }
    }

    /// The shown columns with their idx.
    pub(super) fn columns(self) -> &'v [(usize, &'v Param)] {
        &self.table.columns
    }

    /// Whether foreign keys lead from it to the row with this key.
    pub(super) fn leads_to(self, link: &Link, key: &str) -> bool {
        let there = link.follow(&self.row.cells, self.view);
        there.is_some_and(|cells| cells.get(link.idx).is_some_and(|found| *found.to_text() == *key))
    }

    /// What people call it.
    pub(super) fn display_key(self) -> String {
        self.view.display_key(self.table.protocol, self.table.param, self.row)
    }
}

/// One column by which rows are ordered.
pub(super) struct Order {
    idx: usize,
    numeric: bool,
    descending: bool,
}

impl<'a> Table<'a> {
    /// The table by its name or id, as the element's definition is now.
    pub(super) fn of(element: &'a Element, protocol: &'a Protocol, name: &str) -> Result<Self, Problem> {
        let (param, definition) = find::table(protocol, name)?;
        Ok(Self {
            element,
            protocol,
            param,
            definition,
            with_rows: protocol.table_with_rows(param.id),
            columns: find::shown_columns(protocol, param),
        })
    }

    /// The rows of the table: its own, or those that it shows as a view (TBL-120).
    pub(super) fn rows<'v>(&self, view: &'v View) -> Option<&'v ShownTable> {
        view.tables.get(&self.with_rows)
    }

    /// The row with a key.
    pub(super) fn row<'v>(&'v self, view: &'v View, key: &str) -> Option<Row<'v>> {
        let rows = self.rows(view)?;
        let row = rows.rows.get(rows.positions.get(key)?)?;
        Some(Row { table: self, view, row })
    }

    /// The order that a query asks for, `column` or `column:desc`.
    pub(super) fn order(&self, sort: &str) -> Result<Order, Problem> {
        let (name, descending) = match sort.rsplit_once(':') {
            Some((name, direction)) if direction.eq_ignore_ascii_case("desc") => (name, true),
            Some((name, direction)) if direction.eq_ignore_ascii_case("asc") => (name, false),
            Some((_, direction)) => return Err(bad(format!("{direction} is no direction: asc or desc"))),
            None => (sort, false),
        };
        let (idx, param) = find::column_by_any_name(self.protocol, self.param, name.trim())
            .map_err(|_| bad(format!("{} has no shown column {name} to sort by", self.param.name)))?;
        if param.is_secret() {
            return Err(bad(format!("{} is a secret: rows cannot be sorted by it", param.name)));
        }
        Ok(Order {
            idx,
            numeric: is_numeric(param),
            descending,
        })
    }

    /// The order that the definition gives (TBL-119).
    pub(super) fn presented_order(&self) -> Vec<Order> {
        let sorts = self.definition.presentation.sort.iter();
        sorts
            .filter_map(|sort| {
                let idx = self
                    .definition
                    .columns
                    .iter()
                    .position(|column| column.pid == sort.column)?;
                Some(Order {
                    idx,
                    numeric: sort.numeric,
                    descending: sort.descending,
                })
            })
            .collect()
    }

    /// The rows on a page, each rendered, and how many there are on all pages.
    pub(super) async fn page<R>(
        &self,
        filter: Option<&Filter<'_>>,
        order: &[Order],
        offset: usize,
        limit: usize,
        render: impl Fn(Row<'_>) -> R,
    ) -> (usize, Vec<R>) {
        if filter.is_none() && order.is_empty() {
            return self.element.look(|view| {
                let Some(table) = self.rows(view) else {
                    return (0, Vec::new());
                };
                let rows = from_offset(table, offset).take(limit);
                let row = |row| render(Row { table: self, view, row });
                (table.rows.len(), rows.map(row).collect())
            });
        }
        let mut found = self.found(filter, order).await;
        let total = found.len();
        // Of many rows only those up to the end of the page are put in order.
        let ordered = |(place, left): &(u64, Vec<Value>), (other, right): &(u64, Vec<Value>)| {
            compare(order, left, right).then(place.cmp(other))
        };
        let end = offset.saturating_add(limit);
        if end < total {
            found.select_nth_unstable_by(end, ordered);
            found.truncate(end);
        }
        found.sort_unstable_by(ordered);
        let wanted = found.iter().skip(offset).take(limit);
        let rows = self.element.look(|view| match self.rows(view) {
            Some(table) => wanted
                .filter_map(|(position, _)| table.rows.get(position))
                .map(|row| render(Row { table: self, view, row }))
                .collect(),
            None => Vec::new(),
        });
        (total, rows)
    }

    /// The positions of the rows that match, each with what it is sorted by.
    async fn found(&self, filter: Option<&Filter<'_>>, order: &[Order]) -> Vec<(u64, Vec<Value>)> {
        let mut found = Vec::new();
        let mut next = Some(0);
        while let Some(from) = next {
            next = self.element.look(|view| {
                let table = self.rows(view)?;
                let mut last = None;
                for (&position, row) in table.rows.range(from..).take(PORTION) {
                    last = Some(position);
                    let row = Row { table: self, view, row };
                    if filter.is_none_or(|filter| filter.matches(row)) {
                        let keys = order.iter().map(|order| row.cell(order.idx).into_owned());
                        found.push((position, keys.collect()));
                    }
                }
                last.and_then(|position| position.checked_add(1))
            });
            // Between two portions the element, and other requests, have their turn.
            tokio::task::yield_now().await;
        }
        found
    }
}

/// The rows from the nth on. Without gaps between the positions, which is the rule, those before are not walked over.
fn from_offset(table: &ShownTable, offset: usize) -> Box<dyn Iterator<Item = &ShownRow> + '_> {
    let ends = table.rows.first_key_value().zip(table.rows.last_key_value());
    let Some(((&first, _), (&last, _))) = ends else {
        return Box::new(std::iter::empty());
    };
    let without_gaps = usize::try_from(last - first).is_ok_and(|span| span + 1 == table.rows.len());
    match u64::try_from(offset).ok().and_then(|offset| first.checked_add(offset)) {
        Some(from) if without_gaps => Box::new(table.rows.range(from..).map(|(_, row)| row)),
        Some(_) | None => Box::new(table.rows.values().skip(offset)),
    }
}

/// Whether the cells of a column are numbers.
pub(super) fn is_numeric(param: &Param) -> bool {
    match param.interprete.kind {
        ValueKind::Number => true,
        ValueKind::Text => false,
    }
}

fn compare(order: &[Order], left: &[Value], right: &[Value]) -> Ordering {
    let orders = order.iter().zip(left.iter().zip(right)).map(|(order, (left, right))| {
        let ordering = compare_values(order, left, right);
        if order.descending { ordering.reverse() } else { ordering }
    });
    orders.fold(Ordering::Equal, Ordering::then)
}

/// What is not initialized sorts first (TBL-119).
fn compare_values(order: &Order, left: &Value, right: &Value) -> Ordering {
    let initialised = left.is_initialised().cmp(&right.is_initialised());
    let by_number = || match (left.as_number(), right.as_number()) {
        (Some(left), Some(right)) if order.numeric => left.total_cmp(&right),
        (Some(_) | None, Some(_) | None) => left.to_text().cmp(&right.to_text()),
    };
    initialised.then_with(by_number)
}

fn bad(detail: String) -> Problem {
    Problem::new(Reason::BadQuery, detail)
}
