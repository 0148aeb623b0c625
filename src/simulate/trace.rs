//! The execution trace: one JSON object a line, in the order things happened (section 3 of the contract).
//!
//! Secrets never get into it: values of secret parameters and cells, credentials in headers, and every occurrence of a
//! secret value in a URL, header or body are written `***`.
//!
//! Rules: LOG-2, DSP-60, GOT-44.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::engine::effect::{Effect, Outcome, Phase, RowChange, RowChangeKind, Seen, Step, TracedState};
use crate::engine::exchange::{ExchangeError, Request};
use crate::model::id::{ConnectionId, ExchangeId, ParamId, SessionId};
use crate::model::moment::Moment;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::Value;
use crate::simulate::secrets::{CREDENTIALS, SECRET, Secrets};

/// Turns effects into lines of the trace.
#[derive(Debug)]
pub struct TraceWriter {
    protocol: Arc<Protocol>,
    secrets: Secrets,
}

impl TraceWriter {
    /// A writer for one element.
    #[must_use]
    pub fn new(protocol: Arc<Protocol>) -> Self {
        Self {
            protocol,
            secrets: Secrets::default(),
        }
    }

    /// The line for an effect; none for what is not part of the trace.
    pub fn line(&mut self, at: Moment, effect: &Effect) -> Option<String> {
        Some(Json::Object(self.object(at, effect)?).to_string())
    }

    /// The same as an object.
    pub(super) fn object(&mut self, at: Moment, effect: &Effect) -> Option<Map<String, Json>> {
        self.secrets.learn(&self.protocol, effect);
        let fields = match effect {
            Effect::Parameter(change) => {
                if change.seen == Seen::ShownOnly {
                    return None;
                }
                let value = self.value(change.id, &change.value);
                vec![
                    ("kind", json!("parameter")),
                    ("id", json!(change.id.0)),
                    ("value", value),
                    ("by", by(&change.by)),
                ]
            }
            Effect::Row(change) => self.row(change),
            Effect::Send(_, request) => self.request(request),
            Effect::Trace(step) => self.step(step),
            Effect::Save(_)
            | Effect::Cancel(_)
            | Effect::Close(_)
            | Effect::Reply(..)
            | Effect::Timeout(_)
            | Effect::Log(_) => return None,
        };
        let mut line = Map::new();
        line.insert("at".to_owned(), json!(at.0));
        line.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Some(line)
    }

