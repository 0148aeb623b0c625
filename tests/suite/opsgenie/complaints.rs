//! What users of other integrations complain of, as far as no other test is about it. Each name says what happens here.

use adit::emulator::opsgenie::keys::DEMO_KEY;
use adit::emulator::opsgenie::pending::{Pending, PendingStyle};
use serde_json::{Value, json};

use super::rig::{Rig, in_error};
use super::{RESULT, STATE, create, operation};

#[test]
fn what_is_processed_late_is_waited_for_and_not_sent_again_however_it_is_told() {
    for style in [PendingStyle::Header, PendingStyle::Bare, PendingStyle::Python] {
        for millis in [0, 3_000, 300_000] {
            let mut rig = Rig::with_key();
            rig.pending(Pending::Millis(millis));
            rig.pending_style(style);
            rig.set(51, &create("1", "a"));
            rig.set(51, &operation("addNote", "2", "a"));
            rig.set(51, &operation("close", "3", "a"));
            rig.drain(1_200);
            let case = format!("{style:?} {millis}: {:?}", rig.rows(1000));
            assert_eq!(rig.journal_of("create").len(), 1, "{case}");
            assert_eq!(rig.journal_of("note").len(), 1, "{case}");
            assert_eq!(
                (rig.alerts()[0]["status"].as_str(), rig.text(32)),
                (Some("closed"), "0".to_owned()),
                "{case}"
            );
        }
    }
}

#[test]
fn an_alias_is_found_whatever_it_contains() {
    let aliases = [
        "dm/1/2/555",
        "a?b=c&d",
        "a#b",
        "100%",
        "a+b c",
        "é",
        "😀",
        "a\\b\"c'",
        "..",
        "a%2Fb",
    ];
    let mut rig = Rig::with_key();
    for alias in aliases {
        rig.set(51, &create(&format!("create {alias}"), alias));
        rig.set(51, &operation("addNote", &format!("note {alias}"), alias));
        rig.set(51, &operation("close", &format!("close {alias}"), alias));
    }
    rig.drain(120);
    assert_eq!(in_error(&rig), Vec::<String>::new());
    let mut closed: Vec<String> = Vec::new();
    for alert in rig.alerts() {
        assert_eq!(alert["status"], "closed", "{alert}");
        closed.push(alert["alias"].as_str().unwrap().to_owned());
    }
    closed.sort();
    let mut expected = aliases.map(str::to_owned);
    expected.sort();
    assert_eq!(closed, expected);
}

#[test]
fn a_text_passes_unchanged() {
    let text = "<b>Größe</b> | 5 € & \"x\" 'y' \\ / \u{202e}rtl \u{0301} 👩\u{200d}🚒 [a](b) ${c} %d\ttab\nline";
    let mut rig = Rig::with_key();
    let alert = json!({"message": text, "description": text, "entity": text, "details": {"dm.value": text}});
    rig.set(
        51,
        &json!({"op": "create", "id": "1", "alias": "a", "alert": alert}).to_string(),
    );
    rig.drain(30);
    let seen = &rig.alerts()[0];
    for field in ["message", "description", "entity"] {
        assert_eq!(seen[field], text, "{field}");
    }
    assert_eq!(seen["details"]["dm.value"], text);
}

