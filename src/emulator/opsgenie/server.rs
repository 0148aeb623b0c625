//! The socket side: HTTP/1.1 on raw hyper, since a fault must be able to close a connection without an answer.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Either, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{
    AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName,
    HeaderValue,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_stream::{Stream, StreamExt};

use crate::emulator::opsgenie::Platform;
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::control::control;
use crate::emulator::opsgenie::faults::Damage;
use crate::emulator::opsgenie::page::POLICY;

/// What stands for a header whose text no header can have.
const NOT_TOLD: HeaderValue = HeaderValue::from_static("");

/// The bytes of a body, and of one with a file in it.
const BODY: usize = 1024 * 1024;
const FORM: usize = 11 * 1024 * 1024;

/// How long running answers may take once the platform ends.
const GRACE: Duration = Duration::from_secs(1);

/// How long nothing is accepted after accepting failed, as it does when files run out.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a body that is cut lets its first half leave.
const FLUSH: Duration = Duration::from_millis(20);

/// In how many pieces a slow body comes.
const PIECES: usize = 10;

/// A body that is there, or one that comes piece by piece.
type Body = Either<Full<Bytes>, StreamBody<Pin<Box<dyn Stream<Item = Piece> + Send>>>>;
type Piece = Result<Frame<Bytes>, Closed>;

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
    let remote: Arc<str> = remote.ip().to_string().into();
    let service = service_fn(|request| respond(request, &platform, &remote, &host));
    let connection = http1::Builder::new()
        // A connection may rest: a timer for each request would cost more than it saves on loopback.
        .header_read_timeout(None)
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
    remote: &Arc<str>,
    host: &str,
) -> Result<Response<Body>, Closed> {
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
    let reply = platform.handle(&call).await;
    if reply.delay > 0 {
        tokio::time::sleep(Duration::from_millis(reply.delay)).await;
    }
    let answer = reply.answer.map(json).ok_or(Closed)?;
    Ok(match reply.damage {
        Some(damage) => damaged(answer, damage),
        None => answer,
    })
}

/// An answer with something wrong.
fn damaged(answer: Response<Body>, damage: Damage) -> Response<Body> {
    let (mut head, body) = answer.into_parts();
    let bytes = match body {
        Either::Left(body) => body.into_inner().unwrap_or_default(),
        streamed @ Either::Right(_) => return Response::from_parts(head, streamed),
    };
    let body: Body = match damage {
        Damage::NoId => Either::Left(Full::new(bytes)),
        Damage::Empty => Either::Left(Full::default()),
        Damage::NotJson => {
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            Either::Left(Full::from("<html><body><h1>Bad gateway</h1></body></html>"))
        }
        Damage::Cut => {
            head.headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            let half = bytes.slice(..bytes.len() / 2);
            // What was sent before has to leave before the connection is closed.
            paced(vec![Ok(Frame::data(half)), Err(Closed)], FLUSH)
        }
        Damage::Slow(millis) => {
            head.headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            let size = bytes.len().div_ceil(PIECES).max(1);
            let cut = bytes.chunks(size);
            let pieces: Vec<Piece> = cut
                .map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece))))
                .collect();
            let pauses = u64::try_from(pieces.len().max(1)).unwrap_or(1);
            paced(pieces, Duration::from_millis(millis / pauses))
        }
    };
    Response::from_parts(head, body)
}

/// A body whose pieces come one by one, each after a pause.
fn paced(pieces: Vec<Piece>, pause: Duration) -> Body {
    let pieces = tokio_stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        piece
    });
    Either::Right(StreamBody::new(Box::pin(pieces)))
}

/// The request with its whole body.
async fn received(request: Request<Incoming>, remote: &Arc<str>, host: &str) -> Result<Call, Closed> {
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
        Ok(body) => (body.to_bytes(), false),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => (Bytes::new(), true),
        Err(_) => return Err(Closed),
    };
    Ok(Call {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: header(AUTHORIZATION),
        host: header(HOST).unwrap_or_else(|| host.to_owned()),
        remote: Arc::clone(remote),
        content_type,
        body,
        oversized,
        read: Mutex::default(),
    })
}

fn json(answer: Answer) -> Response<Body> {
    let body = serde_json::to_vec(&answer.body).unwrap_or_default();
    let mut response = Response::builder().status(answer.status).header(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    for (name, value) in answer.headers {
        let value = match value {
            Cow::Borrowed(value) => HeaderValue::from_static(value),
            Cow::Owned(value) => HeaderValue::from_maybe_shared(Bytes::from(value)).unwrap_or(NOT_TOLD),
        };
        response = response.header(HeaderName::from_static(name), value);
    }
    response
        .body(Either::Left(Full::from(body)))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

fn html(page: String) -> Response<Body> {
    let response = Response::builder()
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CONTENT_SECURITY_POLICY, POLICY);
    response
        .body(Either::Left(Full::from(page)))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

/// The bytes of an attachment: to be saved, never to be shown.
fn download(content: Vec<u8>) -> Response<Body> {
    let response = Response::builder()
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_DISPOSITION, "attachment");
    response
        .body(Either::Left(Full::from(content)))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::default()));
    *response.status_mut() = status;
    response
}
