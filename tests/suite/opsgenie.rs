//! The Opsgenie connector as a whole: its definition on the engine, on virtual time, against the emulated platform.
//!
//! The platform is a real server on loopback whose clock follows the element's, so that a day takes a moment.

mod choices;
mod complaints;
mod durable;
mod former;
mod operations;
mod rig;
mod services;
mod storm;

use adit::emulator::opsgenie::keys::DEMO_KEY;
use adit::emulator::opsgenie::pending::Pending;
use adit::engine::exchange::ExchangeErrorKind;
use adit::model::moment::Span;
use adit::schema::diagnostic::Level;
use rig::{Rig, row_state};
use serde_json::json;

/// Where the columns of Opsgenie Operations are.
const STATE: u32 = 1005;
const RESULT: u32 = 1006;
const ATTEMPTS: u32 = 1008;
const ALERT_ID: u32 = 1011;

fn create(id: &str, alias: &str) -> String {
    json!({"op": "create", "id": id, "alias": alias, "alert": {"message": format!("alarm {alias}"), "priority": "P2"}})
        .to_string()
}

fn operation(op: &str, id: &str, alias: &str) -> String {
    let mut message = json!({"op": op, "id": id, "alias": alias});
    match op {
        "updatePriority" => message["value"] = json!("P1"),
        _ => message["note"] = json!("seen"),
    }
    message.to_string()
}

#[test]
fn the_definition_loads_and_nothing_about_it_is_wrong() {
    let loaded = adit::schema::load("protocol.xml", rig::DEFINITION);
    let wrong = loaded
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code.level != Level::Note);
    let wrong: Vec<String> = wrong.map(|diagnostic| diagnostic.message.clone()).collect();
    assert_eq!(wrong, Vec::<String>::new());
    let protocol = loaded.protocol.unwrap();
    let connection = &protocol.parts().connections[0];
    assert_eq!(
        (
            connection.host.as_str(),
            connection.port,
            connection.bus_address.as_str()
        ),
        ("https://api.opsgenie.com", 443, "ByPassProxy")
    );
    assert_eq!(
        (connection.timeout, connection.retries, connection.element_timeout),
        (Span::seconds(30), 0, Some(Span::seconds(30)))
    );
}

#[test]
fn a_key_is_normalized_and_the_teams_are_polled_with_it_at_once() {
    let mut rig = Rig::new();
    rig.run_for(30);
    assert_eq!(rig.journal().len(), 0, "no poll without a key");
    assert_eq!(rig.text(22), "No API key");
    rig.set(11, &format!("  genieKEY   {DEMO_KEY}\r\n"));
    rig.run_for(1);
    assert_eq!(rig.journal(), ["GET /v2/teams 200"]);
    assert_eq!(rig.text(22), "OK: 3 teams");
    assert_eq!(rig.rows(500).len(), 3);
}

#[test]
fn the_teams_are_polled_at_the_start_and_at_the_interval() {
    let mut rig = Rig::with_key();
    rig.run_for(3_590);
    assert_eq!(rig.journal().len(), 1);
    rig.run_for(20);
    assert_eq!(rig.journal().len(), 2);
    rig.set(25, "20");
    rig.run_for(60);
    assert_eq!(rig.journal().len(), 5);
    let mut again = rig.restart();
    again.run_for(1);
    assert_eq!(again.journal().len(), 6, "polled at the start");
}

#[test]
fn a_platform_that_is_down_is_asked_for_teams_again_after_a_minute() {
    let mut rig = Rig::with_key();
    rig.run_for(3_590);
    rig.break_network(ExchangeErrorKind::CannotConnect);
    rig.run_for(20);
    assert!(rig.text(22).starts_with("Failed: Error : 12029."), "{}", rig.text(22));
    rig.mend_network();
    rig.run_for(40);
    assert_eq!(rig.journal().len(), 1);
    rig.run_for(20);
    assert_eq!((rig.journal().len(), rig.text(22)), (2, "OK: 3 teams".into()));
}

