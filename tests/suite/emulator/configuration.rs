//! What stands beside the alerts: teams, heartbeats, saved searches, recipients.

use std::time::Duration;

use serde_json::{Value, json};

use super::Rig;

#[tokio::test]
async fn teams_are_made_changed_and_deleted() {
    let rig = Rig::prompt().await;
    let member = json!({ "user": { "username": "ann@example.org" }, "role": "admin" });
    let made = rig
        .send(
            "POST",
            "/v2/teams",
            json!({ "name": "Graphics", "description": "d", "members": [member] }),
        )
        .await;
    assert_eq!((made.status, &made.body["result"]), (201, &json!("Created")));
    let id = made.body["data"]["id"].as_str().unwrap();
    let twice = rig.send("POST", "/v2/teams", json!({ "name": "Graphics" })).await;
    assert_eq!(twice.body["errors"]["name"], "is already used by another team");
    rig.send("PATCH", &format!("/v2/teams/{id}"), json!({ "description": "new" }))
        .await;
    let bob = json!({ "user": { "username": "bob@example.org" } });
    rig.send("POST", "/v2/teams/Graphics/members?teamIdentifierType=name", bob)
        .await;
    rig.send(
        "DELETE",
        &format!("/v2/teams/{id}/members/ann@example.org"),
        Value::Null,
    )
    .await;
    let team = rig.get("/v2/teams/Graphics?identifierType=name").await.body["data"].clone();
    assert_eq!(
        (&team["description"], team["members"].as_array().unwrap().len()),
        (&json!("new"), 1)
    );
    assert_eq!(team["members"][0]["user"]["username"], "bob@example.org");
    let rules = rig.get(&format!("/v2/teams/{id}/routing-rules")).await;
    assert_eq!(rules.body["data"][0]["isDefault"], true);
    assert_eq!(rig.get(&format!("/v2/teams/{id}/logs")).await.status, 200);
    let gone = rig.send("DELETE", &format!("/v2/teams/{id}"), Value::Null).await;
    assert_eq!(
        (gone.status, rig.get(&format!("/v2/teams/{id}")).await.status),
        (200, 404)
    );
    let unnamed = rig.send("POST", "/v2/teams", json!({})).await;
    assert_eq!(unnamed.body["errors"]["name"], "should not be empty");
}

#[tokio::test]
async fn a_heartbeat_expires_when_it_is_late() {
    let rig = Rig::prompt().await;
    let nobody = rig.get("/v2/heartbeats/nobody/ping").await;
    assert_eq!(
        (nobody.status, &nobody.body["result"]),
        (202, &json!("PONG - Heartbeat received"))
    );
    let body = json!({ "name": "dataminer", "interval": 10, "intervalUnit": "minutes", "enabled": true });
    assert_eq!(rig.send("POST", "/v2/heartbeats", body).await.status, 201);
    let heartbeat = async || rig.get("/v2/heartbeats/dataminer").await.body["data"].clone();
    assert_eq!(
        (&heartbeat().await["expired"], &heartbeat().await["lastPingTime"]),
        (&json!(false), &Value::Null)
    );
    rig.send("PUT", "/v2/heartbeats/dataminer/ping", Value::Null).await;
    rig.platform.advance(Duration::from_secs(601));
    assert_eq!(
        (&heartbeat().await["expired"], &heartbeat().await["lastPingTime"]),
        (&json!(true), &json!("2026-11-22T16:00:00.000Z"))
    );
    let off = rig.send("POST", "/v2/heartbeats/dataminer/disable", Value::Null).await;
    assert_eq!(
        off.body["data"],
        json!({ "name": "dataminer", "enabled": false, "expired": false })
    );
    let changed = rig
        .send("PATCH", "/v2/heartbeats/dataminer", json!({ "intervalUnit": "weeks" }))
        .await;
    assert_eq!(
        changed.body["errors"]["intervalUnit"],
        "should be one of [ minutes, hours, days ]"
    );
    rig.send("DELETE", "/v2/heartbeats/dataminer", Value::Null).await;
    assert_eq!(
        rig.get("/v2/heartbeats").await.body["data"],
        json!({ "heartbeats": [] })
    );
}

#[tokio::test]
async fn a_saved_search_is_used_by_a_list_and_a_count() {
    let rig = Rig::prompt().await;
    for (message, priority) in [("one", "P1"), ("two", "P2")] {
        rig.done(
            "POST",
            "/v2/alerts",
            json!({ "message": message, "priority": priority }),
        )
        .await;
    }
    let owner = json!({ "username": "ann@example.org" });
    let body = json!({ "name": "urgent", "query": "priority:P1", "owner": owner });
    let made = rig.send("POST", "/v2/alerts/saved-searches", body).await;
    assert_eq!((made.status, &made.body["data"]["name"]), (201, &json!("urgent")));
    let named = "searchIdentifier=urgent&searchIdentifierType=name";
    let count = rig.get(&format!("/v2/alerts/count?{named}")).await;
    let list = rig.get(&format!("/v2/alerts?{named}")).await;
    assert_eq!(
        (&count.body["data"]["count"], &list.body["data"][0]["message"]),
        (&json!(1), &json!("one"))
    );
    assert_eq!(rig.get("/v2/alerts?searchIdentifier=nothing").await.status, 404);

    let path = format!(
        "/v2/alerts/saved-searches/{}",
        made.body["data"]["id"].as_str().unwrap()
    );
    let wrong = rig
        .send(
            "PATCH",
            &path,
            json!({ "name": "urgent", "query": "a:b", "owner": owner }),
        )
        .await;
    assert_eq!(wrong.body["errors"], json!({ "query": "\"a\" is no field" }));
    let right = rig
        .send(
            "PATCH",
            &path,
            json!({ "name": "all", "query": "count>0", "owner": owner }),
        )
        .await;
    assert_eq!(right.body["data"]["query"], "count>0");
    assert_eq!(
        rig.get("/v2/alerts/saved-searches").await.body["data"][0]["name"],
        "all"
    );
    rig.send(
        "DELETE",
        "/v2/alerts/saved-searches/all?identifierType=name",
        Value::Null,
    )
    .await;
    assert_eq!(rig.get(&path).await.status, 404);
}

#[tokio::test]
async fn recipients_are_the_users_and_the_members_of_teams() {
    let rig = Rig::prompt().await;
    let member = json!({ "user": { "username": "ann@example.org" } });
    rig.send("POST", "/v2/teams", json!({ "name": "Graphics", "members": [member] }))
        .await;
    let responders = json!([{ "type": "team", "name": "Graphics" }, { "type": "user", "username": "bob@example.org" }]);
    rig.done(
        "POST",
        "/v2/alerts",
        json!({ "message": "m", "alias": "a", "responders": responders }),
    )
    .await;
    let acknowledge = json!({ "user": "bob@example.org" });
    rig.done("POST", "/v2/alerts/a/acknowledge?identifierType=alias", acknowledge)
        .await;
    let recipients = rig.get("/v2/alerts/a/recipients?identifierType=alias").await.body;
    let shown = recipients["data"].as_array().unwrap().iter();
    let shown: Vec<_> = shown
        .map(|one| [&one["user"]["username"], &one["state"], &one["method"]])
        .collect();
    assert_eq!(
        json!(shown),
        json!([
            ["ann@example.org", "notactive", ""],
            ["bob@example.org", "action", "Acknowledge"]
        ])
    );
}
