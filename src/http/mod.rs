//! The real network: an element's requests carried out over HTTP/1.1, TLS and proxies.
//!
//! One request is one attempt. Redirects, retries, cookies and authentication are further requests, which the engine
//! makes; this module knows none of them. It spawns no task: a connection is driven by the request that uses it, and
//! rests untouched in between, so that dropping a request or closing a transport closes its sockets at once. Only names
//! are looked up on threads of the runtime, since the system's resolver blocks.
//!
//! ```text
//! Request ─ proxy: which way? ─ pool: a kept connection, or connect: TCP, CONNECT, TLS
//!           └ message: the head, spelling ─ connection: send, receive ─ body: decode ─ Response
//! ```
//!
//! Rules: HTTP-27, HTTP-30, HTTP-33, HTTP-64, HTTP-70 to HTTP-72, HTTP-76, PRT-15 to PRT-20, TMO-1, TMO-16.

mod body;
mod connect;
mod connection;
mod error;
mod identity;
mod message;
mod pool;
mod proxy;
mod spelling;
mod tls;
mod transport;
mod tunnel;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;

use crate::element::world::{Network, Transport};
use crate::model::id::ElementId;

use self::tls::Tls;

pub use self::identity::ClientCertificateFiles;
use self::transport::HttpTransport;

/// The body limit when the operator gives none: 64 MiB.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// What the operator decides about the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpOptions {
    /// Files with certificate authorities (PEM) that are trusted besides those of the system.
    pub extra_ca: Vec<PathBuf>,
    /// The certificate that this agent shows where a session logs in with one (HTTP-64).
    pub client_certificate: Option<ClientCertificateFiles>,
    /// The most bytes a response body may have, as received and decoded.
    pub body_limit: usize,
    /// What stands for the system's proxy.
    pub system_proxy: SystemProxy,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            extra_ca: Vec::new(),
            client_certificate: None,
            body_limit: BODY_LIMIT,
            system_proxy: SystemProxy::Environment,
        }
    }
}

/// Where the system's proxy comes from (PRT-16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemProxy {
    /// `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, read once when the network is made.
    Environment,
    /// There is none.
    Off,
    /// This one.
    Given {
        /// The proxy for both schemes: `host:port` or a URL.
        address: String,
        /// The hosts that are reached without it, as `NO_PROXY` lists them.
        except: String,
    },
}

/// The network of this machine.
pub struct HttpNetwork {
    tls: Tls,
    system_proxy: Arc<Matcher>,
    body_limit: usize,
}

/// The network cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum HttpSetupError {
    /// A file of certificate authorities cannot be read.
    #[error("the certificate authorities in {path} cannot be read")]
    UnreadableCa {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls_pki_types::pem::Error,
    },
    /// A file of certificates has none.
    #[error("{path} has no certificate")]
    NoCa {
        /// The file.
        path: PathBuf,
    },
    /// A certificate in the file cannot be an authority.
    #[error("a certificate in {path} cannot be used")]
    UnusableCa {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// The client certificate or its key cannot be read.
    #[error("no client certificate and key can be read from {path}")]
    UnreadableClientCertificate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls_pki_types::pem::Error,
    },
    /// The client certificate and its key do not fit.
    #[error("the client certificate in {path} cannot be used")]
    UnusableClientCertificate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

impl HttpNetwork {
    /// A network with these options. Reads the system's certificate authorities and, if so decided, its proxy.
    ///
    /// # Errors
    ///
    /// A file of certificate authorities cannot be used.
    pub fn new(options: &HttpOptions) -> Result<Self, HttpSetupError> {
        Ok(Self {
            tls: Tls::new(&options.extra_ca, options.client_certificate.as_ref())?,
            system_proxy: Arc::new(proxy::system(&options.system_proxy)),
            body_limit: options.body_limit,
        })
    }
}

impl Network for HttpNetwork {
    fn transport(&self, element: ElementId) -> Arc<dyn Transport> {
        Arc::new(HttpTransport::new(
            element,
            self.tls.fresh(),
            Arc::clone(&self.system_proxy),
            self.body_limit,
        ))
    }
}

impl fmt::Debug for HttpNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpNetwork")
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}
