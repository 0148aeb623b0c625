//! Which service the element talks to: Opsgenie, or one of the two APIs of Jira Service Management that follow it.
//!
//! | | Opsgenie | JSM integration events | JSM Operations |
//! |---|---|---|---|
//! | paths | `/v2/alerts…` | `/v2/alerts…` | `/v1/alerts…` |
//! | an alert is found by | alias, id | alias, id | id: the alias is looked up first |
//! | operations | all | create, acknowledge, close, addNote; others become a note | all but attachments |
//! | teams, look-ups | yes | no | yes |
//!
//! What stands before the path, `/jsm/ops/integration` or `/jsm/ops/api/{cloudId}`, belongs to the address of the
//! connection.

use serde_json::{Value as Json, json};

use crate::connectors::opsgenie::attachment;
use crate::connectors::opsgenie::operation::{Call, Fields, Operation, plain};
use crate::connectors::opsgenie::recipients;
use crate::connectors::opsgenie::target::{Identifier, Target, segment};

/// The service behind the address of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Service {
    #[default]
    Opsgenie,
    /// The integration events API of Jira Service Management.
    Events,
    /// The REST API of Jira Service Management Operations.
    Operations,
}

/// How an operation is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// By this call. The remark says what is different from what was asked for.
    Send { call: Call, remark: Option<String> },
    /// The alert's id is needed, and found by this question.
    Find(Call),
    /// Not at all.
    Unavailable(String),
}

impl Service {
    /// The service of a value of the parameter Platform.
    #[expect(clippy::cast_possible_truncation, reason = "1 to 3; anything else is the first")]
    pub(super) const fn of(number: f64) -> Self {
        match number as i64 {
            2 => Self::Events,
            3 => Self::Operations,
            _ => Self::Opsgenie,
        }
    }

    /// The value of the parameter Platform.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Opsgenie => 1,
            Self::Events => 2,
            Self::Operations => 3,
        }
    }

    /// As the parameter Platform shows it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Opsgenie => "Opsgenie",
            Self::Events => "JSM Integration Events",
            Self::Operations => "JSM Operations",
        }
    }

    /// Whether an alert, its notes and the teams can be read.
    pub(super) const fn can_look(self) -> bool {
        match self {
            Self::Opsgenie | Self::Operations => true,
            Self::Events => false,
        }
    }

    /// Where the teams are listed; none where they are not.
    pub(super) const fn teams(self) -> Option<&'static str> {
        match self {
            Self::Opsgenie => Some("/v2/teams"),
            Self::Events => None,
            Self::Operations => Some("/v1/teams"),
        }
    }

    /// How an operation on an alert is carried out.
    pub(super) fn plan(self, operation: Operation, target: &Target, fields: &Fields) -> Plan {
        let send = |call| Plan::Send { call, remark: None };
        match self {
            Self::Opsgenie => send(operation.call(target, fields)),
            Self::Events => match operation {
                Operation::Create | Operation::Acknowledge | Operation::Close | Operation::AddNote => {
                    send(operation.call(target, fields))
                }
                _ => as_note(operation, target, fields),
            },
            Self::Operations if operation == Operation::Create => {
                let (fields, remark) = created(fields);
                Plan::Send {
                    call: Call::json("POST", "/v1/alerts".to_owned(), fields),
                    remark,
                }
            }
            Self::Operations if target.kind != Identifier::Id => Plan::Find(find(target)),
            Self::Operations => rest(operation, target, fields),
        }
    }

    /// The question what became of a request.
    pub(super) fn status(self, request_id: &str) -> Call {
        let version = self.version();
        Call::get(format!("/{version}/alerts/requests/{}", segment(request_id)))
    }

    /// The question how an alert is.
    pub(super) fn alert(self, target: &Target) -> Call {
        match self {
            Self::Opsgenie | Self::Events => Call::get(target.path() + &target.query()),
            Self::Operations if target.kind == Identifier::Id => {
                Call::get(format!("/v1/alerts/{}", segment(&target.value)))
            }
            Self::Operations => find(target),
        }
    }

    /// The question for what cannot be told from the alert: its last notes, or its files.
    pub(super) fn marks(self, operation: Operation, target: &Target) -> Call {
        let path = match self {
            Self::Opsgenie | Self::Events => target.path(),
            Self::Operations => format!("/v1/alerts/{}", segment(&target.value)),
        };
        match (self, operation) {
            (_, Operation::Attach) => Call::get(format!("{path}/attachments{}", attachment::query(target))),
            (Self::Operations, _) => Call::get(format!("{path}/notes?size=100")),
            (_, _) => Call::get(format!("{path}/notes{}&limit=100&order=desc", target.query())),
        }
    }

    const fn version(self) -> &'static str {
        match self {
            Self::Opsgenie | Self::Events => "v2",
            Self::Operations => "v1",
        }
    }
}

