//! A received text → messages: an envelope, a bare alert, or an array of these, all or nothing.
//!
//! An envelope is a JSON object with `op`; an object without it that has a `message` is the alert of a create. The
//! operation's fields stand beside `op`, or in `alert`. Fields nobody knows are passed on.

use serde_json::Value as Json;

use super::backoff::hash;
use super::limits;
use super::operation::{Fields, Operation};
use super::target::{Identifier, Target, plain_alias};

/// What is kept of a text that cannot be read.
const UNREADABLE: usize = 4_000;
/// The members of an envelope that are no fields of its operation. `alarm` is context for people and scripts.
const MEMBERS: [&str; 8] = ["v", "id", "op", "at", "alias", "identifier", "alert", "alarm"];

/// One message, ready to become a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Received {
    /// The message's id: given, or made.
    pub(super) id: String,
    /// What the platform is asked to do.
    pub(super) operation: Operation,
    /// Which alert it is about.
    pub(super) target: Target,
    /// The operation's fields, within the limits.
    pub(super) fields: Fields,
    /// What was changed to bring them there.
    pub(super) remarks: Vec<String>,
}

/// Reads a received text. `fresh` makes ids that are never made again.
pub(super) fn read(text: &str, fresh: &mut dyn FnMut() -> String) -> Result<Vec<Received>, String> {
    // Encoders of other systems put a byte order mark before it.
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err("an empty text".to_owned());
    }
    let json: Json = serde_json::from_str(text).map_err(|error| syntax(&error))?;
    let Json::Array(items) = json else {
        return Ok(vec![message(&json, fresh)?]);
    };
    if items.is_empty() {
        return Err("an array without messages".to_owned());
    }
    let count = items.len();
    let numbered = items.iter().enumerate();
    numbered
        .map(|(index, item)| message(item, fresh).map_err(|fault| format!("message {} of {count}: {fault}", index + 1)))
        .collect()
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

fn message(json: &Json, fresh: &mut dyn FnMut() -> String) -> Result<Received, String> {
    let Json::Object(members) = json else {
        return Err("a message is a JSON object".to_owned());
    };
    let operation = match members.get("op") {
        Some(Json::String(name)) => Operation::named(name).ok_or_else(|| format!("unknown operation {name}"))?,
        Some(_) => return Err("op is no text".to_owned()),
        None if members.contains_key("message") => Operation::Create,
        None => return Err("neither an operation (op) nor an alert (message)".to_owned()),
    };
    let enveloped = members.contains_key("op");
    let mut fields = if enveloped { gathered(members)? } else { members.clone() };
    rename_value(operation, &mut fields);
    require(operation, &fields)?;
    let id = match text_member(members, "id").filter(|_| enveloped) {
        Some(id) => id,
        None => match text_member(members, "at").filter(|_| enveloped) {
            // The same message sent again has the same time: it gets the same id.
            Some(_) => format!("{}-{:016x}", operation.name(), hash(&json.to_string())),
            None => fresh(),
        },
    };
    let target = target(operation, members, &mut fields, &id)?;
    let remarks = limits::fit(&mut fields);
    Ok(Received {
        id,
        operation,
        target,
        fields,
        remarks,
    })
}

/// The fields of an operation: those in `alert`, then those beside `op`.
fn gathered(members: &Fields) -> Result<Fields, String> {
    let mut fields = match members.get("alert") {
        Some(Json::Object(alert)) => alert.clone(),
        Some(Json::Null) | None => Fields::new(),
        Some(_) => return Err("alert is no object".to_owned()),
    };
    for (name, value) in members {
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
    if let Some(value) = fields.shift_remove("value") {
        fields.insert(name.to_owned(), value);
    }
}

fn require(operation: Operation, fields: &Fields) -> Result<(), String> {
    let Some(field) = operation.required() else {
        return Ok(());
    };
    let missing = match fields.get(field) {
        None | Some(Json::Null) => true,
        Some(Json::String(text)) => text.trim().is_empty(),
        Some(Json::Array(items)) => items.is_empty(),
        Some(Json::Object(members)) => members.is_empty(),
        Some(Json::Bool(_) | Json::Number(_)) => false,
    };
    if missing {
        return Err(format!("{} without {field}", operation.name()));
    }
    Ok(())
}

fn target(operation: Operation, members: &Fields, fields: &mut Fields, id: &str) -> Result<Target, String> {
    let inner = match fields.shift_remove("alias") {
        Some(Json::String(alias)) if !alias.trim().is_empty() => Some(alias),
        Some(_) | None => None,
    };
    let alias = text_member(members, "alias").or(inner);
    let target = match (alias, members.get("identifier"), operation) {
        (Some(alias), _, _) => Target::alias(alias),
        // Without an alias nobody could find the alert again, not even to see whether it was created.
        (None, _, Operation::Create) => Target::alias(format!("adit-{}", plain_alias(id))),
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
        read(text, &mut || {
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
        let expected = json!({"message": "Lost", "priority": "P1", "x-own": 1, "alias": "dm-1"});
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
        assert_eq!(fault(&json!({"op": "explode"})), "unknown operation explode");
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
