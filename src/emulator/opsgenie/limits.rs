//! Field limits: reads the fields of a JSON body, and gathers a text for each field at fault.
//!
//! The texts for `priority`, and for a responder without id and name, are the real ones; the others are ours. What is
//! over a limit is refused: what the real platform does with a 21st tag is not known.

use serde_json::{Map, Value};

use crate::emulator::opsgenie::answer::Answer;

/// The characters of a message.
pub(super) const MESSAGE: usize = 130;
/// The characters of a description.
pub(super) const DESCRIPTION: usize = 15_000;
/// The characters of a note.
pub(super) const NOTE: usize = 25_000;
/// The characters of an alias or an entity.
pub(super) const ALIAS: usize = 512;
/// The characters of a source or a user.
pub(super) const SOURCE: usize = 100;
/// How many tags an alert has, and the characters of each.
pub(super) const TAGS: (usize, usize) = (20, 50);
/// How many actions an alert has, and the characters of each.
pub(super) const ACTIONS: (usize, usize) = (10, 50);
/// How many responders an alert has.
pub(super) const RESPONDERS: usize = 50;
/// The characters of all details together.
pub(super) const DETAILS: usize = 8000;

const PRIORITIES: [&str; 5] = ["P1", "P2", "P3", "P4", "P5"];

/// Whom an alert is for, as named in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipient {
    /// `team`, `user`, `escalation` or `schedule`.
    pub(super) kind: String,
    /// The id, when given.
    pub(super) id: Option<String>,
    /// The name, or the user name, when given.
    pub(super) name: Option<String>,
}

/// The fields of a body, and what is wrong with them.
#[derive(Debug)]
pub(super) struct Fields {
    object: Map<String, Value>,
    errors: Map<String, Value>,
}

impl Fields {
    /// Reads a body. An empty one has no fields; one that is not JSON is a 400.
    pub(super) fn read(body: &[u8]) -> Result<Self, Answer> {
        let errors = Map::new();
        if body.trim_ascii().is_empty() {
            return Ok(Self {
                object: Map::new(),
                errors,
            });
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(Self { object, errors }),
            Ok(_) => Err(Answer::error(400, "Request body should be a JSON object.")),
            Err(error) => Err(Answer::error(
                400,
                &format!("Could not parse the request body: {error}"),
            )),
        }
    }

