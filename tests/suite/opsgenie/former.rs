//! A change of the platform: what was opened before it stays where it is, and is closed there.

use adit::emulator::opsgenie::keys::DEMO_KEY;
use adit::emulator::opsgenie::pending::Pending;
use adit::engine::exchange::ExchangeErrorKind;
use serde_json::json;

use super::rig::{Rig, in_error};
use super::{RESULT, STATE, create, operation};

/// Where JSM Operations are.
const OPERATIONS: &str = "http://platform.test/jsm/ops/api/site-1";
/// Where integration events are.
const EVENTS: &str = "http://platform.test/jsm/ops/integration";
/// How the platform of before is called.
const BEFORE: &str = "Opsgenie at http://platform.test:443";

/// An element with these alerts open on Opsgenie, and JSM Operations as its platform since.
fn moved(aliases: &[&str]) -> Rig {
    let mut rig = Rig::with_key();
    for alias in aliases {
        rig.set(51, &create(&format!("create-{alias}"), alias));
    }
    rig.drain(30);
    to_operations(rig)
}

fn to_operations(rig: Rig) -> Rig {
    let mut rig = rig.restart_at(OPERATIONS);
    rig.set(15, "3");
    rig.set(11, "ann@example.com:t-1");
    rig.run_for(1);
    rig
}

/// Alias and state of each alert on the platform.
fn alerts(rig: &Rig) -> Vec<String> {
    let alerts = rig.alerts();
    let told = alerts
        .iter()
        .map(|alert| format!("{} {}", alert["alias"], alert["status"]).replace('"', ""));
    let mut told: Vec<String> = told.collect();
    told.sort();
    told
}

/// The writes that the element sent, but for creates.
fn writes(rig: &Rig) -> Vec<String> {
    let order = rig.order().into_iter();
    let mut writes: Vec<String> = order
        .filter(|line| line.starts_with("send POST") && !line.ends_with("alerts"))
        .collect();
    writes.sort();
    writes
}

#[test]
fn what_was_opened_before_a_change_is_closed_where_it_was_opened() {
    let mut rig = moved(&["a", "b"]);
    assert_eq!(rig.text(82), format!("2 on {BEFORE}"));
    rig.set(51, &create("c", "c"));
    rig.drain(30);
    rig.set(83, "1");
    rig.drain(30);
    assert_eq!(
        rig.rows(1000).last().unwrap()[&RESULT],
        format!("Closed alert (on {BEFORE})")
    );
    assert_eq!(alerts(&rig), ["a closed", "b closed", "c open"]);
    assert_eq!(
        writes(&rig),
        [
            "send POST /v2/alerts/a/close?identifierType=alias",
            "send POST /v2/alerts/b/close?identifierType=alias"
        ]
    );
    assert_eq!(rig.text(82), "None");
    let lines = rig.lines();
    assert!(
        lines
            .iter()
            .any(|line| line.contains(&format!("2 alerts of {BEFORE} are to be closed"))),
        "{lines:?}"
    );
    assert!(!lines.iter().any(|line| line.contains(DEMO_KEY)));
}

#[test]
fn an_alarm_that_clears_after_a_change_closes_its_alert_of_before() {
    let mut rig = moved(&["a"]);
    rig.set(51, &operation("addNote", "1", "a"));
    rig.set(51, &operation("close", "2", "a"));
    // Another alarm of the same alias is the platform's of now.
    rig.set(51, &create("3", "a"));
    rig.set(51, &operation("addNote", "4", "a"));
    rig.drain(60);
    assert_eq!(alerts(&rig), ["a closed", "a open"]);
    let writes = writes(&rig);
    assert_eq!(
        &writes[1..],
        [
            "send POST /v2/alerts/a/close?identifierType=alias",
            "send POST /v2/alerts/a/notes?identifierType=alias",
        ]
    );
    assert!(
        writes[0].starts_with("send POST /jsm/ops/api/site-1/v1/alerts/"),
        "{writes:?}"
    );
    rig.set(51, &operation("close", "5", "a"));
    rig.drain(30);
    assert_eq!(alerts(&rig), ["a closed", "a closed"]);
}

