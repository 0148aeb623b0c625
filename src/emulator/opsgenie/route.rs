//! What a request asks for: the three faces of the platform, and the table of routes.
//!
//! A path is cut at its slashes first and decoded afterwards: `%2F` in an alias does not address another route. Slashes
//! at the end do not count. The faces share one store:
//!
//! | face | path | what it offers |
//! | --- | --- | --- |
//! | Opsgenie | `/v2/…` | everything |
//! | JSM integration events | `/jsm/ops/integration/v2/…` | create, acknowledge, close, note, request status, ping |
//! | JSM Operations REST | `/jsm/ops/api/{cloudId}/v1/…` | alerts by their ids, lists, teams |

/// The base of the integration events of Jira Service Management.
const EVENTS: &str = "/jsm/ops/integration";
/// The base of the REST API of Jira Service Management Operations; the id of a site follows.
const REST: &str = "/jsm/ops/api/";

/// Which platform a caller takes this one for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Face {
    /// Opsgenie's own API.
    #[default]
    Opsgenie,
    /// The integration events of Jira Service Management: the same calls with the same key, but few of them.
    Events,
    /// The REST API of Jira Service Management Operations.
    Rest,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    /// `GET /v2/account`.
    Account,
    /// `GET /v2/request-limits`.
    RequestLimits,
    /// `GET /_edge/tenant_info`, which needs no key.
    Tenant,
    /// Teams.
    Team(TeamOperation),
    /// Heartbeats.
    Heartbeat(HeartbeatOperation),
    /// Saved searches.
    Saved(SavedOperation),
    /// `GET /v2/alerts`.
    List,
    /// `GET /v2/alerts/count`.
    Count,
    /// `GET /v2/alerts/requests/{requestId}`.
    Status(String),
    /// `GET /v2/alerts/{identifier}`.
    Get(String),
    /// `GET /v1/alerts/alias?alias=A`, in the REST API only.
    GetByAlias,
    /// `GET /v2/alerts/{identifier}/notes`.
    Notes(String),
    /// `GET /v2/alerts/{identifier}/logs`.
    Logs(String),
    /// `GET /v2/alerts/{identifier}/recipients`.
    Recipients(String),
    /// Attachments of one alert.
    Attachment(String, AttachmentOperation),
    /// `POST /v2/alerts`.
    Create,
    /// A write on one alert.
    Write(String, Verb),
}

/// What is asked of attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AttachmentOperation {
    List,
    Add,
    Get(String),
    Delete(String),
}

/// What is asked of teams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TeamOperation {
    List,
    Create,
    Get(String),
    Update(String),
    Delete(String),
    Logs(String),
    AddMember(String),
    RemoveMember(String, String),
    RoutingRules(String),
}

/// What is asked of heartbeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HeartbeatOperation {
    Ping(String),
    List,
    Create,
    Get(String),
    Update(String),
    Delete(String),
    Enable(String),
    Disable(String),
}

/// What is asked of saved searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SavedOperation {
    List,
    Create,
    Get(String),
    Update(String),
    Delete(String),
}

/// The writes on one alert.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// `POST …/escalate`.
    Escalate,
    /// `POST …/assign`.
    Assign,
    /// `POST …/teams`.
    AddTeam,
    /// `POST …/responders`.
    AddResponder,
    /// `POST …/actions/{actionName}`; without a name, the body has it.
    Custom(String),
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

impl Face {
    /// The face that a path addresses, and what follows its base.
    pub(super) fn of(path: &str) -> (Self, &str) {
        let begins = |rest: &&str| rest.is_empty() || rest.starts_with('/');
        if let Some(rest) = path.strip_prefix(EVENTS).filter(begins) {
            return (Self::Events, rest);
        }
        if let Some(rest) = path.strip_prefix(REST) {
            return (Self::Rest, rest.find('/').map_or("", |slash| &rest[slash..]));
        }
        (Self::Opsgenie, path)
    }
}

/// The site that a path of the REST API names.
pub(super) fn site(path: &str) -> Option<&str> {
    path.strip_prefix(REST)?.split('/').next()
}

impl Operation {
    /// What the request asks for.
    pub(super) fn of(method: &str, path: &str) -> Result<Self, NoOperation> {
        let (face, path) = Face::of(path);
        let segments: Vec<&str> = path.trim_end_matches('/').split('/').skip(1).collect();
        if let Some(operation) = Self::route(face, method, &segments) {
            return Ok(operation);
        }
        let mut others = ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter();
        match others.any(|other| Self::route(face, other, &segments).is_some()) {
            true => Err(NoOperation::WrongMethod),
            false => Err(NoOperation::NotFound),
        }
    }

    fn route(face: Face, method: &str, segments: &[&str]) -> Option<Self> {
        match (face, segments) {
            (Face::Opsgenie, ["_edge", "tenant_info"]) if method == "GET" => Some(Self::Tenant),
            (Face::Opsgenie, ["v2", rest @ ..]) => Self::of_opsgenie(method, rest),
            (Face::Events, ["v2", rest @ ..]) => Self::of_opsgenie(method, rest).filter(Self::is_event),
            (Face::Rest, ["v1", rest @ ..]) => Self::of_rest(method, rest),
            _ => None,
        }
    }

