//! What an element still knows after it was killed and started again.

use adit::emulator::opsgenie::keys::DEMO_KEY;
use adit::emulator::opsgenie::pending::Pending;
use serde_json::json;

use super::rig::{Rig, Row, row_state};
use super::{RESULT, STATE, create, operation};

#[test]
fn a_message_that_comes_again_after_a_restart_is_not_queued_again_for_a_day() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("m-1", "a"));
    rig.set(51, &operation("addNote", "m-2", "a"));
    rig.run_for(60);
    assert!(rig.rows(1000).is_empty());
    let mut rig = rig.restart();
    rig.run_for(1);
    rig.set(51, &create("m-1", "a"));
    rig.set(51, &operation("addNote", "m-2", "a"));
    assert_eq!((rig.text(34).as_str(), rig.rows(1000).len()), ("2", 0));
    rig.run_for(86_400);
    let mut rig = rig.restart();
    rig.run_for(1);
    rig.set(51, &create("m-1", "a"));
    assert_eq!(rig.text(34), "0");
    rig.run_for(60);
    assert_eq!(rig.alerts()[0]["count"], 2);
}

#[test]
fn what_is_remembered_leaves_the_hidden_table_after_a_day() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("m-1", "a"));
    rig.run_for(60);
    assert_eq!(rig.rows(1100).len(), 1);
    rig.run_for(86_400);
    rig.set(51, &create("m-2", "b"));
    rig.run_for(60);
    let left: Vec<String> = rig.rows(1100).iter().map(|row| row[&1101].clone()).collect();
    assert_eq!(left, ["m-2"]);
}

#[test]
fn a_close_after_a_restart_knows_that_the_alert_was_created_here() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("m-1", "a"));
    rig.run_for(60);
    let mut rig = rig.restart();
    // Somebody closes it by hand.
    rig.platform_request("POST /v2/alerts/a/close?identifierType=alias");
    rig.run_for(10);
    rig.set(51, &operation("close", "m-2", "a"));
    rig.run_for(5);
    assert_eq!(rig.cell(1000, "m-2", STATE), "Completed");
    assert_eq!(rig.cell(1000, "m-2", RESULT), "already closed");
}

#[test]
fn an_alert_that_is_open_is_updated_by_a_create_after_a_restart() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("m-1", "a"));
    rig.run_for(60);
    let mut rig = rig.restart();
    rig.run_for(1);
    let other = json!({"op": "create", "id": "m-2", "alias": "a", "alert": {"message": "worse", "priority": "P1"}});
    rig.set(51, &other.to_string());
    rig.drain(60);
    let alert = &rig.alerts()[0];
    assert_eq!((&alert["message"], &alert["priority"]), (&json!("worse"), &json!("P1")));
    assert_eq!((rig.alerts().len(), &alert["count"]), (1, &json!(2)));
}

#[test]
fn messages_in_error_are_queued_again_by_retry_in_their_order() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.faults(&["create:422@1"]);
    let texts = [create("1", "a"), operation("addNote", "2", "a"), create("3", "b")];
    rig.set(51, &format!("[{}]", texts.join(",")));
    rig.set(51, "{");
    rig.run_for(30);
    assert_eq!(rig.text(32), "3");
    let mut rig = rig.restart();
    rig.run_for(1);
    rig.set(53, "1");
    rig.run_for(5);
    let rows: Vec<String> = rig.rows(1000).iter().map(row_state).collect();
    assert_eq!(rows[..2], ["1 Completed", "2 Completed"]);
    // What could not be read stays.
    assert_eq!(rig.text(32), "1");
    assert_eq!(rig.alerts().len(), 2);
}

#[test]
fn a_full_queue_says_so_and_takes_creates_last() {
    let mut rig = Rig::new();
    rig.set(63, "10");
    for number in 0..9 {
        rig.set(51, &create(&format!("c{number}"), &format!("a{number}")));
    }
    assert_eq!(rig.text(64), "90");
    rig.set(51, &operation("addNote", "n", "a0"));
    rig.set(51, &operation("close", "d", "a0"));
    rig.set(51, &create("c10", "a10"));
    assert_eq!((rig.text(64).as_str(), rig.text(65).as_str()), ("100", "2"));
    assert_eq!(rig.rows(1000).len(), 10);
    let told = "2 messages were refused";
    assert!(!rig.lines().iter().any(|line| line.contains(told)));
    assert!(
        rig.lines()
            .iter()
            .any(|line| line.contains("1 messages were refused: the queue is full"))
    );
}

#[test]
fn a_pause_outlasts_a_restart() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.faults(&["create:429=60@1"]);
    rig.set(51, &create("1", "a"));
    rig.run_for(5);
    let mut rig = rig.restart();
    rig.run_for(40);
    assert_eq!(
        (rig.text(30).as_str(), rig.journal_of("create").len()),
        ("Throttled: too many requests", 1)
    );
    rig.run_for(30);
    assert_eq!((rig.text(30).as_str(), rig.journal_of("create").len()), ("Running", 2));
}

#[test]
fn a_clock_that_was_set_back_holds_up_nothing() {
    let mut rig = Rig::later(2);
    rig.set(11, DEMO_KEY);
    rig.run_for(1);
    rig.faults(&["create:503@1"]);
    rig.set(51, &create("retrying", "a"));
    rig.run_for_millis(100);
    rig.pending(Pending::Millis(20_000));
    rig.set(51, &create("confirming", "b"));
    rig.run_for_millis(100);
    assert_eq!(
        ["retrying", "confirming"].map(|key| rig.cell(1000, key, STATE)),
        ["Retrying", "Confirming"]
    );
    let mut rig = rig.restart_set_back(1);
    rig.drain(110);
    assert_eq!((rig.text(32).as_str(), rig.alerts().len()), ("0", 2));
    // Completed messages leave as usual.
    rig.run_for(15);
    assert_eq!(rig.rows(1000), Vec::<Row>::new());
}
