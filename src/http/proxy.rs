//! Which way a request goes: straight, through the system's proxy, or through the session's own.
//!
//! `https` goes through a proxy in a tunnel; `http` is handed to the proxy with the whole URL, and whatever it answers
//! is the response.
//!
//! Rules: PRT-15 to PRT-17.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use http::header::HeaderValue;
use http::uri::Scheme;
use hyper_util::client::proxy::matcher::Matcher;

use crate::engine::exchange::{CertificateCheck, ClientCertificate, ExchangeError, ExchangeErrorKind, Proxy, Request};

use super::{SystemProxy, error};

/// Where a request goes and how. Requests on equal routes may use one connection after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// Scheme, host and port of the server; the path is `/`.
    pub(super) origin: Uri,
    /// What stands between.
    pub(super) via: Via,
    /// Whether the server's certificate is verified.
    pub(super) certificate: CertificateCheck,
    /// Whether ours is shown.
    pub(super) client_certificate: ClientCertificate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Via {
    Direct,
    Proxy(ProxyServer),
}

/// A proxy and how we make ourselves known to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProxyServer {
    pub(super) address: Uri,
    /// Marked as sensitive, so that Debug does not print it.
    pub(super) authorization: Option<HeaderValue>,
}

impl Route {
    /// The way of that request to `target`, its URL.
    pub(super) fn of(request: &Request, target: &Uri, system: &Matcher) -> Result<Self, ExchangeError> {
        let origin = origin(target)?;
        let via = match &request.proxy {
            Proxy::Bypass => Via::Direct,
            Proxy::System => via(system, &origin, None)?.unwrap_or(Via::Direct),
            Proxy::Server { address, credentials } => {
                let matcher = Matcher::builder().all(address).build();
                via(&matcher, &origin, credentials.as_ref())?.ok_or_else(|| {
                    error::unsent(
                        ExchangeErrorKind::CannotConnect,
                        "the address of the proxy server is not usable",
                    )
                })?
            }
        };
        Ok(Self {
            origin,
            via,
            certificate: request.certificate,
            client_certificate: request.client_certificate,
        })
    }

    /// Whether the server is spoken to by TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.origin.scheme() == Some(&Scheme::HTTPS)
    }

    /// The proxy that is handed whole URLs, when there is one.
    pub(super) fn forwarding_proxy(&self) -> Option<&ProxyServer> {
        match &self.via {
            Via::Proxy(proxy) if !self.is_secure() => Some(proxy),
            Via::Proxy(_) | Via::Direct => None,
        }
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("no proxy"),
            Self::Proxy(proxy) => write!(f, "{}", proxy.address),
        }
    }
}

/// The proxy settings of the system.
pub(super) fn system(given: &SystemProxy) -> Matcher {
    match given {
        SystemProxy::Environment => Matcher::from_env(),
        SystemProxy::Off => Matcher::builder().build(),
        SystemProxy::Given { address, except } => Matcher::builder().all(address).no(except).build(),
    }
}

fn via(matcher: &Matcher, origin: &Uri, credentials: Option<&(String, String)>) -> Result<Option<Via>, ExchangeError> {
    let Some(found) = matcher.intercept(origin) else {
        return Ok(None);
    };
    let address = found.uri().clone();
    if address.scheme() != Some(&Scheme::HTTP) && address.scheme() != Some(&Scheme::HTTPS) {
        let detail = format!(
            "proxies of the kind {} are not supported",
            address.scheme_str().unwrap_or("?")
        );
        return Err(error::unsent(ExchangeErrorKind::CannotConnect, detail));
    }
    let authorization = match credentials {
        Some((user, password)) => Some(basic(user, password)),
        None => found.basic_auth().cloned(),
    };
    Ok(Some(Via::Proxy(ProxyServer { address, authorization })))
}

fn basic(user: &str, password: &str) -> HeaderValue {
    let text = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
    let mut value = HeaderValue::try_from(text).expect("base64 has only characters that a header may have");
    value.set_sensitive(true);
    value
}

/// Scheme, host and port of a URL, without user, password and path.
fn origin(target: &Uri) -> Result<Uri, ExchangeError> {
    let invalid = |detail: &str| error::unsent(ExchangeErrorKind::InvalidUrl, detail);
    let scheme = target.scheme().ok_or_else(|| invalid("the URL has no scheme"))?;
    if *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS {
        return Err(invalid("the URL's scheme is neither http nor https"));
    }
    let authority = target.authority().ok_or_else(|| invalid("the URL has no host"))?;
    if authority.host().is_empty() {
        return Err(invalid("the URL has no host"));
    }
    let host_and_port = match authority.as_str().rsplit_once('@') {
        Some((_, host_and_port)) => host_and_port,
        None => authority.as_str(),
    };
    // hyper would take the scheme's port for one that is none.
    if authority.port().is_none() && host_and_port.len() > authority.host().len() + 1 {
        return Err(invalid("the URL's port is none"));
    }
    Uri::builder()
        .scheme(scheme.clone())
        .authority(host_and_port)
        .path_and_query("/")
        .build()
        .map_err(|error| invalid(&error.to_string()))
}
