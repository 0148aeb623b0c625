//! The routes, as one list: the router and the OpenAPI document both come from it.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use tower_http::trace::TraceLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::error::{LONGEST_BODY, Problem, ProblemJson, Reason};
use crate::api::rest::{alarm_state, alarms, elements, information, pages, parameters, pending_calls, tables, trend};
use crate::api::{Api, auth, events, page};
use crate::web;

/// What the document says beside the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "adit",
        description = "The elements of a DataMiner Agent without a DataMiner System: their parameters, tables and \
                       alarms. Errors are RFC 9457 problem details; `code` names the reason.",
        license(name = "MIT", identifier = "MIT")
    ),
    components(schemas(ProblemJson)),
    tags(
        (name = "elements", description = "The elements and their state."),
        (name = "parameters", description = "Values that are shown: parameters with RTDisplay."),
        (name = "tables", description = "Rows and cells."),
        (name = "alarms", description = "The alarms that are not over, and information events."),
        (name = "server", description = "The server itself.")
    )
)]
struct Document;

/// The list of routes.
fn listed() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(elements::list))
        .routes(routes!(elements::get))
        .routes(routes!(elements::set_state))
        .routes(routes!(elements::set_card))
        .routes(routes!(elements::test_connection))
        .routes(routes!(pending_calls::list))
        .routes(routes!(pages::list))
        .routes(routes!(parameters::list))
        .routes(routes!(parameters::get, parameters::set))
        .routes(routes!(parameters::info))
        .routes(routes!(trend::get))
        .routes(routes!(tables::get))
        .routes(routes!(tables::get_cell, tables::set_cell))
        .routes(routes!(alarms::of_all))
        .routes(routes!(alarms::of_element))
        .routes(routes!(alarms::one, alarm_state::clear))
        .routes(routes!(alarm_state::template, alarm_state::assign))
        .routes(routes!(alarm_state::latch, alarm_state::reset_latch))
        .routes(routes!(information::of_all))
        .routes(routes!(information::of_element))
        .routes(routes!(events::follow))
        .routes(routes!(document))
        .routes(routes!(health))
}

/// The OpenAPI 3.1 document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    listed().into_openapi()
}

/// The router: the listed routes and the web page, behind the guard.
pub(super) fn router(api: Arc<Api>) -> Router {
    let guard = middleware::from_fn_with_state(Arc::clone(&api), auth::guard);
    let mut router = Router::from(listed());
    for asset in web::assets() {
        let path = asset.path;
        let answer = move |headers: HeaderMap| std::future::ready(page::answer(&asset, &headers));
        router = router.route(path, get(answer));
    }
    router
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::map_response(not_stored))
        .layer(guard)
        .layer(TraceLayer::new_for_http())
        .with_state(api)
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", operation_id = "getOpenApi", tag = "server", responses((status = OK, description = "The document.", body = Object)))]
async fn document(State(_): State<Arc<Api>>) -> Json<utoipa::openapi::OpenApi> {
    Json(openapi())
}

/// Whether the server runs. Needs no token.
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "server", responses((status = OK, description = "It runs.", body = String)))]
async fn health() -> &'static str {
    "ok\n"
}

async fn unknown_route(uri: Uri) -> Problem {
    Problem::new(Reason::UnknownRoute, format!("there is nothing at {}", uri.path()))
}

async fn unknown_method(method: Method, uri: Uri) -> Response {
    Problem::new(Reason::Method, format!("{} does not take {method}", uri.path())).into_response()
}

/// Values change at any time: unless an answer says otherwise, nobody may keep it.
async fn not_stored(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(no_store);
    response
}
