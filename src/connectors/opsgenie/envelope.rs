//! A received text → messages: an envelope, a bare alert, or an array of these, all or nothing.
//!
//! An envelope is a JSON object with `op`; an object without it that has a `message` is the alert of a create. The
//! operation's fields stand beside `op`, or in `alert`. Fields nobody knows are passed on, and the row says so. What is
//! missing is filled from `alarm`. The composite `update` becomes one message a call.

use serde_json::Value as Json;

use crate::connectors::opsgenie::backoff::hash;
use crate::connectors::opsgenie::mapping::{self, Choices, ValueChanges};
use crate::connectors::opsgenie::operation::{Fields, Operation, UPDATE, UPDATE_PARTS, names};
use crate::connectors::opsgenie::target::{Identifier, Target, plain_alias};
use crate::connectors::opsgenie::{attachment, limits};

/// What is kept of a text that cannot be read.
const UNREADABLE: usize = 4_000;
/// How an alias begins that is made of a message's id.
const MADE: &str = "adit-";
/// The members of an envelope that are no fields of its operation.
const MEMBERS: [&str; 8] = ["v", "id", "op", "at", "alias", "identifier", "alert", "alarm"];

/// One message, ready to become a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Received {
    /// The message's id: given, or made.
    pub(super) id: String,
    /// The number of the message it is a part of, among those of the text.
    pub(super) number: usize,
    /// What the platform is asked to do.
    pub(super) operation: Operation,
    /// Which alert it is about.
    pub(super) target: Target,
    /// The operation's fields, within the limits.
    pub(super) fields: Fields,
    /// What was changed to bring them there.
    pub(super) remarks: Vec<String>,
    /// Why there is nothing to send.
    pub(super) needless: Option<String>,
    /// Whether it is a change of a value, which need not go at once.
    pub(super) patient: bool,
}

/// Reads a received text. `fresh` makes ids that are never made again.
pub(super) fn read(text: &str, choices: &Choices, fresh: &mut dyn FnMut() -> String) -> Result<Vec<Received>, String> {
    // Encoders of other systems put a byte order mark before it.
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err("an empty text".to_owned());
    }
    let json: Json = serde_json::from_str(text).map_err(|error| syntax(&error))?;
    let Json::Array(items) = json else {
        return message(json, 1, choices, fresh);
    };
    if items.is_empty() {
        return Err("an array without messages".to_owned());
    }
    let count = items.len();
    let mut messages = Vec::with_capacity(count);
    for (item, number) in items.into_iter().zip(1..) {
        let read = message(item, number, choices, fresh);
        messages.extend(read.map_err(|fault| format!("message {number} of {count}: {fault}"))?);
    }
    Ok(messages)
}

/// What is kept of a text that cannot be read: its first 4,000 characters.
pub(super) fn beginning(text: &str) -> String {
    text.chars().take(UNREADABLE).collect()
}

fn syntax(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let what = full.split(" at line ").next().unwrap_or(&full);
    format!(
        "not valid JSON at line {} column {}: {what}",
        error.line(),
        error.column()
    )
}

/// One message, or the parts of a composite one.
fn message(
    json: Json,
    number: usize,
    choices: &Choices,
    fresh: &mut dyn FnMut() -> String,
) -> Result<Vec<Received>, String> {
    let Json::Object(mut members) = json else {
        return Err("a message is a JSON object".to_owned());
    };
    let enveloped = members.contains_key("op");
    let operation = match members.get("op") {
        Some(Json::String(name)) if name.trim().eq_ignore_ascii_case(UPDATE) => None,
        Some(Json::String(name)) => Some(
            Operation::named(name)
                .ok_or_else(|| format!("unknown operation {name}; the operations are {}", names()))?,
        ),
        Some(_) => return Err("op is no text".to_owned()),
        None if members.contains_key("message") => Some(Operation::Create),
        None => return Err("neither an operation (op) nor an alert (message)".to_owned()),
    };
    let id = match text_member(&members, "id").filter(|_| enveloped) {
        Some(id) => id,
        None => match text_member(&members, "at").filter(|_| enveloped) {
            // The same message sent again has the same time: it gets the same id.
            Some(_) => format!(
                "{}-{:016x}",
                operation.map_or(UPDATE, Operation::name),
                hash(&serde_json::to_string(&members).unwrap_or_default())
            ),
            None => fresh(),
        },
    };
    let fields = if enveloped {
        gathered(&mut members)?
    } else {
        members.clone()
    };
    let Some(operation) = operation else {
        return parts(&id, &members, &fields, number, choices);
    };
    let note = full_message(&id, operation, &members, &fields, number, choices)?;
    let change = severity_note(&id, operation, &members, number, choices)?;
    let message = single(id, operation, &members, fields, number, choices)?;
    Ok([message].into_iter().chain(note).chain(change).collect())
}

