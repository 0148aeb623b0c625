//! Requests are rendered when their group is queued: later changes of the parameters they were made of do not matter.
//!
//! Only the target (host and port of the element connection) is resolved when the request is sent.
//!
//! Rules: GQ-16, HTTP-5 to HTTP-29, HTTP-62 to HTTP-64, PRT-9, PRT-15.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::charset;
use crate::engine::exchange::{ClientCertificate, Proxy};
use crate::engine::login::Credentials;
use crate::engine::settings::ConnectionSettings;
use crate::model::group::{Group, Item};
use crate::model::id::{ConnectionId, ExchangeId, SessionId};
use crate::model::moment::Span;
use crate::model::session::{BodyDef, Exchange, HeaderDef, Login, Session, TextSource};

/// A session whose requests are ready.
#[derive(Debug, Clone)]
pub(super) struct RenderedSession {
    /// The index of its item in the group.
    pub(super) item: usize,
    pub(super) session: SessionId,
    pub(super) credentials: Option<Credentials>,
    pub(super) client_certificate: ClientCertificate,
    pub(super) exchanges: Vec<RenderedExchange>,
}

/// A request that is ready but for its target.
#[derive(Debug, Clone)]
pub(super) struct RenderedExchange {
    pub(super) id: ExchangeId,
    pub(super) method: String,
    /// Absolute, or beginning with `/`.
    pub(super) url: String,
    /// In the connector's order; the automatic ones are added with the target.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Arc<[u8]>,
    pub(super) timeout: Span,
    pub(super) ignore_timeout: bool,
    pub(super) proxy: Proxy,
}

impl Engine {
    /// The sessions of a group, rendered now.
    pub(super) fn render_sessions(&self, group: &Group, connection: ConnectionId) -> Vec<RenderedSession> {
        let rendered = group
            .items
            .iter()
            .enumerate()
            .filter_map(|(item, content)| match content.what {
                Item::Session(id, only) => {
                    let session = self.protocol.session(id)?;
                    let exchanges = session
                        .exchanges
                        .iter()
                        .filter(|exchange| only.is_none_or(|only| only == exchange.id));
                    let exchanges = exchanges
                        .map(|exchange| self.render(session, exchange, connection))
                        .collect();
                    Some(RenderedSession {
                        item,
                        session: id,
                        credentials: self.credentials(session),
                        client_certificate: client_certificate(&session.login),
                        exchanges,
                    })
                }
                Item::Action(_) | Item::Trigger(_) => None,
            });
        rendered.collect()
    }

