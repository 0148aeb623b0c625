//! The field limits of the platform: what is too long is cut on our side, and the row says so.
//!
//! Limits count characters, not bytes. What is cut never ends in the middle of a character as people see it: a mark or
//! a joiner goes with the character it belongs to.

use serde_json::{Value as Json, json};

use crate::connectors::opsgenie::operation::{Fields, Operation};

/// The longest message.
pub(super) const MESSAGE: usize = 130;
/// The longest alias. It is never cut: a shorter one would be another alert.
pub(super) const ALIAS: usize = 512;
/// The longest description.
const DESCRIPTION: usize = 15_000;
/// The longest note.
pub(super) const NOTE: usize = 25_000;
/// The most characters of all details, keys and values.
const DETAILS: usize = 8_000;
/// The most tags, and the longest.
const TAGS: (usize, usize) = (20, 50);
/// The most actions, and the longest.
const ACTIONS: (usize, usize) = (10, 50);
/// The most responders, and the most teams and users an alert is shown to.
const RESPONDERS: usize = 50;
/// Texts with one limit each.
const TEXTS: [(&str, usize); 5] = [
    ("description", DESCRIPTION),
    ("note", NOTE),
    ("entity", 512),
    ("source", 100),
    ("user", 100),
];
/// What ends a text that was cut.
const ELLIPSIS: char = '…';

/// Brings the fields of an operation within the limits. Gives what was changed, for the row.
pub(super) fn fit(operation: Operation, fields: &mut Fields) -> Vec<String> {
    let mut remarks = Vec::new();
    match operation {
        Operation::Create => fit_message(fields, &mut remarks),
        _ => fit_text(fields, "message", MESSAGE, &mut remarks),
    }
    for (field, limit) in TEXTS {
        fit_text(fields, field, limit, &mut remarks);
    }
    for (field, limits) in [("tags", TAGS), ("actions", ACTIONS)] {
        if let Some(Json::Array(items)) = fields.get_mut(field) {
            fit_list(field, items, limits, &mut remarks);
        }
    }
    for field in ["responders", "visibleTo"] {
        if let Some(Json::Array(items)) = fields.get_mut(field) {
            fit_responders(field, items, &mut remarks);
        }
    }
    if let Some(Json::Object(details)) = fields.get_mut("details") {
        fit_details(details, &mut remarks);
    }
    remarks
}

fn fit_text(fields: &mut Fields, field: &str, limit: usize, remarks: &mut Vec<String>) {
    if let Some(Json::String(text)) = fields.get_mut(field)
        && let Some(cut) = cut(text, limit)
    {
        *text = cut;
        remarks.push(format!("{field} cut to {limit} characters"));
    }
}

/// A text cut to so many characters, the last of which says that there was more; none when it fits.
pub(super) fn cut(text: &str, limit: usize) -> Option<String> {
    text.char_indices().nth(limit)?;
    let characters: Vec<char> = text.chars().take(limit).collect();
    let mut keep = limit - 1;
    while keep > 0 && (belongs_to_previous(characters[keep]) || joins(characters[keep - 1])) {
        keep -= 1;
    }
    Some(characters[..keep].iter().chain([&ELLIPSIS]).collect())
}

/// Marks and selectors that change the character before them.
const fn belongs_to_previous(character: char) -> bool {
    joins(character)
        || matches!(character,
            '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}'
            | '\u{64B}'..='\u{65F}' | '\u{93A}'..='\u{94F}' | '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}'
            | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{3099}' | '\u{309A}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}')
}

/// The zero-width joiner makes one character of two.
const fn joins(character: char) -> bool {
    character == '\u{200D}'
}

/// A message that is cut stands in full at the beginning of the description.
fn fit_message(fields: &mut Fields, remarks: &mut Vec<String>) {
    let Some(Json::String(message)) = fields.get("message") else {
        return;
    };
    let Some(short) = cut(message, MESSAGE) else {
        return;
    };
    let full = match fields.get("description").and_then(Json::as_str) {
        Some(description) if !description.is_empty() => format!("{message}\n\n{description}"),
        Some(_) | None => message.clone(),
    };
    fields.insert("message".to_owned(), json!(short));
    fields.insert("description".to_owned(), json!(full));
    remarks.push(format!(
        "message cut to {MESSAGE} characters, in full in the description"
    ));
}

fn fit_list(field: &str, items: &mut Vec<Json>, (count, length): (usize, usize), remarks: &mut Vec<String>) {
    let mut shortened = 0;
    for item in items.iter_mut() {
        let text = text_of(item.take());
        let short = cut(&text, length);
        shortened += usize::from(short.is_some());
        *item = Json::String(short.unwrap_or(text));
    }
    if shortened > 0 {
        remarks.push(format!("{shortened} of {field} cut to {length} characters"));
    }
    if items.len() > count {
        remarks.push(format!("{} of {field} left out", items.len() - count));
        items.truncate(count);
    }
}

/// The platform refuses an alert for one responder without a name; the others should be called all the same.
fn fit_responders(field: &str, items: &mut Vec<Json>, remarks: &mut Vec<String>) {
    let given = items.len();
    items.retain(|item| {
        let named = |key: &str| {
            item.get(key)
                .and_then(Json::as_str)
                .is_some_and(|text| !text.trim().is_empty())
        };
        named("id") || named("name") || named("username")
    });
    if items.len() < given {
        remarks.push(format!("{} empty of {field} left out", given - items.len()));
    }
    if items.len() > RESPONDERS {
        remarks.push(format!("{} of {field} left out", items.len() - RESPONDERS));
        items.truncate(RESPONDERS);
    }
}

