//! Every operation: what it makes of the alert, and what is left of it when the element is killed at any step.

use serde_json::{Value, json};

use super::rig::{Rig, in_error, row_state};
use super::{RESULT, STATE, create};
use crate::support::alert_operations;

/// One message for each operation on the alert `a`.
fn every_operation() -> Vec<Value> {
    let mut operations = alert_operations::every_operation();
    for message in &mut operations {
        message["alias"] = json!("a");
    }
    operations
}

fn raised() -> Value {
    alert_operations::raised("create", "a")
}

#[test]
fn every_operation_does_what_it_says() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &raised().to_string());
    for message in every_operation() {
        rig.set(51, &message.to_string());
    }
    rig.drain(120);
    let ended: Vec<String> = rig
        .rows(1000)
        .iter()
        .filter(|row| row[&STATE] != "Completed")
        .map(row_state)
        .collect();
    assert_eq!(ended, Vec::<String>::new(), "{:?}", rig.rows(1000));
    let alert = &rig.alerts()[0];
    let expected = [
        ("status", json!("closed")),
        ("priority", json!("P1")),
        ("message", json!("worse")),
        ("description", json!("much worse")),
        ("tags", json!(["x"])),
        ("details", json!({"l": "w"})),
        ("owner", json!("ann@example.com")),
        ("count", json!(1)),
    ];
    for (field, value) in expected {
        assert_eq!(alert[field], value, "{field}: {alert}");
    }
}

#[test]
fn a_delete_removes_the_alert() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("1", "a"));
    rig.set(51, r#"{"op":"delete","id":"2","alias":"a"}"#);
    rig.drain(60);
    assert_eq!(rig.alerts(), Vec::<Value>::new());
}

#[test]
fn a_composite_update_is_sent_call_by_call() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("1", "a"));
    let update =
        json!({"op": "update", "id": "2", "alias": "a", "note": "n", "tags": ["t"], "priority": "P1", "message": "m"});
    rig.set(51, &update.to_string());
    rig.drain(60);
    let writes: Vec<String> = rig
        .journal()
        .into_iter()
        .filter(|line| !line.starts_with("GET"))
        .collect();
    assert_eq!(
        writes,
        [
            "POST /v2/alerts 202",
            "PUT /v2/alerts/a/priority?identifierType=alias 202",
            "PUT /v2/alerts/a/message?identifierType=alias 202",
            "POST /v2/alerts/a/tags?identifierType=alias 202",
            "POST /v2/alerts/a/notes?identifierType=alias 202",
        ]
    );
}

#[test]
fn an_alert_that_the_platform_renamed_is_found_by_its_id() {
    let mut rig = Rig::at("http://platform.test", "site1-");
    rig.set(11, adit::emulator::opsgenie::keys::DEMO_KEY);
    rig.run_for(1);
    rig.set(51, &create("1", "a"));
    rig.run_for(3);
    let result = rig.cell(1000, "1", RESULT);
    assert_eq!(result, "Created alert; the platform calls it site1-a");
    let mut rig = rig.restart();
    rig.run_for(1);
    rig.set(51, r#"{"op":"close","id":"2","alias":"a"}"#);
    rig.drain(60);
    assert_eq!(rig.alerts()[0]["status"], "closed");
}

#[test]
fn a_create_whose_answer_was_lost_is_found_under_the_name_that_the_platform_gives() {
    let mut rig = Rig::at("http://platform.test", "site1-");
    rig.set(11, adit::emulator::opsgenie::keys::DEMO_KEY);
    rig.run_for(1);
    rig.set(51, &create("1", "a"));
    rig.drain(30);
    rig.faults(&["create:lost@1"]);
    rig.set(51, &create("2", "b"));
    rig.drain(60);
    let alerts = rig.alerts();
    let raised: Vec<_> = alerts.iter().map(|alert| (&alert["alias"], &alert["count"])).collect();
    assert!(raised.contains(&(&json!("site1-b"), &json!(1))), "{raised:?}");
    assert_eq!(raised.len(), 2, "{raised:?}");
}

/// An alert and an operation on it, with the element killed by `kill` and started again. Whether it came to the kill.
fn killed(message: &Value, kill: impl Fn(&Rig)) -> bool {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.quiet();
    rig.set(51, &raised().to_string());
    rig.run_for(3);
    kill(&rig);
    rig.set(51, &message.to_string());
    rig.run_for(3);
    let (killed, answered) = (rig.is_killed(), rig.replies() > 0);
    let op = message["op"].as_str().unwrap();
    let mut rig = rig.restart();
    rig.run_for(1);
    // Whoever got no answer hands it over again.
    if !answered {
        rig.set(51, &message.to_string());
    }
    rig.drain(1_500);
    assert_eq!(in_error(&rig), Vec::<String>::new(), "{op}: {:?}", rig.rows(1000));
    let alerts = rig.alerts();
    assert_eq!((alerts.len(), &alerts[0]["count"]), (1, &json!(1)), "{op}");
    let notes = rig.platform_request("GET /v2/alerts/a/notes?identifierType=alias&limit=100");
    let marks = notes.matches(&format!("[dm:{op}]")).count();
    let expected = usize::from(["addNote", "escalate", "action"].contains(&op));
    assert_eq!(marks, expected, "{op}: {notes}");
    killed
}

#[test]
fn killed_at_any_step_of_any_operation_it_is_done_once() {
    for message in every_operation() {
        let moments = (1..)
            .take_while(|&count| killed(&message, |rig| rig.kill_after_saves(count)))
            .count();
        assert!(moments >= 3, "{message}: {moments}");
        let moments = (1..)
            .take_while(|&count| killed(&message, |rig| rig.kill_after_requests(count)))
            .count();
        assert!(moments >= 1, "{message}: {moments}");
    }
}
