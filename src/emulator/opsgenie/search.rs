//! The search query language: terms joined by `AND` (or by nothing), `OR` and `NOT`, in parentheses where needed; `AND`
//! binds tighter than `OR`.
//!
//! A term is `field:value`, also with `=`, `!=`, `<`, `<=`, `>`, `>=`; a value with blanks stands in double quotes.
//! `field:(a OR b)` asks one field for several values. A value alone is looked for in the message. `*` in a value stands
//! for any text. Texts are compared without regard to case, aliases excepted, which are found on open alerts only. Times
//! are milliseconds since 1970 or `2026-11-22T16:00:00Z`. What is not understood is refused, never ignored.

use crate::emulator::opsgenie::alert::{Alert, Responder};
use crate::emulator::opsgenie::query;

/// A query, ready to be asked of alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    All(Vec<Search>),
    Any(Vec<Search>),
    Not(Box<Search>),
    Number(Field, Relation, u64),
    Flag(Field, bool),
    Text(Field, Pattern),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Is,
    IsNot,
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// A text with `*` for any text: the pieces between, in lower case unless case counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<String>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    CreatedAt,
    UpdatedAt,
    LastOccurredAt,
    SnoozedUntil,
    Count,
    TinyId,
    Acknowledged,
    Seen,
    Snoozed,
    AlertId,
    Alias,
    Message,
    Description,
    Source,
    Entity,
    Status,
    Owner,
    AcknowledgedBy,
    ClosedBy,
    Recipients,
    Priority,
    Tag,
    Action,
    Team,
    Responder,
    IntegrationName,
    IntegrationType,
    DetailsKey,
    DetailsValue,
}

/// What a field holds.
pub(super) enum Kind {
    Number,
    Flag,
    Text,
}

impl Field {
    /// The field of that name, in any casing.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "createdat" => Self::CreatedAt,
            "updatedat" => Self::UpdatedAt,
            // Misspelt, as the Go client sends it.
            "lastoccurredat" | "lastoccuredat" => Self::LastOccurredAt,
            "snoozeduntil" => Self::SnoozedUntil,
            "count" => Self::Count,
            "tinyid" => Self::TinyId,
            "acknowledged" => Self::Acknowledged,
            "isseen" | "seen" => Self::Seen,
            "snoozed" => Self::Snoozed,
            "alertid" | "id" => Self::AlertId,
            "alias" => Self::Alias,
            "message" => Self::Message,
            "description" => Self::Description,
            "source" => Self::Source,
            "entity" => Self::Entity,
            "status" => Self::Status,
            "owner" => Self::Owner,
            "acknowledgedby" => Self::AcknowledgedBy,
            "closedby" => Self::ClosedBy,
            "recipients" | "recipient" => Self::Recipients,
            "priority" => Self::Priority,
            "tag" | "tags" => Self::Tag,
            "actions" | "action" => Self::Action,
            "teams" | "team" => Self::Team,
            "responders" | "responder" => Self::Responder,
            "integration.name" => Self::IntegrationName,
            "integration.type" => Self::IntegrationType,
            "details.key" | "detail.key" => Self::DetailsKey,
            "details.value" | "detail.value" => Self::DetailsValue,
            _ => return None,
        })
    }

    /// What it holds.
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::CreatedAt
            | Self::UpdatedAt
            | Self::LastOccurredAt
            | Self::SnoozedUntil
            | Self::Count
            | Self::TinyId => Kind::Number,
            Self::Acknowledged | Self::Seen | Self::Snoozed => Kind::Flag,
            Self::AlertId
            | Self::Alias
            | Self::Message
            | Self::Description
            | Self::Source
            | Self::Entity
            | Self::Status
            | Self::Owner
            | Self::AcknowledgedBy
            | Self::ClosedBy
            | Self::Recipients
            | Self::Priority
            | Self::Tag
            | Self::Action
            | Self::Team
            | Self::Responder
            | Self::IntegrationName
            | Self::IntegrationType
            | Self::DetailsKey
            | Self::DetailsValue => Kind::Text,
        }
    }
}

