//! The real network against real sockets on loopback, at whose other end stand servers made of plain bytes.
//!
//! Time is real here. A limit that must not pass is long, and one that must pass is short and the server never answers.

#![allow(clippy::unwrap_used, reason = "a test ends where its own plumbing fails")]

mod client_certificate;
mod failure;
mod proxy;
mod response;
mod reuse;
mod secure;
mod wire;

use std::sync::Arc;

use adit::element::world::{Network, Transport};
use adit::engine::exchange::{
    CertificateCheck, ClientCertificate, ExchangeError, ExchangeErrorKind, Proxy, Request, Response, TransportId,
};
use adit::http::{HttpNetwork, HttpOptions, SystemProxy};
use adit::model::id::{ConnectionId, ElementId};
use adit::model::moment::Span;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Longer than any test takes.
const LONG: Span = Span(20_000);

/// What a test waits for in vain.
const SHORT: Span = Span(400);

fn options() -> HttpOptions {
    HttpOptions {
        system_proxy: SystemProxy::Off,
        ..HttpOptions::default()
    }
}

fn transport_with(options: &HttpOptions) -> Arc<dyn Transport> {
    HttpNetwork::new(options).unwrap().transport(ElementId(1))
}

fn transport() -> Arc<dyn Transport> {
    transport_with(&options())
}

fn get(url: &str) -> Request {
    let host = url.split('/').nth(2).unwrap_or_default();
    Request {
        session: None,
        exchange: None,
        connection: ConnectionId(0),
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: vec![("Host".to_owned(), host.to_owned())],
        body: Arc::from([]),
        timeout: LONG,
        transport: TransportId(1),
        proxy: Proxy::Bypass,
        certificate: CertificateCheck::Verify,
        client_certificate: ClientCertificate::Withheld,
    }
}

fn post(url: &str, body: &[u8]) -> Request {
    let mut request = get(url);
    request.method = "POST".to_owned();
    request
        .headers
        .push(("Content-Length".to_owned(), body.len().to_string()));
    request.body = Arc::from(body);
    request
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

async fn accept(listener: &TcpListener) -> TcpStream {
    listener.accept().await.unwrap().0
}

/// Reads a request's head, up to and including its empty line.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Accepts one connection, reads one request head, writes the reply, closes.
async fn serve_once(listener: &TcpListener, reply: &[u8]) -> String {
    let mut stream = accept(listener).await;
    let head = read_head(&mut stream).await;
    stream.write_all(reply).await.unwrap();
    head
}

/// One GET against a server that gives these bytes and closes.
async fn answer(reply: &[u8]) -> Result<Response, ExchangeError> {
    answer_to("GET", reply).await
}

async fn answer_to(method: &str, reply: &[u8]) -> Result<Response, ExchangeError> {
    let (listener, address) = listen().await;
    let mut request = get(&format!("http://{address}/"));
    request.method = method.to_owned();
    let transport = transport();
    let (outcome, _) = tokio::join!(transport.send(request), serve_once(&listener, reply));
    outcome
}

/// The error's kind and whether the request was sent.
fn failure(outcome: Result<Response, ExchangeError>) -> (ExchangeErrorKind, bool, String) {
    let error = outcome.expect_err("there must be no response");
    (error.kind, error.sent, error.detail)
}