#[test]
fn a_platform_with_too_many_requests_is_asked_for_teams_again_after_a_minute() {
    let mut rig = Rig::new();
    rig.faults(&["teams:429@1"]);
    rig.set(11, DEMO_KEY);
    rig.run_for(1);
    assert!(
        rig.text(22).starts_with("Failed: 429 Too Many Requests"),
        "{}",
        rig.text(22)
    );
    assert!(!rig.in_timeout());
    rig.run_for(65);
    assert_eq!(rig.text(22), "OK: 3 teams");
}

#[test]
fn a_poll_that_fails_leaves_the_teams_and_says_why() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    assert_eq!(rig.rows(500).len(), 3);
    rig.set(25, "10");
    rig.faults(&["teams:503"]);
    rig.run_for(11);
    assert_eq!(
        rig.text(22),
        "Failed: 503 Service Unavailable: The back-end servers are at capacity"
    );
    assert_eq!(rig.rows(500).len(), 3);
    rig.break_network(ExchangeErrorKind::CannotConnect);
    rig.run_for(10);
    assert!(rig.text(22).starts_with("Failed: Error : 12029."), "{}", rig.text(22));
    assert_eq!(rig.rows(500).len(), 3);
    rig.run_for(60);
    assert!(rig.in_timeout());
    rig.mend_network();
    rig.faults(&[]);
    rig.run_for(11);
    assert_eq!(rig.text(22), "OK: 3 teams");
    assert!(!rig.in_timeout());
}

#[test]
fn a_message_is_stored_sent_confirmed_and_removed() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("m-1", "a-1"));
    assert_eq!(rig.cell(1000, "m-1", STATE), "Sending");
    rig.run_for(3);
    assert_eq!(rig.cell(1000, "m-1", STATE), "Completed");
    assert_eq!(rig.cell(1000, "m-1", RESULT), "Created alert");
    assert_ne!(rig.cell(1000, "m-1", ALERT_ID), "");
    assert_eq!(rig.text(33), "1");
    rig.run_for(12);
    assert!(rig.rows(1000).is_empty());
    let alerts = rig.alerts();
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["alias"], "a-1");
    assert_eq!(alerts[0]["priority"], "P2");
    assert_eq!(rig.states_of("m-1"), ["Queued", "Sending", "Confirming", "Completed"]);
}

#[test]
fn the_row_is_stored_before_the_set_is_answered_and_before_the_request_leaves() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("m-1", "a-1"));
    rig.run_for(0);
    let order = rig.order();
    // The last reply: the first was to the set of the key.
    let place = |what: &str| order.iter().rposition(|line| line.contains(what)).unwrap();
    assert!(place("save m-1 Queued") < place("reply ok"));
    assert!(place("save m-1 Sending") < place("send POST /v2/alerts"));
}

#[test]
fn an_idle_element_does_nothing() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("m-1", "a-1"));
    rig.run_for(60);
    let ticks = rig.ticks_of_timer(2);
    assert!(ticks > 0);
    rig.run_for(600);
    assert_eq!(rig.ticks_of_timer(2), ticks);
}

#[test]
fn messages_of_one_alias_are_confirmed_one_after_the_other() {
    let mut rig = Rig::with_key();
    rig.pending(Pending::Millis(3_000));
    rig.run_for(1);
    let messages = [
        create("1", "a"),
        operation("acknowledge", "2", "a"),
        operation("updatePriority", "3", "a"),
        operation("addNote", "4", "a"),
        operation("close", "5", "a"),
    ];
    rig.set(51, &format!("[{}]", messages.join(",")));
    rig.set(51, &create("6", "b"));
    rig.run_for(60);
    assert!(rig.rows(1000).is_empty(), "{:?}", rig.rows(1000));
    let writes: Vec<String> = rig
        .journal()
        .into_iter()
        .filter(|line| !line.starts_with("GET"))
        .collect();
    assert_eq!(
        writes,
        [
            "POST /v2/alerts 202",
            "POST /v2/alerts 202",
            "POST /v2/alerts/a/acknowledge?identifierType=alias 202",
            "PUT /v2/alerts/a/priority?identifierType=alias 202",
            "POST /v2/alerts/a/notes?identifierType=alias 202",
            "POST /v2/alerts/a/close?identifierType=alias 202",
        ]
    );
    let alert = &rig.alerts()[0];
    assert_eq!((&alert["status"], &alert["priority"]), (&json!("closed"), &json!("P1")));
}