#[test]
fn the_whole_life_of_an_alarm_is_one_alert() {
    let alarm = |number: u32, severity: u32, kind: u32| {
        json!({"dms": "d", "dma": 1, "element": 2, "root": 555, "alarm": 555 + number, "severity": severity, "type": kind,
            "elementName": "Encoder 12", "parameterName": "Input", "value": format!("{number} | x"), "owner": "Ann",
            "comment": "seen"})
    };
    let life = [
        ("create", alarm(0, 3, 10)),
        ("updatePriority", alarm(1, 1, 37)),
        ("acknowledge", alarm(2, 1, 19)),
        ("addNote", alarm(3, 1, 22)),
        ("create", alarm(4, 2, 9)),
        ("close", alarm(5, 5, 11)),
    ];
    let mut rig = Rig::with_key();
    for (number, (op, alarm)) in life.into_iter().enumerate() {
        rig.set(
            51,
            &json!({"op": op, "id": number.to_string(), "alarm": alarm}).to_string(),
        );
    }
    // Its neighbour has the same root id, and so has an alarm of another system.
    for (id, dms, element) in [("other element", "d", 3), ("other system", "e", 2)] {
        let other = json!({"dms": dms, "dma": 1, "element": element, "root": 555, "severity": 1, "value": "v"});
        rig.set(51, &json!({"op": "create", "id": id, "alarm": other}).to_string());
    }
    rig.drain(120);
    assert_eq!(rig.text(32), "0", "{:?}", rig.rows(1000));
    let notes = rig
        .entries()
        .into_iter()
        .filter(|entry| entry.operation == Some("note"));
    let notes: Vec<String> = notes.map(|entry| entry.body).collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(
        notes[0].contains("Major → Critical") && notes[1].contains("seen"),
        "{notes:?}"
    );
    let alerts = rig.alerts();
    let told: Vec<(&Value, &Value, &Value)> = alerts
        .iter()
        .map(|alert| (&alert["alias"], &alert["status"], &alert["priority"]))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told.contains(&(&json!("dm-d-1-2-555"), &json!("closed"), &json!("P2"))),
        "{told:?}"
    );
    assert!(
        told.contains(&(&json!("dm-d-1-3-555"), &json!("open"), &json!("P1"))),
        "{told:?}"
    );
    assert!(
        told.contains(&(&json!("dm-e-1-2-555"), &json!("open"), &json!("P1"))),
        "{told:?}"
    );
}

#[test]
fn an_alarm_that_comes_again_at_once_is_a_new_alert() {
    let mut rig = Rig::with_key();
    rig.pending(Pending::Millis(2_000));
    rig.set(51, &create("1", "a"));
    rig.drain(30);
    rig.set(51, &operation("close", "2", "a"));
    rig.run_for_millis(50);
    rig.set(51, &create("3", "a"));
    rig.drain(60);
    let alerts = rig.alerts();
    let told: Vec<(&Value, &Value)> = alerts.iter().map(|alert| (&alert["status"], &alert["count"])).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.contains(&(&json!("closed"), &json!(1))) && told.contains(&(&json!("open"), &json!(1))),
        "{told:?}"
    );
}

#[test]
fn each_kind_of_key_does_what_it_can_and_says_why_not() {
    let key = |number: u32| format!("0ad17000-0000-4000-8000-00000000000{number}");
    let keys: Vec<Value> = [(1, "account"), (2, "readonly"), (3, "disabled"), (4, "restricted")]
        .into_iter()
        .map(|(number, kind)| json!({"key": key(number), "kind": kind}))
        .chain([json!({"key": DEMO_KEY, "kind": "api"})])
        .collect();
    let seed = json!({"teams": [{"name": "NOC"}], "keys": keys});
    let expected = [
        (
            1,
            "Held: access (403 Forbidden: To perform this action, use an API key from an API integration.)",
            "OK: 1 team",
        ),
        (2, "Held: access (403 Forbidden: ", "OK: 1 team"),
        (
            3,
            "Held: authentication (401 Unauthorized: Could not authenticate)",
            "Failed: 401 Unauthorized",
        ),
        (4, "Running", "Failed: 403 Forbidden"),
    ];
    for (number, status, teams) in expected {
        let mut rig = Rig::seeded("http://platform.test", &seed);
        rig.set(51, &create("1", "a"));
        rig.set(11, &key(number));
        rig.run_for(5);
        assert!(rig.text(30).starts_with(status), "{number}: {}", rig.text(30));
        assert!(rig.text(22).starts_with(teams), "{number}: {}", rig.text(22));
        let state = rig.cell(1000, "1", STATE);
        assert_eq!(state, if number == 4 { "Completed" } else { "Queued" }, "{number}");
        rig.set(11, DEMO_KEY);
        rig.run_for(5);
        assert_eq!(rig.cell(1000, "1", STATE), "Completed", "{number}");
    }
}

#[test]
fn a_redirect_is_not_followed_with_the_key() {
    let mut rig = Rig::with_key();
    rig.run_for(1);
    rig.faults(&["create:307"]);
    rig.set(51, &create("1", "a"));
    rig.run_for(5);
    assert_eq!(rig.cell(1000, "1", STATE), "Error");
    assert!(
        rig.cell(1000, "1", RESULT).starts_with("307 "),
        "{}",
        rig.cell(1000, "1", RESULT)
    );
    assert_eq!(rig.journal_of("create").len(), 1);
}
