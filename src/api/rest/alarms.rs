//! The active alarms.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Api;
use crate::api::error::{OfAName, Problem};
use crate::api::extract::{Path, Query};
use crate::api::find;
use crate::api::json::alarm::{AlarmJson, AlarmRecordJson};
use crate::element::Element;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Wanted {
    /// Only the alarms of this element: its name or id.
    element: Option<String>,
}

/// The active alarms, by element, oldest first.
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
    let elements = find::elements(&api.agent, wanted.element.as_deref())?;
    Ok(Json(elements.iter().flat_map(active).collect()))
}

/// The active alarms of an element, oldest first.
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
    Ok(Json(active(find::element(&api.agent, &element)?)))
}

/// One of them, with all that is recorded of it.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/alarms/{alarm}", operation_id = "getAlarm",
    tag = "alarms",
    params(
        ("element" = String, Path, description = "Its name or id."),
        ("alarm" = u64, Path, description = "The id of its first or of its last record.")
    ),
    responses(
        (status = OK, description = "The alarm.", body = AlarmRecordJson),
        OfAName
    )
)]
pub(in crate::api) async fn one(
    State(api): State<Arc<Api>>,
    Path((name, id)): Path<(String, u64)>,
) -> Result<Json<AlarmRecordJson>, Problem> {
    let element = find::element(&api.agent, &name)?;
    element.look(|view| {
        let alarm = find::alarm(view, &name, id)?;
        Ok(Json(AlarmRecordJson::of(element, alarm, view)))
    })
}

fn active(element: &Element) -> Vec<AlarmJson> {
    element.look(|view| {
        view.alarms
            .active()
            .map(|alarm| AlarmJson::of(element, alarm))
            .collect()
    })
}
