//! Operations on alerts: what an envelope calls them, the call they become, which may be repeated safely.
//!
//! One table, one row an operation. The body of a call is the operation's fields, as the Alert column shows them.

use serde_json::{Map, Value as Json};

use crate::connectors::opsgenie::attachment;
use crate::connectors::opsgenie::target::{self, Target};

/// The fields of an operation: the alert of a create, a note, tags …
pub(super) type Fields = Map<String, Json>;

/// What the platform is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
    Create,
    Acknowledge,
    Unacknowledge,
    Close,
    AddNote,
    Snooze,
    Escalate,
    Assign,
    AddTeam,
    AddResponder,
    AddTags,
    RemoveTags,
    AddDetails,
    RemoveDetails,
    UpdatePriority,
    UpdateMessage,
    UpdateDescription,
    Action,
    Delete,
    Attach,
}

/// Whether doing it twice is like doing it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It is.
    Safe,
    /// A second time adds something: another note, another step of an escalation.
    Adds,
}

/// Where the fields of a call go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carry {
    /// Into the body.
    Body,
    /// Into the query: the platform takes no body there.
    Query,
    /// Into a form with the file.
    Form,
}

/// One row of the table.
struct Row {
    operation: Operation,
    /// As envelopes and the Operation column have it.
    name: &'static str,
    verb: &'static str,
    /// The path behind the alert's identifier.
    path: &'static str,
    /// The fields that must be there.
    required: &'static [&'static str],
    /// The fields that the platform knows beside them.
    known: &'static [&'static str],
    carry: Carry,
    repeat: Repeat,
}

const fn row(operation: Operation, name: &'static str, verb: &'static str, path: &'static str) -> Row {
    Row {
        operation,
        name,
        verb,
        path,
        required: &[],
        known: &ACTION_FIELDS,
        carry: Carry::Body,
        repeat: Repeat::Safe,
    }
}

impl Row {
    const fn needs(mut self, fields: &'static [&'static str]) -> Self {
        self.required = fields;
        self
    }

    const fn knows(mut self, fields: &'static [&'static str]) -> Self {
        self.known = fields;
        self
    }

    const fn in_query(mut self) -> Self {
        self.carry = Carry::Query;
        self
    }

    const fn as_form(mut self) -> Self {
        self.carry = Carry::Form;
        self
    }

    const fn adds(mut self) -> Self {
        self.repeat = Repeat::Adds;
        self
    }
}

/// Who did it, why, and from where: most operations take these.
const ACTION_FIELDS: [&str; 3] = ["user", "note", "source"];
/// What an alert is made of.
const ALERT_FIELDS: [&str; 13] = [
    "alias",
    "description",
    "responders",
    "visibleTo",
    "actions",
    "tags",
    "details",
    "entity",
    "source",
    "priority",
    "user",
    "note",
    "teams",
];

/// The operations that name one recipient: in which field, and of which type it is.
const RECIPIENTS: [(Operation, &str, &str); 3] = [
    (Operation::Escalate, "escalation", "escalation"),
    (Operation::Assign, "owner", "user"),
    (Operation::AddTeam, "team", "team"),
];

/// Every operation.
const TABLE: [Row; 20] = [
    row(Operation::Create, "create", "POST", "")
        .needs(&["message"])
        .knows(&ALERT_FIELDS),
    row(Operation::Acknowledge, "acknowledge", "POST", "/acknowledge"),
    row(Operation::Unacknowledge, "unacknowledge", "POST", "/unacknowledge"),
    row(Operation::Close, "close", "POST", "/close"),
    row(Operation::AddNote, "addNote", "POST", "/notes")
        .needs(&["note"])
        .adds(),
    row(Operation::Snooze, "snooze", "POST", "/snooze").needs(&["endTime"]),
    row(Operation::Escalate, "escalate", "POST", "/escalate")
        .needs(&["escalation"])
        .adds(),
    row(Operation::Assign, "assign", "POST", "/assign").needs(&["owner"]),
    row(Operation::AddTeam, "addTeam", "POST", "/teams").needs(&["team"]),
    row(Operation::AddResponder, "addResponder", "POST", "/responders").needs(&["responder"]),
    row(Operation::AddTags, "addTags", "POST", "/tags").needs(&["tags"]),
    row(Operation::RemoveTags, "removeTags", "DELETE", "/tags")
        .needs(&["tags"])
        .in_query(),
    row(Operation::AddDetails, "addDetails", "POST", "/details").needs(&["details"]),
    row(Operation::RemoveDetails, "removeDetails", "DELETE", "/details")
        .needs(&["keys"])
        .in_query(),
    row(Operation::UpdatePriority, "updatePriority", "PUT", "/priority")
        .needs(&["priority"])
        .knows(&[]),
    row(Operation::UpdateMessage, "updateMessage", "PUT", "/message")
        .needs(&["message"])
        .knows(&[]),
    row(Operation::UpdateDescription, "updateDescription", "PUT", "/description")
        .needs(&["description"])
        .knows(&[]),
    row(Operation::Action, "action", "POST", "/actions/")
        .needs(&["name"])
        .adds(),
    row(Operation::Delete, "delete", "DELETE", "")
        .knows(&["user", "source"])
        .in_query(),
    row(Operation::Attach, "attach", "POST", "/attachments")
        .needs(&["fileName", "contentBase64"])
        .knows(&["user", "indexFile"])
        .as_form()
        .adds(),
];