    /// Opsgenie's routes; the literal segments come before the identifiers that they shadow.
    fn of_opsgenie(method: &str, segments: &[&str]) -> Option<Self> {
        Some(match (method, segments) {
            ("GET", ["account"]) => Self::Account,
            ("GET", ["request-limits"]) => Self::RequestLimits,
            (_, ["teams", rest @ ..]) => Self::Team(TeamOperation::of(method, rest)?),
            (_, ["heartbeats", rest @ ..]) => Self::Heartbeat(HeartbeatOperation::of(method, rest)?),
            ("GET", ["alerts", "count"]) => Self::Count,
            (_, ["alerts", "saved-searches", rest @ ..]) => Self::Saved(SavedOperation::of(method, rest)?),
            (_, ["alerts", "count", ..]) => return None,
            _ => return Self::on_alerts(method, segments),
        })
    }

    /// The routes of the REST API, where a change of a field is a `PATCH` and details are extra properties.
    fn of_rest(method: &str, segments: &[&str]) -> Option<Self> {
        Some(match (method, segments) {
            ("GET", ["teams"]) => Self::Team(TeamOperation::List),
            ("GET", ["alerts", "alias"]) => Self::GetByAlias,
            (_, ["alerts", "alias", ..]) => return None,
            ("PATCH", ["alerts", id, field @ ("message" | "description" | "priority")]) => {
                return Self::on_alert("PUT", id, &[field]);
            }
            (_, ["alerts", id, "extra-properties"]) => return Self::on_alert(method, id, &["details"]),
            ("POST", ["alerts", id, "action"]) => Self::Write(decoded(id), Verb::Custom(String::new())),
            (_, ["alerts", _, "details" | "teams" | "recipients"]) => return None,
            _ => return Self::on_alerts(method, segments),
        })
    }

    /// What all faces call alike.
    fn on_alerts(method: &str, segments: &[&str]) -> Option<Self> {
        Some(match (method, segments) {
            ("GET", ["alerts"]) => Self::List,
            ("POST", ["alerts"]) => Self::Create,
            ("GET", ["alerts", "requests", id]) => Self::Status(decoded(id)),
            (_, ["alerts", "requests", ..]) => return None,
            (_, ["alerts", id, rest @ ..]) => return Self::on_alert(method, id, rest),
            _ => return None,
        })
    }

    fn on_alert(method: &str, id: &str, rest: &[&str]) -> Option<Self> {
        let id = decoded(id);
        Some(match (method, rest) {
            ("GET", []) => Self::Get(id),
            ("GET", ["notes"]) => Self::Notes(id),
            ("GET", ["logs"]) => Self::Logs(id),
            ("GET", ["recipients"]) => Self::Recipients(id),
            (_, ["attachments", rest @ ..]) => Self::Attachment(id, AttachmentOperation::of(method, rest)?),
            _ => Self::Write(id, Verb::of(method, rest)?),
        })
    }

    /// Whether the integration events of Jira Service Management offer it.
    fn is_event(&self) -> bool {
        match self {
            Self::Create
            | Self::Status(_)
            | Self::Write(_, Verb::Acknowledge | Verb::Close | Verb::AddNote)
            | Self::Heartbeat(HeartbeatOperation::Ping(_)) => true,
            Self::Account
            | Self::RequestLimits
            | Self::Tenant
            | Self::Team(_)
            | Self::Heartbeat(_)
            | Self::Saved(_)
            | Self::List
            | Self::Count
            | Self::Get(_)
            | Self::GetByAlias
            | Self::Notes(_)
            | Self::Logs(_)
            | Self::Recipients(_)
            | Self::Attachment(..)
            | Self::Write(..) => false,
        }
    }

    /// Whether it changes an alert.
    pub(super) const fn writes(&self) -> bool {
        matches!(
            self,
            Self::Create
                | Self::Write(..)
                | Self::Attachment(_, AttachmentOperation::Add | AttachmentOperation::Delete(_))
        )
    }

    /// Whether it changes the configuration of the account.
    pub(super) const fn configures(&self) -> bool {
        match self {
            Self::Team(operation) => !matches!(
                operation,
                TeamOperation::List | TeamOperation::Get(_) | TeamOperation::Logs(_) | TeamOperation::RoutingRules(_)
            ),
            Self::Heartbeat(operation) => !matches!(
                operation,
                HeartbeatOperation::List | HeartbeatOperation::Get(_) | HeartbeatOperation::Ping(_)
            ),
            Self::Saved(operation) => !matches!(operation, SavedOperation::List | SavedOperation::Get(_)),
            _ => false,
        }
    }
}

