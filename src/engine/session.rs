//! A session at work: its exchanges one after the other, with retries and redirects; then what their responses cause.
//!
//! ```text
//! exchange → send (not while paused) → (gate open) → answer ─ error, retries left ─→ send again
//!                                   ├─ redirect ─→ send there
//!                                   ├─ login asked for ─→ send again with it
//!                                   ├─ response → store all → events: status, headers, content
//!                                   └─ final error: nothing is stored
//!            failed? → communication triggers, session timeout triggers → next exchange
//! ```
//!
//! Rules: ELM-10, HTTP-3, HTTP-4, HTTP-10, HTTP-36 to HTTP-41, HTTP-50 to HTTP-55, HTTP-60, HTTP-61, HTTP-64, HTTP-70, HTTP-71,
//! HTTP-75, TMO-2 to TMO-4, TMO-12, TMO-13.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::chain::{Context, Frame, Next};
use crate::engine::change::ChangesFrame;
use crate::engine::effect::{Effect, LogLevel, Origin, Outcome, Step};
use crate::engine::exchange::{
    CertificateCheck, ClientCertificate, ExchangeError, ExchangeErrorKind, Request, Response, TransportId,
};
use crate::engine::login::{Login, Refused, offered};
use crate::engine::redirect::{Redirect, redirect};
use crate::engine::render::{RenderedExchange, RenderedSession, headers};
use crate::engine::told::Told;
use crate::engine::trigger::{Item, fire};
use crate::model::connection::ConnectionKind;
use crate::model::id::ConnectionId;
use crate::model::reactions::Fired;

/// One run of a session.
pub(super) struct SessionFrame {
    rendered: RenderedSession,
    connection: ConnectionId,
    transport: Option<TransportId>,
    /// The exchange at work.
    at: usize,
    attempts: u32,
    hops: u32,
    /// The request of the last attempt, without what is added to it when it is sent: login, cookies.
    request: Option<Request>,
    login: Login,
    /// Why an exchange failed, when one did.
    failed: Option<Arc<str>>,
    stage: Stage,
}

enum Stage {
    Begin,
    /// Send the exchange's request for the first time.
    Exchange,
    /// The request is ready.
    Send,
    /// An answer is awaited.
    Awaited,
    /// The events of the response were raised; the exchange failed for this reason, or did not.
    Stored(Option<String>),
    /// The communication triggers ran; the session timeout triggers are next.
    Reported,
}

impl SessionFrame {
    pub(super) fn new(rendered: RenderedSession, connection: ConnectionId) -> Self {
        Self {
            login: Login::new(rendered.credentials.clone()),
            rendered,
            connection,
            transport: None,
            at: 0,
            attempts: 0,
            hops: 0,
            request: None,
            failed: None,
            stage: Stage::Begin,
        }
    }

    pub(super) fn step(&mut self, engine: &mut Engine, context: &mut Context) -> Next {
        match &mut self.stage {
            Stage::Begin => {
                engine.trace(Step::SessionBegin(self.rendered.session));
                self.show_certificate(engine);
                self.stage = Stage::Exchange;
                Next::Again
            }
            Stage::Exchange => self.begin_exchange(engine, context),
            Stage::Send if engine.is_paused() => Next::Resumed,
            Stage::Send => self.send(engine),
            Stage::Awaited => match context.answer.take() {
                Some(answer) => self.answered(*answer, engine),
                // A chain that waits for an answer is only ever woken by it.
                None => Next::Done,
            },
            Stage::Stored(None) => {
                self.at += 1;
                self.stage = Stage::Exchange;
                Next::Again
            }
            Stage::Stored(Some(report)) => {
                let triggers = engine.protocol.triggers_on_communication(report);
                self.stage = Stage::Reported;
                fire(&triggers, Item::Session(self.rendered.session))
            }
            Stage::Reported => {
                self.at += 1;
                self.stage = Stage::Exchange;
                let session = self.rendered.session;
                fire(
                    engine.protocol.triggers_on(Fired::SessionTimeout(session)),
                    Item::Session(session),
                )
            }
        }
    }

