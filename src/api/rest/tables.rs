//! Tables: their rows, a page at a time, and single cells.
//!
//! Rules: API-5, API-6, API-9, DSP-5, TBL-100 to TBL-104, TBL-117 to TBL-119, TBL-140.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::error::{OfAName, OfAQuery, OfASet, Problem, Reason};
use crate::api::extract::{Body, Path, Query};
use crate::api::json::parameter::CellJson;
use crate::api::json::value::SetJson;
use crate::api::rest::filter::Filter;
use crate::api::rest::rows::{Row, Table};
use crate::api::set::set;
use crate::api::{Api, find};
use crate::element::{Element, SetTarget};
use crate::engine::set::RefusedReason;
use crate::model::param::Param;
use crate::model::value::Value;

/// Rows in an answer unless the query says otherwise.
const DEFAULT_LIMIT: usize = 1000;

/// Rows in an answer at most.
const MAX_LIMIT: usize = 10_000;

/// Which rows are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Wanted {
    /// A text to find in any shown column; or a comparison `column op value`, where `op` is `=`, `==`, `!=`, `<`, `<=`,
    /// `>`, `>=`, or `~` (contains). A text in quotes is always looked for as it stands. No casing counts. A column is
    /// named by its id, its name, or its description, with or without the table's description in brackets.
    filter: Option<String>,
    /// `column` or `column:desc`. Without it, the order of the definition, else the order of the rows.
    sort: Option<String>,
    /// Rows at most: 1000 unless given, 10000 at most.
    #[param(maximum = 10_000)]
    limit: Option<usize>,
    /// Rows to skip.
    offset: Option<usize>,
}

/// A table: its shown columns and a page of its rows.
#[derive(Serialize, ToSchema)]
#[schema(as = Table)]
pub(in crate::api) struct TableJson {
    /// Its id.
    id: u32,
    /// Its name.
    name: String,
    /// The shown columns, in order.
    columns: Vec<ColumnJson>,
    /// How many rows there are on all pages, after the filter.
    total: usize,
    /// The rows of this page.
    rows: Vec<RowJson>,
}

/// A column.
#[derive(Serialize, ToSchema)]
#[schema(as = Column)]
struct ColumnJson {
    /// Its parameter id.
    id: u32,
    /// Its name.
    name: String,
    /// Its description, for people.
    description: String,
}

/// A row.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Row)]
struct RowJson {
    /// Its primary key.
    key: String,
    /// What people call it.
    display_key: String,
    /// Its cells, in the order of the columns.
    cells: Vec<CellJson>,
}

