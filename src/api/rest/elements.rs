//! The elements, their state, and who looks at them.
//!
//! Rules: ELM-1, ELM-10 to ELM-14, GRP-16, TIM-13.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::Api;
use crate::api::error::{OfAName, OfAState, Problem, Reason};
use crate::api::extract::{Body, Path};
use crate::api::find;
use crate::api::json::element::{ElementDetailJson, ElementJson};
use crate::element::lifecycle::StateRequest;
use crate::element::view::ElementState;
use crate::engine::connection_test::TestOutcome;
use crate::engine::event::Card;

/// All elements.
#[utoipa::path(get, path = "/api/elements", operation_id = "listElements", tag = "elements", responses((status = OK, description = "The elements.", body = [ElementJson])))]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>) -> Json<Vec<ElementJson>> {
    Json(api.agent.elements().iter().map(ElementJson::of).collect())
}

/// One element, with its connections and pages.
#[utoipa::path(
    get,
    path = "/api/elements/{element}", operation_id = "getElement",
    tag = "elements",
    params(("element" = String, Path, description = "Its name or id.")),
    responses(
        (status = OK, description = "The element.", body = ElementDetailJson),
        OfAName
    )
)]
pub(in crate::api) async fn get(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
) -> Result<Json<ElementDetailJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    Ok(Json(ElementDetailJson::of(element)))
}

/// The state that is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with a state")]
#[schema(as = StateRequest)]
pub(in crate::api) struct StateBody {
    /// The state.
    state: WantedState,
}

/// A state to ask for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum WantedState {
    /// Run.
    Active,
    /// Wait.
    Paused,
    /// Stop.
    Stopped,
    /// Stop, then run.
    Restart,
}

impl WantedState {
    const fn request(self) -> (StateRequest, ElementState) {
        match self {
            Self::Active => (StateRequest::Activate, ElementState::Active),
            Self::Paused => (StateRequest::Pause, ElementState::Paused),
            Self::Stopped => (StateRequest::Stop, ElementState::Stopped),
            Self::Restart => (StateRequest::Restart, ElementState::Active),
        }
    }
}

/// Asks for a state. Asking for the state that already is changes nothing.
#[utoipa::path(
    post,
    path = "/api/elements/{element}/state", operation_id = "setElementState",
    tag = "elements",
    params(("element" = String, Path, description = "Its name or id.")),
    request_body = StateBody,
    responses(
        (status = OK, description = "The element in its new state.", body = ElementDetailJson),
        OfAState
    )
)]
pub(in crate::api) async fn set_state(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
    Body(body): Body<StateBody>,
) -> Result<Json<ElementDetailJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let (request, wanted) = body.state.request();
    let state = element.request_state(request).await;
    if state == wanted {
        return Ok(Json(ElementDetailJson::of(element)));
    }
    let name = &element.config().settings.name;
    let detail = match state {
        ElementState::Active => format!("{name} stays active"),
        ElementState::Paused => format!("{name} stays paused"),
        ElementState::Stopped => format!("{name} is stopped: make it active first"),
        ElementState::Error => format!("{name} is in error: its log says why"),
    };
    Err(Problem::new(Reason::StateRefused, detail))
}

/// Whether somebody looks at the element card.
#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with open")]
#[schema(as = Card)]
pub(in crate::api) struct CardBody {
    /// Whether at least one client has it open.
    open: bool,
}

/// Says that a client has the element card open, or that the last one closed it: timers with `dataDisplay` tick at its
/// pace meanwhile. Nobody has it open at first.
#[utoipa::path(
    put,
    path = "/api/elements/{element}/card", operation_id = "setElementCard",
    tag = "elements",
    params(("element" = String, Path, description = "Its name or id.")),
    request_body = CardBody,
    responses(
        (status = OK, description = "The element.", body = ElementDetailJson),
        OfAState
    )
)]
pub(in crate::api) async fn set_card(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
    Body(body): Body<CardBody>,
) -> Result<Json<ElementDetailJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let card = if body.open { Card::Open } else { Card::Closed };
    element.turn_card(card).await;
    Ok(Json(ElementDetailJson::of(element)))
}

/// What came of a connection test.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionTest)]
pub(in crate::api) struct ConnectionTestJson {
    /// Whether nothing timed out.
    succeeded: bool,
    /// What happened, for people.
    detail: String,
}

/// Tests the connection: runs the group that the definition marks with `ping`. Answers when it has run.
#[utoipa::path(
    post,
    path = "/api/elements/{element}/connection-test", operation_id = "testConnection",
    tag = "elements",
    params(("element" = String, Path, description = "Its name or id.")),
    responses(
        (status = OK, description = "The group ran.", body = ConnectionTestJson),
        OfAState
    )
)]
pub(in crate::api) async fn test_connection(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
) -> Result<Json<ConnectionTestJson>, Problem> {
    let element = find::element(&api.agent, &element)?;
    let outcome = element.test_connection().await;
    let detail = outcome.to_string();
    match outcome {
        TestOutcome::Succeeded => Ok(Json(ConnectionTestJson {
            succeeded: true,
            detail,
        })),
        TestOutcome::Failed(_) => Ok(Json(ConnectionTestJson {
            succeeded: false,
            detail,
        })),
        TestOutcome::NotRun(_) => Err(Problem::new(Reason::NotTested, detail)),
    }
}
