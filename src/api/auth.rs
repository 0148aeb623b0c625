//! Who may use the API: everybody on this machine, or whoever holds the token.
//!
//! On loopback no token is needed. A browser on the same machine could still be tricked into speaking to us, by a page
//! whose name was made to mean 127.0.0.1 or by a form that posts across sites. So without a token the `Host` must be a
//! loopback name, and a write must come from our own page or from no page at all. With a token neither matters: no
//! browser adds it by itself.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use crate::api::Api;
use crate::api::error::{Problem, Reason};

/// A token; its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret of this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The content of a file, without outer blanks.
    ///
    /// # Errors
    /// The file cannot be read or holds nothing.
    pub fn from_file(path: &Path) -> io::Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let token = text.trim();
        if token.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file holds no token"));
        }
        Ok(Self::new(token))
    }

    /// The text itself, for the request that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Whether the API may listen on this address.
///
/// # Errors
/// The address can be reached from other machines and there is no token.
pub fn may_listen(address: SocketAddr, token: Option<&Secret>) -> Result<(), String> {
    if address.ip().is_loopback() || token.is_some() {
        return Ok(());
    }
    Err(format!(
        "{address} can be reached from other machines: give a token with --token-file, or listen on 127.0.0.1"
    ))
}

/// Lets a request through, or answers it with what is missing.
pub(super) async fn guard(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    if request.uri().path() == "/healthz" {
        return next.run(request).await;
    }
    let admitted = match &api.token {
        Some(token) => bearer(request.headers(), token),
        None => from_this_machine(&request),
    };
    match admitted {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn bearer(headers: &HeaderMap, token: &Secret) -> Result<(), Problem> {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map_or("", |(_, token)| token.trim());
    if given.as_bytes().ct_eq(token.0.as_bytes()).into() {
        return Ok(());
    }
    Err(Problem::new(
        Reason::Unauthorized,
        "this API needs the header `Authorization: Bearer …` with its token",
    ))
}

fn from_this_machine(request: &Request) -> Result<(), Problem> {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !is_loopback_host(host) {
        return Err(Problem::new(
            Reason::ForeignHost,
            format!("without a token the API answers on loopback names only, not as \"{host}\""),
        ));
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    let Some(origin) = request.headers().get(header::ORIGIN) else {
        return Ok(());
    };
    if origin.as_bytes() == format!("http://{host}").as_bytes() {
        return Ok(());
    }
    Err(Problem::new(
        Reason::ForeignOrigin,
        "a page of another origin may not change anything here",
    ))
}

fn is_loopback_host(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    name.trim_matches(['[', ']'])
        .parse::<IpAddr>()
        .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Secret, is_loopback_host, may_listen};

    #[test]
    fn other_machines_need_a_token() {
        let token = Secret::new("t");
        let allowed = ["127.0.0.1:1", "[::1]:1", "0.0.0.0:1", "192.0.2.1:1"]
            .map(|address| address.parse().expect("an address"))
            .map(|address| {
                (
                    may_listen(address, None).is_ok(),
                    may_listen(address, Some(&token)).is_ok(),
                )
            });
        assert_eq!(allowed, [(true, true), (true, true), (false, true), (false, true)]);
    }

    #[test]
    fn only_loopback_names_are_our_own() {
        let own = ["localhost", "LOCALHOST:8420", "127.0.0.1:1", "127.9.9.9", "[::1]:8420"];
        let foreign = [
            "",
            "example.org",
            "localhost.example.org",
            "127.0.0.1.example.org",
            "192.0.2.1",
            "a b",
        ];
        assert!(own.iter().all(|host| is_loopback_host(host)));
        assert!(!foreign.iter().any(|host| is_loopback_host(host)));
    }

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Secret::new("abc")), "***");
    }
}