/// Details are texts, at most so many characters in all.
fn fit_details(details: &mut Fields, remarks: &mut Vec<String>) {
    const CUT: &str = "dm.details.cut";
    let given = details.len();
    let reserve = CUT.len() + 6;
    let mut used = 0;
    let mut kept = Fields::new();
    for (key, value) in std::mem::take(details) {
        let text = text_of(value);
        let size = key.chars().count() + text.chars().count();
        if used + size + reserve <= DETAILS {
            used += size;
            kept.insert(key, Json::String(text));
        }
    }
    let left_out = given - kept.len();
    if left_out > 0 {
        kept.insert(CUT.to_owned(), json!(left_out.to_string()));
        remarks.push(format!("{left_out} of details left out"));
    }
    *details = kept;
}

/// A value as the text that stands for it: nothing for null, JSON for a list or an object.
fn text_of(value: Json) -> String {
    match value {
        Json::String(text) => text,
        Json::Null => String::new(),
        Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(fields: Json) -> (Json, Vec<String>) {
        let Json::Object(mut fields) = fields else {
            panic!("an object")
        };
        let remarks = fit(Operation::Create, &mut fields);
        (Json::Object(fields), remarks)
    }

    #[test]
    fn a_message_of_up_to_130_characters_is_left_alone() {
        for text in ["a".repeat(129), "a".repeat(130), "😀".repeat(130), "é".repeat(130)] {
            let (alert, remarks) = fitted(json!({"message": text}));
            assert_eq!((alert, remarks), (json!({"message": text}), vec![]));
        }
    }

    #[test]
    fn a_longer_message_is_cut_and_stands_in_full_in_the_description() {
        for character in ["a", "é", "😀"] {
            let text = character.repeat(131);
            let (alert, remarks) = fitted(json!({"message": text, "description": "more"}));
            let expected = format!("{}…", character.repeat(129));
            assert_eq!(
                alert,
                json!({"message": expected, "description": format!("{text}\n\nmore")})
            );
            assert_eq!(alert["message"].as_str().unwrap().chars().count(), 130);
            assert_eq!(remarks, ["message cut to 130 characters, in full in the description"]);
        }
    }

    #[test]
    fn a_cut_does_not_split_a_character_with_its_marks() {
        // The 130th scalar is the accent of the e before it.
        let accent = format!("{}e\u{301}zz", "a".repeat(128));
        assert_eq!(cut(&accent, 130).unwrap(), format!("{}…", "a".repeat(128)));
        // A family: three people joined to one character.
        let family = format!("{}👩\u{200D}👩\u{200D}👧z", "a".repeat(127));
        assert_eq!(cut(&family, 130).unwrap(), format!("{}…", "a".repeat(127)));
        let thumb = format!("{}👍🏽z", "a".repeat(128));
        assert_eq!(cut(&thumb, 129).unwrap(), format!("{}…", "a".repeat(128)));
    }

    #[test]
    fn other_texts_tags_and_actions_keep_their_limits() {
        let tags: Vec<String> = (0..22).map(|n| format!("{n:03}{}", "t".repeat(50))).collect();
        let (alert, remarks) =
            fitted(json!({"message": "m", "source": "s".repeat(101), "tags": tags, "actions": [1, null]}));
        assert_eq!(alert["source"].as_str().unwrap().chars().count(), 100);
        assert_eq!(alert["tags"].as_array().unwrap().len(), 20);
        assert_eq!(alert["tags"][0].as_str().unwrap().chars().count(), 50);
        assert_eq!(alert["actions"], json!(["1", ""]));
        assert_eq!(
            remarks,
            [
                "source cut to 100 characters",
                "22 of tags cut to 50 characters",
                "2 of tags left out"
            ]
        );
    }

    #[test]
    fn empty_responders_are_left_out() {
        let responders = json!([{"type": "team", "name": "NOC"}, {"type": "team", "name": " "}, {"type": "user"}, "x",
            {"type": "user", "username": "a@b.c"}, {"type": "team", "id": "1"}]);
        let (alert, remarks) = fitted(json!({"responders": responders}));
        assert_eq!(
            alert["responders"],
            json!([{"type": "team", "name": "NOC"}, {"type": "user", "username": "a@b.c"}, {"type": "team", "id": "1"}])
        );
        assert_eq!(remarks, ["3 empty of responders left out"]);
    }

    #[test]
    fn details_become_texts() {
        let (alert, remarks) = fitted(json!({"details": {"n": 1.5, "b": true, "o": {"a": [1]}, "z": null, "t": "x"}}));
        assert_eq!(
            alert["details"],
            json!({"n": "1.5", "b": "true", "o": "{\"a\":[1]}", "z": "", "t": "x"})
        );
        assert_eq!(remarks, Vec::<String>::new());
    }

    #[test]
    fn details_beyond_8000_characters_are_left_out_and_counted() {
        let (alert, remarks) = fitted(json!({"details": {"a": "x".repeat(7_000), "b": "y".repeat(2_000), "c": "z"}}));
        assert_eq!(alert["details"]["c"], "z");
        assert_eq!(alert["details"]["b"], Json::Null);
        assert_eq!(alert["details"]["dm.details.cut"], "1");
        assert_eq!(remarks, ["1 of details left out"]);
    }
}
