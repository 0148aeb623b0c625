//! One HTTP request as the platform sees it, and what it asks for.
//!
//! A path is cut at its slashes first and decoded afterwards: `%2F` in an alias does not address another route. Slashes
//! at the end do not count.

use std::borrow::Cow;

/// The base under which Jira Service Management offers the same calls.
const JSM: &str = "/jsm/ops/integration";

/// One HTTP request.
#[derive(Debug, Clone, Default)]
pub(super) struct Call {
    /// The verb.
    pub(super) method: String,
    /// The path as sent.
    pub(super) path: String,
    /// What follows the `?`, as sent.
    pub(super) query: String,
    /// The `Authorization` header.
    pub(super) authorization: Option<String>,
    /// The `Host` header: paging URLs point there.
    pub(super) host: String,
    /// The caller's IP address: the default `source` of an alert.
    pub(super) remote: String,
    /// The body.
    pub(super) body: Vec<u8>,
    /// Whether the body was too large to be read.
    pub(super) oversized: bool,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    /// `GET /v2/account`.
    Account,
    /// `GET /v2/teams`.
    Teams,
    /// `GET /v2/teams/{identifier}`.
    Team(String),
    /// `GET /v2/alerts`.
    List,
    /// `GET /v2/alerts/count`.
    Count,
    /// `GET /v2/alerts/requests/{requestId}`.
    Status(String),
    /// `GET /v2/alerts/{identifier}`.
    Get(String),
    /// `GET /v2/alerts/{identifier}/notes`.
    Notes(String),
    /// `GET /v2/alerts/{identifier}/logs`.
    Logs(String),
    /// `POST /v2/alerts`.
    Create,
    /// A write on one alert.
    Write(String, Verb),
}

/// The writes on one alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// `DELETE /v2/alerts/{identifier}`.
    Delete,
    /// `POST …/acknowledge`.
    Acknowledge,
    /// `POST …/unacknowledge`.
    Unacknowledge,
    /// `POST …/close`.
    Close,
    /// `POST …/snooze`.
    Snooze,
    /// `POST …/notes`.
    AddNote,
    /// `POST …/tags`.
    AddTags,
    /// `DELETE …/tags`.
    RemoveTags,
    /// `POST …/details`.
    AddDetails,
    /// `DELETE …/details`.
    RemoveDetails,
    /// `PUT …/message`.
    Message,
    /// `PUT …/description`.
    Description,
    /// `PUT …/priority`.
    Priority,
}

/// Why a request asks for nothing the platform knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoOperation {
    /// No such path.
    NotFound,
    /// The path exists, with other verbs.
    WrongMethod,
}

impl Operation {
    /// What the request asks for.
    pub(super) fn of(method: &str, path: &str) -> Result<Self, NoOperation> {
        let path = path.strip_prefix(JSM).unwrap_or(path).trim_end_matches('/');
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        if let Some(operation) = Self::route(method, &segments) {
            return Ok(operation);
        }
        let mut others = ["GET", "POST", "PUT", "DELETE"].into_iter();
        match others.any(|other| Self::route(other, &segments).is_some()) {
            true => Err(NoOperation::WrongMethod),
            false => Err(NoOperation::NotFound),
        }
    }

    /// The table of routes; the literal segments come before the identifiers that they shadow.
    fn route(method: &str, segments: &[&str]) -> Option<Self> {
        Some(match (method, segments) {
            ("GET", ["v2", "account"]) => Self::Account,
            ("GET", ["v2", "teams"]) => Self::Teams,
            ("GET", ["v2", "teams", id]) => Self::Team(decoded(id)),
            ("GET", ["v2", "alerts"]) => Self::List,
            ("POST", ["v2", "alerts"]) => Self::Create,
            ("GET", ["v2", "alerts", "count"]) => Self::Count,
            ("GET", ["v2", "alerts", "requests", id]) => Self::Status(decoded(id)),
            (_, ["v2", "alerts", "count" | "requests" | "saved-searches", ..]) => return None,
            ("GET", ["v2", "alerts", id]) => Self::Get(decoded(id)),
            ("GET", ["v2", "alerts", id, "notes"]) => Self::Notes(decoded(id)),
            ("GET", ["v2", "alerts", id, "logs"]) => Self::Logs(decoded(id)),
            (_, ["v2", "alerts", id, rest @ ..]) => Self::Write(decoded(id), Verb::of(method, rest)?),
            _ => return None,
        })
    }