    /// A text without the secrets known so far.
    #[must_use]
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.secrets.masked(text)
    }

    fn value(&self, id: ParamId, value: &Value) -> Json {
        let secret = self.protocol.param(id).is_some_and(Param::is_secret);
        match value {
            Value::Uninitialised => Json::Null,
            Value::Number(_) | Value::Text(_) if secret => json!(SECRET),
            Value::Number(number) => number_json(*number),
            Value::Text(text) => json!(self.masked(text)),
        }
    }

    fn row(&mut self, change: &RowChange) -> Vec<(&'static str, Json)> {
        let cells: Map<String, Json> = change
            .cells
            .iter()
            .map(|(id, value)| (id.to_string(), self.value(*id, value)))
            .collect();
        let what = match change.change {
            RowChangeKind::Added => "added",
            RowChangeKind::Updated => "updated",
            RowChangeKind::Removed => "removed",
        };
        vec![
            ("kind", json!("row")),
            ("table", json!(change.table.0)),
            ("key", json!(change.key)),
            ("change", json!(what)),
            ("cells", Json::Object(cells)),
            ("by", by(&change.by)),
        ]
    }

    fn request(&self, request: &Request) -> Vec<(&'static str, Json)> {
        let header = |(name, value): &(String, String)| {
            let secret = CREDENTIALS
                .iter()
                .any(|credential| name.eq_ignore_ascii_case(credential));
            json!([
                name,
                if secret {
                    Cow::Borrowed(SECRET)
                } else {
                    self.masked(value)
                }
            ])
        };
        let body = match std::str::from_utf8(&request.body) {
            Ok("") => Json::Null,
            Ok(text) => json!(self.masked(text)),
            Err(_) => json!(self.masked(&request.body.iter().map(|&byte| char::from(byte)).collect::<String>())),
        };
        vec![
            ("kind", json!("request")),
            ("session", session_json(request.session)),
            ("connection", exchange_json(request.exchange, request.connection)),
            ("method", json!(request.method)),
            ("url", json!(self.masked(&request.url))),
            ("headers", request.headers.iter().map(header).collect()),
            ("body", body),
        ]
    }

    fn step(&self, step: &Step) -> Vec<(&'static str, Json)> {
        match step {
            Step::State(state) => vec![("kind", json!("state")), ("state", json!(state_name(*state)))],
            Step::Timer(id) => vec![("kind", json!("timer")), ("id", json!(id.0))],
            Step::Group(id, phase, thread) => vec![
                ("kind", json!("group")),
                ("id", json!(id.0)),
                ("phase", json!(phase_name(*phase))),
                ("thread", json!(thread)),
            ],
            Step::SessionBegin(id) => {
                vec![
                    ("kind", json!("session")),
                    ("id", json!(id.0)),
                    ("phase", json!("begin")),
                ]
            }
            Step::SessionEnd(id, outcome) => {
                let outcome = match outcome {
                    Outcome::Succeeded => "succeeded",
                    Outcome::Timeout => "timeout",
                };
                vec![
                    ("kind", json!("session")),
                    ("id", json!(id.0)),
                    ("phase", json!("end")),
                    ("outcome", json!(outcome)),
                ]
            }
            Step::Response {
                session,
                exchange,
                connection,
                answer,
            } => {
                let mut fields = vec![
                    ("kind", json!("response")),
                    ("session", session_json(*session)),
                    ("connection", exchange_json(*exchange, *connection)),
                ];
                match answer {
                    Ok((status, bytes)) => fields.extend([("status", json!(status)), ("bytes", json!(bytes))]),
                    Err(error) => fields.push(("error", json!(self.masked(&error_text(error))))),
                }
                fields
            }
            Step::Trigger(id) => vec![("kind", json!("trigger")), ("id", json!(id.0))],
            Step::Action(id) => vec![("kind", json!("action")), ("id", json!(id.0))],
            Step::QAction {
                id,
                trigger,
                key,
                missing,
            } => {
                let mut fields = vec![
                    ("kind", json!("qaction")),
                    ("id", json!(id.0)),
                    ("trigger", json!(trigger)),
                ];
                fields.extend(key.as_ref().map(|key| ("key", json!(key))));
                fields.extend(missing.then_some(("missing", json!(true))));
                fields
            }
        }
    }
}

fn by(origin: &crate::engine::effect::Origin) -> Json {
    json!(origin.to_string())
}

/// A number as JSON: whole ones without a fraction.
fn number_json(number: f64) -> Json {
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= WHOLE {
        // The number is whole and within the range in which every whole number is exact.
        #[expect(clippy::cast_possible_truncation, reason = "checked on the line above")]
        let whole = number as i64;
        return json!(whole);
    }
    json!(number)
}

fn session_json(session: Option<SessionId>) -> Json {
    session.map_or(Json::Null, |id| json!(id.0))
}

/// The exchange of a session; of a multithreaded timer's request, which has none, the element connection.
fn exchange_json(exchange: Option<ExchangeId>, connection: ConnectionId) -> Json {
    exchange.map_or_else(|| json!(connection.0), |id| json!(id.0))
}

const fn state_name(state: TracedState) -> &'static str {
    match state {
        TracedState::Active => "active",
        TracedState::Timeout => "timeout",
        TracedState::Paused => "paused",
        TracedState::Stopped => "stopped",
    }
}

const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Begin => "begin",
        Phase::End => "end",
    }
}

fn error_text(error: &ExchangeError) -> String {
    error.report()
}
