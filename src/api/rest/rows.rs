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
use crate::element::view::ShownRow;
use crate::model::display_key::display_key;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::table::{ColumnKind, TableDef};
use crate::model::value::{Value, ValueKind};

/// Rows looked at in one go.
const PORTION: usize = 1000;

/// A table of an element.
pub(super) struct Table<'a> {
    pub(super) element: &'a Element,
    pub(super) protocol: &'a Protocol,
    pub(super) param: &'a Param,
    pub(super) definition: &'a TableDef,
    /// The shown columns with their idx.
    pub(super) columns: Vec<(usize, &'a Param)>,
}

/// One column by which rows are ordered.
pub(super) struct Order {
    idx: usize,
    numeric: bool,
    descending: bool,
}

impl<'a> Table<'a> {
    pub(super) fn of(element: &'a Element, name: &str) -> Result<Self, Problem> {
        let protocol = &element.config().protocol;
        let (param, definition) = find::table(protocol, name)?;
        Ok(Self {
            element,
            protocol,
            param,
            definition,
            columns: find::shown_columns(protocol, param),
        })
    }

    /// The value of a cell. The display key column holds nothing: it shows the display key (TBL-22).
    pub(super) fn cell<'r>(&self, row: &'r ShownRow, idx: usize) -> Cow<'r, Value> {
        let shows_key = self
            .definition
            .columns
            .get(idx)
            .is_some_and(|column| column.kind == ColumnKind::DisplayKey);
        if shows_key {
            return Cow::Owned(Value::from(self.display_key(row)));
        }
        row.cells
            .get(idx)
            .map_or(Cow::Owned(Value::Uninitialised), Cow::Borrowed)
    }

    /// The display key of a row.
    pub(super) fn display_key(&self, row: &ShownRow) -> String {
        display_key(self.protocol, self.param, &row.cells)
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
        render: impl Fn(&ShownRow) -> R,
    ) -> (usize, Vec<R>) {
        if filter.is_none() && order.is_empty() {
            return self.element.look(|view| {
                let Some(table) = view.tables.get(&self.param.id) else {
                    return (0, Vec::new());
                };
                let rows = table.rows.values().skip(offset).take(limit);
                (table.rows.len(), rows.map(render).collect())
            });
        }
        let mut found = self.found(filter, order).await;
        found.sort_by(|(_, left), (_, right)| compare(order, left, right));
        let wanted = found.iter().skip(offset).take(limit);
        let rows = self.element.look(|view| match view.tables.get(&self.param.id) {
            Some(table) => wanted
                .filter_map(|(position, _)| table.rows.get(position))
                .map(render)
                .collect(),
            None => Vec::new(),
        });
        (found.len(), rows)
    }

    /// The positions of the rows that match, each with what it is sorted by.
    async fn found(&self, filter: Option<&Filter<'_>>, order: &[Order]) -> Vec<(u64, Vec<Value>)> {
        let mut found = Vec::new();
        let mut next = Some(0);
        while let Some(from) = next {
            next = self.element.look(|view| {
                let table = view.tables.get(&self.param.id)?;
                let mut last = None;
                for (&position, row) in table.rows.range(from..).take(PORTION) {
                    last = Some(position);
                    if filter.is_none_or(|filter| filter.matches(self, row)) {
                        let keys = order.iter().map(|order| self.cell(row, order.idx).into_owned());
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