/// A page of a table.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/tables/{parameter}", operation_id = "getTable",
    tag = "tables",
    params(
        ("element" = String, Path, description = "Its name or id."),
        ("parameter" = String, Path, description = "The table's name or id."),
        Wanted
    ),
    responses(
        (status = OK, description = "The page of rows.", body = TableJson),
        OfAQuery
    )
)]
pub(in crate::api) async fn get(
    State(api): State<Arc<Api>>,
    Path((element, parameter)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<TableJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let protocol = element.protocol();
    let table = Table::of(element, &protocol, &parameter)?;
    let limit = wanted.limit.unwrap_or(DEFAULT_LIMIT);
    if limit > MAX_LIMIT {
        let detail = format!("at most {MAX_LIMIT} rows come in one answer, not {limit}: use offset for the others");
        return Err(Problem::new(Reason::BadQuery, detail));
    }
    let filter = Filter::parse(wanted.filter.as_deref().unwrap_or_default(), &table)?;
    let order = match wanted.sort.as_deref().map(str::trim) {
        Some("") | None => table.presented_order(),
        Some(sort) => vec![table.order(sort)?],
    };
    let offset = wanted.offset.unwrap_or(0);
    let (total, rows) = table.page(filter.as_ref(), &order, offset, limit, RowJson::of).await;
    let columns = table.columns.iter().map(|(_, param)| ColumnJson {
        id: param.id.0,
        name: param.name.clone(),
        description: param.description.clone(),
    });
    Ok(Json(TableJson {
        id: table.param.id.0,
        name: table.param.name.clone(),
        columns: columns.collect(),
        total,
        rows,
    }))
}

impl RowJson {
    fn of(row: Row<'_>) -> Self {
        let cells = row.columns().iter();
        Self {
            key: row.row.key.to_string(),
            display_key: row.display_key(),
            cells: cells
                .map(|(idx, param)| CellJson::of(param, &row.cell(*idx), row.severity(*idx)))
                .collect(),
        }
    }
}

/// One cell.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/tables/{parameter}/rows/{key}/{column}", operation_id = "getCell",
    tag = "tables",
    params(
        ("element" = String, Path, description = "Its name or id."),
        ("parameter" = String, Path, description = "The table's name or id."),
        ("key" = String, Path, description = "The primary key of the row, percent-encoded."),
        ("column" = String, Path, description = "The column's name or id.")
    ),
    responses(
        (status = OK, description = "The cell.", body = CellJson),
        OfAName
    )
)]
pub(in crate::api) async fn get_cell(
    State(api): State<Arc<Api>>,
    Path((element, parameter, key, column)): Path<(String, String, String, String)>,
) -> Result<Json<CellJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let protocol = element.protocol();
    let table = Table::of(element, &protocol, &parameter)?;
    let (idx, param) = find::column(table.protocol, table.param, &column)?;
    let cell = with_row(&table, &key, |row| {
        CellJson::of(param, &row.cell(idx), row.severity(idx))
    });
    cell.map(Json).ok_or_else(|| {
        Problem::new(
            Reason::Refused(RefusedReason::RowMissing),
            format!("{} has no row {key}", table.param.name),
        )
    })
}

/// Sets one cell: the write of a column, or a button of the row. Answers when the set is accepted with all that it
/// caused, and stored; with the cell as a get then shows it.
#[utoipa::path(
    put,
    path = "/api/elements/{element}/tables/{parameter}/rows/{key}/{column}", operation_id = "setCell",
    tag = "tables",
    params(
        ("element" = String, Path, description = "Its name or id."),
        ("parameter" = String, Path, description = "The table's name or id."),
        ("key" = String, Path, description = "The primary key of the row, percent-encoded."),
        ("column" = String, Path, description = "The column's name or id.")
    ),
    request_body = SetJson,
    responses(
        (status = OK, description = "The cell after the set.", body = CellJson),
        OfASet
    )
)]
pub(in crate::api) async fn set_cell(
    State(api): State<Arc<Api>>,
    Path((element, parameter, key, column)): Path<(String, String, String, String)>,
    Body(body): Body<SetJson>,
) -> Result<Json<CellJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let protocol = element.protocol();
    let table = Table::of(element, &protocol, &parameter)?;
    let param = find::column_to_set(table.protocol, table.param, &column)?;
    let target = SetTarget {
        param: param.id,
        key: Some(key.as_str().into()),
    };
    set(table.element, target, body.value.into()).await?;
    let (idx, shown) = find::column(table.protocol, table.param, &column)
        .ok()
        .or_else(|| Some((param.column_of?.idx, param)))
        .unwrap_or((usize::MAX, param));
    // A set may remove its row: then there is nothing left to show.
    let cell = with_row(&table, &key, |row| {
        CellJson::of(shown, &row.cell(idx), row.severity(idx))
    });
    Ok(Json(
        cell.unwrap_or_else(|| CellJson::of(shown, &Value::Uninitialised, None)),
    ))
}

fn with_row<R>(table: &Table<'_>, key: &str, at: impl FnOnce(Row<'_>) -> R) -> Option<R> {
    table.element.look(|view| table.row(view, key).map(at))
}

/// The display key of a row; its key when the row is gone.
pub(in crate::api) fn display_key_of(element: &Element, table: &Param, key: &str) -> String {
    let protocol = element.protocol();
    let found = Table::of(element, &protocol, &table.id.to_string()).ok();
    found
        .and_then(|table| with_row(&table, key, |row| row.display_key()))
        .unwrap_or_else(|| key.to_owned())
}
