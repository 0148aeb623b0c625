//! A device with a script: expect this request, give that answer after so long.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use adit::element::world::{Network, Transport, WorldFuture};
use adit::engine::exchange::{ExchangeError, ExchangeErrorKind, Request, Response, TransportId};
use adit::model::id::ElementId;
use parking_lot::Mutex;

/// A device. What was asked of it, in order, is in `seen`: `GET http://device/`, `answered`, `given up`, `closed`.
#[derive(Debug, Default)]
pub(crate) struct Device {
    script: Mutex<VecDeque<Step>>,
    seen: Arc<Mutex<Vec<String>>>,
}

#[derive(Debug)]
struct Step {
    request: String,
    after: Duration,
    answer: Result<Response, ExchangeError>,
}

impl Device {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The next request shall be this one; it is answered with a status after so long.
    pub(crate) fn expect(&self, request: &str, after: Duration, status: u16) {
        let answer = Ok(Response {
            version: "HTTP/1.1".to_owned(),
            status,
            reason: String::new(),
            headers: Vec::new(),
            body: [].into(),
        });
        self.script.lock().push_back(Step {
            request: request.to_owned(),
            after,
            answer,
        });
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().clone()
    }
}

/// The network in which every element sees this device.
pub(crate) struct Reaching(pub(crate) Arc<Device>);

impl Network for Reaching {
    fn transport(&self, _: ElementId) -> Arc<dyn Transport> {
        Arc::new(Wire(Arc::clone(&self.0)))
    }
}

struct Wire(Arc<Device>);

impl Transport for Wire {
    fn send(&self, request: Request) -> WorldFuture<Result<Response, ExchangeError>> {
        let request = format!("{} {}", request.method, request.url);
        self.0.seen.lock().push(request.clone());
        let step = self.0.script.lock().pop_front();
        let mut exchange = Exchange {
            seen: Arc::clone(&self.0.seen),
            end: "given up",
        };
        Box::pin(async move {
            let Some(step) = step.filter(|step| step.request == request) else {
                exchange.ends("unexpected");
                return Err(unexpected(&request));
            };
            tokio::time::sleep(step.after).await;
            exchange.ends("answered");
            step.answer
        })
    }

    fn close(&self, _: TransportId) {
        self.0.seen.lock().push("closed".to_owned());
    }
}

/// Notes how an exchange ended.
struct Exchange {
    seen: Arc<Mutex<Vec<String>>>,
    end: &'static str,
}

impl Exchange {
    fn ends(&mut self, end: &'static str) {
        self.end = end;
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.seen.lock().push(self.end.to_owned());
    }
}

fn unexpected(request: &str) -> ExchangeError {
    ExchangeError {
        kind: ExchangeErrorKind::CannotConnect,
        sent: false,
        detail: format!("the script does not expect {request}"),
    }
}