/// The composite of updates: it becomes one message a call, in this order.
pub(super) const UPDATE: &str = "update";
/// The parts of the composite, and the operation of each.
pub(super) const UPDATE_PARTS: [(&str, Operation); 6] = [
    ("priority", Operation::UpdatePriority),
    ("message", Operation::UpdateMessage),
    ("description", Operation::UpdateDescription),
    ("tags", Operation::AddTags),
    ("details", Operation::AddDetails),
    ("note", Operation::AddNote),
];

/// The names of all operations, as a message may give them.
pub(super) fn names() -> String {
    let names: Vec<&str> = TABLE.iter().map(|row| row.name).chain([UPDATE]).collect();
    names.join(", ")
}

/// One request to the platform, relative to the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The verb.
    pub(super) verb: &'static str,
    /// Path and query.
    pub(super) url: String,
    /// The type of the body; none when the call has none.
    pub(super) content_type: Option<String>,
    /// The body.
    pub(super) body: Vec<u8>,
}

impl Call {
    /// A question.
    pub(super) fn get(url: String) -> Self {
        Self {
            verb: "GET",
            url,
            content_type: None,
            body: Vec::new(),
        }
    }

    /// A call whose body is JSON.
    pub(super) fn json(verb: &'static str, url: String, fields: Fields) -> Self {
        Self {
            verb,
            url,
            content_type: Some("application/json".to_owned()),
            body: Json::Object(fields).to_string().into_bytes(),
        }
    }
}

impl Operation {
    /// The operation an envelope names, in any casing.
    pub(super) fn named(name: &str) -> Option<Self> {
        let row = TABLE.iter().find(|row| row.name.eq_ignore_ascii_case(name.trim()));
        row.map(|row| row.operation)
    }

    /// Its name in envelopes and in the Operation column.
    pub(super) fn name(self) -> &'static str {
        self.row().name
    }

    /// The fields without which it means nothing.
    pub(super) fn required(self) -> &'static [&'static str] {
        self.row().required
    }

    /// Whether the platform knows a field of it.
    pub(super) fn knows(self, field: &str) -> bool {
        let row = self.row();
        row.required.contains(&field) || row.known.contains(&field)
    }

    /// Whether it may be sent again when nobody knows whether it was done.
    pub(super) fn repeat(self) -> Repeat {
        self.row().repeat
    }

    /// The request that asks the platform for it.
    pub(super) fn call(self, target: &Target, fields: &Fields) -> Call {
        let row = self.row();
        if self == Self::Create {
            return Call::json(row.verb, "/v2/alerts".to_owned(), fields.clone());
        }
        let mut fields = fields.clone();
        let name = match self {
            Self::Action => fields.shift_remove("name").map(|name| target::segment(&plain(&name))),
            _ => None,
        };
        self.name_the_kind(&mut fields);
        let path = format!("{}{}{}", target.path(), row.path, name.unwrap_or_default());
        match row.carry {
            Carry::Body => Call::json(row.verb, path + &target.query(), fields),
            Carry::Query => {
                let mut url = path + &target.query();
                for (field, value) in &fields {
                    url.push_str(&format!("&{field}={}", target::segment(&plain(value))));
                }
                Call {
                    verb: row.verb,
                    ..Call::get(url)
                }
            }
            Carry::Form => attachment::call(path, target, &fields),
        }
    }

    /// Who is meant is a recipient, of which the platform's definition asks the type, although only one is possible here.
    fn name_the_kind(self, fields: &mut Fields) {
        for (_, field, kind) in RECIPIENTS.iter().filter(|(operation, ..)| *operation == self) {
            if let Some(Json::Object(recipient)) = fields.get_mut(*field) {
                recipient.entry("type").or_insert_with(|| Json::from(*kind));
            }
        }
    }

    fn row(self) -> &'static Row {
        TABLE
            .iter()
            .find(|row| row.operation == self)
            .expect("the table has every operation, as its test shows")
    }
}

