//! The API on a free loopback port, and a bare client for it.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use adit::agent::Agent;
use adit::api::{ApiOptions, serve};
use adit::element::Element;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running API; it ends when this is dropped.
pub(crate) struct Served {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// Serves these elements on a free port.
    pub(crate) async fn start(elements: Vec<Element>, options: ApiOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let agent = Arc::new(Agent::new(elements));
        let server = tokio::spawn(serve(listener, agent, options, async {
            let _ = stopped.await;
        }));
        Self { address, stop, server }
    }

    /// Ends it, and waits until it has ended.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.server.await.expect("no panic").expect("no error");
    }

    /// What comes back for a request, as text for a snapshot.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> String {
        self.ask_with(method, path, body, &[]).await
    }

    /// The status, the keys of the rows, and the whole answer to a question about rows of element 1.
    pub(crate) async fn rows(&self, table: &str, query: &str) -> (u16, Vec<String>, Value) {
        let path = format!("/api/elements/1/tables/{table}?{query}");
        let answer = self.send("GET", &path, None, &[]).await;
        let status = answer.status().as_u16();
        let body = json_of(answer.into_body()).await;
        let rows = body["rows"].as_array().into_iter().flatten();
        let keys = rows.map(|row| row["key"].as_str().expect("a key").to_owned());
        (status, keys.collect(), body)
    }

    /// The same with further headers; one with an empty value is left out.
    pub(crate) async fn ask_with(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> String {
        let response = self.send(method, path, body, headers).await;
        let mut text = format!("{method} {path}\n{}\n", response.status());
        for name in [
            "content-type",
            "allow",
            "www-authenticate",
            "retry-after",
            "etag",
            "content-security-policy",
        ] {
            if let Some(value) = response.headers().get(name) {
                let _ = writeln!(text, "{name}: {}", value.to_str().expect("ASCII"));
            }
        }
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(json) => format!("{text}{json:#}\n"),
            Err(_) => format!("{text}{}\n", String::from_utf8_lossy(&bytes)),
        }
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Response<Incoming> {
        let stream = TcpStream::connect(self.address).await.expect("a connection");
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .expect("a handshake");
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).expect("a method"))
            .uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", self.address.to_string());
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let bytes = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        sender
            .send_request(request.body(Full::new(bytes)).expect("a request"))
            .await
            .expect("a response")
    }
}

/// The JSON of an answer's body.
pub(crate) async fn json_of(body: Incoming) -> Value {
    let bytes = body.collect().await.expect("a body").to_bytes();
    serde_json::from_slice(&bytes).expect("JSON")
}