    /// Whether it changes anything.
    pub(super) const fn writes(&self) -> bool {
        matches!(self, Self::Create | Self::Write(..))
    }
}

impl Verb {
    fn of(method: &str, rest: &[&str]) -> Option<Self> {
        Some(match (method, rest) {
            ("DELETE", []) => Self::Delete,
            ("POST", ["acknowledge"]) => Self::Acknowledge,
            ("POST", ["unacknowledge"]) => Self::Unacknowledge,
            ("POST", ["close"]) => Self::Close,
            ("POST", ["snooze"]) => Self::Snooze,
            ("POST", ["notes"]) => Self::AddNote,
            ("POST", ["tags"]) => Self::AddTags,
            ("DELETE", ["tags"]) => Self::RemoveTags,
            ("POST", ["details"]) => Self::AddDetails,
            ("DELETE", ["details"]) => Self::RemoveDetails,
            ("PUT", ["message"]) => Self::Message,
            ("PUT", ["description"]) => Self::Description,
            ("PUT", ["priority"]) => Self::Priority,
            _ => return None,
        })
    }
}

impl Call {
    /// The first query parameter of that name, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The path and the query as sent, with a key in the query made unreadable.
    pub(super) fn target(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let shown = |pair: &str| match pair.split_once('=') {
            Some((name, _)) if name.eq_ignore_ascii_case("apiKey") => format!("{name}=***"),
            Some(_) | None => pair.to_owned(),
        };
        let query: Vec<String> = self.query.split('&').map(shown).collect();
        format!("{}?{}", self.path, query.join("&"))
    }

    /// The URL without its query, as the caller addressed it: paging URLs begin so.
    pub(super) fn url(&self) -> String {
        format!("http://{}{}", self.host, self.path.trim_end_matches('/'))
    }

    /// Where the platform is reached, as the caller addressed it: links to teams begin so.
    pub(super) fn base(&self) -> String {
        let prefix = if self.path.starts_with(JSM) { JSM } else { "" };
        format!("http://{}{prefix}", self.host)
    }
}

/// A path segment without its percent signs; a plus stays a plus.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::{Call, NoOperation, Operation, Verb};

    #[test]
    fn a_path_is_cut_before_it_is_decoded() {
        let close = |id: &str| Ok(Operation::Write(id.to_owned(), Verb::Close));
        assert_eq!(
            Operation::of("POST", "/v2/alerts/a%2Fb%3F%23%25+%20%C3%A9/close"),
            close("a/b?#%+ é")
        );
        assert_eq!(
            Operation::of("POST", "/v2/alerts/a/b/close"),
            Err(NoOperation::NotFound)
        );
        assert_eq!(Operation::of("POST", "/v2/alerts/100%/close"), close("100%"));
        assert_eq!(Operation::of("POST", "/v2/alerts/%F0%9F%98%80/close/"), close("😀"));
    }

    #[test]
    fn both_bases_and_slashes_at_the_end_are_accepted() {
        for path in ["/v2/alerts", "/v2/alerts/", "/jsm/ops/integration/v2/alerts"] {
            assert_eq!(Operation::of("POST", path), Ok(Operation::Create), "{path}");
        }
    }

    #[test]
    fn literal_segments_shadow_identifiers() {
        assert_eq!(Operation::of("GET", "/v2/alerts/count"), Ok(Operation::Count));
        assert_eq!(
            Operation::of("DELETE", "/v2/alerts/count"),
            Err(NoOperation::WrongMethod)
        );
        assert_eq!(Operation::of("GET", "/v2/alerts/requests"), Err(NoOperation::NotFound));
        assert_eq!(Operation::of("GET", "/v1/json/team"), Err(NoOperation::NotFound));
        assert_eq!(Operation::of("PUT", "/v2/alerts"), Err(NoOperation::WrongMethod));
    }

    #[test]
    fn a_key_in_the_query_is_not_kept() {
        let call = Call {
            path: "/v1/json/team/".into(),
            query: "apiKey=secret&a=1".into(),
            ..Call::default()
        };
        assert_eq!(call.target(), "/v1/json/team/?apiKey=***&a=1");
    }
}
