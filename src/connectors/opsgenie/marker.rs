//! The mark of a message in what it writes: `[dm:<id>]`. Doing a note, an escalation, an action or an attachment twice adds
//! something, so when nobody knows whether it was done the mark is looked for before anything is sent again.

use serde_json::{Value as Json, json};

use crate::connectors::opsgenie::limits;
use crate::connectors::opsgenie::operation::{Fields, Operation, Repeat};

/// The mark.
fn marker(id: &str) -> String {
    format!("[dm:{id}]")
}

/// The fields as they are sent: with the mark at the end of the note, where a second time would add something. A file is
/// known by its name.
pub(super) fn marked(operation: Operation, mut fields: Fields, id: &str) -> Fields {
    if operation.repeat() == Repeat::Safe || operation == Operation::Attach {
        return fields;
    }
    let marker = marker(id);
    let note = match fields.get("note").and_then(Json::as_str).map(str::trim) {
        Some(note) if !note.is_empty() => {
            let room = limits::NOTE.saturating_sub(marker.chars().count() + 1);
            let note = limits::cut(note, room).unwrap_or_else(|| note.to_owned());
            format!("{note} {marker}")
        }
        Some(_) | None => marker,
    };
    fields.insert("note".to_owned(), json!(note));
    fields
}

/// Whether the mark of a message stands in the notes, or its file among the files, that the platform lists.
pub(super) fn is_among(operation: Operation, fields: &Fields, id: &str, answer: &Json) -> bool {
    let listed = answer.get("values").or_else(|| answer.get("data")).unwrap_or(answer);
    let Some(items) = listed.as_array() else { return false };
    let marker = marker(id);
    let file = fields.get("fileName").and_then(Json::as_str);
    items.iter().any(|item| {
        let text = |name: &str| item.get(name).and_then(Json::as_str);
        match operation {
            Operation::Attach => file.is_some() && (text("name") == file || text("fileName") == file),
            _ => text("note").is_some_and(|note| note.contains(&marker)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &Json) -> Fields {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn what_would_add_something_twice_is_marked() {
        let sent = |operation, json: Json| Json::Object(marked(operation, fields(&json), "m-1"));
        assert_eq!(
            sent(Operation::AddNote, json!({"note": "seen"})),
            json!({"note": "seen [dm:m-1]"})
        );
        assert_eq!(
            sent(Operation::Escalate, json!({"escalation": {"id": "1"}})),
            json!({"escalation": {"id": "1"}, "note": "[dm:m-1]"})
        );
        assert_eq!(sent(Operation::Close, json!({"note": "n"})), json!({"note": "n"}));
        assert_eq!(
            sent(Operation::Attach, json!({"fileName": "f"})),
            json!({"fileName": "f"})
        );
        let long = sent(Operation::AddNote, json!({"note": "x".repeat(25_000)}));
        let note = long["note"].as_str().unwrap();
        assert_eq!(note.chars().count(), 25_000);
        assert!(note.ends_with("… [dm:m-1]"));
    }

    #[test]
    fn a_mark_is_found_among_notes_and_a_file_among_files() {
        let notes = json!({"data": [{"note": "other"}, {"note": "seen [dm:m-1]", "owner": "x"}]});
        let found = |id, answer: &Json| is_among(Operation::AddNote, &Fields::new(), id, answer);
        assert!(found("m-1", &notes) && !found("m-2", &notes) && !found("m-1", &json!({})));
        assert!(found("m-1", &json!({"values": [{"note": "[dm:m-1]"}]})));
        let files = json!({"data": [{"name": "f.txt", "id": 1}]});
        let file = |name: &str| is_among(Operation::Attach, &fields(&json!({"fileName": name})), "m", &files);
        assert!(file("f.txt") && !file("g.txt"));
    }
}