/// The note that says from which severity an alarm came, when its priority is updated because it has another one.
fn severity_note(
    id: &str,
    operation: Operation,
    members: &Fields,
    number: usize,
    choices: &Choices,
) -> Result<Option<Received>, String> {
    let alarm = members.get("alarm").filter(|_| operation == Operation::UpdatePriority);
    let Some(text) = alarm.and_then(mapping::severity_change) else {
        return Ok(None);
    };
    note(id, text, members, number, choices).map(Some)
}

/// The note in which the message of an update stands in full, when it is to be cut. The description is the script's own.
fn full_message(
    id: &str,
    operation: Operation,
    members: &Fields,
    fields: &Fields,
    number: usize,
    choices: &Choices,
) -> Result<Option<Received>, String> {
    let given = || fields.get("message").or_else(|| fields.get("value"))?.as_str();
    let Some(text) = given().filter(|_| operation == Operation::UpdateMessage) else {
        return Ok(None);
    };
    if limits::cut(text, limits::MESSAGE).is_none() {
        return Ok(None);
    }
    note(id, format!("message in full: {text}"), members, number, choices).map(Some)
}

/// A note beside the message with this id, about the same alert.
fn note(id: &str, text: String, members: &Fields, number: usize, choices: &Choices) -> Result<Received, String> {
    let fields = Fields::from_iter([("note".to_owned(), Json::String(text))]);
    let id = format!("{id}/note");
    single(id, Operation::AddNote, members, fields, number, choices)
}

/// Whether a tag has a comma: tags to be removed are sent as a list that is separated by them.
fn has_comma(tags: &Json) -> bool {
    let has = |tag: &Json| tag.as_str().is_some_and(|tag| tag.contains(','));
    tags.as_array().is_some_and(|tags| tags.iter().any(has))
}

fn single(
    id: String,
    operation: Operation,
    members: &Fields,
    mut fields: Fields,
    number: usize,
    choices: &Choices,
) -> Result<Received, String> {
    rename_value(operation, &mut fields);
    let alarm = members.get("alarm").filter(|_| members.contains_key("op"));
    let needless = alarm.and_then(|alarm| mapping::fill(operation, &mut fields, alarm, choices));
    let patient = alarm.is_some_and(|alarm| mapping::is_value_change(operation, alarm))
        && choices.value_changes == ValueChanges::OnceAMinute;
    if needless.is_none() {
        require(operation, &fields)?;
    }
    let target = target(operation, members, &mut fields, (&id, choices))?;
    let mut remarks = limits::fit(operation, &mut fields);
    if operation == Operation::RemoveTags && fields.get("tags").is_some_and(has_comma) {
        remarks.push("a tag with a comma is taken for several".to_owned());
    }
    let unknown = fields.keys().filter(|name| !operation.knows(name));
    remarks.extend(unknown.map(|name| format!("unknown field {name} passed on")));
    if operation == Operation::Create && !members.contains_key("alias") && target.value.starts_with(MADE) {
        remarks.push("no alias: equal alerts are not recognized".to_owned());
    }
    Ok(Received {
        id,
        number,
        operation,
        target,
        fields,
        remarks,
        needless,
        patient,
    })
}