    /// A login with a certificate needs one; without it the requests are sent all the same (HTTP-64).
    fn show_certificate(&mut self, engine: &mut Engine) {
        let is_asked_for = self.rendered.client_certificate == ClientCertificate::Shown;
        if is_asked_for && !engine.settings.client_certificate {
            self.rendered.client_certificate = ClientCertificate::Withheld;
            let session = self.rendered.session;
            let text = format!(
                "session {session} logs in with a client certificate, but none is configured: requests are sent without"
            );
            engine.log_once(Told::NoClientCertificate(session), LogLevel::Warning, text);
        }
    }

    /// Sends the next exchange's request, or ends the session.
    fn begin_exchange(&mut self, engine: &mut Engine, context: &mut Context) -> Next {
        let Some(exchange) = self.rendered.exchanges.get(self.at) else {
            self.end(engine);
            context.failed_session = self.failed.take();
            return Next::Done;
        };
        self.attempts = 0;
        self.hops = 0;
        let kind = engine.connection(self.connection).map(|settings| settings.kind);
        if kind != Some(ConnectionKind::Http) {
            return self.no_transport(engine);
        }
        let request = self.make_request(exchange, engine);
        if request.method.eq_ignore_ascii_case("CONNECT") {
            return self.failed_without_response(&connect_refused(), engine);
        }
        self.login.begin(&request);
        self.attempt(request)
    }

    /// An exchange on a connection that cannot carry it fails, and puts nothing in timeout (VRT-3, VRT-4).
    fn no_transport(&mut self, engine: &mut Engine) -> Next {
        engine.log_no_transport(self.rendered.session, self.connection);
        self.failed = Some(format!("connection {} is not an HTTP connection", self.connection).into());
        self.stage = Stage::Reported;
        Next::Again
    }

    fn make_request(&self, exchange: &RenderedExchange, engine: &mut Engine) -> Request {
        let settings = engine.connection(self.connection);
        let url = settings.map_or_else(
            || exchange.url.clone(),
            |settings| engine.url_at(settings, &exchange.url),
        );
        let skip = settings.is_some_and(|settings| settings.skip_certificate_verification);
        Request {
            session: Some(self.rendered.session),
            exchange: Some(exchange.id),
            connection: self.connection,
            method: exchange.method.clone(),
            headers: headers(&exchange.method, &url, &exchange.headers, &exchange.body),
            url,
            body: Arc::clone(&exchange.body),
            timeout: exchange.timeout,
            transport: self
                .transport
                .unwrap_or_else(|| engine.transport_of_session(self.rendered.session, self.connection)),
            proxy: exchange.proxy.clone(),
            certificate: if skip {
                CertificateCheck::Skip
            } else {
                CertificateCheck::Verify
            },
            client_certificate: self.rendered.client_certificate,
        }
    }

    fn attempt(&mut self, request: Request) -> Next {
        self.transport = Some(request.transport);
        self.request = Some(request);
        self.attempts += 1;
        self.stage = Stage::Send;
        Next::Again
    }

    fn send(&mut self, engine: &mut Engine) -> Next {
        let Some(mut request) = self.request.clone() else {
            return Next::Done;
        };
        self.login.add_to(&mut request, || engine.client_nonce());
        engine.add_cookies(&mut request);
        self.stage = Stage::Awaited;
        Next::Answer(engine.send(request))
    }