#[test]
fn an_alias_that_is_open_on_both_is_closed_on_both() {
    let mut rig = moved(&["a"]);
    rig.set(51, &create("1", "a"));
    rig.drain(30);
    // One store serves all addresses: the alert is the same one.
    assert_eq!(rig.text(82), format!("1 on {BEFORE}"));
    rig.set(83, "1");
    rig.drain(30);
    rig.set(80, "1");
    rig.drain(30);
    let results: Vec<String> = rig.rows(1000).into_iter().map(|row| row[&RESULT].clone()).collect();
    assert_eq!(
        &results[results.len() - 2..],
        [format!("Closed alert (on {BEFORE})"), "Closed alert".to_owned()]
    );
}

#[test]
fn a_key_of_before_that_is_refused_holds_up_nothing_else() {
    let mut rig = moved(&["a"]);
    rig.faults(&["close:401"]);
    rig.set(83, "1");
    rig.run_for(5);
    rig.set(51, &create("b", "b"));
    rig.run_for(5);
    assert_eq!(
        (rig.cell(1000, "b", STATE), rig.text(30)),
        ("Completed".to_owned(), "Running".to_owned())
    );
    let told = format!("1 on {BEFORE} (Held: authentication (401 Unauthorized: Could not authenticate))");
    assert_eq!(rig.text(82), told);
    let mut rig = rig.restart();
    rig.run_for(130);
    assert_eq!(rig.text(82), told);
    rig.faults(&["close:422"]);
    rig.drain(90);
    let wrong: Vec<String> = rig
        .rows(1000)
        .iter()
        .filter(|row| row[&STATE] == "Error")
        .map(|row| row[&RESULT].clone())
        .collect();
    assert!(wrong[0].ends_with(&format!("(on {BEFORE})")), "{wrong:?}");
    rig.faults(&[]);
    rig.set(53, "1");
    rig.drain(90);
    assert_eq!(alerts(&rig), ["a closed", "b open"]);
    assert_eq!(rig.text(82), "None");
}

#[test]
fn what_was_sent_before_a_change_is_confirmed_where_it_was_sent() {
    let mut rig = Rig::with_key();
    rig.pending(Pending::Millis(20_000));
    rig.set(51, &create("1", "a"));
    rig.run_for(3);
    assert_eq!(rig.cell(1000, "1", STATE), "Confirming");
    let mut rig = to_operations(rig);
    rig.set(51, &operation("close", "2", "a"));
    rig.drain(90);
    assert_eq!(alerts(&rig), ["a closed"]);
    let sent = rig
        .order()
        .into_iter()
        .filter(|line| line.starts_with("send") && line.contains("alerts"));
    let elsewhere: Vec<String> = sent.filter(|line| !line.contains(" /v2/")).collect();
    assert_eq!(elsewhere, Vec::<String>::new());
}

#[test]
fn what_was_not_sent_before_a_change_goes_to_the_platform_of_now() {
    let mut rig = Rig::with_key();
    rig.break_network(ExchangeErrorKind::CannotConnect);
    rig.set(51, &create("1", "a"));
    rig.set(51, &operation("close", "2", "a"));
    rig.run_for(30);
    let mut rig = rig.restart_at(EVENTS);
    rig.set(15, "2");
    rig.mend_network();
    rig.drain(90);
    assert_eq!(alerts(&rig), ["a closed"]);
    let paths: Vec<String> = rig
        .order()
        .into_iter()
        .filter(|line| line.starts_with("send POST"))
        .collect();
    assert!(
        paths.iter().all(|line| line.contains("/jsm/ops/integration/v2/")),
        "{paths:?}"
    );
}

#[test]
fn what_a_platform_refused_to_look_at_goes_to_the_platform_of_now() {
    let seed = json!({"alerts": [{"message": "of another", "alias": "z"}]});
    let mut rig = Rig::seeded("http://platform.test", &seed);
    rig.set(11, "0ad17000-0000-4000-8000-000000000bad");
    rig.set(51, &operation("addNote", "1", "z"));
    rig.run_for(3);
    assert!(rig.text(30).starts_with("Held: authentication"), "{}", rig.text(30));
    let mut rig = rig.restart_at(EVENTS);
    rig.set(15, "2");
    rig.set(11, DEMO_KEY);
    rig.drain(60);
    assert_eq!(rig.cell(1000, "1", STATE), "Completed", "{:?}", rig.rows(1000));
    assert!(
        writes(&rig)[0].starts_with("send POST /jsm/ops/integration/v2/"),
        "{:?}",
        writes(&rig)
    );
}