#[test]
fn a_message_that_comes_again_is_not_queued_again() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(51, &create("m-1", "a"));
    rig.set(51, &create("m-1", "a"));
    rig.run_for(60);
    rig.set(51, &create("m-1", "a"));
    rig.run_for(60);
    assert_eq!(rig.text(34), "2");
    assert_eq!(rig.alerts()[0]["count"], 1);
}

#[test]
fn what_the_platform_refuses_stays_in_error_until_it_is_cleared() {
    let mut rig = Rig::with_key();
    rig.pending(Pending::Never);
    rig.run_for(1);
    rig.set(
        51,
        r#"{"op":"create","id":"bad","alias":"x","alert":{"message":"m","priority":"P9"}}"#,
    );
    rig.set(51, "{\n \"message\": lost }");
    rig.set(51, &create("good", "y"));
    rig.run_for(60);
    assert_eq!(rig.cell(1000, "bad", STATE), "Error");
    let result = rig.cell(1000, "bad", RESULT);
    assert!(
        result.starts_with("422 Unprocessable Entity: ") && result.contains("priority: "),
        "{result}"
    );
    let unreadable = rig
        .rows(1000)
        .into_iter()
        .find(|row| row[&1003] == "unreadable")
        .unwrap();
    assert_eq!(
        unreadable[&RESULT],
        "not valid JSON at line 2 column 13: expected value"
    );
    assert_eq!(rig.text(32), "2");
    rig.set(52, "1");
    rig.run_for(1);
    assert_eq!(rig.text(32), "0");
    let left: Vec<String> = rig.rows(1000).iter().map(row_state).collect();
    assert_eq!(left, ["good Confirming"]);
}

#[test]
fn a_create_that_fails_takes_what_waits_behind_it() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    let bad = r#"{"op":"create","id":"1","alias":"x","alert":{"message":"m","priority":"P9"}}"#;
    let messages = [
        bad.to_owned(),
        operation("addNote", "2", "x"),
        operation("close", "3", "x"),
        create("4", "x"),
    ];
    rig.set(51, &format!("[{}]", messages.join(",")));
    rig.run_for(5);
    let rows: Vec<String> = rig.rows(1000).iter().map(row_state).collect();
    assert_eq!(rows, ["1 Error", "2 Error", "3 Completed", "4 Completed"]);
    assert_eq!(rig.cell(1000, "3", RESULT), "nothing to close: the create failed");
}

#[test]
fn a_refused_key_holds_the_queue_until_there_is_another() {
    let mut rig = Rig::new();
    rig.set(11, "11111111-2222-4333-8444-555555555555");
    rig.run_for(1);
    rig.set(51, &format!("[{},{}]", create("1", "a"), create("2", "b")));
    rig.run_for(59);
    let rows: Vec<String> = rig.rows(1000).iter().map(row_state).collect();
    assert_eq!(rows, ["1 Queued", "2 Queued"]);
    assert_eq!(
        rig.text(30),
        "Held: authentication (401 Unauthorized: Could not authenticate)"
    );
    assert_eq!(rig.cell(1000, "1", ATTEMPTS), "0");
    let sent = rig.journal_of("create").len();
    rig.run_for(180);
    assert_eq!(rig.journal_of("create").len(), sent + 3, "one probe a minute");
    rig.set(11, DEMO_KEY);
    rig.run_for(5);
    let rows: Vec<String> = rig.rows(1000).iter().map(row_state).collect();
    assert_eq!(rows, ["1 Completed", "2 Completed"]);
    assert_eq!(rig.text(30), "Running");
}

