//! One attempt: route, connection, exchange, within its deadline.
//!
//! A kept connection that turns out to be closed before anything was written is replaced; that is the one case in
//! which a request is tried again here, since the server cannot have seen it. Once a byte may have gone out, whatever
//! happens is the outcome, and whether to try again is for the engine to say.
//!
//! Rules: HTTP-70 to HTTP-72, TMO-1, TMO-16.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use tokio::time::{Instant, timeout_at};

use crate::element::world::{Transport, WorldFuture};
use crate::engine::exchange::{ExchangeError, Request, Response, TransportId};
use crate::model::id::ElementId;
use crate::model::moment::Span;

use super::connection::{Broken, Connection};
use super::pool::{Pool, Shelf};
use super::proxy::Route;
use super::spelling::Spellings;
use super::tls::Tls;
use super::{body, connect, error, message};

/// Longer than any time limit that can be configured (PRT-8), and short enough to count from now.
const LONGEST: Span = Span::seconds(24 * 60 * 60);

/// The connections of one element.
pub(super) struct HttpTransport {
    client: Arc<Client>,
    pool: Pool,
}

/// What every attempt of the element needs.
struct Client {
    element: ElementId,
    tls: Tls,
    system_proxy: Arc<Matcher>,
    body_limit: usize,
    spellings: Spellings,
}

impl HttpTransport {
    pub(super) fn new(element: ElementId, tls: Tls, system_proxy: Arc<Matcher>, body_limit: usize) -> Self {
        Self {
            client: Arc::new(Client {
                element,
                tls,
                system_proxy,
                body_limit,
                spellings: Spellings::default(),
            }),
            pool: Pool::default(),
        }
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> WorldFuture<Result<Response, ExchangeError>> {
        let client = Arc::clone(&self.client);
        let shelf = self.pool.shelf(request.transport);
        Box::pin(async move {
            let outcome = client.attempt(&shelf, &request).await;
            match &outcome {
                Ok(response) => tracing::debug!(
                    element = client.element.0,
                    method = request.method,
                    status = response.status,
                    bytes = response.body.len(),
                    "response"
                ),
                Err(error) => {
                    tracing::debug!(element = client.element.0, method = request.method, %error, "no response")
                }
            }
            outcome
        })
    }

    fn close(&self, transport: TransportId) {
        self.pool.close(transport);
    }
}

impl Client {
    async fn attempt(&self, shelf: &Shelf, request: &Request) -> Result<Response, ExchangeError> {
        let deadline = Instant::now() + Duration::from_millis(request.timeout.min(LONGEST).0);
        let target = message::target(request)?;
        let route = Route::of(request, &target, &self.system_proxy)?;
        let mut outgoing = message::outgoing(request, &target, &route, &self.spellings).await?;
        loop {
            let kept = self.kept(shelf, &route).await;
            let is_kept = kept.is_some();
            let mut connection = match kept {
                Some(connection) => connection,
                // It is large and rare: every request would be that large if it had room for it.
                None => timeout_at(deadline, Box::pin(self.connect(&route)))
                    .await
                    .map_err(|_| error::expired_connecting(request.timeout))??,
            };
            let exchange = timeout_at(deadline, connection.exchange(outgoing, self.body_limit))
                .await
                .map_err(|_| error::expired_waiting(request.timeout))?;
            match exchange {
                Ok(response) => {
                    if connection.is_reusable() {
                        shelf.put(route, connection);
                    }
                    let (head, received) = response.into_parts();
                    let decoded = body::decode(&head.headers, received, self.body_limit)?;
                    return Ok(message::incoming(&head, decoded));
                }
                Err(Broken::Before(unharmed, _)) if is_kept => outgoing = *unharmed,
                Err(Broken::Before(_, error) | Broken::After(error)) => return Err(error),
            }
        }
    }

    async fn kept(&self, shelf: &Shelf, route: &Route) -> Option<Connection> {
        let connection = shelf.take(route)?;
        // One turn of the runtime, so that a close that has already arrived is seen before anything is written.
        tokio::task::yield_now().await;
        Some(connection)
    }

    async fn connect(&self, route: &Route) -> Result<Connection, ExchangeError> {
        let stream = connect::open(route, &self.tls).await?;
        Connection::open(stream).await
    }
}
