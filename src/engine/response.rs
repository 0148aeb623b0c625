//! What a response gives to which parameters.
//!
//! Rules: HTTP-30 to HTTP-32, HTTP-35 to HTTP-37. The bytes of a body stay beside its text (HTTP-35).

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::change::{Fires, RowOfChange};
use crate::engine::effect::{LogLevel, Origin};
use crate::engine::exchange::Response;
use crate::engine::incoming::{Dropped, incoming};
use crate::engine::params::Stored;
use crate::model::id::{ExchangeId, ParamId, SessionId};
use crate::model::param::Param;
use crate::model::session::ResponseDef;
use crate::model::value::{Value, ValueKind};

impl Engine {
    /// Stores all values of a response, and gives the change events that they raise, in order (HTTP-36).
    pub(super) fn store_response(
        &mut self,
        session: SessionId,
        exchange: ExchangeId,
        response: &Response,
    ) -> Vec<(ParamId, Option<Arc<RowOfChange>>)> {
        let protocol = Arc::clone(&self.protocol);
        let definition = protocol.session(session);
        let exchange = definition.and_then(|session| session.exchanges.iter().find(|other| other.id == exchange));
        let values = exchange
            .map(|exchange| values(&exchange.response, response))
            .unwrap_or_default();
        let mut events = Vec::new();
        for (param, value) in values {
            let Some(param) = protocol.param(param) else { continue };
            let value = match incoming(&param.interprete, &value, |id| self.params.get(id)) {
                Ok(value) => value,
                // The store refuses it once more, and says so.
                Err(Dropped::NotOfItsType) if param.interprete.kind == ValueKind::Number => value,
                Err(why) => {
                    self.tell_dropped(param, why, session);
                    continue;
                }
            };
            if self.store(param, &value, Origin::Session(session), Fires::OnChange) == Stored::Event {
                events.push((param.id, None));
            }
            if exchange.is_some_and(|exchange| exchange.response.content == Some(param.id)) {
                self.params.keep_bytes(param.id, &response.body);
            }
        }
        events
    }

    fn tell_dropped(&mut self, param: &Param, why: Dropped, session: SessionId) {
        let why = match why {
            Dropped::NotOfItsType => "it is no numeric text",
            Dropped::OutOfRange => "it is outside the Range of its Interprete",
        };
        let (name, id) = (&param.name, param.id);
        let text = format!("parameter {name} ({id}) keeps its value: what session {session} brought is dropped, {why}");
        self.log(LogLevel::Warning, text);
    }
}

/// What a response gives to which parameter, in the order of events. A header that is absent gives nothing (HTTP-32);
/// one that is repeated is joined (HTTP-31).
fn values(definition: &ResponseDef, response: &Response) -> Vec<(ParamId, Value)> {
    let mut values = Vec::new();
    if let Some(param) = definition.status {
        values.push((param, Value::from(response.status_line())));
    }
    for (name, param) in &definition.headers {
        let lines = response
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let lines: Vec<&str> = lines.map(|(_, value)| value.as_str()).collect();
        if !lines.is_empty() {
            values.push((*param, Value::from(lines.join("\r\n"))));
        }
    }
    if let Some(param) = definition.content {
        values.push((param, Value::Text(response.text())));
    }
    values
}
