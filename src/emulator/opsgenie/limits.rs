//! Field limits: reads the fields of a JSON body, and gathers a text for each field at fault.
//!
//! The texts for `priority`, and for a responder without id and name, are the real ones; the others are ours. What the
//! real platform does with a 21st tag is not known: it is refused, or cut, as the switch says.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::object::{NoObject, Object};

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

/// What happens to what is over a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Limits {
    /// It is refused with 422.
    #[default]
    Strict,
    /// Texts are cut, and what a list has too many is left out.
    Truncate,
}

impl FromStr for Limits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "strict" => Ok(Self::Strict),
            "truncate" => Ok(Self::Truncate),
            _ => Err(format!("\"{text}\" is neither strict nor truncate")),
        }
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Truncate => "truncate",
        })
    }
}

/// The characters of all details together.
pub(super) fn characters(details: &Map<String, Value>) -> usize {
    let of = |text: &str| text.chars().count();
    details
        .iter()
        .map(|(name, value)| of(name) + value.as_str().map_or(0, of))
        .sum()
}

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
    object: Object,
    errors: Map<String, Value>,
    limits: Limits,
}

impl Fields {
    /// Reads the body of a call. An empty one has no fields; one that is not JSON is a 400.
    pub(super) fn read(call: &Call, limits: Limits) -> Result<Self, Answer> {
        match call.object() {
            Ok(object) => Ok(Self {
                object,
                errors: Map::new(),
                limits,
            }),
            Err(NoObject::Other) => Err(Answer::error(400, "Request body should be a JSON object.")),
            Err(NoObject::Malformed(error)) => Err(Answer::error(
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
        match self.object.take(field)? {
            Value::Null => None,
            Value::String(text) => self.within(field, text, limit),
            _ => {
                self.fault(field, "should be a string");
                None
            }
        }
    }

    /// A text that is not too long, or is cut.
    fn within(&mut self, field: &str, text: String, limit: usize) -> Option<String> {
        let Some((end, _)) = text.char_indices().nth(limit) else {
            return Some(text);
        };
        match self.limits {
            Limits::Truncate => Some(text[..end].to_owned()),
            Limits::Strict => {
                self.fault(field, format!("should not be longer than {limit} characters"));
                None
            }
        }
    }

    /// A number, when there is one.
    pub(super) fn number(&mut self, field: &str) -> Option<u64> {
        match self.object.take(field)? {
            Value::Null => None,
            value => {
                let number = value.as_u64().filter(|number| (1..=10_000).contains(number));
                if number.is_none() {
                    self.fault(field, "should be a whole number from 1 to 10000");
                }
                number
            }
        }
    }

    /// Yes or no, when it is said.
    pub(super) fn flag(&mut self, field: &str) -> Option<bool> {
        match self.object.take(field)? {
            Value::Null => None,
            Value::Bool(flag) => Some(flag),
            _ => {
                self.fault(field, "should be true or false");
                None
            }
        }
    }

    /// One of these words, when there is one.
    pub(super) fn word(&mut self, field: &str, words: &[&str]) -> Option<String> {
        match self.object.take(field)? {
            Value::Null => None,
            Value::String(text) if words.contains(&text.as_str()) => Some(text),
            _ => {
                self.fault(field, format!("should be one of [ {} ]", words.join(", ")));
                None
            }
        }
    }

    /// A value of any kind, taken out.
    pub(super) fn take(&mut self, field: &str) -> Option<Value> {
        self.object.take(field).filter(|value| !value.is_null())
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
        match self.object.take("priority") {
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
        if !self.object.has("priority") {
            self.fault("priority", "should not be empty");
        }
        self.priority()
    }

    /// A list of texts: how many at most, and how long each.
    pub(super) fn texts(&mut self, field: &str, (count, limit): (usize, usize)) -> Vec<String> {
        let list = self.list(field, count);
        let mut texts = Vec::with_capacity(list.len());
        for (index, item) in list.into_iter().enumerate() {
            let name = format!("{field}[{index}]");
            match item {
                Value::String(text) => texts.extend(self.within(&name, text, limit)),
                _ => self.fault(&name, "should be a string"),
            }
        }
        texts
    }

    /// `details`, or `extraProperties`: texts by name, so many characters in total.
    pub(super) fn details(&mut self, field: &str) -> Map<String, Value> {
        let details = match self.object.take(field) {
            None | Some(Value::Null) => return Map::new(),
            Some(Value::Object(details)) => details,
            Some(_) => {
                self.fault(field, "should be an object");
                return Map::new();
            }
        };
        for (name, value) in &details {
            if !value.is_string() {
                self.fault(&format!("{field}.{name}"), "should be a string");
            }
        }
        match self.limits {
            Limits::Strict if characters(&details) > DETAILS => {
                self.fault(field, format!("should not be longer than {DETAILS} characters"));
                details
            }
            Limits::Strict => details,
            Limits::Truncate => {
                let mut kept = Map::new();
                for (name, value) in details {
                    kept.insert(name.clone(), value);
                    if characters(&kept) > DETAILS {
                        kept.shift_remove(&name);
                    }
                }
                kept
            }
        }
    }

    /// A list of recipients of these kinds.
    pub(super) fn recipients(&mut self, field: &str, kinds: &[&str]) -> Vec<Recipient> {
        let list = self.list(field, RESPONDERS);
        let mut recipients = Vec::with_capacity(list.len());
        for (index, item) in list.into_iter().enumerate() {
            recipients.extend(self.one(&format!("{field}[{index}]"), &item, None, kinds));
        }
        recipients
    }

    /// One recipient that must be there; without a `type` it is of this kind.
    pub(super) fn recipient(&mut self, field: &str, kind: Option<&str>, kinds: &[&str]) -> Option<Recipient> {
        match self.take(field) {
            Some(item) => self.one(field, &item, kind, kinds),
            None => {
                self.fault(field, "should not be empty");
                None
            }
        }
    }

    fn one(&mut self, field: &str, item: &Value, kind: Option<&str>, kinds: &[&str]) -> Option<Recipient> {
        let text = |name: &str| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let kind = text("type").or(kind).unwrap_or_default();
        if !kinds.contains(&kind) {
            let text = format!("should be one of [ {} ]", kinds.join(", "));
            self.fault(&format!("{field}.type"), text);
            return None;
        }
        let name = match kind {
            "user" => text("username").or_else(|| text("name")),
            _ => text("name"),
        };
        if text("id").is_none() && name.is_none() {
            self.fault(field, "id or name should be provided");
            return None;
        }
        Some(Recipient {
            kind: kind.to_owned(),
            id: text("id").map(str::to_owned),
            name: name.map(str::to_owned),
        })
    }

    fn list(&mut self, field: &str, count: usize) -> Vec<Value> {
        match self.object.take(field) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(mut list)) => {
                if list.len() > count && self.limits == Limits::Strict {
                    self.fault(field, format!("should not have more than {count} items"));
                    return Vec::new();
                }
                list.truncate(count);
                list
            }
            Some(_) => {
                self.fault(field, "should be a list");
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::body::Bytes;
    use serde_json::{Value, json};

    use super::{Fields, Limits, MESSAGE};
    use crate::emulator::opsgenie::call::Call;

    fn call(body: impl Into<Bytes>) -> Call {
        Call {
            body: body.into(),
            ..Call::default()
        }
    }

    /// The fields at fault after a create body was read.
    fn faults(body: &Value) -> Vec<String> {
        let mut fields = Fields::read(&call(body.to_string()), Limits::Strict).unwrap();
        fields.required("message", MESSAGE);
        fields.priority();
        fields.texts("tags", super::TAGS);
        fields.details("details");
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
                Fields::read(&call(body), Limits::Strict)
                    .map_err(|answer| answer.status)
                    .err(),
                Some(400),
                "{body}"
            );
        }
        assert!(Fields::read(&call(" \r\n"), Limits::Strict).is_ok());
    }

    #[test]
    fn what_is_over_a_limit_is_cut_where_the_switch_says_so() {
        let tags: Vec<String> = (0..21).map(|tag| format!("{tag:_>51}")).collect();
        let body = json!({ "message": "é".repeat(131), "tags": tags,
            "details": { "a": "b".repeat(7000), "c": "d".repeat(2000), "e": "f" } });
        let mut fields = Fields::read(&call(body.to_string()), Limits::Truncate).unwrap();
        assert_eq!(fields.required("message", MESSAGE), "é".repeat(130));
        let tags = fields.texts("tags", super::TAGS);
        assert_eq!((tags.len(), tags[0].len()), (20, 50));
        let details = fields.details("details");
        assert_eq!(details.keys().collect::<Vec<_>>(), ["a", "e"]);
        assert!(fields.finish().is_ok());
    }
}
