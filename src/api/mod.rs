//! The local API: from a listener and an agent to a running server.
//!
//! JSON over HTTP, described by the OpenAPI document that comes from the same list as the routes. It knows elements by
//! their handle only: what it shows is a look at their view, what it changes is a command in their inbox.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::agent::Agent;
use crate::api::auth::{Secret, may_listen};

mod rest;
mod routes;

mod events;
mod json;
mod page;

pub mod auth;
mod error;
mod extract;
mod find;
mod set;

pub use routes::openapi;

/// Who sets values through the API: it knows no users.
const USER: &str = "api";

/// How the API is served.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    /// The token to ask for. Needed on an address that other machines can reach.
    pub token: Option<Secret>,
    /// How long requests under way may still take when the server is to end.
    pub grace: Duration,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            token: None,
            grace: Duration::from_secs(5),
        }
    }
}

/// What the handlers share.
struct Api {
    agent: Arc<Agent>,
    token: Option<Secret>,
    /// Cancelled when the server is to end: open event streams end with it.
    ended: CancellationToken,
}

/// Serves until `shutdown` is done; then takes no new connections, ends the event streams, and gives the requests under
/// way the grace period.
///
/// # Errors
/// The address needs a token and there is none, or the listener failed.
pub async fn serve(
    listener: TcpListener,
    agent: Arc<Agent>,
    options: ApiOptions,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    may_listen(listener.local_addr()?, options.token.as_ref())
        .map_err(|reason| io::Error::new(io::ErrorKind::PermissionDenied, reason))?;
    let ended = CancellationToken::new();
    let api = Arc::new(Api {
        agent,
        token: options.token,
        ended: ended.clone(),
    });
    let stop = ended.clone();
    let server = axum::serve(listener, routes::router(api)).with_graceful_shutdown(stop.cancelled_owned());
    let mut server = pin!(server.into_future());
    tokio::select! {
        served = &mut server => return served,
        () = shutdown => ended.cancel(),
    }
    // A client that never finishes its request must not hold the process.
    tokio::time::timeout(options.grace, server).await.unwrap_or(Ok(()))
}