#[test]
fn a_refusal_of_the_key_before_does_not_hold_the_queue() {
    let mut rig = Rig::new();
    rig.set(11, "11111111-2222-4333-8444-555555555555");
    rig.set(51, &create("1", "a"));
    // While its answer is on the way.
    rig.run_for_millis(10);
    rig.set(11, DEMO_KEY);
    rig.run_for(5);
    assert_eq!(rig.text(30), "Running");
    assert_eq!(rig.text(33), "1");
}

#[test]
fn messages_wait_for_a_key() {
    let mut rig = Rig::new();
    rig.set(51, &create("1", "a"));
    rig.run_for(60);
    assert_eq!(rig.text(30), "Held: no API key");
    assert_eq!(rig.ticks_of_timer(2), 0);
    rig.set(11, DEMO_KEY);
    rig.run_for(30);
    assert!(rig.rows(1000).is_empty());
    assert_eq!(rig.alerts().len(), 1);
}

#[test]
fn too_many_requests_pause_everything() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.faults(&["create:429@1"]);
    rig.set(
        51,
        &format!("[{},{},{}]", create("1", "a"), create("2", "a"), create("3", "b")),
    );
    rig.run_for_millis(100);
    assert_eq!(rig.text(30), "Throttled: too many requests");
    let paused = rig.journal().len();
    // The platform asks for a second.
    rig.run_for_millis(800);
    assert_eq!(rig.journal().len(), paused);
    rig.run_for(30);
    assert_eq!(rig.text(33), "3");
}

#[test]
fn a_create_whose_answer_was_lost_is_found_on_the_platform_and_not_raised_twice() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.faults(&["create:lost@1"]);
    rig.set(51, &create("1", "a"));
    rig.run_for(1);
    assert_eq!(rig.cell(1000, "1", STATE), "Sending");
    rig.run_for(5);
    assert_eq!(rig.cell(1000, "1", STATE), "Completed");
    assert_eq!(rig.cell(1000, "1", RESULT), "found on the platform");
    assert_eq!(rig.journal_of("create").len(), 1);
    assert_eq!(rig.alerts()[0]["count"], 1);
}

#[test]
fn a_create_without_answer_that_is_processed_late_is_not_raised_twice() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.pending(Pending::Millis(3_000));
    rig.faults(&["create:lost@1"]);
    rig.set(51, &create("1", "a"));
    rig.run_for(10);
    assert_eq!(rig.cell(1000, "1", RESULT), "found on the platform");
    assert_eq!(rig.journal_of("create").len(), 1);
    assert_eq!(rig.alerts()[0]["count"], 1);
}

#[test]
fn a_create_that_was_cut_off_before_it_was_read_is_sent_again() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.faults(&["create:reset@1"]);
    rig.set(51, &create("1", "a"));
    rig.run_for(30);
    assert!(rig.rows(1000).is_empty());
    assert_eq!(rig.alerts()[0]["count"], 1);
}

#[test]
fn a_request_without_a_verdict_is_looked_for_after_ten_minutes() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.faults(&["create:swallow@1"]);
    rig.set(51, &create("1", "a"));
    rig.run_for(590);
    assert_eq!(rig.cell(1000, "1", STATE), "Confirming");
    rig.run_for(60);
    // Swallowed: not found, sent again, and this time done.
    assert_eq!(rig.text(33), "1");
    assert_eq!(rig.alerts().len(), 1);
}

#[test]
fn what_fails_after_it_was_accepted_ends_in_error() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.faults(&["create:fail@1"]);
    rig.set(51, &create("1", "a"));
    rig.set(51, &operation("close", "2", "nobody"));
    rig.run_for(10);
    let rows: Vec<String> = rig.rows(1000).iter().map(row_state).collect();
    assert_eq!(rows, ["1 Error", "2 Error"]);
    assert_eq!(rig.cell(1000, "2", RESULT), "no open alert: Alert does not exist");
}

