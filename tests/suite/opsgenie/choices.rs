//! What an operator chooses, and what a row says about it.

use serde_json::{Value, json};

use super::rig::{Rig, row_state};
use super::{RESULT, STATE, create, operation};

/// The key of an integration that belongs to the team Ops.
const TEAM_KEY: &str = "0ad17000-0000-4000-8000-00000000000a";

fn with_responders(id: &str, alias: &str, responders: &Value) -> String {
    json!({"op": "create", "id": id, "alias": alias, "alert": {"message": "m", "responders": responders}}).to_string()
}

#[test]
fn responders_that_the_platform_put_others_in_the_place_of_are_told() {
    let seed = json!({
        "teams": [{"name": "NOC"}, {"name": "Ops"}],
        "keys": [{"key": TEAM_KEY, "kind": "team", "team": "Ops"}],
    });
    let mut rig = Rig::seeded("http://platform.test", &seed);
    rig.set(11, TEAM_KEY);
    rig.run_for(1);
    let noc = json!([{"type": "team", "name": "NOC"}]);
    rig.set(51, &with_responders("1", "a", &noc));
    rig.set(51, &with_responders("2", "b", &noc));
    rig.set(
        51,
        &with_responders("3", "c", &json!([{"type": "team", "name": "Ops"}])),
    );
    rig.run_for(5);
    let missing = "Created alert; the platform gave the alert other responders: team NOC is missing";
    assert_eq!(rig.cell(1000, "1", RESULT), missing);
    assert_eq!(rig.cell(1000, "2", RESULT), missing);
    assert_eq!(rig.cell(1000, "3", RESULT), "Created alert");
}

#[test]
fn a_create_of_an_open_alert_with_other_responders_is_told_so() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(
        51,
        &with_responders("1", "a", &json!([{"type": "team", "name": "NOC"}])),
    );
    rig.run_for(5);
    rig.set(
        51,
        &with_responders("2", "a", &json!([{"type": "team", "name": "Web"}])),
    );
    rig.run_for(5);
    assert_eq!(rig.cell(1000, "1", RESULT), "Created alert");
    let result = rig.cell(1000, "2", RESULT);
    assert!(result.ends_with("other responders: team Web is missing"), "{result}");
}

#[test]
fn jsm_operations_get_the_ids_of_responders() {
    let mut rig = Rig::at("http://platform.test/jsm/ops/api/site-1", "");
    rig.set(15, "3");
    rig.set(79, "ann@example.com = user-1");
    rig.set(11, "ann@example.com:t-1");
    rig.run_for(1);
    let responders = json!([{"type": "team", "name": "NOC"}, {"type": "user", "username": "ann@example.com"},
        {"type": "user", "username": "bob@example.com"}]);
    rig.set(51, &with_responders("1", "a", &responders));
    rig.run_for(5);
    let sent: Vec<String> = rig
        .entries()
        .into_iter()
        .filter(|entry| entry.operation == Some("create"))
        .map(|entry| entry.body)
        .collect();
    let team = rig.rows(500).iter().find(|row| row[&502] == "NOC").unwrap()[&501].clone();
    let body: Value = serde_json::from_str(&sent[0]).unwrap();
    assert_eq!(
        body["responders"],
        json!([{"type": "team", "id": team}, {"type": "user", "id": "user-1"}])
    );
    let result = rig.cell(1000, "1", RESULT);
    let told = "(bob@example.com left out: JSM Operations knows responders by their id only, see Responder IDs)";
    assert!(result.ends_with(told), "{result}");
}

fn value_changed(id: &str, value: &str) -> String {
    json!({"op": "updateMessage", "id": id, "alias": "a", "alarm": {"type": 41, "parameterName": "Level", "value": value}})
        .to_string()
}