/// The open alert with an alias, or with a tiny id.
fn find(target: &Target) -> Call {
    let query = match target.kind {
        Identifier::Alias => format!("status:open and alias:\"{}\"", target.value.replace('"', "\\\"")),
        Identifier::Tiny => format!("tinyId:{}", target.value),
        Identifier::Id => format!("id:{}", target.value),
    };
    Call::get(format!("/v1/alerts?query={}&size=1", segment(&query)))
}

/// The alert that a question found; none when it found none. A list holds it in `values`, or in `data`.
pub(super) fn found(answer: &Json) -> Option<&Json> {
    let listed = answer.get("values").or_else(|| answer.get("data")).unwrap_or(answer);
    match listed {
        Json::Array(items) => items.first(),
        Json::Object(_) => Some(listed),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    }
}

/// The alert as JSM Operations takes it: details have another name, responders have no names. Those without an id are left
/// out, and the remark says so.
fn created(fields: &Fields) -> (Fields, Option<String>) {
    let mut fields = fields.clone();
    if let Some(details) = fields.shift_remove("details") {
        fields.insert("extraProperties".to_owned(), details);
    }
    let mut left_out: Vec<String> = Vec::new();
    for field in ["responders", "visibleTo"] {
        if let Some(Json::Array(responders)) = fields.get_mut(field) {
            let nameless = responders.iter().filter(|responder| responder.get("id").is_none());
            left_out.extend(nameless.map(|responder| recipients::name(responder).unwrap_or("?").to_owned()));
            responders.retain(|responder| responder.get("id").is_some());
            for responder in responders {
                *responder = json!({"id": responder.get("id"), "type": responder.get("type")});
            }
        }
    }
    let remark = format!(
        "{} left out: JSM Operations knows responders by their id only, see Responder IDs",
        left_out.join(", ")
    );
    (fields, (!left_out.is_empty()).then_some(remark))
}

/// An operation as JSM Operations takes it.
fn rest(operation: Operation, target: &Target, fields: &Fields) -> Plan {
    let url = |path: &str| format!("/v1/alerts/{}{path}", segment(&target.value));
    let json = |verb, path| Plan::Send {
        call: Call::json(verb, url(path), fields.clone()),
        remark: None,
    };
    let renamed = |verb, from: &str, to: &str, path| {
        let mut fields = fields.clone();
        if let Some(value) = fields.shift_remove(from) {
            fields.insert(to.to_owned(), value);
        }
        Plan::Send {
            call: Call::json(verb, url(path), fields),
            remark: None,
        }
    };
    match operation {
        Operation::Create => json("POST", ""),
        Operation::Acknowledge => json("POST", "/acknowledge"),
        Operation::Unacknowledge => json("POST", "/unacknowledge"),
        Operation::Close => json("POST", "/close"),
        Operation::AddNote => json("POST", "/notes"),
        Operation::Snooze => json("POST", "/snooze"),
        Operation::Escalate => json("POST", "/escalate"),
        Operation::Assign => json("POST", "/assign"),
        Operation::AddResponder => json("POST", "/responders"),
        Operation::AddTeam => {
            let mut responder = fields
                .get("team")
                .and_then(Json::as_object)
                .cloned()
                .unwrap_or_default();
            responder.insert("type".to_owned(), json!("team"));
            let mut fields = fields.clone();
            fields.shift_remove("team");
            fields.insert("responder".to_owned(), Json::Object(responder));
            Plan::Send {
                call: Call::json("POST", url("/responders"), fields),
                remark: None,
            }
        }
        Operation::AddTags => json("POST", "/tags"),
        Operation::RemoveTags => json("DELETE", "/tags"),
        Operation::AddDetails => renamed("POST", "details", "extraProperties", "/extra-properties"),
        Operation::RemoveDetails => json("DELETE", "/extra-properties"),
        Operation::UpdatePriority => json("PATCH", "/priority"),
        Operation::UpdateMessage => json("PATCH", "/message"),
        Operation::UpdateDescription => json("PATCH", "/description"),
        Operation::Action => renamed("POST", "name", "action", "/action"),
        Operation::Delete => Plan::Send {
            call: Call {
                verb: "DELETE",
                ..Call::get(url(""))
            },
            remark: None,
        },
        Operation::Attach => Plan::Unavailable("attach is not available on JSM Operations".to_owned()),
    }
}

