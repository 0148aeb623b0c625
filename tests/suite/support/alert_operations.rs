//! One message for each operation on an alert, for tests that try them all.

use serde_json::{Value, json};

/// One message for each operation but create, update and delete. Its id is the operation's name.
pub(crate) fn every_operation() -> Vec<Value> {
    let operations = [
        json!({"op": "acknowledge", "user": "ann"}),
        json!({"op": "unacknowledge"}),
        json!({"op": "addNote", "note": "seen"}),
        json!({"op": "snooze", "endTime": "2099-01-01T00:00:00Z"}),
        json!({"op": "escalate", "escalation": {"name": "NOC_escalation"}}),
        json!({"op": "assign", "owner": {"username": "ann@example.com"}}),
        json!({"op": "addTeam", "team": {"name": "NOC"}}),
        json!({"op": "addResponder", "responder": {"type": "user", "username": "ann@example.com"}}),
        json!({"op": "addTags", "tags": ["x"]}),
        json!({"op": "removeTags", "tags": ["t"]}),
        json!({"op": "addDetails", "details": {"l": "w"}}),
        json!({"op": "removeDetails", "keys": ["k"]}),
        json!({"op": "updatePriority", "value": "P1"}),
        json!({"op": "updateMessage", "value": "worse"}),
        json!({"op": "updateDescription", "value": "much worse"}),
        json!({"op": "action", "name": "restart"}),
        json!({"op": "attach", "fileName": "a.txt", "contentBase64": "aGVsbG8="}),
        json!({"op": "close", "note": "done"}),
    ];
    let operations = operations.into_iter().map(|mut message| {
        message["id"] = message["op"].clone();
        message
    });
    operations.collect()
}

/// The create of the alert that they are about.
pub(crate) fn raised(id: &str, alias: &str) -> Value {
    let alert = json!({"message": "m", "actions": ["restart"], "tags": ["t"], "details": {"k": "v"}});
    json!({"op": "create", "id": id, "alias": alias, "alert": alert})
}
