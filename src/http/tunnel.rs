//! Tunnels through a proxy (CONNECT).
//!
//! A proxy that gives none, also for want of a password, makes the server unreachable: nothing of the request has been
//! written by then.
//!
//! Rules: PRT-15, PRT-17.

use std::task::{Context, Poll};

use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::uri::Authority;
use http::{Method, Uri};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use tower_service::Service;

use crate::engine::exchange::{ExchangeError, ExchangeErrorKind};

use super::connect::{Connecting, Hop, hop};
use super::connection::alongside;
use super::error;
use super::proxy::ProxyServer;
use super::tls::Tls;

/// Makes tunnels through a proxy.
pub(super) struct Tunnel {
    proxy: ProxyServer,
    tls: Tls,
}

impl Tunnel {
    pub(super) fn new(proxy: ProxyServer, tls: Tls) -> Self {
        Self { proxy, tls }
    }
}

impl Service<Uri> for Tunnel {
    type Response = Hop;
    type Error = ExchangeError;
    type Future = Connecting<Hop>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ExchangeError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let proxy = self.proxy.clone();
        let tls = self.tls.clone();
        Box::pin(async move {
            let stream = hop(&proxy.address, tls.for_proxies()).await?;
            tunnel(stream, &to, proxy.authorization).await
        })
    }
}

/// Asks the proxy at the other end of the stream for a tunnel (CONNECT).
async fn tunnel(stream: Hop, to: &Uri, authorization: Option<HeaderValue>) -> Result<Hop, ExchangeError> {
    let failed = |error: hyper::Error| refused(&error::chain(&error));
    let (mut sender, driver) = http1::Builder::new()
        .title_case_headers(true)
        .handshake(stream)
        .await
        .map_err(failed)?;
    let mut driver = Some(Box::pin(driver.without_shutdown()));
    let (answer, ended) = alongside(&mut driver, sender.send_request(connect(to, authorization)?)).await;
    let status = answer.map_err(failed)?.status();
    if !status.is_success() {
        return Err(refused(&status.to_string()));
    }
    let parts = match (ended, driver) {
        (Some(ended), _) => ended,
        (None, Some(driver)) => driver.await,
        (None, None) => return Err(refused("it closed the connection")),
    };
    let parts = parts.map_err(failed)?;
    if !parts.read_buf.is_empty() {
        return Err(refused("it sent more than its answer"));
    }
    Ok(parts.io)
}

fn connect(to: &Uri, authorization: Option<HeaderValue>) -> Result<hyper::Request<Empty<Bytes>>, ExchangeError> {
    let host = to.host().unwrap_or_default();
    let authority = format!("{host}:{}", to.port_u16().unwrap_or(443));
    let target = Authority::try_from(authority.as_str()).map(Uri::from);
    let target = target.map_err(|error| refused(&error.to_string()))?;
    let mut request = hyper::Request::builder()
        .method(Method::CONNECT)
        .uri(target)
        .header(HOST, authority);
    if let Some(authorization) = authorization {
        request = request.header(PROXY_AUTHORIZATION, authorization);
    }
    request.body(Empty::new()).map_err(|error| refused(&error.to_string()))
}

fn refused(why: &str) -> ExchangeError {
    error::unsent(
        ExchangeErrorKind::CannotConnect,
        format!("the proxy gave no tunnel: {why}"),
    )
}
