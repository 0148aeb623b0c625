//! From a route to an open stream: name, TCP, tunnel, TLS.
//!
//! Rules: PRT-15, PRT-19, TMO-16.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiFuture, GaiResolver, Name};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::engine::exchange::{ExchangeError, ExchangeErrorKind};

use super::error;
use super::proxy::{Route, Via};
use super::tls::Tls;
use super::tunnel::Tunnel;

/// The stream to the next machine, which is the server or a proxy; TLS when that machine is spoken to by `https`.
pub(super) type Hop = MaybeHttpsStream<TokioIo<TcpStream>>;

/// The stream to the server. Its outer TLS is the one inside a proxy's tunnel.
pub(super) type Stream = MaybeHttpsStream<Hop>;

/// A future as connectors give them.
pub(super) type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, ExchangeError>> + Send>>;

/// Opens a stream on that route.
pub(super) async fn open(route: &Route, tls: &Tls) -> Result<Stream, ExchangeError> {
    tracing::debug!(to = %route.origin, via = %route.via, "connecting");
    match &route.via {
        Via::Direct => hop(&route.origin, tls.config(route.certificate, route.client_certificate))
            .await
            .map(MaybeHttpsStream::Http),
        Via::Proxy(proxy) if route.is_secure() => {
            let tunnel = Tunnel::new(proxy.clone(), tls.clone());
            HttpsConnector::from((tunnel, tls.config(route.certificate, route.client_certificate)))
                .call(route.origin.clone())
                .await
                .map_err(error::connecting)
        }
        Via::Proxy(proxy) => hop(&proxy.address, tls.for_proxies()).await.map(MaybeHttpsStream::Http),
    }
}

/// Opens a stream to the next machine.
pub(super) async fn hop(to: &Uri, tls: Arc<ClientConfig>) -> Result<Hop, ExchangeError> {
    HttpsConnector::from((Tcp::new(), tls))
        .call(to.clone())
        .await
        .map_err(error::connecting)
}

/// Opens TCP connections, and tells a name that is unknown from a host that is not there.
struct Tcp(HttpConnector<Names>);

impl Tcp {
    fn new() -> Self {
        let mut connector = HttpConnector::new_with_resolver(Names(GaiResolver::new()));
        connector.enforce_http(false);
        connector.set_nodelay(true);
        Self(connector)
    }
}

impl Service<Uri> for Tcp {
    type Response = TokioIo<TcpStream>;
    type Error = ExchangeError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ExchangeError>> {
        Poll::Ready(ready!(self.0.poll_ready(cx)).map_err(|error| unreachable_host(&error)))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = self.0.call(to);
        Box::pin(async move { connecting.await.map_err(|error| unreachable_host(&error)) })
    }
}

fn unreachable_host(error: &(dyn std::error::Error + 'static)) -> ExchangeError {
    let kind = match error::find::<UnknownName>(error) {
        Some(_) => ExchangeErrorKind::NameNotResolved,
        None => ExchangeErrorKind::CannotConnect,
    };
    error::unsent(kind, error::chain(error))
}

/// The system's resolver, with an error that can be told from others.
#[derive(Clone)]
struct Names(GaiResolver);

#[derive(Debug, thiserror::Error)]
#[error("the host name cannot be resolved")]
struct UnknownName(#[source] std::io::Error);

impl Service<Name> for Names {
    type Response = GaiAddrs;
    type Error = UnknownName;
    type Future = Resolving;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), UnknownName>> {
        self.0.poll_ready(cx).map_err(UnknownName)
    }

    fn call(&mut self, name: Name) -> Resolving {
        Resolving(self.0.call(name))
    }
}

struct Resolving(GaiFuture);

impl Future for Resolving {
    type Output = Result<GaiAddrs, UnknownName>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(UnknownName)
    }
}
