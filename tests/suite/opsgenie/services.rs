//! The services that follow Opsgenie, and addresses other than the usual one.

use adit::emulator::opsgenie::keys::DEMO_KEY;
use serde_json::json;

use super::rig::{Rig, row_state};
use super::{RESULT, STATE, create, operation};

#[test]
fn the_address_of_the_eu_works_like_any_other() {
    let mut rig = Rig::at("https://api.eu.opsgenie.com", "");
    rig.set(11, DEMO_KEY);
    rig.set(51, &create("1", "a"));
    rig.drain(30);
    assert_eq!(rig.alerts().len(), 1);
    assert_eq!(rig.text(22), "OK: 3 teams");
}

#[test]
fn integration_events_do_what_they_can_and_tell_the_rest_in_notes() {
    let mut rig = Rig::at("http://platform.test/jsm/ops/integration", "");
    rig.set(15, "2");
    rig.set(11, DEMO_KEY);
    rig.run_for(1);
    assert_eq!(rig.text(22), "Not available: JSM integration events list no teams");
    rig.set(51, &create("1", "a"));
    rig.set(51, &operation("updatePriority", "2", "a"));
    rig.set(51, r#"{"op":"delete","id":"3","alias":"a"}"#);
    rig.set(51, &operation("close", "4", "a"));
    rig.drain(60);
    let rows: Vec<String> = rig.rows(1000).iter().map(row_state).collect();
    assert_eq!(rows, ["1 Completed", "2 Completed", "3 Error", "4 Completed"]);
    assert_eq!(
        rig.cell(1000, "2", RESULT),
        "Added note (updatePriority is not available on JSM integration events: told in a note)"
    );
    assert_eq!(
        rig.cell(1000, "3", RESULT),
        "delete is not available on JSM integration events"
    );
    let alert = &rig.alerts()[0];
    assert_eq!((&alert["status"], &alert["priority"]), (&json!("closed"), &json!("P2")));
}

#[test]
fn jsm_operations_find_the_alert_and_change_it_by_its_id() {
    let mut rig = Rig::at("http://platform.test/jsm/ops/api/site-1", "");
    rig.set(15, "3");
    rig.set(11, "ann@example.com:t-1");
    rig.run_for(1);
    assert_eq!(rig.text(22), "OK: 3 teams");
    rig.set(51, &create("1", "a"));
    rig.set(51, &operation("updatePriority", "2", "a"));
    rig.set(51, r#"{"op":"addDetails","id":"3","alias":"a","details":{"k":"v"}}"#);
    rig.set(51, &operation("addNote", "4", "a"));
    rig.set(51, &operation("close", "5", "a"));
    rig.set(51, &operation("close", "6", "nobody"));
    rig.drain(60);
    let rows: Vec<String> = rig.rows(1000).iter().map(row_state).collect();
    assert_eq!(
        rows,
        [
            "1 Completed",
            "2 Completed",
            "3 Completed",
            "4 Completed",
            "5 Completed",
            "6 Error"
        ],
        "{:?}",
        rig.rows(1000)
    );
    assert_eq!(rig.cell(1000, "6", RESULT), "no open alert with this alias");
    let alert = &rig.alerts()[0];
    assert_eq!(
        (&alert["status"], &alert["priority"], &alert["details"]),
        (&json!("closed"), &json!("P1"), &json!({"k": "v"}))
    );
}

#[test]
fn a_lost_answer_of_integration_events_is_sent_again_under_the_same_alias() {
    let mut rig = Rig::at("http://platform.test/jsm/ops/integration", "");
    rig.set(15, "2");
    rig.set(11, DEMO_KEY);
    rig.faults(&["create:lost@1"]);
    rig.set(51, &create("1", "a"));
    rig.drain(60);
    assert_eq!(rig.alerts().len(), 1);
}

#[test]
fn integration_events_know_the_teams_that_are_written_down() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    assert_eq!(rig.text(22), "OK: 3 teams");
    let mut rig = rig.restart_at("http://platform.test/jsm/ops/integration");
    rig.set(15, "2");
    // The teams of before stay in the table, but their ids mean nothing here.
    assert_eq!(rig.rows(500).len(), 3);
    let responders = json!([{"type": "team", "name": "NOC"}]);
    let raise =
        |id: &str| json!({"op": "create", "id": id, "alias": id, "message": "m", "responders": responders}).to_string();
    rig.set(51, &raise("1"));
    rig.run_for(5);
    rig.set(79, "NOC = 7c9e; ann@example.com = 11");
    rig.set(51, &raise("2"));
    rig.run_for(5);
    let sent = rig
        .entries()
        .into_iter()
        .filter(|entry| entry.operation == Some("create"));
    let sent: Vec<String> = sent.map(|entry| entry.body).collect();
    assert!(
        sent[0].contains(r#""responders":[{"type":"team","name":"NOC"}]"#),
        "{}",
        sent[0]
    );
    assert!(
        sent[1].contains(r#""responders":[{"type":"team","name":"NOC","id":"7c9e"}]"#),
        "{}",
        sent[1]
    );
    let teams: Vec<String> = rig
        .rows(500)
        .iter()
        .map(|row| format!("{} {}", row[&501], row[&502]))
        .collect();
    assert_eq!(teams, ["7c9e NOC"]);
    assert_eq!(
        rig.text(22),
        "Not available: JSM integration events list no teams; 1 of Responder IDs"
    );
}

#[test]
fn without_confirmation_accepted_is_the_end() {
    let mut rig = Rig::with_key();
    rig.set(41, "0");
    rig.run_for(1);
    rig.set(51, &create("1", "a"));
    rig.run_for(1);
    assert_eq!(rig.cell(1000, "1", STATE), "Completed");
    assert_eq!(
        rig.cell(1000, "1", RESULT),
        "accepted (not confirmable: the platform does not tell what became of it)"
    );
    assert!(rig.journal_of("status").is_empty());
}

#[test]
fn rows_survive_a_change_of_the_platform() {
    let mut rig = Rig::new();
    rig.set(51, &create("1", "a"));
    rig.run_for(5);
    rig.set(15, "2");
    rig.set(15, "1");
    rig.set(11, DEMO_KEY);
    rig.drain(60);
    assert_eq!(rig.alerts().len(), 1);
}

#[test]
fn the_end_of_opsgenie_is_told_60_days_before() {
    // 4 February 2027 is 74 days later.
    let mut rig = Rig::later(73);
    assert_eq!(rig.text(16), "None");
    rig.run_for(2 * 86_400);
    rig.set(11, DEMO_KEY);
    rig.run_for(1);
    assert!(
        rig.text(16).starts_with("Opsgenie stops on 5 April 2027, in "),
        "{}",
        rig.text(16)
    );
    rig.set(15, "2");
    rig.run_for(1);
    assert_eq!(rig.text(16), "None");
}

#[test]
fn a_refusal_of_the_question_is_no_verdict() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    // What was accepted is lost, and for a while the key may not ask.
    rig.faults(&["create:vanish@1", "status:403@5"]);
    rig.set(51, &create("1", "a"));
    rig.run_for(10);
    assert_eq!(rig.cell(1000, "1", STATE), "Confirming");
    assert!(rig.cell(1000, "1", RESULT).starts_with("403 Forbidden"));
    rig.drain(900);
    assert_eq!(rig.text(32), "0");
    assert_eq!(rig.alerts().len(), 1);
}

#[test]
fn a_key_that_may_never_ask_is_waited_for_once() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(38, "3600");
    rig.faults(&["status:403", "get:403"]);
    rig.set(51, &create("1", "a"));
    rig.run_for(590);
    assert_eq!(
        (rig.cell(1000, "1", STATE).as_str(), rig.text(30).as_str()),
        ("Confirming", "Running")
    );
    rig.drain(60);
    assert!(
        rig.cell(1000, "1", RESULT)
            .starts_with("accepted (not confirmable: 403 Forbidden")
    );
    rig.set(51, &create("2", "b"));
    rig.run_for(2);
    assert_eq!(rig.cell(1000, "2", STATE), "Completed");
}