/// A value as it stands in a query: a list is separated by commas.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(operation: Operation, fields: &Json) -> (String, String) {
        let call = operation.call(&Target::alias("dm-1"), fields.as_object().unwrap());
        (
            format!("{} {}", call.verb, call.url),
            String::from_utf8(call.body).unwrap(),
        )
    }

    #[test]
    fn the_table_has_every_operation_once() {
        for row in &TABLE {
            assert_eq!(Operation::named(row.name), Some(row.operation));
            assert_eq!(row.operation.name(), row.name);
        }
        let operations: std::collections::BTreeSet<Operation> = TABLE.iter().map(|row| row.operation).collect();
        assert_eq!(operations.len(), TABLE.len());
        assert_eq!(operations.last(), Some(&Operation::Attach));
    }

    #[test]
    fn a_recipient_without_a_type_has_the_only_one_possible() {
        let body = |operation, fields| call(operation, &fields).1;
        assert_eq!(
            body(Operation::Assign, json!({"owner": {"username": "a@b.c"}})),
            r#"{"owner":{"username":"a@b.c","type":"user"}}"#
        );
        assert_eq!(
            body(Operation::AddTeam, json!({"team": {"type": "x", "name": "NOC"}})),
            r#"{"team":{"type":"x","name":"NOC"}}"#
        );
        assert_eq!(
            body(Operation::Escalate, json!({"escalation": "x"})),
            r#"{"escalation":"x"}"#
        );
    }

    #[test]
    fn every_operation_becomes_the_documented_call() {
        let calls: Vec<String> = TABLE
            .iter()
            .filter(|row| row.carry != Carry::Form)
            .map(|row| {
                let fields = json!({"name": "restart it", "tags": ["a", "b c"], "user": "u&v"});
                let (line, body) = call(row.operation, &fields);
                format!("{line} {body}")
            })
            .collect();
        let rest = r#"{"name":"restart it","tags":["a","b c"],"user":"u&v"}"#;
        let alias = "identifierType=alias";
        let query = "&name=restart%20it&tags=a%2Cb%20c&user=u%26v ";
        assert_eq!(
            calls,
            [
                format!("POST /v2/alerts {rest}"),
                format!("POST /v2/alerts/dm-1/acknowledge?{alias} {rest}"),
                format!("POST /v2/alerts/dm-1/unacknowledge?{alias} {rest}"),
                format!("POST /v2/alerts/dm-1/close?{alias} {rest}"),
                format!("POST /v2/alerts/dm-1/notes?{alias} {rest}"),
                format!("POST /v2/alerts/dm-1/snooze?{alias} {rest}"),
                format!("POST /v2/alerts/dm-1/escalate?{alias} {rest}"),
                format!("POST /v2/alerts/dm-1/assign?{alias} {rest}"),
                format!("POST /v2/alerts/dm-1/teams?{alias} {rest}"),
                format!("POST /v2/alerts/dm-1/responders?{alias} {rest}"),
                format!("POST /v2/alerts/dm-1/tags?{alias} {rest}"),
                format!("DELETE /v2/alerts/dm-1/tags?{alias}{query}"),
                format!("POST /v2/alerts/dm-1/details?{alias} {rest}"),
                format!("DELETE /v2/alerts/dm-1/details?{alias}{query}"),
                format!("PUT /v2/alerts/dm-1/priority?{alias} {rest}"),
                format!("PUT /v2/alerts/dm-1/message?{alias} {rest}"),
                format!("PUT /v2/alerts/dm-1/description?{alias} {rest}"),
                format!(
                    "POST /v2/alerts/dm-1/actions/restart%20it?{alias} {}",
                    r#"{"tags":["a","b c"],"user":"u&v"}"#
                ),
                format!("DELETE /v2/alerts/dm-1?{alias}{query}"),
            ]
        );
    }

    #[test]
    fn an_operation_without_fields_has_an_empty_object_as_body() {
        assert_eq!(call(Operation::Close, &json!({})).1, "{}");
    }

    #[test]
    fn notes_escalations_and_actions_are_not_repeated_blindly() {
        let adding: Vec<&str> = TABLE
            .iter()
            .filter(|row| row.repeat == Repeat::Adds)
            .map(|row| row.name)
            .collect();
        assert_eq!(adding, ["addNote", "escalate", "action", "attach"]);
    }
}
