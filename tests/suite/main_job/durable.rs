//! A message that was taken is in the store: the process may be killed at once.

use serde_json::json;

use super::platform::Site;
use super::running::Place;

#[tokio::test]
async fn a_message_survives_a_kill_right_after_its_set_was_answered() {
    let (place, site) = (Place::new(), Site::up().await);
    let count = 8;
    for number in 0..count {
        // Without a key nothing is sent: what is seen is the intake alone.
        let running = place.start(place.element(site.port)).await;
        let message = json!({"op": "create", "id": format!("m-{number}"), "alert": {"message": "m"}});
        running.api.send(&message).await;
        running.kill();
    }
    let running = place.start(place.element(site.port)).await;
    let rows = running.api.operations().await;
    let mut ids: Vec<&str> = rows.iter().map(|row| row["MessageID"].as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..count).map(|number| format!("m-{number}")).collect::<Vec<_>>());
    assert!(rows.iter().all(|row| row["State"] == "Queued"), "{rows:?}");
    assert_eq!(running.api.shown("QueueStatus").await, "Held: no API key");
    assert_eq!(site.platform.journal().len(), 0);
}

#[tokio::test]
async fn a_text_that_is_no_message_survives_a_kill_too() {
    let (place, site) = (Place::new(), Site::up().await);
    let running = place.start(place.element(site.port)).await;
    running.api.set("Message", "{ no JSON").await;
    running.kill();
    let running = place.start(place.element(site.port)).await;
    let rows = running.api.operations().await;
    assert_eq!(
        (rows.len(), rows[0]["State"].as_str(), rows[0]["Alert"].as_str()),
        (1, "Error", "{ no JSON")
    );
    assert_eq!(running.api.shown("MessagesInError").await, "1");
    running.api.set("ClearTable", 1).await;
    running.kill();
    let running = place.start(place.element(site.port)).await;
    assert_eq!(running.api.operations().await, []);
}

#[tokio::test]
async fn an_operators_choice_and_the_teams_survive_a_kill() {
    let (place, mut site) = (Place::new(), Site::up().await);
    let running = place.start(place.element_with_key(site.port)).await;
    running
        .api
        .until_shown("TeamsPollStatus", |status| status == "OK: 3 teams")
        .await;
    running.api.set("KeepCompleted", 77).await;
    running.kill();
    site.go_down().await;
    let running = place.start(place.element(site.port)).await;
    let api = &running.api;
    assert_eq!(api.get("/api/elements/1/parameters/KeepCompleted").await["value"], 77.0);
    api.until_shown("TeamsPollStatus", |status| status.starts_with("Failed: "))
        .await;
    assert_eq!(api.rows("OpsgenieTeams").await.len(), 3);
}
