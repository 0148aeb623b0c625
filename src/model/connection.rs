//! The connections of an element: where requests go, and how patient the element is.
//!
//! Rules: PRT-1 to PRT-21, TMO-1 to TMO-8, TMO-19.

use crate::model::id::ConnectionId;
use crate::model::moment::Span;

/// How long without success until an element is in timeout, when nobody says (PRT-7).
pub const ELEMENT_TIMEOUT: Span = Span::seconds(30);

/// One connection, with the defaults the definition prefills (PRT-6).
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// 0 is the main connection.
    pub id: ConnectionId,
    /// The name, for people.
    pub name: String,
    /// `http`, `virtual`, or a type that does not run.
    pub kind: ConnectionKind,
    /// Host: an address or a host name, optionally with `http://` or `https://`.
    pub host: String,
    /// `IPport`.
    pub port: u16,
    /// `BusAddress`: `ByPassProxy` in any casing means no default proxy (PRT-14).
    pub bus_address: String,
    /// `TimeoutTime` of one exchange.
    pub timeout: Span,
    /// `Retries` after the first attempt.
    pub retries: u8,
    /// `TimeoutTimeElement`; none when the connection never counts (TMO-6).
    pub element_timeout: Option<Span>,
    /// `SkipCertificateVerification` (PRT-19).
    pub skip_certificate_verification: bool,
}

/// When an element whose main connection is in timeout is left in peace, and how often it is asked then (TMO-19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlowPoll {
    /// `SlowPoll` and `SlowPollBase`; none when slow poll is off.
    pub begins: Option<SlowPollBegin>,
    /// `PingInterval`.
    pub ping_interval: Span,
}

/// `SlowPoll` in the unit of `SlowPollBase`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlowPollBegin {
    /// `time`: after so long in timeout.
    After(Span),
    /// `number`: when the timeout state was entered so many times.
    Times(u32),
}

impl Default for SlowPoll {
    /// Off; pings would come every 30 s (PRT-7).
    fn default() -> Self {
        Self {
            begins: None,
            ping_interval: Span::seconds(30),
        }
    }
}

/// The type of a connection (PRT-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionKind {
    /// `http`.
    Http,
    /// `virtual`.
    Virtual,
    /// Any other: loaded and reported, its groups are inert.
    Unsupported,
}

impl Connection {
    /// A connection with the product's defaults (PRT-7).
    #[must_use]
    pub fn new(id: ConnectionId, kind: ConnectionKind) -> Self {
        Self {
            id,
            name: String::new(),
            kind,
            host: String::new(),
            port: 80,
            bus_address: match kind {
                // What an element is made with unless told otherwise (PAR-25).
                ConnectionKind::Http => "ByPassProxy".to_owned(),
                ConnectionKind::Virtual | ConnectionKind::Unsupported => String::new(),
            },
            timeout: Span(1500),
            retries: 3,
            element_timeout: Some(ELEMENT_TIMEOUT),
            skip_certificate_verification: false,
        }
    }
}

/// An extra thread: a lane of its own (THR-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// `@id`, when given (THR-6).
    pub id: Option<crate::model::id::ThreadId>,
    /// `@connection`: the connections whose groups it runs.
    pub connections: Vec<ConnectionId>,
}