    /// Nothing to complain of, or the 422.
    pub(super) fn finish(self) -> Result<(), Answer> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Answer::unprocessable(self.errors))
        }
    }

    /// Whether something was found wrong with a field, or with an item of it.
    pub(super) fn is_faulty(&self, field: &str) -> bool {
        self.errors.keys().any(|name| {
            name.strip_prefix(field)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }

    /// Notes what is wrong with a field.
    pub(super) fn fault(&mut self, field: &str, text: impl Into<String>) {
        self.errors.insert(field.to_owned(), Value::String(text.into()));
    }

    /// A text of so many characters at most.
    pub(super) fn text(&mut self, field: &str, limit: usize) -> Option<String> {
        match self.object.remove(field)? {
            Value::Null => None,
            Value::String(text) if text.chars().count() > limit => {
                self.fault(field, format!("should not be longer than {limit} characters"));
                None
            }
            Value::String(text) => Some(text),
            _ => {
                self.fault(field, "should be a string");
                None
            }
        }
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, field: &str, limit: usize) -> String {
        let text = self.text(field, limit).unwrap_or_default();
        if text.trim().is_empty() && !self.errors.contains_key(field) {
            self.fault(field, "should not be empty");
        }
        text
    }

    /// The priority, P3 when there is none.
    pub(super) fn priority(&mut self) -> String {
        match self.object.remove("priority") {
            None | Some(Value::Null) => "P3".to_owned(),
            Some(Value::String(text)) if PRIORITIES.contains(&text.as_str()) => text,
            Some(_) => {
                self.fault("priority", "should be one of [ P1, P2, P3, P4, P5 ]");
                String::new()
            }
        }
    }

    /// A priority that must be there.
    pub(super) fn required_priority(&mut self) -> String {
        if !self.object.contains_key("priority") {
            self.fault("priority", "should not be empty");
        }
        self.priority()
    }

    /// A list of texts: how many at most, and how long each.
    pub(super) fn texts(&mut self, field: &str, (count, limit): (usize, usize)) -> Vec<String> {
        let list = self.list(field, count);
        let mut texts = Vec::with_capacity(list.len());
        for (index, item) in list.into_iter().enumerate() {
            match item {
                Value::String(text) if text.chars().count() <= limit => texts.push(text),
                Value::String(_) => {
                    self.fault(
                        &format!("{field}[{index}]"),
                        format!("should not be longer than {limit} characters"),
                    );
                }
                _ => self.fault(&format!("{field}[{index}]"), "should be a string"),
            }
        }
        texts
    }

    /// `details`: texts by name, so many characters in total.
    pub(super) fn details(&mut self) -> Map<String, Value> {
        let details = match self.object.remove("details") {
            None | Some(Value::Null) => return Map::new(),
            Some(Value::Object(details)) => details,
            Some(_) => {
                self.fault("details", "should be an object");
                return Map::new();
            }
        };
        let mut characters = 0;
        for (name, value) in &details {
            match value {
                Value::String(text) => characters += name.chars().count() + text.chars().count(),
                _ => self.fault(&format!("details.{name}"), "should be a string"),
            }
        }
        if characters > DETAILS {
            self.fault("details", format!("should not be longer than {DETAILS} characters"));
        }
        details
    }

    /// A list of recipients of these kinds.
    pub(super) fn recipients(&mut self, field: &str, kinds: &[&str]) -> Vec<Recipient> {
        let list = self.list(field, RESPONDERS);
        let mut recipients = Vec::with_capacity(list.len());
        for (index, item) in list.into_iter().enumerate() {
            let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
            let kind = text("type").unwrap_or_default();
            let (id, name) = (text("id"), text("username").or_else(|| text("name")));
            if !kinds.contains(&kind.as_str()) {
                self.fault(
                    &format!("{field}[{index}].type"),
                    format!("should be one of [ {} ]", kinds.join(", ")),
                );
            } else if id.is_none() && name.is_none() {
                self.fault(&format!("{field}[{index}]"), "id or name should be provided");
            } else {
                recipients.push(Recipient { kind, id, name });
            }
        }
        recipients
    }

    fn list(&mut self, field: &str, count: usize) -> Vec<Value> {
        match self.object.remove(field) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(list)) if list.len() > count => {
                self.fault(field, format!("should not have more than {count} items"));
                Vec::new()
            }
            Some(Value::Array(list)) => list,
            Some(_) => {
                self.fault(field, "should be a list");
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Fields, MESSAGE};

    /// The fields at fault after a create body was read.
    fn faults(body: &Value) -> Vec<String> {
        let mut fields = Fields::read(body.to_string().as_bytes()).unwrap();
        fields.required("message", MESSAGE);
        fields.priority();
        fields.texts("tags", super::TAGS);
        fields.details();
        fields.recipients("responders", &["team", "user"]);
        fields.errors.keys().cloned().collect()
    }

    #[test]
    fn a_message_has_130_characters_not_bytes() {
        assert_eq!(faults(&json!({ "message": "😀".repeat(130) })), Vec::<String>::new());
        assert_eq!(faults(&json!({ "message": "a".repeat(131) })), ["message"]);
        assert_eq!(faults(&json!({ "message": " " })), ["message"]);
        assert_eq!(faults(&json!({})), ["message"]);
        assert_eq!(faults(&json!({ "message": 5 })), ["message"]);
    }

    #[test]
    fn each_field_has_its_limit() {
        let tags: Vec<String> = (0..21).map(|tag| tag.to_string()).collect();
        assert_eq!(faults(&json!({ "message": "m", "tags": tags })), ["tags"]);
        assert_eq!(
            faults(&json!({ "message": "m", "tags": ["a".repeat(51), 1, "b"] })),
            ["tags[0]", "tags[1]"]
        );
        assert_eq!(faults(&json!({ "message": "m", "priority": "P9" })), ["priority"]);
        assert_eq!(
            faults(&json!({ "message": "m", "details": { "a": { "b": 1 } } })),
            ["details.a"]
        );
        assert_eq!(
            faults(&json!({ "message": "m", "details": { "a": "b".repeat(8000) } })),
            ["details"]
        );
        let responders =
            json!([{ "type": "team" }, { "type": "group", "id": "1" }, { "type": "user", "username": "u" }]);
        assert_eq!(
            faults(&json!({ "message": "m", "responders": responders })),
            ["responders[0]", "responders[1].type"]
        );
    }

    #[test]
    fn err_a_body_that_is_no_json_object_is_a_400() {
        for body in ["{", "[]", "null", "\u{feff}{}"] {
            assert_eq!(
                Fields::read(body.as_bytes()).map_err(|answer| answer.status).err(),
                Some(400),
                "{body}"
            );
        }
        assert!(Fields::read(b" \r\n").is_ok());
    }
}