#[test]
fn after_a_change_back_everything_is_as_before() {
    let rig = moved(&["a"]);
    let mut rig = rig.restart_at("http://platform.test");
    rig.set(15, "1");
    rig.set(11, DEMO_KEY);
    rig.run_for(1);
    assert_eq!(rig.text(82), "None");
    rig.set(51, &operation("close", "1", "a"));
    rig.drain(30);
    assert_eq!(alerts(&rig), ["a closed"]);
    assert!(rig.cell(1000, "1", RESULT).starts_with("Closed alert"));
}

#[test]
fn a_platform_of_before_that_is_gone_holds_up_no_alert_of_the_same_alias() {
    let mut rig = moved(&["a"]);
    rig.faults(&["close:reset"]);
    rig.set(51, &operation("close", "1", "a"));
    rig.set(51, &create("2", "a"));
    rig.run_for(5);
    assert_eq!(rig.cell(1000, "2", STATE), "Completed", "{:?}", rig.rows(1000));
    assert_ne!(rig.cell(1000, "1", STATE), "Completed");
}

#[test]
fn a_create_without_a_verdict_of_before_goes_to_the_platform_of_now() {
    let mut rig = Rig::with_key();
    rig.pending(Pending::Never);
    rig.set(51, &create("1", "a"));
    rig.run_for(3);
    let mut rig = to_operations(rig);
    rig.pending(Pending::Millis(200));
    rig.faults(&["status:401@11"]);
    rig.run_for(800);
    assert_eq!(rig.text(31), "0", "{:?}", rig.rows(1000));
    assert_eq!(alerts(&rig), ["a open"]);
    let order = rig.order().into_iter();
    let sent = order.filter(|line| line.ends_with("POST /jsm/ops/api/site-1/v1/alerts"));
    assert_eq!(sent.count(), 1);
}

/// An alert of before is closed by the button, with the element killed by `kill` and started again. Whether it came to it.
fn killed(kill: impl Fn(&Rig)) -> bool {
    let mut rig = moved(&["a"]);
    kill(&rig);
    rig.set(83, "1");
    rig.run_for(3);
    let killed = rig.is_killed();
    let mut rig = rig.restart();
    rig.run_for(1);
    if rig
        .rows(1000)
        .iter()
        .all(|row| row[&1004] != "a" || row[&1003] != "close")
        && rig.text(82) != "None"
    {
        // Killed before it was stored: the operator presses again.
        rig.set(83, "1");
    }
    rig.drain(200);
    assert_eq!(alerts(&rig), ["a closed"]);
    assert_eq!(in_error(&rig), Vec::<String>::new());
    killed
}

#[test]
fn killed_at_any_step_what_is_to_be_closed_is_closed() {
    let moments = (1..)
        .take_while(|&count| killed(|rig| rig.kill_after_saves(count)))
        .count();
    assert!(moments >= 3, "{moments}");
    let moments = (1..)
        .take_while(|&count| killed(|rig| rig.kill_after_requests(count)))
        .count();
    assert!(moments >= 1, "{moments}");
}

#[test]
fn a_change_while_everything_is_under_way_loses_nothing() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    for number in 0..20 {
        rig.set(51, &create(&format!("c{number}"), &format!("a{number}")));
    }
    // The address serves both.
    for (millis, service) in [(15, "2"), (700, "1"), (30, "2"), (1_300, "1"), (10, "2")] {
        rig.run_for_millis(millis);
        rig.set(15, service);
    }
    for number in 0..20 {
        rig.set(51, &operation("close", &format!("d{number}"), &format!("a{number}")));
    }
    rig.drain(120);
    let open: Vec<String> = alerts(&rig).into_iter().filter(|told| told.ends_with("open")).collect();
    assert_eq!(open, Vec::<String>::new());
    assert_eq!(
        (rig.alerts().len(), rig.text(32)),
        (20, "0".to_owned()),
        "{:#?}",
        rig.rows(1000)
    );
    assert!(rig.alerts().iter().all(|alert| alert["count"] == json!(1)));
}
