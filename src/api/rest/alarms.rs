//! The active alarms: none, since nothing is monitored yet.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Api;
use crate::api::error::{OfAName, Problem};
use crate::api::extract::{Path, Query};
use crate::api::find;
use crate::api::json::alarm::AlarmStateJson;
use crate::api::json::value::ValueJson;

/// An active alarm.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Alarm)]
pub(in crate::api) struct AlarmJson {
    /// Its id.
    id: u64,
    /// The id of the first record of its life.
    root_id: u64,
    /// The name of its element.
    element: String,
    /// The parameter.
    parameter: u32,
    /// The row; null for a parameter of its own.
    key: Option<String>,
    /// How bad it is.
    severity: AlarmStateJson,
    /// The value that raised it.
    value: ValueJson,
    /// What happened last.
    status: String,
    /// When (RFC 3339).
    time: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Wanted {
    /// Only the alarms of this element: its name or id.
    element: Option<String>,
}

/// The active alarms. Alarms are not monitored yet: the list is always empty.
#[utoipa::path(
    get,
    path = "/api/alarms", operation_id = "listAlarms",
    tag = "alarms",
    params(Wanted),
    responses(
        (status = OK, description = "The active alarms.", body = [AlarmJson]),
        OfAName
    )
)]
pub(in crate::api) async fn of_all(
    State(api): State<Arc<Api>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<AlarmJson>>, Problem> {
    if let Some(element) = wanted.element {
        find::element(&api.agent, &element)?;
    }
    Ok(Json(Vec::new()))
}

/// The active alarms of an element. Alarms are not monitored yet: the list is always empty.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/alarms", operation_id = "listElementAlarms",
    tag = "alarms",
    params(("element" = String, Path, description = "Its name or id.")),
    responses(
        (status = OK, description = "The active alarms.", body = [AlarmJson]),
        OfAName
    )
)]
pub(in crate::api) async fn of_element(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
) -> Result<Json<Vec<AlarmJson>>, Problem> {
    find::element(&api.agent, &element)?;
    Ok(Json(Vec::new()))
}
