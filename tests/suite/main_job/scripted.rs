//! A server that answers as a script says, whatever that is. It knows just enough of HTTP/1.1 to read requests, and
//! shares nothing with the emulated platform.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Counts from 1.
    pub(super) number: usize,
    pub(super) at: Instant,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) authorization: String,
    pub(super) content_type: String,
    pub(super) body: String,
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// Answers with these bytes, and waits for the next request.
    Bytes(Vec<u8>),
    /// Answers with these bytes, and closes.
    Last(Vec<u8>),
    /// Never answers.
    Silence,
}

type Answering = Pin<Box<dyn Future<Output = Reply> + Send>>;
type Script = dyn Fn(Asked) -> Answering + Send + Sync;

/// The server. It ends with the test.
pub(super) struct Scripted {
    pub(super) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    _serving: JoinSet<()>,
}

impl Asked {
    /// A request without a body.
    pub(super) fn of(method: &str, authorization: &str) -> Self {
        Self {
            number: 0,
            at: Instant::now(),
            method: method.to_owned(),
            path: "/".to_owned(),
            authorization: authorization.to_owned(),
            content_type: "application/json".to_owned(),
            body: String::new(),
        }
    }

    pub(super) fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path == path
    }

    pub(super) fn is_about_alerts(&self) -> bool {
        self.path.starts_with("/v2/alerts")
    }

    pub(super) fn is_create(&self) -> bool {
        self.is("POST", "/v2/alerts")
    }

    /// What a platform without faults answers: every write is accepted, and done by the time it is asked for.
    pub(super) fn usual(&self) -> Reply {
        let path = self.path.as_str();
        if path == "/v2/teams" {
            let teams = json!([{"id": "t-1", "name": "NOC", "description": "Operations"}]);
            return answer(200, &json!({"data": teams, "took": 0.1, "requestId": "teams"}));
        }
        if self.method != "GET" {
            let request = format!("r-{}", self.number);
            return answer(
                202,
                &json!({"result": "Request will be processed", "took": 0.1, "requestId": request}),
            );
        }
        if path.starts_with("/v2/alerts/requests/") {
            return answer(200, &json!({"data": done(), "took": 0.1, "requestId": "status"}));
        }
        answer(404, &json!({"message": "Not found", "took": 0.1, "requestId": "none"}))
    }
}

/// A verdict, when all went well.
pub(super) fn done() -> Value {
    json!({
        "success": true, "action": "Create", "processedAt": "2026-11-22T16:00:00Z", "integrationId": "i",
        "isSuccess": true, "status": "Created alert", "alertId": "a-1-1", "alias": "a"
    })
}

/// A JSON answer.
pub(super) fn answer(status: u16, body: &Value) -> Reply {
    answer_with(status, "", body)
}

/// A JSON answer with further header lines, each with its line end.
pub(super) fn answer_with(status: u16, headers: &str, body: &Value) -> Reply {
    let body = body.to_string();
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} Status\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}");
    Reply::Bytes(format!("{head}\r\n\r\n{body}").into_bytes())
}

impl Scripted {
    /// A server whose answers depend on the request alone.
    pub(super) async fn new(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(None, move |asked| {
            let reply = script(&asked);
            Box::pin(async move { reply })
        })
        .await
    }

    /// A server that may take its time, behind TLS or not.
    pub(super) async fn with(
        tls: Option<TlsAcceptor>,
        script: impl Fn(Asked) -> Answering + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = Arc::new(Server {
            script: Box::new(script),
            asked: Arc::clone(&asked),
        });
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (server, tls) = (Arc::clone(&server), tls.clone());
                connections.spawn(async move {
                    match tls {
                        None => server.converse(stream).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => server.converse(stream).await,
                            // A client that refuses us is what the test is about.
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        Self {
            port,
            asked,
            _serving: serving,
        }
    }

    /// All requests so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }

    /// The requests so far that are about alerts.
    pub(super) fn about_alerts(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(Asked::is_about_alerts).collect()
    }

    /// The creates so far.
    pub(super) fn creates(&self) -> usize {
        self.asked().iter().filter(|asked| asked.is_create()).count()
    }
}

struct Server {
    script: Box<Script>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// One connection, until either side has had enough of it.
    async fn converse(&self, stream: impl AsyncRead + AsyncWrite + Unpin) -> Option<()> {
        let mut stream = BufReader::new(stream);
        loop {
            let asked = self.read(&mut stream).await?;
            match (self.script)(asked).await {
                Reply::Bytes(bytes) => stream.write_all(&bytes).await.ok()?,
                Reply::Last(bytes) => {
                    stream.write_all(&bytes).await.ok()?;
                    return stream.shutdown().await.ok();
                }
                Reply::Silence => std::future::pending().await,
            }
            stream.flush().await.ok()?;
        }
    }

    /// The next request; none when the client has closed.
    async fn read(&self, stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<Asked> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut first = lines[0].split(' ').map(str::to_owned);
        let header = |name: &str| {
            let mut pairs = lines[1..].iter().filter_map(|line| line.split_once(':'));
            let found = pairs.find(|(found, _)| found.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
        stream.read_exact(&mut body).await.ok()?;
        let mut all = self.asked.lock();
        let asked = Asked {
            number: all.len() + 1,
            at: Instant::now(),
            method: first.next()?,
            path: first.next()?,
            authorization: header("authorization"),
            content_type: header("content-type"),
            body: String::from_utf8(body).unwrap(),
        };
        all.push(asked.clone());
        Some(asked)
    }
}