    fn render(&self, session: &Session, exchange: &Exchange, connection: ConnectionId) -> RenderedExchange {
        let request = &exchange.request;
        let is_get = request.verb.eq_ignore_ascii_case("GET");
        let mut url = self.text_of(&request.url);
        let mut body = String::new();
        match &request.body {
            BodyDef::None => {}
            BodyDef::Data(data) if is_get => url.push_str(&self.text_of(data)),
            BodyDef::Data(data) => body = self.text_of(data),
            BodyDef::Parameters(parameters) if is_get => {
                url.push(if url.contains('?') { '&' } else { '?' });
                url.push_str(&self.pairs(parameters));
            }
            BodyDef::Parameters(parameters) => body = self.pairs(parameters),
        }
        let headers = request
            .headers
            .iter()
            .map(|header| (header.key.clone(), header_value(&self.text_of(&header.value))));
        let headers: Vec<(String, String)> = headers
            .filter(|(key, _)| is_token(key) && !key.eq_ignore_ascii_case("content-length"))
            .collect();
        let content_type = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case("content-type"));
        let body = charset::encode(&body, content_type.map(|(_, value)| value.as_str()));
        let default = self
            .connection(connection)
            .map_or(Span(1500), |settings| settings.timeout);
        RenderedExchange {
            id: exchange.id,
            method: request.verb.clone(),
            url: legal_url(&url),
            headers,
            body: body.into(),
            timeout: exchange.timeout.or(session.timeout).unwrap_or(default),
            ignore_timeout: session.ignore_timeout || exchange.ignore_timeout,
            proxy: self.proxy(session, connection),
        }
    }

    fn pairs(&self, parameters: &[HeaderDef]) -> String {
        let pairs = parameters
            .iter()
            .map(|parameter| format!("{}={}", parameter.key, self.text_of(&parameter.value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// A text of the definition, or the raw text of a parameter; nothing for an uninitialised one (HTTP-29).
    fn text_of(&self, source: &TextSource) -> String {
        match source {
            TextSource::Literal(text) => text.clone(),
            TextSource::Param(id) => self.params.get(*id).to_text().to_string(),
        }
    }

    /// The login of a session; none when neither user nor password is filled in (HTTP-62).
    fn credentials(&self, session: &Session) -> Option<Credentials> {
        let (user, password) = match &session.login {
            Login::Credentials { user, password } => (self.text_of(user), self.text_of(password)),
            // A client certificate is no part of the request.
            Login::Certificate | Login::None => return None,
        };
        (!user.is_empty() || !password.is_empty()).then_some(Credentials { user, password })
    }

    /// An explicit proxy always counts; otherwise the bus address decides (PRT-14, PRT-15).
    fn proxy(&self, session: &Session, connection: ConnectionId) -> Proxy {
        if let Some(proxy) = &session.proxy {
            let address = self.text_of(&proxy.server);
            if !address.trim().is_empty() {
                let user = proxy
                    .user
                    .as_ref()
                    .map(|user| self.text_of(user))
                    .filter(|user| !user.is_empty());
                let password = || {
                    proxy
                        .password
                        .as_ref()
                        .map(|password| self.text_of(password))
                        .unwrap_or_default()
                };
                let credentials = user.map(|user| (user, password()));
                return Proxy::Server {
                    address: address.trim().to_owned(),
                    credentials,
                };
            }
        }
        self.default_proxy(connection)
    }

    /// The proxy of a connection without one of its own.
    pub(super) fn default_proxy(&self, connection: ConnectionId) -> Proxy {
        let bus = self
            .connection(connection)
            .map_or("", |settings| settings.bus_address.trim());
        if bus.eq_ignore_ascii_case("bypassproxy") {
            Proxy::Bypass
        } else {
            Proxy::System
        }
    }

    /// The settings of a connection.
    pub(super) fn connection(&self, id: ConnectionId) -> Option<&ConnectionSettings> {
        self.settings.connections.iter().find(|connection| connection.id == id)
    }
}

/// Whether a session logs in with the agent's certificate (HTTP-64).
const fn client_certificate(login: &Login) -> ClientCertificate {
    match login {
        Login::Certificate => ClientCertificate::Shown,
        Login::Credentials { .. } | Login::None => ClientCertificate::Withheld,
    }
}

/// The absolute URL of a rendered one, at the settings as they are now (HTTP-11, HTTP-12, PRT-9).
pub(super) fn absolute_url(url: &str, target: &ConnectionSettings) -> String {
    if is_absolute(url) {
        return url.to_owned();
    }
    let host = target.host.trim().trim_end_matches('/');
    let (scheme, host) = match host.split_once("://") {
        Some((scheme, host)) => (scheme.to_ascii_lowercase(), host),
        None if target.port == 443 => ("https".to_owned(), host),
        None => ("http".to_owned(), host),
    };
    let is_default = matches!((scheme.as_str(), target.port), ("http", 80) | ("https", 443));
    let port = if is_default {
        String::new()
    } else {
        format!(":{}", target.port)
    };
    let slash = if url.starts_with('/') { "" } else { "/" };
    let (authority, prefix) = match host.split_once('/') {
        Some((authority, prefix)) => (authority, format!("/{prefix}")),
        None => (host, String::new()),
    };
    let bracketed = if authority.matches(':').count() > 1 && !authority.starts_with('[') {
        format!("[{authority}]")
    } else {
        authority.to_owned()
    };
    format!("{scheme}://{bracketed}{port}{prefix}{slash}{url}")
}

/// Whether a URL is absolute: `://` stands in it, and before everything else but the scheme (HTTP-11).
pub(super) fn is_absolute(url: &str) -> bool {
    url.split_once("://")
        .is_some_and(|(scheme, _)| !scheme.contains(['/', '?', '#']))
}

/// The `Host` of a URL: its authority without user information.
pub(super) fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// The headers as they are sent: `Host` first, the connector's, then those added unless the connector gave them, and
/// the length of the body (HTTP-23, HTTP-24).
pub(super) fn headers(method: &str, url: &str, own: &[(String, String)], body: &[u8]) -> Vec<(String, String)> {
    let given = |name: &str| own.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    let mut headers = Vec::with_capacity(own.len() + 5);
    let add = |headers: &mut Vec<(String, String)>, name: &str, value: &str| {
        if !given(name) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    };
    add(&mut headers, "Host", authority(url));
    headers.extend_from_slice(own);
    add(&mut headers, "User-Agent", "DataMiner/1.0");
    add(&mut headers, "Accept-Encoding", "gzip, deflate");
    add(&mut headers, "Connection", "Keep-Alive");
    let bodyless = ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]
        .iter()
        .any(|verb| method.eq_ignore_ascii_case(verb));
    if !body.is_empty() || !bodyless {
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
    }
    headers
}

/// Makes a URL legal without changing what it means: illegal characters are percent-encoded, reserved ones, `%` and
/// escapes stay, the fragment goes (HTTP-16).
pub(super) fn legal_url(url: &str) -> String {
    let url = url.trim();
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    let slash = if is_absolute(url) || url.starts_with('/') {
        ""
    } else {
        "/"
    };
    format!("{slash}{}", legal(url))
}

/// The characters that may not stand in a URL, percent-encoded as UTF-8.
pub(super) fn legal(url: &str) -> String {
    let mut legal = String::with_capacity(url.len());
    for character in url.chars() {
        if character.is_ascii_graphic() && !r#""<>\^`{|}"#.contains(character) {
            legal.push(character);
        } else {
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                legal.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    legal
}

/// A header value on one line: line breaks with the blanks around them become one blank, ends are trimmed (HTTP-25).
/// Control characters, which could start another header, are dropped.
fn header_value(value: &str) -> String {
    let lines = value.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
    let joined = lines.collect::<Vec<_>>().join(" ");
    joined
        .chars()
        .filter(|character| !character.is_control() || *character == '\t')
        .collect()
}

/// Whether a header name can stand in a message (HTTP-26).
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::{absolute_url, authority, header_value, headers, legal_url};
    use crate::engine::settings::ConnectionSettings;
    use crate::model::connection::{Connection, ConnectionKind};
    use crate::model::id::ConnectionId;

    fn target(host: &str, port: u16) -> ConnectionSettings {
        let connection = Connection::new(ConnectionId(0), ConnectionKind::Http);
        ConnectionSettings {
            host: host.to_owned(),
            port,
            ..ConnectionSettings::from(&connection)
        }
    }

    #[test]
    fn prt_9_the_prefix_or_port_443_makes_https() {
        let url = |host, port| absolute_url("/a", &target(host, port));
        assert_eq!(url("https://api.example", 443), "https://api.example/a");
        assert_eq!(url("api.example", 443), "https://api.example/a");
        assert_eq!(url("api.example", 80), "http://api.example/a");
        assert_eq!(url("https://api.example", 8443), "https://api.example:8443/a");
        assert_eq!(url("http://127.0.0.1", 443), "http://127.0.0.1:443/a");
        assert_eq!(url("https://api.example/jsm/ops", 443), "https://api.example/jsm/ops/a");
        assert_eq!(url("::1", 8080), "http://[::1]:8080/a");
    }

    #[test]
    fn http_16_a_url_becomes_legal_and_keeps_its_meaning() {
        assert_eq!(legal_url("a b?q=x%20y&z=é#part"), "/a%20b?q=x%20y&z=%C3%A9");
        assert_eq!(legal_url("http://h/a{b}"), "http://h/a%7Bb%7D");
        assert_eq!(legal_url(""), "/");
        assert_eq!(legal_url("a?to=http://h/b"), "/a?to=http://h/b");
    }

    #[test]
    fn http_25_a_header_value_stays_on_one_line() {
        assert_eq!(header_value(" a;\r\n   b\nc "), "a; b c");
        assert_eq!(header_value("key\r\nInjected: yes"), "key Injected: yes");
    }

    #[test]
    fn http_23_http_24_headers_are_added_unless_given() {
        let own = [("accept-encoding".to_owned(), "br".to_owned())];
        let names = |method, body: &[u8]| -> Vec<String> {
            headers(method, "http://h:1/a", &own, body)
                .into_iter()
                .map(|(name, value)| format!("{name}: {value}"))
                .collect()
        };
        let common = [
            "Host: h:1",
            "accept-encoding: br",
            "User-Agent: DataMiner/1.0",
            "Connection: Keep-Alive",
        ];
        assert_eq!(names("GET", b""), common);
        assert_eq!(names("POST", b"").last().map(String::as_str), Some("Content-Length: 0"));
        assert_eq!(
            names("PUT", b"ab").last().map(String::as_str),
            Some("Content-Length: 2")
        );
        assert_eq!(authority("http://user:pw@host:8/x?y"), "host:8");
    }
}