#[test]
fn a_platform_out_of_reach_loses_nothing_and_the_element_is_in_timeout() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.break_network(ExchangeErrorKind::CannotConnect);
    let messages: Vec<String> = (0..20).map(|n| create(&format!("m{n}"), &format!("a{n}"))).collect();
    rig.set(51, &format!("[{}]", messages.join(",")));
    rig.run_for(1_200);
    assert!(rig.text(30).starts_with("Offline: "), "{}", rig.text(30));
    assert!(rig.in_timeout());
    assert_eq!(rig.text(31), "20");
    // One at a time tries, not all.
    assert!(rig.refused() < 100, "{} attempts", rig.refused());
    rig.mend_network();
    rig.run_for(180);
    assert_eq!(rig.text(33), "20");
    assert!(rig.rows(1000).is_empty());
    assert!(!rig.in_timeout());
    assert_eq!(rig.alerts().len(), 20);
}

#[test]
fn whatever_fails_every_message_ends_and_no_alert_is_raised_twice() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.faults(&[
        "any:503@20%",
        "create:lost@10%",
        "close:lost@10%",
        "any:reset@10%",
        "create:swallow@3%",
        "status:500@20%",
    ]);
    for n in 0..60 {
        rig.set(51, &create(&format!("c{n}"), &format!("a{n}")));
        rig.set(51, &operation("close", &format!("d{n}"), &format!("a{n}")));
        rig.run_for(2);
    }
    rig.run_for(24 * 3_600);
    let rows: Vec<String> = rig.rows(1000).iter().map(row_state).collect();
    // A close whose answer was lost is sent again and finds nothing open: that is all that may remain.
    assert_eq!(rows, Vec::<String>::new());
    let alerts = rig.alerts();
    assert_eq!(alerts.len(), 60);
    assert!(alerts.iter().all(|alert| alert["status"] == "closed"));
}

/// A create and a close, with the element killed by `kill` and started again. Whether it came to the kill.
fn killed(kill: impl Fn(&Rig)) -> bool {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    kill(&rig);
    rig.set(51, &create("1", "a"));
    rig.set(51, &operation("close", "2", "a"));
    rig.run_for(30);
    let killed = rig.is_killed();
    let answered = rig.replies();
    let mut rig = rig.restart();
    rig.run_for(120);
    let left: Vec<String> = rig.rows(1000).iter().map(row_state).collect();
    assert_eq!(left, Vec::<String>::new());
    let alerts = rig.alerts();
    assert!(alerts.len() <= 1, "raised twice");
    if answered > 0 {
        assert_eq!(alerts.len(), 1, "lost");
        assert!(alerts[0]["count"].as_u64() <= Some(2));
    }
    if answered > 1 {
        assert_eq!(alerts[0]["status"], "closed");
    }
    killed
}

#[test]
fn killed_at_any_write_it_loses_nothing_and_raises_nothing_twice() {
    let moments = (1..)
        .take_while(|&count| killed(|rig| rig.kill_after_saves(count)))
        .count();
    assert!(moments > 8, "{moments} moments to be killed at");
}

#[test]
fn killed_before_any_answer_it_loses_nothing_and_raises_nothing_twice() {
    let moments = (1..)
        .take_while(|&count| killed(|rig| rig.kill_after_requests(count)))
        .count();
    assert!(moments >= 4, "{moments} moments to be killed at");
}

#[test]
fn the_key_appears_in_no_trace_and_no_log() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.set(11, "11111111-2222-4333-8444-555555555555");
    rig.set(51, &create("1", "a"));
    rig.run_for(60);
    rig.set(11, DEMO_KEY);
    rig.run_for(60);
    for line in rig.lines() {
        assert!(!line.contains(DEMO_KEY) && !line.contains("11111111-2222"), "{line}");
    }
}
