//! Get and set parameters.
//!
//! Rules: DSP-1, DSP-3, DSP-16, DSP-91, API-11.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::error::{OfAName, OfASet, Problem, Reason};
use crate::api::extract::{Body, Path, Query};
use crate::api::json::info::InfoJson;
use crate::api::json::parameter::ParameterJson;
use crate::api::json::value::SetJson;
use crate::api::set::{choose, set as set_value};
use crate::api::{Api, find};
use crate::element::SetTarget;
use crate::engine::event::MenuEntries;
use crate::model::param::Param;
use crate::model::protocol::Protocol;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Wanted {
    /// Only the parameters on this page.
    page: Option<String>,
}

/// The shown parameters and tables, in document order. A write has an entry of its own only when there is no read of the
/// same name.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/parameters", operation_id = "listParameters",
    tag = "parameters",
    params(("element" = String, Path, description = "Its name or id."), Wanted),
    responses(
        (status = OK, description = "The parameters.", body = [ParameterJson]),
        OfAName
    )
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<ParameterJson>>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let protocol = &element.protocol();
    let page = match wanted.page.as_deref().map(str::trim) {
        Some("") | None => None,
        Some(page) => Some(known_page(protocol, page)?),
    };
    let on_page =
        |param: &&Param| page.is_none_or(|page| param.display.positions.iter().any(|place| place.page == page));
    let params = protocol.parts().params.iter();
    let listed = params.filter(|param| find::is_listed(protocol, param)).filter(on_page);
    let parameters = element.look(|view| listed.map(|param| ParameterJson::of(param, view)).collect());
    Ok(Json(parameters))
}

fn known_page<'a>(protocol: &'a Protocol, name: &str) -> Result<&'a str, Problem> {
    let pages = &protocol.parts().pages;
    let page = pages.iter().find(|page| page.name == name);
    page.map(|page| page.name.as_str())
        .ok_or_else(|| Problem::new(Reason::UnknownPage, format!("{} has no page {name}", protocol.name())))
}

/// One parameter. Where a read and a write share the name, the read.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/parameters/{parameter}", operation_id = "getParameter",
    tag = "parameters",
    params(
        ("element" = String, Path, description = "Its name or id."),
        ("parameter" = String, Path, description = "Its name or id."),
        Units
    ),
    responses(
        (status = OK, description = "The parameter.", body = ParameterJson),
        OfAName
    )
)]
pub(in crate::api) async fn get(
    State(api): State<Arc<Api>>,
    Path((element, parameter)): Path<(String, String)>,
    Query(units): Query<Units>,
) -> Result<Json<ParameterJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let protocol = element.protocol();
    let param = find::param_to_get(&protocol, &parameter)?;
    let shown = element.look(|view| match units.units {
        Some(UnitsWord::Dynamic) => ParameterJson::in_dynamic_unit(param, view),
        None => ParameterJson::of(param, view),
    });
    Ok(Json(shown))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Units {
    /// `dynamic`: the display value in the best of the units that the definition lists.
    units: Option<UnitsWord>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum UnitsWord {
    Dynamic,
}

/// What the definition says of a parameter, a column or a table: what a client needs to show and to set it.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/parameters/{parameter}/info", operation_id = "getParameterInfo",
    tag = "parameters",
    params(
        ("element" = String, Path, description = "Its name or id."),
        ("parameter" = String, Path, description = "Its name or id.")
    ),
    responses(
        (status = OK, description = "What the definition says.", body = InfoJson),
        OfAName
    )
)]
pub(in crate::api) async fn info(
    State(api): State<Arc<Api>>,
    Path((element, parameter)): Path<(String, String)>,
) -> Result<Json<InfoJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let protocol = &element.protocol();
    let param = find::param_or_column(protocol, &parameter)?;
    Ok(Json(element.look(|view| InfoJson::of(element, protocol, view, param))))
}

/// Sets a parameter, or chooses an item of a table's context menu. Where a read and a write share the name, the write. Answers when the set is accepted with all that
/// it caused, and stored; with the parameter as a get then shows it.
#[utoipa::path(
    put,
    path = "/api/elements/{element}/parameters/{parameter}", operation_id = "setParameter",
    tag = "parameters",
    params(
        ("element" = String, Path, description = "Its name or id."),
        ("parameter" = String, Path, description = "Its name or id.")
    ),
    request_body = SetJson,
    responses(
        (status = OK, description = "The parameter after the set.", body = ParameterJson),
        OfASet
    )
)]
pub(in crate::api) async fn set(
    State(api): State<Arc<Api>>,
    Path((element, parameter)): Path<(String, String)>,
    Body(body): Body<SetJson>,
) -> Result<Json<ParameterJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let protocol = &element.protocol();
    let target = find::param_to_set(protocol, &parameter)?;
    if target.is_context_menu() {
        let entries = MenuEntries {
            dependencies: body.dependencies,
            rows: body.rows.into_iter().map(Arc::from).collect(),
        };
        choose(element, target.id, body.value.into(), entries).await?;
        return Ok(Json(element.look(|view| ParameterJson::of(target, view))));
    }
    let target_id = SetTarget {
        param: target.id,
        key: None,
    };
    set_value(element, target_id, body.value.into()).await?;
    // The read may be hidden where the write is not: then the write answers for itself.
    let param = find::param_to_get(protocol, &parameter).unwrap_or(target);
    Ok(Json(element.look(|view| ParameterJson::of(param, view))))
}