    fn answered(&mut self, answer: Result<Response, ExchangeError>, engine: &mut Engine) -> Next {
        let Some(request) = self.request.take() else {
            return Next::Done;
        };
        match answer {
            Err(error) => {
                let retries = engine
                    .connection(self.connection)
                    .map_or(0, |settings| settings.retries);
                if error.kind.is_retried() && self.attempts <= u32::from(retries) {
                    return self.attempt(request);
                }
                self.failed_without_response(&error, engine)
            }
            Ok(response) => {
                engine.take_cookies(&request, &response);
                let follow = !engine.protocol.parts().custom_redirect;
                match redirect(&request, &response, self.hops, follow) {
                    Redirect::Follow(next) => {
                        self.hops += 1;
                        self.attempts = 0;
                        self.attempt(*next)
                    }
                    Redirect::Refused(error) => self.failed_without_response(&error, engine),
                    Redirect::None => self.received_or_refused(request, &response, engine),
                }
            }
        }
    }

    /// A login that is asked for is tried; any other response is the exchange's (HTTP-60, HTTP-61).
    fn received_or_refused(&mut self, request: Request, response: &Response, engine: &mut Engine) -> Next {
        match self.login.refused(&request, response) {
            Refused::Again => {
                self.attempts = 0;
                return self.attempt(request);
            }
            Refused::Unsupported => engine.log(
                LogLevel::Warning,
                format!(
                    "session {} is asked for a login that does not run here: {}",
                    self.rendered.session,
                    offered(response)
                ),
            ),
            Refused::Final => {}
        }
        self.received(response, engine)
    }

    /// All values are stored, then their events are raised: status line, headers, content (HTTP-36 to HTTP-40).
    fn received(&mut self, response: &Response, engine: &mut Engine) -> Next {
        let id = self.rendered.exchanges[self.at].id;
        let events = engine.store_response(self.rendered.session, id, response);
        let failure = if (200..300).contains(&response.status) {
            engine.connection_responds(self.connection);
            None
        } else {
            Some(response.status_line())
        };
        if let Some(status) = &failure {
            self.fail(status, "", engine);
        }
        self.stage = Stage::Stored(failure);
        if events.is_empty() {
            Next::Again
        } else {
            Next::Call(Frame::Changes(ChangesFrame::new(
                events,
                Origin::Session(self.rendered.session),
            )))
        }
    }

    fn failed_without_response(&mut self, error: &ExchangeError, engine: &mut Engine) -> Next {
        engine.log_exchange_error(self.rendered.session, self.connection, error);
        let report = error.report();
        self.fail(&report, &error.detail, engine);
        self.stage = Stage::Stored(Some(report));
        Next::Again
    }

    /// Marks the connection as not responding, unless the definition says to ignore it (TMO-4, TMO-10, TMO-11).
    fn fail(&mut self, report: &str, detail: &str, engine: &mut Engine) {
        let reason = format!("{report} {detail}");
        let reason = reason.trim_end();
        self.failed = Some(reason.into());
        engine.note_failure(self.connection, reason);
        let ignored = self
            .rendered
            .exchanges
            .get(self.at)
            .is_some_and(|exchange| exchange.ignore_timeout);
        let no_timeouts = &engine.protocol.parts().no_timeouts;
        if !ignored && !no_timeouts.iter().any(|text| text == report) {
            engine.connection_fails(self.connection, reason);
        }
    }

    fn end(&self, engine: &mut Engine) {
        let keep_alive = engine
            .protocol
            .session(self.rendered.session)
            .is_some_and(|session| session.keep_alive);
        if let Some(transport) = self.transport.filter(|_| !keep_alive) {
            engine.drop_cookies(transport);
            engine.effects.push(Effect::Close(transport));
        }
        let outcome = if self.failed.is_some() {
            Outcome::Timeout
        } else {
            Outcome::Succeeded
        };
        engine.trace(Step::SessionEnd(self.rendered.session, outcome));
    }
}

/// CONNECT makes tunnels, and is no request of a connector (HTTP-10).
fn connect_refused() -> ExchangeError {
    ExchangeError {
        kind: ExchangeErrorKind::InvalidUrl,
        sent: false,
        detail: "the verb CONNECT is not supported".to_owned(),
    }
}
