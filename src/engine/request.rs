//! A request on its way: what it belongs to, so that its answer can be traced when it comes back.
//!
//! Rules: MDL-5, LOG-2.

use crate::engine::Engine;
use crate::engine::effect::{Effect, Step};
use crate::engine::exchange::{ExchangeError, Request, RequestId, Response};
use crate::model::id::{ConnectionId, ExchangeId, SessionId};

/// What a request under way belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    session: Option<SessionId>,
    exchange: Option<ExchangeId>,
    connection: ConnectionId,
}

impl Engine {
    /// A number for something that is asked for and answered.
    pub(super) fn new_request(&mut self) -> RequestId {
        let id = RequestId(self.next_request);
        self.next_request += 1;
        id
    }

    /// Asks for a request to be sent.
    pub(super) fn send(&mut self, request: Request) -> RequestId {
        let id = self.new_request();
        let Request {
            session,
            exchange,
            connection,
            ..
        } = request;
        self.asked.insert(
            id,
            Asked {
                session,
                exchange,
                connection,
            },
        );
        self.effects.push(Effect::Send(id, Box::new(request)));
        id
    }

    /// Traces what came back, when it comes back: its processing may have to wait for the gate (MDL-5).
    pub(super) fn trace_answer(&mut self, id: RequestId, answer: &Result<Response, ExchangeError>) {
        let Some(Asked {
            session,
            exchange,
            connection,
        }) = self.asked.remove(&id)
        else {
            return;
        };
        let answer = match answer {
            Ok(response) => Ok((response.status, response.body.len())),
            Err(error) => Err(error.clone()),
        };
        self.trace(Step::Response {
            session,
            exchange,
            connection,
            answer,
        });
    }
}
