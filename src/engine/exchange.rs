//! One HTTP exchange as values: what is sent, what came back, what went wrong.
//!
//! A [`Request`] is one attempt, fully rendered; retries and redirects are further requests. The engine makes it, the
//! world (network, cassette, test) carries it out. Bodies are already free of transfer and content codings (HTTP-33).
//!
//! Rules: HTTP-8, HTTP-30, HTTP-33, HTTP-35, TMO-2, TMO-16, HTTP-64, PRT-15, PRT-19.

use std::fmt;
use std::sync::Arc;

use crate::engine::charset;
use crate::model::id::{ConnectionId, ExchangeId, SessionId};
use crate::model::moment::Span;

/// Identifies one attempt while it is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Identifies the transport that requests share: one a session run, or one as long as the element runs (HTTP-70 to
/// HTTP-72). Transports are never shared between elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransportId(pub u64);

/// One attempt at an exchange, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The session it belongs to; none for the request of a multithreaded timer.
    pub session: Option<SessionId>,
    /// The exchange in that session.
    pub exchange: Option<ExchangeId>,
    /// The element connection it counts for.
    pub connection: ConnectionId,
    /// The verb as given, such as `GET`.
    pub method: String,
    /// The absolute URL, without fragment, legal as it stands.
    pub url: String,
    /// The headers in sending order, names in the connector's casing. `Host` and `Content-Length` are among them.
    pub headers: Vec<(String, String)>,
    /// The body; empty when there is none.
    pub body: Arc<[u8]>,
    /// The time limit of this attempt as a whole: connect, send, receive (TMO-1).
    pub timeout: Span,
    /// The transport to use; opened when it is not.
    pub transport: TransportId,
    /// Which proxy stands between.
    pub proxy: Proxy,
    /// Whether the server's certificate is verified.
    pub certificate: CertificateCheck,
    /// Whether this agent's own certificate is shown.
    pub client_certificate: ClientCertificate,
}

/// The proxy decision (PRT-15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// Straight to the target: `ByPassProxy`.
    Bypass,
    /// The system's proxy when there is one.
    System,
    /// The session's own proxy.
    Server {
        /// `host`, `host:port` or a URL.
        address: String,
        /// User and password, when given.
        credentials: Option<(String, String)>,
    },
}

/// Whether a server's certificate is verified (PRT-19, PRT-20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateCheck {
    /// Verified, the default.
    Verify,
    /// Accepted unseen.
    Skip,
}

/// Whether the agent's certificate is shown to a server that asks for one (HTTP-64).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCertificate {
    /// An empty list is, the default.
    Withheld,
    /// It is.
    Shown,
}

/// An HTTP response. Whatever its status, the exchange itself worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The version received: `HTTP/1.1`.
    pub version: String,
    /// The status code.
    pub status: u16,
    /// The reason phrase received; the standard one for the code when none was sent (HTTP-30).
    pub reason: String,
    /// The headers in arrival order, as received. Bytes beyond ASCII are read as Latin-1.
    pub headers: Vec<(String, String)>,
    /// The body, decoded (HTTP-33).
    pub body: Arc<[u8]>,
}

impl Response {
    /// The status line without its line end: `HTTP/1.1 200 OK` (HTTP-30).
    #[must_use]
    pub fn status_line(&self) -> String {
        format!("{} {} {}", self.version, self.status, self.reason)
    }

    /// The first header of that name, in any casing.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as text (HTTP-35).
    #[must_use]
    pub fn text(&self) -> Arc<str> {
        charset::decode(&self.body, self.header("content-type"))
    }
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeError {
    /// What kind of failure it was.
    pub kind: ExchangeErrorKind,
    /// Whether the request, or a part of it, may have reached the server: then it may have had its effect.
    pub sent: bool,
    /// What happened, for people: the whole chain of causes, without secrets.
    pub detail: String,
}

/// The kinds of failure, each with its public Windows code (TMO-16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExchangeErrorKind {
    /// The time limit was exceeded.
    Timeout,
    /// The host name could not be resolved.
    NameNotResolved,
    /// No connection could be made.
    CannotConnect,
    /// The connection broke after it was made.
    ConnectionError,
    /// What came back is not HTTP, is cut off, or is larger than allowed.
    InvalidServerResponse,
    /// A redirect broke the rules (HTTP-55).
    RedirectFailed,
    /// TLS failed: certificate, name, version.
    SecureFailure,
    /// The URL cannot be used.
    InvalidUrl,
}

impl ExchangeErrorKind {
    /// The code and name that communication triggers are matched with.
    #[must_use]
    pub const fn code(self) -> (u32, &'static str) {
        match self {
            Self::Timeout => (12002, "ERROR_WINHTTP_TIMEOUT"),
            Self::InvalidUrl => (12005, "ERROR_WINHTTP_INVALID_URL"),
            Self::NameNotResolved => (12007, "ERROR_WINHTTP_NAME_NOT_RESOLVED"),
            Self::CannotConnect => (12029, "ERROR_WINHTTP_CANNOT_CONNECT"),
            Self::ConnectionError => (12030, "ERROR_WINHTTP_CONNECTION_ERROR"),
            Self::InvalidServerResponse => (12152, "ERROR_WINHTTP_INVALID_SERVER_RESPONSE"),
            Self::RedirectFailed => (12156, "ERROR_WINHTTP_REDIRECT_FAILED"),
            Self::SecureFailure => (12175, "ERROR_WINHTTP_SECURE_FAILURE"),
        }
    }

    /// Whether the same request is tried again, up to the connection's retries (TMO-2).
    #[must_use]
    pub const fn is_retried(self) -> bool {
        match self {
            Self::Timeout | Self::CannotConnect | Self::SecureFailure => true,
            Self::NameNotResolved
            | Self::ConnectionError
            | Self::InvalidServerResponse
            | Self::RedirectFailed
            | Self::InvalidUrl => false,
        }
    }
}

impl ExchangeError {
    /// The text a connection reports to communication triggers: `Error : 12002. [ERROR_WINHTTP_TIMEOUT]` (TMO-16).
    #[must_use]
    pub fn report(&self) -> String {
        let (code, name) = self.kind.code();
        format!("Error : {code}. [{name}]")
    }
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.report(), self.detail)
    }
}

impl std::error::Error for ExchangeError {}
