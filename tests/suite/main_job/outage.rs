//! The platform is away, refuses, wants a pause, fails, is slow, or forgets: everything is delivered once, or says why
//! it was not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use adit::emulator::opsgenie::pending::Pending;
use serde_json::{Value, json};

use super::api::{Api, Row, is_one};
use super::platform::Site;
use super::running::{KEY, Place, Running};
use super::scripted::{Asked, Scripted, answer_with};

const OTHER_KEY: &str = "00000000-1d3a-4c1e-9f00-000000000000";

fn create(alias: &str) -> Value {
    json!({"op": "create", "id": format!("create {alias}"), "alias": alias, "alert": {"message": alias}})
}

/// An element with the key, at this port, that gives up soon on an answer.
async fn running(place: &Place, port: u16) -> Running {
    let mut command = place.element_with_key(port);
    command.args(["--timeout", "2s"]);
    place.start(command).await
}

async fn until_completed(api: &Api, count: usize) {
    let count = count.to_string();
    api.until_shown("CompletedMessages", |completed| completed == count)
        .await;
}

#[tokio::test]
async fn a_platform_that_is_away_gets_every_message_once_when_it_is_there() {
    let (place, mut site) = (Place::new(), Site::down(&[]));
    let running = running(&place, site.port).await;
    let api = &running.api;
    for alias in ["a", "b", "c"] {
        api.send(&create(alias)).await;
    }
    let status = api
        .until_shown("QueueStatus", |status| status.starts_with("Offline: "))
        .await;
    assert!(status.contains("refused"), "{status}");
    assert!(api.operations().await.iter().all(|row| row["State"] != "Error"));
    site.come_up().await;
    until_completed(api, 3).await;

    // Away again, with messages in between, one of them about an alert of before.
    site.go_down().await;
    api.send(&create("d")).await;
    api.send(&json!({"op": "close", "alias": "a"})).await;
    api.until_shown("QueueStatus", |status| status.starts_with("Offline: "))
        .await;
    site.come_up().await;
    until_completed(api, 5).await;
    assert_eq!(api.shown("QueueStatus").await, "Running");
    for alias in ["a", "b", "c", "d"] {
        let alerts = site.alerts(alias);
        assert_eq!((alerts.len(), &alerts[0]["count"]), (1, &json!(1)), "{alias}");
    }
    assert_eq!(site.alerts("a")[0]["status"], "closed");
}

#[tokio::test]
async fn a_refused_key_holds_the_queue_until_there_is_another() {
    let (place, site) = (Place::new(), Site::up().await);
    let mut command = place.element(site.port);
    command.arg("--set").arg(format!("ApiKey={OTHER_KEY}"));
    let running = place.start(command).await;
    let api = &running.api;
    api.send(&create("a")).await;
    let status = api
        .until_shown("QueueStatus", |status| status.starts_with("Held: auth"))
        .await;
    assert_eq!(
        status,
        "Held: authentication (401 Unauthorized: Could not authenticate)"
    );
    api.until_shown("TeamsPollStatus", |status| status.contains("Could not authenticate"))
        .await;
    api.send(&create("b")).await;

    // Not even in the form of a key: another status, and the same to the queue.
    api.set("ApiKey", "GenieKey nonsense").await;
    let status = api.until_shown("QueueStatus", |status| status.contains("422")).await;
    assert!(status.starts_with("Held: authentication (422 "), "{status}");
    // The attempts count for nothing: the platform has not looked at the messages.
    let is_as_before = |row: &Row| row["State"] == "Queued" && row["Attempts"] == "0";
    api.until_operations(|rows| rows.len() == 2 && rows.iter().all(is_as_before))
        .await;

    api.set("ApiKey", KEY).await;
    until_completed(api, 2).await;
    api.until_shown("TeamsPollStatus", |status| status == "OK: 3 teams")
        .await;
    assert_eq!(api.shown("QueueStatus").await, "Running");
    assert_eq!((site.alerts("a").len(), site.alerts("b").len()), (1, 1));
}

#[tokio::test]
async fn a_pause_that_the_platform_wants_is_kept() {
    let is_first = AtomicBool::new(true);
    let script = move |asked: &Asked| {
        if asked.is_create() && is_first.swap(false, Ordering::Relaxed) {
            let headers = "X-RateLimit-State: THROTTLED\r\nX-RateLimit-Period-In-Sec: 1\r\n";
            return answer_with(429, headers, &json!({"message": "You are making too many requests!"}));
        }
        asked.usual()
    };
    let (place, server) = (Place::new(), Scripted::new(script).await);
    let running = running(&place, server.port).await;
    let api = &running.api;
    api.set("ParallelSends", 1).await;
    let text = json!([create("a"), create("b"), create("c")]);
    api.send(&text).await;
    api.until_shown("QueueStatus", |status| status == "Throttled: too many requests")
        .await;
    until_completed(api, 3).await;
    let asked = server.about_alerts();
    let pause = asked[1].at - asked[0].at;
    assert!(pause >= Duration::from_secs(1), "{pause:?}");
    assert_eq!(server.creates(), 4);
    assert!(api.operations().await.iter().all(|row| row["Attempts"] == "1"));
}