impl AttachmentOperation {
    fn of(method: &str, rest: &[&str]) -> Option<Self> {
        Some(match (method, rest) {
            ("GET", []) => Self::List,
            ("POST", []) => Self::Add,
            ("GET", [id]) => Self::Get(decoded(id)),
            ("DELETE", [id]) => Self::Delete(decoded(id)),
            _ => return None,
        })
    }
}

impl TeamOperation {
    fn of(method: &str, rest: &[&str]) -> Option<Self> {
        Some(match (method, rest) {
            ("GET", []) => Self::List,
            ("POST", []) => Self::Create,
            ("GET", [id]) => Self::Get(decoded(id)),
            ("PATCH", [id]) => Self::Update(decoded(id)),
            ("DELETE", [id]) => Self::Delete(decoded(id)),
            ("GET", [id, "logs"]) => Self::Logs(decoded(id)),
            ("GET", [id, "routing-rules"]) => Self::RoutingRules(decoded(id)),
            ("POST", [id, "members"]) => Self::AddMember(decoded(id)),
            ("DELETE", [id, "members", member]) => Self::RemoveMember(decoded(id), decoded(member)),
            _ => return None,
        })
    }
}

impl HeartbeatOperation {
    fn of(method: &str, rest: &[&str]) -> Option<Self> {
        Some(match (method, rest) {
            ("GET", []) => Self::List,
            ("POST", []) => Self::Create,
            ("GET" | "POST" | "PUT" | "PATCH", [name, "ping"]) => Self::Ping(decoded(name)),
            ("GET", [name]) => Self::Get(decoded(name)),
            ("PATCH", [name]) => Self::Update(decoded(name)),
            ("DELETE", [name]) => Self::Delete(decoded(name)),
            ("POST", [name, "enable"]) => Self::Enable(decoded(name)),
            ("POST", [name, "disable"]) => Self::Disable(decoded(name)),
            _ => return None,
        })
    }
}

impl SavedOperation {
    fn of(method: &str, rest: &[&str]) -> Option<Self> {
        Some(match (method, rest) {
            ("GET", []) => Self::List,
            ("POST", []) => Self::Create,
            ("GET", [id]) => Self::Get(decoded(id)),
            ("PATCH", [id]) => Self::Update(decoded(id)),
            ("DELETE", [id]) => Self::Delete(decoded(id)),
            _ => return None,
        })
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
            ("POST", ["escalate"]) => Self::Escalate,
            ("POST", ["assign"]) => Self::Assign,
            ("POST", ["teams"]) => Self::AddTeam,
            ("POST", ["responders"]) => Self::AddResponder,
            ("POST", ["actions", name]) => Self::Custom(decoded(name)),
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
    use super::{Face, NoOperation, Operation, TeamOperation, Verb};

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
    fn every_base_and_slashes_at_the_end_are_accepted() {
        for path in [
            "/v2/alerts",
            "/v2/alerts/",
            "/jsm/ops/integration/v2/alerts",
            "/jsm/ops/api/any-site/v1/alerts/",
        ] {
            assert_eq!(Operation::of("POST", path), Ok(Operation::Create), "{path}");
        }
        assert_eq!(
            Operation::of("POST", "/jsm/ops/integrations/v2/alerts"),
            Err(NoOperation::NotFound)
        );
        assert_eq!(Operation::of("POST", "/v1/alerts"), Err(NoOperation::NotFound));
        assert_eq!(Face::of("/jsm/ops/api/site"), (Face::Rest, ""));
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
    fn integration_events_are_create_acknowledge_close_note_and_status() {
        let offered =
            |method: &str, path: &str| Operation::of(method, &format!("/jsm/ops/integration/v2/{path}")).is_ok();
        for (method, path) in [
            ("POST", "alerts"),
            ("GET", "alerts/requests/1"),
            ("POST", "alerts/a/acknowledge"),
            ("POST", "alerts/a/close"),
            ("POST", "alerts/a/notes"),
        ] {
            assert!(offered(method, path), "{method} {path}");
        }
        for (method, path) in [
            ("GET", "alerts"),
            ("GET", "alerts/a"),
            ("PUT", "alerts/a/priority"),
            ("POST", "alerts/a/tags"),
            ("POST", "alerts/a/snooze"),
            ("GET", "teams"),
        ] {
            assert!(!offered(method, path), "{method} {path}");
        }
    }

    #[test]
    fn the_rest_api_has_its_own_words() {
        let rest = |method: &str, path: &str| Operation::of(method, &format!("/jsm/ops/api/site/v1/{path}"));
        let write = |verb| Ok(Operation::Write("1".into(), verb));
        assert_eq!(rest("PATCH", "alerts/1/priority"), write(Verb::Priority));
        assert_eq!(rest("POST", "alerts/1/extra-properties"), write(Verb::AddDetails));
        assert_eq!(rest("POST", "alerts/1/details"), Err(NoOperation::NotFound));
        assert_eq!(rest("GET", "alerts/alias"), Ok(Operation::GetByAlias));
        assert_eq!(rest("GET", "teams"), Ok(Operation::Team(TeamOperation::List)));
    }
}
