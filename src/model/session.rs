//! `HTTP/Session`: requests and responses in order. Not the element's connection (HTTP-2).
//!
//! Rules: HTTP-1 to HTTP-39, HTTP-60 to HTTP-65, TMO-1, TMO-10.

use crate::model::id::{ExchangeId, ParamId, SessionId};
use crate::model::moment::Span;

/// One HTTP session.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// `@id`.
    pub id: SessionId,
    /// `@name`, for logs.
    pub name: String,
    /// `@timeout`.
    pub timeout: Option<Span>,
    /// `@ignoreTimeout`.
    pub ignore_timeout: bool,
    /// `@keepAlive`: the transport outlives the session (HTTP-71).
    pub keep_alive: bool,
    /// `@loginMethod`.
    pub login: Login,
    /// `@proxyServer` and its credentials.
    pub proxy: Option<SessionProxy>,
    /// `Connection`s in document order.
    pub exchanges: Vec<Exchange>,
    /// The line of the definition.
    pub line: u32,
}

/// `@loginMethod` (HTTP-60 to HTTP-64).
#[derive(Debug, Clone, PartialEq)]
pub enum Login {
    /// None given.
    None,
    /// `credentials`.
    Credentials {
        /// `@userName`.
        user: TextSource,
        /// `@password`.
        password: TextSource,
    },
    /// `certificate`.
    Certificate,
}

/// `@proxyServer`, `@proxyUser`, `@proxyPassword` (PRT-15, PRT-17).
#[derive(Debug, Clone, PartialEq)]
pub struct SessionProxy {
    /// The proxy's address.
    pub server: TextSource,
    /// The user, when given.
    pub user: Option<TextSource>,
    /// The password, when given.
    pub password: Option<TextSource>,
}

/// Where a text comes from: the definition, or a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextSource {
    /// The text itself.
    Literal(String),
    /// The value of a parameter.
    Param(ParamId),
}

/// `HTTP/Session/Connection`: one request and its response.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// `@id`.
    pub id: ExchangeId,
    /// `@name`, for logs.
    pub name: String,
    /// `@timeout`.
    pub timeout: Option<Span>,
    /// `@ignoreTimeout`.
    pub ignore_timeout: bool,
    /// `Request`.
    pub request: RequestDef,
    /// `Response`.
    pub response: ResponseDef,
}

/// `Request`.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestDef {
    /// `@verb`, GET unless given (HTTP-10).
    pub verb: String,
    /// `@url` or `@pid`; the root when neither is given (HTTP-12, HTTP-13).
    pub url: TextSource,
    /// `Headers` in document order; names keep their casing (HTTP-27).
    pub headers: Vec<HeaderDef>,
    /// `Data` or `Parameters`.
    pub body: BodyDef,
}

/// `Header` of a request, or `Parameter` of `Parameters`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderDef {
    /// `@key`.
    pub key: String,
    /// `@pid`, else the text.
    pub value: TextSource,
}

/// What a request carries beyond its headers (HTTP-17 to HTTP-21).
#[derive(Debug, Clone, PartialEq)]
pub enum BodyDef {
    /// Nothing.
    None,
    /// `Data`: the body, or on GET the end of the URL.
    Data(TextSource),
    /// `Parameters`: `k=v&k=v`, in the body, or on GET in the query.
    Parameters(Vec<HeaderDef>),
}

/// `Response`: which parameters receive what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResponseDef {
    /// `@statusCode`: the status line (HTTP-30).
    pub status: Option<ParamId>,
    /// `Headers`: name and receiving parameter.
    pub headers: Vec<(String, ParamId)>,
    /// `Content@pid`.
    pub content: Option<ParamId>,
}
