//! Changes as server-sent events: `parameter`, `row` and `state`, each a JSON object that names its element.
//!
//! A follower that reads too slowly misses changes; it then gets `resync`, and should read again what it shows. Only
//! what is shown is sent (DSP-1), and of a secret only that it changed (DSP-60).
//!
//! Rules: API-10, DSP-1, DSP-5, DSP-60, PAR-106.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use serde::{Deserialize, Serialize};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_stream::{Stream, StreamMap};
use tokio_util::sync::WaitForCancellationFutureOwned;
use utoipa::IntoParams;

use crate::api::Api;
use crate::api::error::{OfAName, Problem};
use crate::api::extract::Query;
use crate::api::find;
use crate::api::json::alarm::{AlarmJson, AlarmStateJson};
use crate::api::json::element::StateJson;
use crate::api::json::parameter::{CellJson, ParameterJson};
use crate::api::rest::tables;
use crate::element::Element;
use crate::element::view::{ElementEvent, ShownValue};
use crate::engine::effect::{ParameterChange, RowChange, RowChangeKind, Seen};

/// How often a silent stream shows that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only the changes of this element: its id or name.
    element: Option<String>,
}

/// Changes from now on, as server-sent events.
///
/// `parameter` carries `element` and the members of a parameter. `row` carries `element`, `table`, `name`, `key`,
/// `displayKey`, `change` (`added`, `updated`, `removed`) and the changed `cells`, each with the `id` of its column.
/// `state` carries `element`, `state`, `timeout` and `alarm`. `resync` carries `element`: changes were missed, read
/// again. `alarm` is an alarm as a get shows it; `status` is `Cleared` at its end.
#[utoipa::path(
    get,
    path = "/api/events", operation_id = "followEvents",
    tag = "elements",
    params(Wanted),
    responses(
        (status = OK, description = "The changes, until the client closes or the server ends.", body = String, content_type = "text/event-stream"),
        OfAName
    )
)]
pub(super) async fn follow(
    State(api): State<Arc<Api>>,
    Query(wanted): Query<Wanted>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let elements = match wanted.element {
        Some(name) => vec![find::element(&api.agent, &name)?.clone()],
        None => api.agent.elements().to_vec(),
    };
    let follow = |element: &Element| BroadcastStream::new(element.follow());
    let changes = Changes {
        followed: elements.iter().map(follow).enumerate().collect(),
        elements,
        ended: Box::pin(api.ended.clone().cancelled_owned()),
    };
    Ok(Sse::new(changes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// The changes of some elements until the server ends.
struct Changes {
    elements: Vec<Element>,
    followed: StreamMap<usize, BroadcastStream<ElementEvent>>,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Stream for Changes {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        loop {
            let Some((index, change)) = std::task::ready!(Pin::new(&mut self.followed).poll_next(context)) else {
                return Poll::Ready(None);
            };
            if let Some(event) = event(&self.elements[index], change) {
                return Poll::Ready(Some(Ok(event)));
            }
        }
    }
}

fn event(element: &Element, change: Result<ElementEvent, BroadcastStreamRecvError>) -> Option<Event> {
    let name = element.config().settings.name.as_str();
    match change {
        Ok(ElementEvent::Parameter(change)) => sent("parameter", &parameter(element, &change)?),
        Ok(ElementEvent::Row(change)) => sent("row", &row(element, &change)?),
        Ok(ElementEvent::Alarm(alarm)) => sent("alarm", &AlarmJson::of(element, &alarm)),
        Ok(ElementEvent::State(state, timeout)) => sent(
            "state",
            &StateEvent {
                element: name,
                state: state.into(),
                timeout,
                alarm: element.look(AlarmStateJson::of),
            },
        ),
        Err(BroadcastStreamRecvError::Lagged(_)) => sent("resync", &ResyncEvent { element: name }),
    }
}

fn sent(kind: &str, data: &impl Serialize) -> Option<Event> {
    Event::default().event(kind).json_data(data).ok()
}

#[derive(Serialize)]
struct ParameterEvent<'a> {
    element: &'a str,
    #[serde(flatten)]
    parameter: ParameterJson,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowEvent<'a> {
    element: &'a str,
    table: u32,
    name: &'a str,
    key: &'a str,
    display_key: String,
    change: &'static str,
    cells: Vec<ChangedCell>,
}

#[derive(Serialize)]
struct ChangedCell {
    id: u32,
    #[serde(flatten)]
    cell: CellJson,
}

#[derive(Serialize)]
struct StateEvent<'a> {
    element: &'a str,
    state: StateJson,
    timeout: bool,
    alarm: AlarmStateJson,
}

#[derive(Serialize)]
struct ResyncEvent<'a> {
    element: &'a str,
}

fn parameter<'a>(element: &'a Element, change: &ParameterChange) -> Option<ParameterEvent<'a>> {
    match change.seen {
        Seen::Everywhere | Seen::ShownOnly => {}
        Seen::MemoryOnly => return None,
    }
    let config = element.config();
    let protocol = element.protocol();
    let param = protocol.param(change.id)?;
    if !param.display.rtdisplay || param.column_of.is_some() {
        return None;
    }
    let (changed, alarm) = element.look(|view| {
        let changed = view.params.get(&change.id).map(|shown| shown.changed);
        (changed, view.alarms.severity(change.id))
    });
    let shown = changed.map(|changed| ShownValue {
        value: change.value.clone(),
        changed,
    });
    Some(ParameterEvent {
        element: &config.settings.name,
        parameter: ParameterJson::with(param, shown.as_ref(), alarm),
    })
}

fn row<'a>(element: &'a Element, change: &'a RowChange) -> Option<RowEvent<'a>> {
    let config = element.config();
    let protocol = &config.protocol;
    let table = protocol.param(change.table).filter(|table| table.display.rtdisplay)?;
    // Units and descriptions are those of now (DSP-96).
    let current = element.protocol();
    let columns = find::shown_columns(&current, current.param(table.id)?);
    let severities = element.look(|view| {
        let row = view.row(change.table, &change.key);
        row.map(|row| row.severities.clone()).unwrap_or_default()
    });
    let cells = change.cells.iter().filter_map(|(id, value)| {
        let (idx, column) = columns.iter().find(|(_, column)| column.id == *id)?;
        Some(ChangedCell {
            id: id.0,
            cell: CellJson::of(column, value, severities.get(*idx).copied().flatten()),
        })
    });
    Some(RowEvent {
        element: &config.settings.name,
        table: table.id.0,
        name: &table.name,
        key: &change.key,
        display_key: tables::display_key_of(element, table, &change.key),
        change: match change.change {
            RowChangeKind::Added => "added",
            RowChangeKind::Updated => "updated",
            RowChangeKind::Removed => "removed",
        },
        cells: cells.collect(),
    })
}