#[test]
fn changes_of_the_value_are_sent_once_a_minute() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("1", "a"));
    rig.run_for(5);
    for second in 1..=30 {
        rig.set(51, &value_changed(&format!("v{second}"), &second.to_string()));
        rig.run_for(1);
    }
    let updates = |rig: &Rig| rig.journal().iter().filter(|line| line.contains("/message")).count();
    assert_eq!((updates(&rig), &rig.alerts()[0]["message"]), (1, &json!("Level: 1")));
    let waiting = "waits: changes of the value are sent once a minute";
    assert_eq!(rig.cell(1000, "v30", RESULT), waiting);
    rig.run_for(35);
    assert_eq!((updates(&rig), &rig.alerts()[0]["message"]), (2, &json!("Level: 30")));
    // What waits does not hold up what comes behind it.
    rig.set(51, &value_changed("last", "0"));
    rig.set(51, &operation("close", "end", "a"));
    rig.run_for(5);
    assert_eq!((updates(&rig), &rig.alerts()[0]["status"]), (3, &json!("closed")));
}

#[test]
fn an_alert_may_stand_for_a_parameter() {
    let alarm = |op: &str, root: u32| {
        json!({"op": op, "id": format!("{op}-{root}"), "alarm": {"dms": "d", "dma": 1, "element": 2, "root": root,
            "parameterId": 7, "severity": 1, "value": "v"}})
        .to_string()
    };
    let mut rig = Rig::with_key();
    rig.set(73, "2");
    rig.set(77, "Web");
    rig.run_for(1);
    rig.set(51, &alarm("create", 5));
    rig.run_for(3);
    rig.set(51, &alarm("create", 6));
    rig.run_for(3);
    let alert = &rig.alerts()[0];
    assert_eq!((&alert["alias"], &alert["count"]), (&json!("dm-d-1-2-p7"), &json!(2)));
    assert_eq!(alert["responders"][0]["type"], "team");
    rig.set(51, &alarm("close", 6));
    rig.drain(30);
    assert_eq!(rig.alerts()[0]["status"], "closed");
}

#[test]
fn messages_that_waited_before_the_queue_was_held_say_so() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(36, "1");
    rig.faults(&["any:401"]);
    let texts: Vec<String> = (0..3).map(|n| create(&format!("{n}"), &format!("a{n}"))).collect();
    rig.set(
        51,
        &format!("[{},{}]", texts.join(","), operation("close", "end", "a2")),
    );
    rig.run_for(5);
    let held = "waits: Held: authentication (401 Unauthorized";
    for id in ["1", "2"] {
        assert!(
            rig.cell(1000, id, RESULT).starts_with(held),
            "{}",
            rig.cell(1000, id, RESULT)
        );
    }
    assert_eq!(
        rig.cell(1000, "end", RESULT),
        "waits for 2, which is about the same alert"
    );
    rig.set(11, "");
    rig.run_for(2);
    assert_eq!(rig.cell(1000, "2", RESULT), "waits: Held: no API key");
}

#[test]
fn open_alerts_are_closed_before_the_platform_is_changed() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(80, "1");
    assert!(rig.rows(1000).is_empty());
    for text in [
        create("1", "a"),
        create("2", "b"),
        operation("close", "3", "a"),
        create("4", "c"),
    ] {
        rig.set(51, &text);
    }
    rig.drain(30);
    rig.set(80, "1");
    rig.run_for(5);
    let rows = rig.rows(1000);
    let closes: Vec<String> = rows.iter().filter(|row| row[&1003] == "close").map(row_state).collect();
    assert_eq!(closes.len(), 3, "{closes:?}");
    assert!(rows.iter().all(|row| row[&STATE] == "Completed"), "{rows:?}");
    assert!(rig.alerts().iter().all(|alert| alert["status"] == "closed"));
    let told = "Close Open Alerts by user: 2 alerts of Opsgenie at http://platform.test:443 are to be closed";
    assert!(rig.lines().iter().any(|line| line.contains(told)));
}
