//! What an element is at, for whoever looks for what holds it up.
//!
//! Rules: LOG-3.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::Api;
use crate::api::error::{OfAName, Problem};
use crate::api::extract::Path;
use crate::api::find;
use crate::element::PendingFor;
use crate::engine::pending_calls::Pending;

/// Something that is at work.
#[derive(Serialize, ToSchema)]
#[schema(as = PendingCall)]
pub(in crate::api) struct PendingCallJson {
    /// What it is.
    kind: PendingKind,
    /// Its id; of a set, that of the parameter.
    id: i64,
    /// The thread; the main one is 0.
    thread: u32,
    /// Milliseconds since it began.
    elapsed: u64,
}

/// What is at work.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PendingKind {
    /// A timer that waits for its last group.
    Timer,
    /// A group.
    Group,
    /// A QAction.
    QAction,
    /// A set from outside.
    Set,
}

impl From<PendingFor> for PendingCallJson {
    fn from(call: PendingFor) -> Self {
        let (kind, id) = match call.what {
            Pending::Timer(id) => (PendingKind::Timer, i64::from(id.0)),
            Pending::Group(id) => (PendingKind::Group, i64::from(id.0)),
            Pending::QAction(id) => (PendingKind::QAction, i64::from(id.0)),
            Pending::Set(id) => (PendingKind::Set, i64::from(id.0)),
        };
        Self {
            kind,
            id,
            thread: call.thread,
            elapsed: call.elapsed.0,
        }
    }
}

/// The pending calls of an element: timers, groups, QActions and sets that are at work, and for how long.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/pending-calls", operation_id = "listPendingCalls",
    tag = "elements",
    params(("element" = String, Path, description = "Its name or id.")),
    responses(
        (status = OK, description = "What is at work.", body = [PendingCallJson]),
        OfAName
    )
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
) -> Result<Json<Vec<PendingCallJson>>, Problem> {
    let calls = find::element(&api.agent, &element)?.pending_calls().await;
    Ok(Json(calls.into_iter().map(PendingCallJson::from).collect()))
}