impl Search {
    /// Reads a query. An empty one finds every alert.
    pub(super) fn parse(query: &str) -> Result<Self, String> {
        query::read(query)
    }

    /// Whether an alert is found.
    pub(super) fn finds(&self, alert: &Alert, now: u64) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.finds(alert, now)),
            Self::Any(parts) => parts.iter().any(|part| part.finds(alert, now)),
            Self::Not(part) => !part.finds(alert, now),
            Self::Number(field, relation, value) => relation.holds(number(*field, alert), *value),
            Self::Flag(Field::Snoozed, value) => (alert.snoozed_until > now && !alert.closed) == *value,
            Self::Flag(_, value) => alert.acknowledged == *value,
            Self::Text(field, pattern) => pattern.finds(*field, alert),
        }
    }
}

fn number(field: Field, alert: &Alert) -> u64 {
    match field {
        Field::CreatedAt => alert.created_at,
        Field::UpdatedAt => alert.updated_at,
        Field::LastOccurredAt => alert.last_occurred_at,
        Field::SnoozedUntil => alert.snoozed_until,
        Field::TinyId => alert.tiny,
        _ => alert.count,
    }
}

impl Relation {
    const fn holds(self, number: u64, value: u64) -> bool {
        match self {
            Self::Is => number == value,
            Self::IsNot => number != value,
            Self::Below => number < value,
            Self::AtMost => number <= value,
            Self::Above => number > value,
            Self::AtLeast => number >= value,
        }
    }
}

impl Pattern {
    /// The pattern that a value of this field is.
    pub(super) fn new(field: Field, text: &str) -> Self {
        let pieces = |text: &str| text.split('*').map(str::to_owned).collect();
        match field {
            Field::Alias | Field::AlertId => Self(pieces(text)),
            // These hold the text somewhere.
            Field::Message | Field::Description => Self(pieces(&format!("*{}*", text.to_lowercase()))),
            _ => Self(pieces(&text.to_lowercase())),
        }
    }

    fn finds(&self, field: Field, alert: &Alert) -> bool {
        let is = |text: &str| self.matches(&text.to_lowercase());
        let is_responder = |responder: &Responder| is(&responder.id) || is(&responder.name);
        let has = |kind: &str| {
            let mut of_kind = alert.responders.iter().filter(|responder| responder.kind == kind);
            of_kind.any(is_responder)
        };
        match field {
            Field::AlertId => self.matches(&alert.id),
            Field::Alias => !alert.closed && self.matches(&alert.alias),
            Field::Message => is(&alert.message),
            Field::Description => is(&alert.description),
            Field::Source => is(&alert.source),
            Field::Entity => is(&alert.entity),
            Field::Status => self.matches(if alert.closed { "closed" } else { "open" }),
            Field::Owner => is(&alert.owner),
            Field::AcknowledgedBy => alert.acknowledged_by.as_ref().is_some_and(|(_, by)| is(by)),
            Field::ClosedBy => alert.closed_by.as_ref().is_some_and(|(_, by)| is(by)),
            Field::Priority => is(&alert.priority),
            Field::Tag => alert.tags.iter().any(|tag| is(tag)),
            Field::Action => alert.actions.iter().any(|action| is(action)),
            Field::Team => has("team"),
            Field::Recipients => has("user"),
            Field::Responder => alert.responders.iter().any(is_responder),
            Field::IntegrationName => is(&alert.integration),
            Field::IntegrationType => self.matches("api"),
            Field::DetailsKey => alert.details.keys().any(|key| is(key)),
            Field::DetailsValue => alert.details.values().any(|value| value.as_str().is_some_and(is)),
            Field::CreatedAt
            | Field::UpdatedAt
            | Field::LastOccurredAt
            | Field::SnoozedUntil
            | Field::Count
            | Field::TinyId
            | Field::Acknowledged
            | Field::Seen
            | Field::Snoozed => false,
        }
    }