/// The parts of a composite update, in the order in which they are sent.
fn parts(
    id: &str,
    members: &Fields,
    fields: &Fields,
    number: usize,
    choices: &Choices,
) -> Result<Vec<Received>, String> {
    let mut messages = Vec::new();
    let mut shared = fields.clone();
    // A message that is cut stands in full in the description, as that of a create, where the update has one.
    let both = (fields.get("message"), fields.get("description"));
    let has_description = matches!(both, (_, Some(Json::String(_))));
    if let (Some(Json::String(message)), Some(Json::String(description))) = both
        && limits::cut(message, limits::MESSAGE).is_some()
    {
        let full = format!("{message}\n\n{description}");
        shared.insert("description".to_owned(), Json::String(full));
    }
    let given: Vec<(&str, Operation, Json)> = UPDATE_PARTS
        .iter()
        .filter_map(|(field, operation)| Some((*field, *operation, shared.shift_remove(*field)?)))
        .collect();
    for (field, operation, value) in given {
        if value.is_null() {
            continue;
        }
        let mut own = Fields::new();
        own.insert(field.to_owned(), value);
        if matches!(
            operation,
            Operation::AddTags | Operation::AddDetails | Operation::AddNote
        ) {
            own.extend(shared.clone());
        }
        let id = format!("{id}/{field}");
        let note = match has_description {
            true => None,
            false => full_message(&id, operation, members, &own, number, choices)?,
        };
        messages.push(single(id, operation, members, own, number, choices)?);
        messages.extend(note);
    }
    if messages.is_empty() {
        let fields: Vec<&str> = UPDATE_PARTS.iter().map(|(field, _)| *field).collect();
        return Err(format!("{UPDATE} without any of {}", fields.join(", ")));
    }
    Ok(messages)
}

/// The fields of an operation: those in `alert`, which is taken out, then those beside `op`.
fn gathered(members: &mut Fields) -> Result<Fields, String> {
    let mut fields = match members.shift_remove("alert") {
        Some(Json::Object(alert)) => alert,
        Some(Json::Null) | None => Fields::new(),
        Some(_) => return Err("alert is no object".to_owned()),
    };
    for (name, value) in &*members {
        if !MEMBERS.contains(&name.as_str()) {
            fields.insert(name.clone(), value.clone());
        }
    }
    Ok(fields)
}

/// The update operations call their field `value`; the platform calls it by its name.
fn rename_value(operation: Operation, fields: &mut Fields) {
    let name = match operation {
        Operation::UpdatePriority => "priority",
        Operation::UpdateMessage => "message",
        Operation::UpdateDescription => "description",
        _ => return,
    };
    if fields.contains_key(name) {
        return;
    }
    if let Some(value) = fields.shift_remove("value") {
        fields.insert(name.to_owned(), value);
    }
}

fn require(operation: Operation, fields: &Fields) -> Result<(), String> {
    for field in operation.required() {
        let missing = match fields.get(*field) {
            None | Some(Json::Null) => true,
            Some(Json::String(text)) => text.trim().is_empty(),
            Some(Json::Array(items)) => items.is_empty(),
            Some(Json::Object(members)) => members.is_empty(),
            Some(Json::Bool(_) | Json::Number(_)) => false,
        };
        // A file may be empty.
        if missing && !(*field == "contentBase64" && fields.contains_key(*field)) {
            return Err(format!("{} without {field}", operation.name()));
        }
    }
    match operation {
        Operation::Attach => attachment::content(fields).map(|_| ()),
        _ => Ok(()),
    }
}

fn target(
    operation: Operation,
    members: &Fields,
    fields: &mut Fields,
    (id, choices): (&str, &Choices),
) -> Result<Target, String> {
    let inner = match fields.shift_remove("alias") {
        Some(Json::String(alias)) if !alias.trim().is_empty() => Some(alias),
        Some(_) | None => None,
    };
    let named = members.get("identifier").filter(|_| operation != Operation::Create);
    let of_alarm = || {
        members
            .get("alarm")
            .and_then(|alarm| mapping::alias(alarm, choices.alias))
    };
    let alias = text_member(members, "alias").or(inner);
    let alias = if named.is_some() {
        alias
    } else {
        alias.or_else(of_alarm)
    };
    let target = match (alias, members.get("identifier"), operation) {
        (Some(alias), _, _) => Target::alias(alias),
        // Without an alias nobody could find the alert again, not even to see whether it was created.
        (None, _, Operation::Create) => Target::alias(format!("{MADE}{}", plain_alias(id))),
        (None, Some(identifier), _) => identified(identifier)?,
        (None, None, _) => return Err(format!("{} without alias", operation.name())),
    };
    if target.value.chars().count() > limits::ALIAS {
        return Err(format!("an alias of more than {} characters", limits::ALIAS));
    }
    if operation == Operation::Create {
        fields.insert("alias".to_owned(), Json::String(target.value.clone()));
    }
    Ok(target)
}

