//! The information events.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Api;
use crate::api::error::{OfAName, Problem};
use crate::api::extract::{Path, Query};
use crate::api::find;
use crate::api::json::information::InformationJson;
use crate::element::Element;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Wanted {
    /// Only those of this element: its name or id.
    element: Option<String>,
}

/// The newest information events, by element, oldest first.
#[utoipa::path(
    get,
    path = "/api/information", operation_id = "listInformationEvents",
    tag = "alarms",
    params(Wanted),
    responses(
        (status = OK, description = "The information events.", body = [InformationJson]),
        OfAName
    )
)]
pub(in crate::api) async fn of_all(
    State(api): State<Arc<Api>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<InformationJson>>, Problem> {
    let elements = find::elements(&api.agent, wanted.element.as_deref())?;
    Ok(Json(elements.iter().flat_map(kept).collect()))
}

/// The newest information events of an element, oldest first: sets, its state, its timeout, values worth telling.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/information", operation_id = "listElementInformationEvents",
    tag = "alarms",
    params(("element" = String, Path, description = "Its name or id.")),
    responses(
        (status = OK, description = "The information events.", body = [InformationJson]),
        OfAName
    )
)]
pub(in crate::api) async fn of_element(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
) -> Result<Json<Vec<InformationJson>>, Problem> {
    Ok(Json(kept(find::element(&api.agent, &element)?)))
}

fn kept(element: &Element) -> Vec<InformationJson> {
    let events = element.information();
    events.iter().map(|kept| InformationJson::of(element, kept)).collect()
}