    /// Whether the pieces follow each other in a text, the first at its beginning and the last at its end.
    fn matches(&self, text: &str) -> bool {
        let [first, between @ .., last] = self.0.as_slice() else {
            return self.0.first().is_some_and(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else {
            return false;
        };
        for piece in between {
            let Some(place) = rest.find(piece.as_str()) else {
                return false;
            };
            rest = &rest[place + piece.len()..];
        }
        rest.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Search;
    use crate::emulator::opsgenie::alert::{Alert, Responder};

    fn finds(query: &str) -> bool {
        let responder = |kind: &str, name: &str| Responder {
            kind: kind.into(),
            id: format!("id-{name}"),
            name: name.into(),
        };
        let alert = Alert {
            tiny: 7,
            alias: "dm-1".into(),
            message: "Encoder 12: Signal lost".into(),
            priority: "P1".into(),
            source: "DataMiner".into(),
            tags: vec!["Critical".into(), "service:Sport 1".into()],
            responders: vec![responder("team", "NOC"), responder("user", "ann@example.org")],
            details: serde_json::Map::from_iter([("element".to_owned(), "Encoder".into())]),
            integration: "API".into(),
            acknowledged_by: Some((5, "Ann".into())),
            created_at: 1_795_363_200_000,
            count: 3,
            ..Alert::default()
        };
        Search::parse(query).unwrap().finds(&alert, 0)
    }

    #[test]
    fn what_is_meant_is_found() {
        for query in [
            "",
            "status:open",
            "status=open AND tag:\"critical\"",
            "status: open and tag:\"service:Sport 1\"",
            "count>2 count<4 count:3 tinyId:7",
            "count>=3 AND count <= 3 AND count != 4",
            "NOT status:closed AND alias:dm-1",
            "signal",
            "\"signal lost\" priority:P1",
            "tag:crit*",
            "tag:*sport*1",
            "message:enc*lost",
            "status:closed OR priority:P1",
            "status:closed OR (priority:P1 AND NOT(owner:x))",
            "(status:closed OR status:open) source:dataminer",
            "NOT (status:closed OR count>5)",
            "not not status:open",
            "priority:(P2 OR P1)",
            "priority:(P1)",
            "teams:noc recipients:ann@example.org responders:id-NOC",
            "details.key:element details.value:encoder",
            "integration.name:api integration.type:API",
            "acknowledgedBy:ann acknowledged:false snoozed:false",
            "createdAt>1795363199999 createdAt<2026-11-22T16:00:01Z",
            "status:closed AND priority:P2 OR count:3",
        ] {
            assert!(finds(query), "{query}");
        }
    }

    #[test]
    fn what_is_not_meant_is_not_found() {
        for query in [
            "status:closed",
            "alias:DM-1",
            "NOT signal",
            "count>3",
            "tag:critica",
            "tag:*x*",
            "status:open AND owner:x",
            "status:open AND (owner:x OR count:4)",
            "priority!=P1",
            "priority:(P2 OR P3)",
            "closedBy:ann",
            "teams:ann@example.org",
        ] {
            assert!(!finds(query), "{query}");
        }
    }

    #[test]
    fn err_what_is_not_understood_is_refused() {
        let nested = "(".repeat(10_000);
        for query in [
            "a:b",
            "status:",
            "tag:\"a",
            "status:open AND",
            "status:open OR",
            "OR status:open",
            "(status:open",
            "status:open)",
            "()",
            "count:many",
            "acknowledged:maybe",
            "message<5",
            "count>(1 OR 2)",
            "NOT",
            nested.as_str(),
        ] {
            assert!(Search::parse(query).is_err(), "{query:.20}");
        }
    }
}