fn identified(identifier: &Json) -> Result<Target, String> {
    let text = |name: &str| identifier.get(name).and_then(Json::as_str).unwrap_or_default().trim();
    let kind = Identifier::named(text("type")).ok_or("an identifier type that is neither id, alias nor tiny")?;
    match text("value") {
        "" => Err("an identifier without value".to_owned()),
        value => Ok(Target {
            kind,
            value: value.to_owned(),
        }),
    }
}

/// A member as text without outer blanks; none when it is missing, empty or neither text nor number.
fn text_member(members: &Fields, name: &str) -> Option<String> {
    let text = match members.get(name)? {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_all(text: &str) -> Result<Vec<Received>, String> {
        let mut count = 0;
        read(text, &Choices::default(), &mut || {
            count += 1;
            format!("fresh-{count}")
        })
    }

    fn one(json: &Json) -> Received {
        let mut messages = read_all(&json.to_string()).unwrap();
        assert_eq!(messages.len(), 1);
        messages.remove(0)
    }

    fn fault(json: &Json) -> String {
        read_all(&json.to_string()).unwrap_err()
    }

    #[test]
    fn an_envelope_is_read() {
        let message = one(&json!({
            "v": 1, "id": " dms1/1/2/555/create ", "op": "create", "at": "2026-11-22T16:04:05.123Z",
            "alias": "dm-1", "alert": {"message": "Lost", "priority": "P1", "x-own": 1}, "alarm": {"element": 2}
        }));
        assert_eq!(message.id, "dms1/1/2/555/create");
        assert_eq!(message.operation, Operation::Create);
        assert_eq!(message.target, Target::alias("dm-1"));
        let expected = json!({"message": "Lost", "priority": "P1", "x-own": 1, "user": "DataMiner", "alias": "dm-1"});
        assert_eq!(Json::Object(message.fields), expected);
    }

    #[test]
    fn a_bare_alert_is_a_create() {
        let message = one(&json!({"message": "Lost", "alias": "a/1", "id": "not ours"}));
        assert_eq!((message.id.as_str(), message.operation), ("fresh-1", Operation::Create));
        assert_eq!(message.target, Target::alias("a/1"));
        let expected = json!({"message": "Lost", "id": "not ours", "alias": "a/1"});
        assert_eq!(Json::Object(message.fields), expected);
    }

    #[test]
    fn a_create_without_alias_gets_one_that_needs_no_escaping() {
        let message = one(&json!({"id": "dms1/é 1", "op": "create", "alert": {"message": "m"}}));
        assert_eq!(message.target, Target::alias("adit-dms1---1"));
        assert_eq!(message.fields["alias"], "adit-dms1---1");
    }

    #[test]
    fn other_operations_have_their_fields_beside_op_or_in_alert() {
        let note = one(&json!({"op": "addnote", "alias": "a", "note": "seen", "user": "u"}));
        assert_eq!(note.operation, Operation::AddNote);
        assert_eq!(Json::Object(note.fields), json!({"note": "seen", "user": "u"}));
        let priority = one(&json!({"op": "updatePriority", "alias": "a", "value": "P1"}));
        assert_eq!(Json::Object(priority.fields), json!({"priority": "P1"}));
        let close = one(&json!({"op": "close", "alert": {"alias": "a", "source": "s"}}));
        assert_eq!(close.target, Target::alias("a"));
        assert_eq!(Json::Object(close.fields), json!({"source": "s"}));
        let by_id = one(&json!({"op": "close", "identifier": {"type": "id", "value": "7-8"}}));
        assert_eq!(
            (by_id.target.kind, by_id.target.value.as_str()),
            (Identifier::Id, "7-8")
        );
    }

    #[test]
    fn a_message_sent_again_has_the_same_id_when_it_says_when_it_was_made() {
        let envelope = json!({"op": "close", "alias": "a", "at": "2026-11-22T16:04:05Z"});
        let later = json!({"op": "close", "alias": "a", "at": "2026-11-22T16:04:06Z"});
        assert_eq!(one(&envelope).id, one(&envelope).id);
        assert_ne!(one(&envelope).id, one(&later).id);
    }

    #[test]
    fn an_array_is_several_messages_all_or_nothing() {
        let messages = read_all(r#"[{"message":"a"},{"op":"close","alias":"x"}]"#).unwrap();
        assert_eq!(
            messages.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(),
            ["fresh-1", "fresh-2"]
        );
        assert_eq!(
            read_all(r#"[{"message":"a"},{"op":"close"}]"#).unwrap_err(),
            "message 2 of 2: close without alias"
        );
        assert_eq!(read_all("[]").unwrap_err(), "an array without messages");
    }

    #[test]
    fn a_composite_update_becomes_one_message_a_call() {
        let text = json!({"op": "update", "id": "u-1", "alias": "a", "user": "ann", "note": "n", "details": {"k": 1},
            "tags": ["t"], "description": "d", "message": "m", "priority": "P1"});
        let told: Vec<String> = read_all(&text.to_string())
            .unwrap()
            .into_iter()
            .map(|part| format!("{} {} {}", part.id, part.operation.name(), Json::Object(part.fields)))
            .collect();
        assert_eq!(
            told,
            [
                r#"u-1/priority updatePriority {"priority":"P1"}"#,
                r#"u-1/message updateMessage {"message":"m"}"#,
                r#"u-1/description updateDescription {"description":"d"}"#,
                r#"u-1/tags addTags {"tags":["t"],"user":"ann"}"#,
                r#"u-1/details addDetails {"details":{"k":"1"},"user":"ann"}"#,
                r#"u-1/note addNote {"note":"n","user":"ann"}"#,
            ]
        );
        let empty = fault(&json!({"op": "update", "alias": "a"}));
        assert_eq!(
            empty,
            "update without any of priority, message, description, tags, details, note"
        );
    }

    #[test]
    fn a_message_of_an_update_that_is_cut_is_kept_in_full() {
        let long = "x".repeat(131);
        let told = |message: Json| -> Vec<String> {
            let parts = read_all(&message.to_string()).unwrap().into_iter();
            parts
                .map(|part| format!("{} {} {}", part.id, part.operation.name(), Json::Object(part.fields)))
                .collect()
        };
        let cut = format!("{}…", "x".repeat(129));
        let note = |id: &str| format!(r#"{id}/note addNote {{"note":"message in full: {long}"}}"#);
        assert_eq!(
            told(json!({"op": "updateMessage", "id": "u", "alias": "a", "value": long})),
            [format!(r#"u updateMessage {{"message":"{cut}"}}"#), note("u")]
        );
        assert_eq!(
            told(json!({"op": "update", "id": "u", "alias": "a", "message": long})),
            [
                format!(r#"u/message updateMessage {{"message":"{cut}"}}"#),
                note("u/message")
            ]
        );
        assert_eq!(
            told(json!({"op": "update", "id": "u", "alias": "a", "message": long, "description": "d"})),
            [
                format!(r#"u/message updateMessage {{"message":"{cut}"}}"#),
                format!(r#"u/description updateDescription {{"description":"{long}\n\nd"}}"#)
            ]
        );
        let short = json!({"op": "updateMessage", "id": "u", "alias": "a", "value": "short"});
        assert_eq!(told(short).len(), 1);
    }

    #[test]
    fn a_tag_with_a_comma_cannot_be_removed_and_that_is_told() {
        let removed = one(&json!({"op": "removeTags", "alias": "a", "tags": ["a,b"]}));
        assert_eq!(removed.remarks, ["a tag with a comma is taken for several"]);
    }

    #[test]
    fn a_field_nobody_knows_is_passed_on_and_told() {
        let message = one(&json!({"op": "close", "alias": "a", "mood": "good", "user": "u"}));
        assert_eq!(Json::Object(message.fields), json!({"mood": "good", "user": "u"}));
        assert_eq!(message.remarks, ["unknown field mood passed on"]);
    }

    #[test]
    fn the_alarm_says_what_the_alert_does_not() {
        let alarm = json!({"dms": "d", "dma": 1, "element": 2, "root": 3, "severity": 2, "value": "Lost"});
        let message = one(&json!({"op": "create", "id": "1", "alert": {"priority": "P5"}, "alarm": alarm}));
        assert_eq!(message.target, Target::alias("dm-d-1-2-3"));
        assert_eq!(message.fields["message"], "[Major] Lost");
        assert_eq!(message.fields["priority"], "P5");
        assert_eq!(message.needless, None);
        let cleared = json!({"op": "create", "id": "1", "alias": "a", "alarm": {"severity": 5}});
        let reason = "an alarm of severity Normal raises no alert".to_owned();
        assert_eq!(one(&cleared).needless, Some(reason));
        let close = one(&json!({"op": "close", "alarm": alarm}));
        assert_eq!(close.target, Target::alias("dm-d-1-2-3"));
    }

    #[test]
    fn an_attachment_has_a_name_and_a_content() {
        let file = one(&json!({"op": "attach", "alias": "a", "fileName": "f", "contentBase64": ""}));
        assert_eq!(file.operation, Operation::Attach);
        let nameless = json!({"op": "attach", "alias": "a", "contentBase64": "aGk="});
        assert_eq!(fault(&nameless), "attach without fileName");
        let broken = json!({"op": "attach", "alias": "a", "fileName": "f", "contentBase64": "?"});
        assert!(fault(&broken).starts_with("contentBase64 is not valid Base64"));
    }

    #[test]
    fn a_byte_order_mark_before_a_message_is_no_fault() {
        let messages = read_all("\u{feff}{\"message\":\"a\"}").unwrap();
        assert_eq!(messages[0].fields.get("message"), Some(&json!("a")));
    }

    #[test]
    fn a_text_that_is_no_json_says_where() {
        let text = "{\n  \"message\": lost }";
        assert_eq!(
            read_all(text).unwrap_err(),
            "not valid JSON at line 2 column 14: expected value"
        );
        assert_eq!(read_all(" \n").unwrap_err(), "an empty text");
        assert!(
            read_all("hello")
                .unwrap_err()
                .starts_with("not valid JSON at line 1 column 1")
        );
    }

    #[test]
    fn what_means_nothing_says_why() {
        assert_eq!(fault(&json!("text")), "a message is a JSON object");
        assert_eq!(
            fault(&json!({"a": 1})),
            "neither an operation (op) nor an alert (message)"
        );
        assert_eq!(
            fault(&json!({"op": "explode"})),
            "unknown operation explode; the operations are create, acknowledge, unacknowledge, close, addNote, snooze, \
             escalate, assign, addTeam, addResponder, addTags, removeTags, addDetails, removeDetails, updatePriority, \
             updateMessage, updateDescription, action, delete, attach, update"
        );
        assert_eq!(fault(&json!({"op": 1})), "op is no text");
        assert_eq!(fault(&json!({"op": "create", "alert": {}})), "create without message");
        assert_eq!(fault(&json!({"op": "create", "alert": 1})), "alert is no object");
        assert_eq!(fault(&json!({"message": "  "})), "create without message");
        assert_eq!(fault(&json!({"op": "addNote", "alias": "a"})), "addNote without note");
        assert_eq!(
            fault(&json!({"op": "addTags", "alias": "a", "tags": []})),
            "addTags without tags"
        );
        assert_eq!(fault(&json!({"op": "close", "alias": " "})), "close without alias");
        let nameless = json!({"op": "close", "identifier": {"type": "name", "value": "x"}});
        assert_eq!(
            fault(&nameless),
            "an identifier type that is neither id, alias nor tiny"
        );
        let long = json!({"op": "close", "alias": "a".repeat(513)});
        assert_eq!(fault(&long), "an alias of more than 512 characters");
    }

    #[test]
    fn the_beginning_of_an_unreadable_text_is_kept() {
        assert_eq!(beginning(&"é".repeat(5_000)), "é".repeat(4_000));
    }
}
