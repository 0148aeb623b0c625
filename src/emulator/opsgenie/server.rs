//! The socket side: HTTP/1.1 on raw hyper, since a fault must be able to close a connection without an answer.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::emulator::opsgenie::Platform;
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::control::control;
use crate::emulator::opsgenie::page::POLICY;

/// The bytes of a body, and of one with a file in it.
const BODY: usize = 1024 * 1024;
const FORM: usize = 11 * 1024 * 1024;

/// How long running answers may take once the platform ends.
const GRACE: Duration = Duration::from_secs(1);

/// How long nothing is accepted after accepting failed, as it does when files run out.
const PAUSE: Duration = Duration::from_millis(50);

/// The connection is closed without an answer.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed by a fault rule")
    }
}

impl std::error::Error for Closed {}

/// Serves a platform until `shutdown` is done; running answers then have a second to finish.
pub async fn serve(listener: TcpListener, platform: Platform, shutdown: impl Future<Output = ()>) {
    let (stop, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        // Every arm is cancel-safe: nothing is lost when another one is taken.
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, remote)) => {
                    connections.spawn(converse(stream, remote, platform.clone(), stopped.clone()));
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop((listener, stop));
    let finish = async { while connections.join_next().await.is_some() {} };
    // What is not finished in time is cancelled when the set is dropped.
    let _ = tokio::time::timeout(GRACE, finish).await;
}

/// One connection, until either side ends it.
async fn converse(stream: TcpStream, remote: SocketAddr, platform: Platform, mut stopped: watch::Receiver<()>) {
    let host = stream.local_addr().map(|addr| addr.to_string()).unwrap_or_default();
    let service = service_fn(|request| respond(request, &platform, remote, &host));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // An error means that the client went away, or that a fault rule closed the connection: nobody is left to tell.
    tokio::select! {
        _ = &mut connection => return,
        _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn respond(
    request: Request<Incoming>,
    platform: &Platform,
    remote: SocketAddr,
    host: &str,
) -> Result<Response<Full<Bytes>>, Closed> {
    let call = received(request, remote, host).await?;
    if call.path == "/" && call.method == "GET" {
        return Ok(html(platform.page()));
    }
    if let Some(name) = call.path.strip_prefix("/emulator/attachments/") {
        let file = name
            .split_once('/')
            .and_then(|(alert, id)| platform.attachment(alert, id));
        return Ok(file.map_or_else(|| plain(StatusCode::NOT_FOUND), |file| download(file.content)));
    }
    if let Some(answer) = control(platform, &call) {
        return Ok(json(answer));
    }
    let reply = platform.handle(&call);
    if reply.delay > 0 {
        tokio::time::sleep(Duration::from_millis(reply.delay)).await;
    }
    reply.answer.map(json).ok_or(Closed)
}

/// The request with its whole body.
async fn received(request: Request<Incoming>, remote: SocketAddr, host: &str) -> Result<Call, Closed> {
    let (head, body) = request.into_parts();
    let header = |name| {
        head.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let content_type = header(CONTENT_TYPE);
    let most = match &content_type {
        Some(text) if text.starts_with("multipart/") => FORM,
        Some(_) | None => BODY,
    };
    let (body, oversized) = match Limited::new(body, most).collect().await {
        Ok(body) => (body.to_bytes().to_vec(), false),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => (Vec::new(), true),
        Err(_) => return Err(Closed),
    };
    Ok(Call {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: header(AUTHORIZATION),
        host: header(HOST).unwrap_or_else(|| host.to_owned()),
        remote: remote.ip().to_string(),
        content_type,
        body,
        oversized,
    })
}

fn json(answer: Answer) -> Response<Full<Bytes>> {
    let body = serde_json::Value::Object(answer.body).to_string();
    let mut response = Response::builder()
        .status(answer.status)
        .header(CONTENT_TYPE, "application/json; charset=utf-8");
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response
        .body(Full::from(body))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

fn html(page: String) -> Response<Full<Bytes>> {
    let response = Response::builder()
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CONTENT_SECURITY_POLICY, POLICY);
    response
        .body(Full::from(page))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

/// The bytes of an attachment: to be saved, never to be shown.
fn download(content: Vec<u8>) -> Response<Full<Bytes>> {
    let response = Response::builder()
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_DISPOSITION, "attachment");
    response
        .body(Full::from(content))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