/// What the integration events cannot do is told in a note, where that helps who reads it.
fn as_note(operation: Operation, target: &Target, fields: &Fields) -> Plan {
    let value = |field: &str| fields.get(field).map(plain).unwrap_or_default();
    let name = |field: &str| {
        let named = fields.get(field);
        let name = ["name", "username", "id"].into_iter().find_map(|key| named?.get(key));
        name.map(plain).unwrap_or_default()
    };
    let note = match operation {
        Operation::UpdatePriority => format!("priority now {}", value("priority")),
        Operation::UpdateMessage => format!("message now: {}", value("message")),
        Operation::UpdateDescription => format!("description now: {}", value("description")),
        Operation::Unacknowledge => "no longer acknowledged".to_owned(),
        Operation::Snooze => format!("snoozed until {}", value("endTime")),
        Operation::Assign => format!("assigned to {}", name("owner")),
        Operation::AddTeam => format!("team added: {}", name("team")),
        Operation::AddResponder => format!("responder added: {}", name("responder")),
        Operation::AddTags => format!("tags added: {}", value("tags")),
        Operation::RemoveTags => format!("tags removed: {}", value("tags")),
        Operation::AddDetails => format!("details: {}", value("details")),
        Operation::RemoveDetails => format!("details removed: {}", value("keys")),
        Operation::Escalate
        | Operation::Action
        | Operation::Delete
        | Operation::Attach
        | Operation::Create
        | Operation::Acknowledge
        | Operation::Close
        | Operation::AddNote => {
            return Plan::Unavailable(format!(
                "{} is not available on JSM integration events",
                operation.name()
            ));
        }
    };
    let mut noted = Fields::new();
    let said = value("note");
    let note = if said.is_empty() {
        note
    } else {
        format!("{note}: {said}")
    };
    noted.insert("note".to_owned(), json!(note));
    for field in ["user", "source"] {
        if let Some(value) = fields.get(field) {
            noted.insert(field.to_owned(), value.clone());
        }
    }
    Plan::Send {
        call: Operation::AddNote.call(target, &noted),
        remark: Some(format!(
            "{} is not available on JSM integration events: told in a note",
            operation.name()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(service: Service, operation: Operation, target: &Target, fields: &Json) -> String {
        match service.plan(operation, target, fields.as_object().unwrap()) {
            Plan::Send { call, remark } => {
                let body = String::from_utf8(call.body).unwrap();
                let remark = remark.map(|remark| format!(" ({remark})")).unwrap_or_default();
                format!("{} {} {body}{remark}", call.verb, call.url)
            }
            Plan::Find(call) => format!("find {} {}", call.verb, call.url),
            Plan::Unavailable(reason) => reason,
        }
    }

    fn id() -> Target {
        Target {
            kind: Identifier::Id,
            value: "7-8".to_owned(),
        }
    }

    #[test]
    fn integration_events_tell_in_a_note_what_they_cannot_do() {
        let alias = Target::alias("a");
        let events = |operation, fields: Json| planned(Service::Events, operation, &alias, &fields);
        assert_eq!(
            events(Operation::Close, json!({"note": "n"})),
            r#"POST /v2/alerts/a/close?identifierType=alias {"note":"n"}"#
        );
        assert_eq!(
            events(Operation::UpdatePriority, json!({"priority": "P1"})),
            "POST /v2/alerts/a/notes?identifierType=alias {\"note\":\"priority now P1\"} \
             (updatePriority is not available on JSM integration events: told in a note)"
        );
        assert_eq!(
            events(
                Operation::Assign,
                json!({"owner": {"username": "a@b.c"}, "note": "yours", "user": "u"})
            ),
            "POST /v2/alerts/a/notes?identifierType=alias {\"note\":\"assigned to a@b.c: yours\",\"user\":\"u\"} \
             (assign is not available on JSM integration events: told in a note)"
        );
        assert_eq!(
            events(Operation::Delete, json!({})),
            "delete is not available on JSM integration events"
        );
        assert_eq!(Service::Events.teams(), None);
    }

    #[test]
    fn jsm_operations_find_the_alert_by_its_alias_first() {
        let found = planned(
            Service::Operations,
            Operation::Close,
            &Target::alias("a\"b"),
            &json!({}),
        );
        assert_eq!(
            found,
            "find GET /v1/alerts?query=status%3Aopen%20and%20alias%3A%22a%5C%22b%22&size=1"
        );
    }

    #[test]
    fn jsm_operations_have_names_and_verbs_of_their_own() {
        let rest = |operation, fields: Json| planned(Service::Operations, operation, &id(), &fields);
        let told = [
            rest(
                Operation::Create,
                json!({"message": "m", "details": {"k": "v"}, "responders": [{"type": "team", "id": "1", "name": "n"},
                    {"type": "team", "name": "o"}]}),
            ),
            rest(Operation::Acknowledge, json!({})),
            rest(Operation::UpdatePriority, json!({"priority": "P1"})),
            rest(Operation::AddDetails, json!({"details": {"k": "v"}})),
            rest(Operation::RemoveTags, json!({"tags": ["t"]})),
            rest(Operation::AddTeam, json!({"team": {"id": "1"}})),
            rest(Operation::Action, json!({"name": "restart"})),
            rest(Operation::Delete, json!({})),
            rest(Operation::Attach, json!({})),
        ];
        assert_eq!(
            told,
            [
                r#"POST /v1/alerts {"message":"m","responders":[{"id":"1","type":"team"}],"extraProperties":{"k":"v"}} (o left out: JSM Operations knows responders by their id only, see Responder IDs)"#,
                "POST /v1/alerts/7-8/acknowledge {}",
                r#"PATCH /v1/alerts/7-8/priority {"priority":"P1"}"#,
                r#"POST /v1/alerts/7-8/extra-properties {"extraProperties":{"k":"v"}}"#,
                r#"DELETE /v1/alerts/7-8/tags {"tags":["t"]}"#,
                r#"POST /v1/alerts/7-8/responders {"responder":{"id":"1","type":"team"}}"#,
                r#"POST /v1/alerts/7-8/action {"action":"restart"}"#,
                "DELETE /v1/alerts/7-8 ",
                "attach is not available on JSM Operations",
            ]
        );
    }

    #[test]
    fn questions_go_to_the_path_of_the_service() {
        let urls = |service: Service| {
            [
                service.status("r/1").url,
                service.alert(&id()).url,
                service.marks(Operation::AddNote, &id()).url,
                service.marks(Operation::Attach, &id()).url,
            ]
        };
        assert_eq!(
            urls(Service::Opsgenie),
            [
                "/v2/alerts/requests/r%2F1",
                "/v2/alerts/7-8?identifierType=id",
                "/v2/alerts/7-8/notes?identifierType=id&limit=100&order=desc",
                "/v2/alerts/7-8/attachments?alertIdentifierType=id",
            ]
        );
        assert_eq!(
            urls(Service::Operations)[..3],
            [
                "/v1/alerts/requests/r%2F1",
                "/v1/alerts/7-8",
                "/v1/alerts/7-8/notes?size=100"
            ]
        );
    }

    #[test]
    fn an_alert_is_found_in_every_shape() {
        let alert = json!({"id": "1"});
        for answer in [
            json!({"values": [alert]}),
            json!({"data": [alert]}),
            json!({"data": alert}),
            alert.clone(),
        ] {
            assert_eq!(found(&answer), Some(&alert), "{answer}");
        }
        assert_eq!(found(&json!({"values": []})), None);
    }
}
