//! The head of a request as it goes out, and of a response as it came in.
//!
//! A URL has at most 65 534 bytes. The names of a request are spelled as the connector gives them (`spelling`), those of a
//! response are known in lower case only.
//!
//! Rules: HTTP-10, HTTP-27, HTTP-30, HTTP-35, HTTP-76.

use std::sync::Arc;

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION};
use http::uri::{self, InvalidUri, PathAndQuery};
use http::{Method, Uri};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::ext::ReasonPhrase;

use crate::engine::exchange::{ExchangeError, ExchangeErrorKind, Request, Response};

use super::connection::Outgoing;
use super::error;
use super::proxy::Route;
use super::spelling::Spellings;

/// The URL of a request.
pub(super) fn target(request: &Request) -> Result<Uri, ExchangeError> {
    request
        .url
        .parse::<Uri>()
        .map_err(|cause| impossible(&format!("the URL cannot be used: {cause}")))
}

/// The request as hyper sends it on that route.
pub(super) async fn outgoing(
    request: &Request,
    target: &Uri,
    route: &Route,
    spellings: &Spellings,
) -> Result<Outgoing, ExchangeError> {
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| impossible(&format!("{:?} is not a verb", request.method)))?;
    if method == Method::CONNECT {
        return Err(impossible("the verb CONNECT is not supported"));
    }
    let mut headers = headers(&request.headers)?;
    let length = request.body.len().to_string();
    if headers
        .get_all(CONTENT_LENGTH)
        .iter()
        .any(|given| given.as_bytes() != length.as_bytes())
    {
        return Err(impossible("the Content-Length is not that of the body"));
    }
    let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    if let Some(authorization) = route.forwarding_proxy().and_then(|proxy| proxy.authorization.as_ref())
        && !headers.contains_key(PROXY_AUTHORIZATION)
    {
        let added = headers.try_insert(PROXY_AUTHORIZATION, authorization.clone());
        added.map_err(|cause| impossible(&cause.to_string()))?;
        names.push("Proxy-Authorization");
    }
    let spelling = spellings.of(&names).await;

    let mut outgoing = hyper::Request::new(Full::new(Bytes::from_owner(Arc::clone(&request.body))));
    *outgoing.method_mut() = method;
    *outgoing.uri_mut() = request_target(target, route)?;
    *outgoing.headers_mut() = headers;
    *outgoing.extensions_mut() = spelling;
    Ok(outgoing)
}

/// The response as the engine knows it.
pub(super) fn incoming(head: &http::response::Parts, body: Vec<u8>) -> Response {
    let reason = head
        .extensions
        .get::<ReasonPhrase>()
        .map(|reason| latin1(reason.as_bytes()))
        .filter(|reason| !reason.is_empty())
        .unwrap_or_else(|| head.status.canonical_reason().unwrap_or_default().to_owned());
    Response {
        version: format!("{:?}", head.version),
        status: head.status.as_u16(),
        reason,
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), latin1(value.as_bytes())))
            .collect(),
        body: body.into(),
    }
}

/// What stands in the request line: the path and query, or for a proxy the whole URL.
fn request_target(target: &Uri, route: &Route) -> Result<Uri, ExchangeError> {
    let path = match target.path_and_query().map_or("/", |path| path.as_str()) {
        rooted if rooted.starts_with('/') => rooted.to_owned(),
        query => format!("/{query}"),
    };
    let path: PathAndQuery = path
        .parse()
        .map_err(|cause: InvalidUri| impossible(&cause.to_string()))?;
    let mut parts = match route.forwarding_proxy() {
        Some(_) => route.origin.clone().into_parts(),
        None => uri::Parts::default(),
    };
    parts.path_and_query = Some(path);
    Uri::from_parts(parts).map_err(|cause| impossible(&cause.to_string()))
}

fn headers(given: &[(String, String)]) -> Result<HeaderMap, ExchangeError> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let key = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| impossible(&format!("{name:?} is not a header name")))?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            impossible(&format!(
                "the value of the header {name} has characters that it may not have"
            ))
        })?;
        let added = headers.try_append(key, value);
        added.map_err(|cause| impossible(&cause.to_string()))?;
    }
    Ok(headers)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// A request that cannot be sent as it stands.
fn impossible(detail: &str) -> ExchangeError {
    error::unsent(ExchangeErrorKind::InvalidUrl, detail)
}
