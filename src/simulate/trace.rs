//! The execution trace: one JSON object a line, in the order things happened (section 3 of the contract).
//!
//! Secrets never get into it: values of secret parameters and cells, credentials in headers, and every occurrence of a
//! secret value in a URL, header or body are written `***`.
//!
//! Rules: LOG-2, DSP-60, GOT-44.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::alarm::AlarmRecord;
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
            Effect::Alarm(change) => self.alarm(change.record.as_ref()?),
            Effect::Send(_, request) => self.request(request),
            Effect::Trace(step) => self.step(step),
            Effect::Information(_)
            | Effect::Save(_)
            | Effect::ReadFile(..)
            | Effect::Cancel(_)
            | Effect::Close(_)
            | Effect::CloseTrend(..)
            | Effect::Tested(..)
            | Effect::Redefined(_)
            | Effect::ToElement(..)
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
            ("key", json!(self.masked(&change.key))),
            ("change", json!(what)),
            ("cells", Json::Object(cells)),
            ("by", by(&change.by)),
        ]
    }

    fn alarm(&self, record: &AlarmRecord) -> Vec<(&'static str, Json)> {
        let key = record.cell.key.as_ref();
        vec![
            ("kind", json!("alarm")),
            ("parameter", json!(record.cell.param.0)),
            ("key", key.map_or(Json::Null, |key| json!(self.masked(key)))),
            ("severity", json!(record.severity.name())),
            ("value", self.value(record.cell.param, &record.value)),
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
                fields.extend(key.as_ref().map(|key| ("key", json!(self.masked(key)))));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::TraceWriter;
    use crate::engine::effect::{
        Effect, LogEntry, LogLevel, Origin, ParameterChange, RowChange, RowChangeKind, Seen, Step, TracedState,
    };
    use crate::engine::exchange::{CertificateCheck, ClientCertificate, Proxy, Request, RequestId, TransportId};
    use crate::model::id::{ConnectionId, ParamId, QActionId};
    use crate::model::moment::{Moment, Span};
    use crate::model::value::Value;

    /// Parameter 1 is a text, 2 a password.
    fn writer() -> TraceWriter {
        let param = |id: i32, name: &str, options: &str| {
            format!(
                r#"<Param id="{id}"><Name>{name}</Name><Description>{name}</Description><Type>read</Type>
                <Interprete><RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType></Interprete>
                <Display><RTDisplay>true</RTDisplay></Display>
                <Measurement><Type{options}>string</Type></Measurement></Param>"#
            )
        };
        let text = format!(
            "<Protocol><Name>Fixture</Name><Version>1.0.0.1</Version><Type>http</Type><Params>{}{}</Params></Protocol>",
            param(1, "Text", ""),
            param(2, "Secret", r#" options="password""#),
        );
        let loaded = crate::schema::load("fixture.xml", &text);
        TraceWriter::new(Arc::new(loaded.protocol.expect("the definition loads")))
    }

    fn parameter(id: u32, value: impl Into<Value>, seen: Seen) -> Effect {
        Effect::Parameter(ParameterChange {
            id: ParamId(id),
            value: value.into(),
            by: Origin::User,
            differs: true,
            seen,
            of: None,
        })
    }

    fn request(url: &str, headers: &[(&str, &str)], body: &[u8]) -> Effect {
        let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
        Effect::Send(
            RequestId(1),
            Box::new(Request {
                session: None,
                exchange: None,
                connection: ConnectionId(0),
                method: "POST".to_owned(),
                url: url.to_owned(),
                headers: headers.collect(),
                body: body.into(),
                timeout: Span(1500),
                transport: TransportId(1),
                proxy: Proxy::Bypass,
                certificate: CertificateCheck::Verify,
                client_certificate: ClientCertificate::Withheld,
            }),
        )
    }

    fn line(writer: &mut TraceWriter, effect: &Effect) -> Option<String> {
        writer.line(Moment(5), effect)
    }

    #[test]
    fn a_line_has_the_moment_and_the_fields_of_its_kind() {
        let mut writer = writer();
        let state = line(&mut writer, &Effect::Trace(Step::State(TracedState::Active)));
        assert_eq!(state.as_deref(), Some(r#"{"at":5,"kind":"state","state":"active"}"#));
        let value = line(&mut writer, &parameter(1, 2.5, Seen::Everywhere));
        assert_eq!(
            value.as_deref(),
            Some(r#"{"at":5,"kind":"parameter","id":1,"value":2.5,"by":"user"}"#)
        );
        let whole = line(&mut writer, &parameter(1, 3.0, Seen::MemoryOnly));
        assert!(whole.is_some_and(|line| line.contains(r#""value":3,"#)));
        let none = line(&mut writer, &parameter(1, Value::Uninitialised, Seen::Everywhere));
        assert!(none.is_some_and(|line| line.contains(r#""value":null"#)));
    }

    #[test]
    fn what_is_only_shown_or_logged_has_no_line() {
        let mut writer = writer();
        assert_eq!(line(&mut writer, &parameter(1, "a", Seen::ShownOnly)), None);
        let (level, text) = (LogLevel::Info, "text".to_owned());
        assert_eq!(line(&mut writer, &Effect::Log(LogEntry { level, text })), None);
    }

    #[test]
    fn dsp_60_a_secret_is_masked_in_its_own_line_however_short() {
        let mut writer = writer();
        let secret = line(&mut writer, &parameter(2, "ab", Seen::Everywhere));
        assert!(secret.is_some_and(|line| line.contains(r#""value":"***""#)));
    }

    #[test]
    fn dsp_60_a_secret_is_masked_in_every_part_of_a_request() {
        let mut writer = writer();
        line(&mut writer, &parameter(2, "p\"ss/é", Seen::ShownOnly));
        let sent = request(
            "http://device.test/a?k=p%22ss%2F%C3%A9",
            &[("X-Key", "p\"ss/é"), ("Authorization", "Basic eA==")],
            r#"{"key":"p\"ss\/\u00e9"}"#.as_bytes(),
        );
        let sent = line(&mut writer, &sent).expect("a request has a line");
        assert!(sent.contains(r#""url":"http://device.test/a?k=***""#), "{sent}");
        assert!(sent.contains(r#"["X-Key","***"],["Authorization","***"]"#), "{sent}");
        assert!(sent.contains(r#""body":"{\"key\":\"***\"}""#), "{sent}");
    }

    #[test]
    fn dsp_60_a_secret_is_masked_in_row_keys_and_other_values() {
        let mut writer = writer();
        line(&mut writer, &parameter(2, "hunter22", Seen::Everywhere));
        let row = Effect::Row(RowChange {
            table: ParamId(100),
            key: "user/hunter22".into(),
            position: 0,
            change: RowChangeKind::Added,
            cells: vec![(ParamId(1), "is hunter22".into())],
            times: Vec::new(),
            by: Origin::QAction(QActionId(1)),
        });
        let row = line(&mut writer, &row).expect("a row has a line");
        assert!(
            row.contains(r#""key":"user/***""#) && row.contains(r#"{"1":"is ***"}"#),
            "{row}"
        );
        let step = Step::QAction {
            id: QActionId(1),
            trigger: 0,
            key: Some("hunter22".into()),
            missing: false,
        };
        let step = line(&mut writer, &Effect::Trace(step)).expect("a QAction has a line");
        assert!(step.ends_with(r#""key":"***"}"#), "{step}");
    }

    #[test]
    fn a_body_that_is_no_text_is_written_byte_by_byte() {
        let sent = line(&mut writer(), &request("http://device.test/", &[], &[0xE9, b'a']));
        assert!(sent.is_some_and(|line| line.contains("\"body\":\"éa\"")));
        let empty = line(&mut writer(), &request("http://device.test/", &[], &[]));
        assert!(empty.is_some_and(|line| line.contains(r#""body":null"#)));
    }
}