/// Messages under these faults: how each ends, with the requests it took, and how often its alert was raised.
async fn end_under(faults: &[&str], messages: &Value) -> String {
    let (place, site) = (Place::new(), Site::with_faults(faults).await);
    let running = running(&place, site.port).await;
    let api = &running.api;
    api.send(messages).await;
    let rows = api
        .until_operations(|rows| {
            rows.iter()
                .all(|row| ["Completed", "Error"].contains(&row["State"].as_str()))
        })
        .await;
    let row = |row: &Row| format!("{}: {} ({})", row["Operation"], row["State"], row["Result"]);
    let mut told: Vec<String> = rows.iter().map(row).collect();
    told.sort();
    let writes = site.writes();
    let requests: Vec<&str> = writes.iter().filter_map(|entry| entry.operation).collect();
    let alerts: Vec<String> = site
        .platform
        .alerts()
        .iter()
        .map(|alert| alert["count"].to_string())
        .collect();
    format!(
        "{faults:?}\n  {}\n  requests {requests:?}, alerts {alerts:?}\n",
        told.join("\n  ")
    )
}

#[tokio::test]
async fn each_fault_ends_as_it_should() {
    let alert = json!([create("a")]);
    let noted = json!([create("a"), {"op": "addNote", "alias": "a", "note": "n"}]);
    let closed = json!([create("a"), {"op": "close", "alias": "a"}]);
    let (a, b, c, d, e, f, g, h) = tokio::join!(
        end_under(&["create:500@2"], &alert),
        end_under(&["create:503@1", "status:502@1"], &alert),
        end_under(&["create:reset@1"], &alert),
        end_under(&["create:lost@1"], &alert),
        end_under(&["create:slow=3s@1"], &alert),
        end_under(&["note:lost@1"], &noted),
        end_under(&["close:lost@1"], &closed),
        end_under(&["create:fail@1"], &closed),
    );
    insta::assert_snapshot!([a, b, c, d, e, f, g, h].concat());
}

#[tokio::test]
async fn a_note_that_is_not_answered_twice_is_not_sent_a_third_time() {
    let noted = json!([create("a"), {"op": "addNote", "alias": "a", "note": "n"}]);
    insta::assert_snapshot!(end_under(&["note:lost"], &noted).await);
}

#[tokio::test]
async fn what_the_platform_has_not_processed_yet_is_asked_for_and_not_sent_again() {
    let (place, site) = (Place::new(), Site::up().await);
    site.platform.set_pending(Pending::Millis(3_600_000));
    let running = running(&place, site.port).await;
    let api = &running.api;
    api.send(&create("a")).await;
    let is_pending = |rows: &[Row]| is_one("Confirming")(rows) && rows[0]["Result"] == "not processed yet";
    api.until_operations(is_pending).await;
    assert_eq!(site.platform.alerts().len(), 0);
    site.platform.advance(Duration::from_secs(3600));
    until_completed(api, 1).await;
    assert_eq!((site.writes().len(), site.alerts("a").len()), (1, 1));
}

#[tokio::test]
async fn what_the_platform_swallowed_stays_in_sight() {
    let (place, site) = (Place::new(), Site::with_faults(&["create:swallow@1"]).await);
    let running = running(&place, site.port).await;
    let api = &running.api;
    api.send(&create("a")).await;
    api.until_operations(is_one("Confirming")).await;
    api.send(&json!([{"op": "addNote", "alias": "a", "note": "n"}, create("b")]))
        .await;
    // The other alias goes on, and the one behind it waits.
    until_completed(api, 1).await;
    let questions = || {
        site.platform
            .journal()
            .iter()
            .filter(|entry| entry.status == Some(404))
            .count()
    };
    api.until_operations(|_| questions() >= 2).await;
    let rows = api.operations().await;
    let mut states: Vec<(&str, &str)> = rows
        .iter()
        .filter(|row| row["State"] != "Completed")
        .map(|row| (row["Operation"].as_str(), row["State"].as_str()))
        .collect();
    states.sort_unstable();
    assert_eq!(states.len(), 2, "{rows:?}");
    assert!(states.contains(&("addNote", "Queued")), "{states:?}");
    assert!(states.contains(&("create", "Confirming")), "{states:?}");
    assert_eq!(site.writes().len(), 2);
    assert_eq!(api.shown("QueuedMessages").await, "2");
}

#[tokio::test]
async fn a_teams_poll_that_fails_leaves_the_table() {
    let fails = Arc::new(AtomicBool::new(false));
    let failing = Arc::clone(&fails);
    let script = move |asked: &Asked| {
        if failing.load(Ordering::Relaxed) {
            return answer_with(403, "", &json!({"message": "not with this key", "code": 40301}));
        }
        asked.usual()
    };
    let (place, server) = (Place::new(), Scripted::new(script).await);
    let running = running(&place, server.port).await;
    let api = &running.api;
    api.until_shown("TeamsPollStatus", |status| status == "OK: 1 team")
        .await;
    fails.store(true, Ordering::Relaxed);
    // A new key polls at once.
    api.set("ApiKey", OTHER_KEY).await;
    let status = api
        .until_shown("TeamsPollStatus", |status| status.starts_with("Failed: "))
        .await;
    assert!(status.contains("not with this key"), "{status}");
    assert_eq!(api.rows("OpsgenieTeams").await.len(), 1);
    assert_eq!(api.get("/api/elements/1").await["timeout"], false);
    let last = server.asked().pop().unwrap();
    assert_eq!(last.authorization, format!("GenieKey {OTHER_KEY}"));
}
