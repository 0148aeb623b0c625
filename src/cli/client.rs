//! The local API from the other side: one request, one JSON answer.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use url::Url;

use crate::api::auth::Secret;
use crate::cli::Unusable;

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(5);

/// Where the API is, and how its answers are printed.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    /// The address of the API.
    #[arg(long, env = "ADIT_URL", default_value = "http://127.0.0.1:8420")]
    url: Url,
    /// A file that holds the token of the API.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Print the JSON of the API.
    #[arg(long)]
    pub(super) json: bool,
}

impl Target {
    /// Gets what is at a path below `/api`.
    pub(super) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> anyhow::Result<Value> {
        let request = self.request(Method::GET, path, query, None)?;
        answer(self.send(request).await?).await
    }

    /// Sets what is at a path below `/api`.
    pub(super) async fn put(&self, path: &[&str], body: &Value) -> anyhow::Result<Value> {
        let request = self.request(Method::PUT, path, &[], Some(body))?;
        answer(self.send(request).await?).await
    }

    /// Opens the stream of changes of an element.
    pub(super) async fn follow(&self, element: &str) -> anyhow::Result<Incoming> {
        let request = self.request(Method::GET, &["events"], &[("element", element)], None)?;
        let response = self.send(request).await?;
        if response.status().is_success() {
            return Ok(response.into_body());
        }
        answer(response).await?;
        bail!("the API gave no stream of changes")
    }

    fn request(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut url = self.url.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().push("api").extend(path),
            Err(()) => bail!(Unusable(format!("{} is no address of an API", self.url))),
        };
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = Request::builder().method(method).uri(url.as_str());
        if let Some(file) = &self.token_file {
            let token = Secret::from_file(file)
                .map_err(|error| Unusable(format!("cannot read the token in {}: {error}", file.display())))?;
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose()));
        }
        let bytes = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        request.body(Full::new(bytes)).context("the request cannot be made")
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> anyhow::Result<http::Response<Incoming>> {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.enforce_http(false);
        let sent = if self.url.scheme() == "https" {
            let builder = HttpsConnectorBuilder::new();
            let roots = builder
                .with_native_roots()
                .context("there are no root certificates to trust")?;
            let tls = roots.https_only().enable_http1().wrap_connector(tcp);
            Client::builder(TokioExecutor::new()).build(tls).request(request).await
        } else {
            Client::builder(TokioExecutor::new()).build(tcp).request(request).await
        };
        sent.with_context(|| format!("cannot reach {}: is adit running there, and is --url right?", self.url))
    }
}

/// The JSON of an answer, or its problem as an error.
async fn answer(response: http::Response<Incoming>) -> anyhow::Result<Value> {
    let status = response.status();
    let body = response
        .into_body()
        .collect()
        .await
        .context("the answer broke off")?
        .to_bytes();
    let json = serde_json::from_slice::<Value>(&body);
    if status.is_success() {
        return json.context("the answer is no JSON: is --url that of adit?");
    }
    let detail = json
        .ok()
        .and_then(|problem| problem["detail"].as_str().map(str::to_owned));
    match detail {
        Some(detail) if status == StatusCode::UNAUTHORIZED => bail!("{detail}: use --token-file"),
        Some(detail) => bail!("{detail}"),
        None => bail!("the answer is {status}: is --url that of adit?"),
    }
}
