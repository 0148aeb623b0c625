//! The main job: teams appear, messages become alerts, are confirmed and leave; what is refused stays with its reason
//! until Clear Table.

use adit::emulator::opsgenie::pending::Pending;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::api::Row;
use super::platform::Site;
use super::running::{Place, Running};

async fn running(place: &Place, site: &Site) -> Running {
    let running = place.start(place.element_with_key(site.port)).await;
    let api = &running.api;
    api.until_shown("TeamsPollStatus", |status| status == "OK: 3 teams")
        .await;
    running
}

#[tokio::test]
async fn the_teams_of_the_platform_are_in_their_table() {
    let (place, site) = (Place::new(), Site::up().await);
    let running = running(&place, &site).await;
    let rows = running.api.rows("OpsgenieTeams").await;
    let shown = |row: &Row| format!("{}: {}", row["TeamName"], row["TeamDescription"]);
    let mut shown: Vec<String> = rows.iter().map(shown).collect();
    shown.sort();
    insta::assert_snapshot!(shown.join("\n"), @r"
    NOC: Network operations centre, around the clock
    Playout: Studio and playout engineers
    Transmission: Contribution and distribution links
    ");
    let element = running.api.get("/api/elements/1").await;
    assert_eq!(
        (&element["name"], &element["state"], &element["timeout"]),
        (&json!("Opsgenie"), &json!("active"), &json!(false))
    );
}

#[tokio::test]
async fn an_envelope_and_a_bare_alert_become_alerts_and_leave_the_queue_once_confirmed() {
    let (place, site) = (Place::new(), Site::up().await);
    let running = running(&place, &site).await;
    let api = &running.api;
    api.set("KeepCompleted", 2).await;
    let mut events = api.follow().await;
    let envelope = json!({
        "v": 1, "id": "dms1/1/2/555/create", "op": "create", "at": "2026-11-22T16:04:05Z", "alias": "dm-1-1-2-555",
        "alert": {"message": "[Critical] Encoder 12: Lost", "priority": "P1", "tags": ["Critical"],
                  "responders": [{"type": "team", "name": "NOC"}]}
    });
    api.send(&envelope).await;
    api.send(&json!({"message": "Fan speed low", "alias": "fan/1 é"})).await;
    api.until_shown("CompletedMessages", |count| count == "2").await;
    api.until_operations(<[Row]>::is_empty).await;

    let alerts = site.platform.alerts();
    let told = |alert: &Value| {
        format!(
            "{} {} {} {}",
            alert["alias"], alert["message"], alert["priority"], alert["count"]
        )
    };
    let mut told: Vec<String> = alerts.iter().map(told).collect();
    told.sort();
    assert_eq!(
        told,
        [
            r#""dm-1-1-2-555" "[Critical] Encoder 12: Lost" "P1" 1"#,
            r#""fan/1 é" "Fan speed low" "P3" 1"#
        ]
    );
    let states = states_of(&mut events, "dms1/1/2/555/create").await;
    assert_eq!(states, ["Queued", "Sending", "Confirming", "Completed", "gone"]);
}

/// The states that a row went through, as the events tell.
async fn states_of(events: &mut TcpStream, key: &str) -> Vec<String> {
    let mut text = String::new();
    let mut states = Vec::new();
    while states.last().is_none_or(|state| state != "gone") {
        let mut some = vec![0; 65_536];
        let count = events.read(&mut some).await.unwrap();
        text += std::str::from_utf8(&some[..count]).unwrap();
        states = states_in(&text, key);
    }
    states
}

fn states_in(events: &str, key: &str) -> Vec<String> {
    let mut states: Vec<String> = Vec::new();
    for data in events.lines().filter_map(|line| line.strip_prefix("data: ")) {
        let Ok(event) = serde_json::from_str::<Value>(data) else {
            continue;
        };
        if event["key"] != key {
            continue;
        }
        if event["change"] == "removed" {
            states.push("gone".to_owned());
        }
        for cell in event["cells"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|cell| cell["id"] == 1005)
        {
            let state = cell["value"].as_str().unwrap().to_owned();
            if states.last() != Some(&state) {
                states.push(state);
            }
        }
    }
    states
}

#[tokio::test]
async fn a_refused_message_stays_with_the_reason_until_the_table_is_cleared() {
    let (place, site) = (Place::new(), Site::up().await);
    let running = running(&place, &site).await;
    let api = &running.api;
    for press in [json!(1), json!("1"), json!("Clear Table")] {
        site.platform.set_pending(Pending::Millis(50));
        let refused = json!({"op": "create", "id": "bad", "alias": "bad", "alert": {"message": "m", "priority": "P9"}});
        api.send(&refused).await;
        let rows = api.until_operations(|rows| row(rows, "bad", "Error").is_some()).await;
        let result = &row(&rows, "bad", "Error").unwrap()["Result"];
        assert!(result.starts_with("422 "), "{result}");
        assert!(
            result.contains("priority: should be one of [ P1, P2, P3, P4, P5 ]"),
            "{result}"
        );
        assert_eq!(api.shown("MessagesInError").await, "1");

        // One that waits for its verdict is no error: it stays.
        site.platform.set_pending(Pending::Never);
        let id = press.to_string();
        api.send(&json!({"op": "create", "id": id, "alias": id, "alert": {"message": "m"}}))
            .await;
        api.until_operations(|rows| row(rows, &id, "Confirming").is_some())
            .await;
        api.set("ClearTable", press).await;
        let rows = api.operations().await;
        assert!(row(&rows, &id, "Confirming").is_some(), "{rows:?}");
        assert!(rows.iter().all(|row| row["State"] != "Error"), "{rows:?}");
        assert_eq!(api.shown("MessagesInError").await, "0");
    }
}

/// The row of a message, when it is in that state.
fn row<'a>(rows: &'a [Row], id: &str, state: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row["MessageID"] == id && row["State"] == state)
}

#[tokio::test]
async fn what_is_done_to_an_alert_follows_its_create_in_order() {
    let (place, site) = (Place::new(), Site::up().await);
    let running = running(&place, &site).await;
    let api = &running.api;
    api.send(&json!([
        {"op": "create", "alias": "a", "alert": {"message": "m"}},
        {"op": "acknowledge", "alias": "a", "user": "operator"},
        {"op": "addNote", "alias": "a", "note": "seen"},
        {"op": "close", "alias": "a", "note": "over"}
    ]))
    .await;
    api.until_shown("CompletedMessages", |count| count == "4").await;
    let operations: Vec<_> = site
        .writes()
        .into_iter()
        .map(|entry| entry.operation.unwrap())
        .collect();
    assert_eq!(operations, ["create", "acknowledge", "note", "close"]);
    let alerts = site.alerts("a");
    assert_eq!((alerts.len(), &alerts[0]["status"]), (1, &json!("closed")));
    assert_eq!(alerts[0]["acknowledged"], true);
}

#[tokio::test]
async fn a_message_that_comes_again_is_counted_and_not_sent() {
    let (place, site) = (Place::new(), Site::up().await);
    let running = running(&place, &site).await;
    let message = json!({"op": "create", "id": "once", "alias": "once", "alert": {"message": "m"}});
    running.api.send(&message).await;
    running.api.send(&message).await;
    running.api.until_shown("CompletedMessages", |count| count == "1").await;
    running.api.send(&message).await;
    assert_eq!(running.api.shown("DuplicatesIgnored").await, "2");
    assert_eq!(site.alerts("once")[0]["count"], 1);
}
