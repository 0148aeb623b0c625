//! The other two faces of the platform: the integration events and the REST API of Jira Service Management.

use adit::emulator::opsgenie::keys::{DEMO_LOGIN, DEMO_SITE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Answer, Rig};

impl Rig {
    /// A request of the REST API.
    async fn rest(&self, method: &str, path: &str, body: Value) -> Answer {
        let path = format!("/jsm/ops/api/{DEMO_SITE}/v1/{path}");
        let basic = STANDARD.encode(format!("{}:{}", DEMO_LOGIN.0, DEMO_LOGIN.1));
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.try_send(method, &path, &format!("Basic {basic}"), &body)
            .await
            .unwrap()
    }

    /// A write through the REST API, and the bare status of its request.
    async fn rest_done(&self, method: &str, path: &str, body: Value) -> Value {
        let accepted = self.rest(method, path, body).await;
        assert_eq!(accepted.status, 202, "{}", accepted.body);
        let request = accepted.body["requestId"].as_str().unwrap();
        self.rest("GET", &format!("alerts/requests/{request}"), Value::Null)
            .await
            .body
    }
}

#[tokio::test]
async fn a_site_tells_its_cloud_id_to_anyone() {
    let rig = Rig::prompt().await;
    let told = rig.try_send("GET", "/_edge/tenant_info", "", "").await.unwrap();
    assert_eq!((told.status, &told.body["cloudId"]), (200, &json!(DEMO_SITE)));
}

#[tokio::test]
async fn the_shapes_of_the_rest_api() {
    let rig = Rig::prompt().await;
    let team = rig.rest("GET", "teams", Value::Null).await.body["values"][0]["id"].clone();
    let create = json!({
        "message": "m", "alias": "a", "extraProperties": { "element": "Encoder" },
        "responders": [{ "type": "team", "id": team }],
    });
    let status = rig.rest_done("POST", "alerts", create).await;
    let id = status["alertId"].as_str().unwrap().to_owned();
    rig.rest_done("POST", &format!("alerts/{id}/notes"), json!({ "note": "n" }))
        .await;
    let mut shown = format!("{status:#}\n");
    for path in [
        format!("alerts/{id}"),
        "alerts/alias?alias=a".to_owned(),
        "alerts?size=1&query=status%3Aopen".to_owned(),
        format!("alerts/{id}/notes"),
        "teams".to_owned(),
        "alerts/nothing".to_owned(),
    ] {
        let answer = rig.rest("GET", &path, Value::Null).await;
        shown.push_str(&format!("\n>>> GET {path}\n{}\n{:#}\n", answer.status, answer.body));
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn every_write_of_the_rest_api_takes_the_id() {
    let rig = Rig::prompt().await;
    let id = rig
        .rest_done("POST", "alerts", json!({ "message": "m", "alias": "a" }))
        .await["alertId"]
        .clone();
    let id = id.as_str().unwrap();
    let user = json!({ "type": "user", "id": "u1" });
    let writes = [
        ("PATCH", "message", json!({ "message": "new" })),
        ("PATCH", "description", json!({ "description": "text" })),
        ("PATCH", "priority", json!({ "priority": "P1" })),
        ("POST", "tags", json!({ "tags": ["x", "y"] })),
        ("DELETE", "tags?tags=x", Value::Null),
        (
            "POST",
            "extra-properties",
            json!({ "extraProperties": { "k": "v", "l": "w" } }),
        ),
        ("DELETE", "extra-properties?keys=l", Value::Null),
        ("POST", "notes", json!({ "note": "n" })),
        ("POST", "responders", json!({ "responder": user })),
        ("POST", "assign", json!({ "owner": user })),
        ("POST", "action", json!({ "action": "Restart" })),
        ("POST", "acknowledge", Value::Null),
        ("POST", "close", Value::Null),
    ];
    let mut statuses = Vec::new();
    for (method, what, body) in writes {
        let status = rig.rest_done(method, &format!("alerts/{id}/{what}"), body).await;
        statuses.push(format!("{method} {what}: {} {}", status["action"], status["isSuccess"]));
    }
    insta::assert_snapshot!(format!(
        "{}\n\n{:#}",
        statuses.join("\n"),
        rig.rest("GET", &format!("alerts/{id}"), Value::Null).await.body
    ));
    let by_alias = rig
        .rest_done("POST", "alerts/a/close?identifierType=alias", Value::Null)
        .await;
    assert_eq!(by_alias["status"], "Alert does not exist");
}

#[tokio::test]
async fn a_list_of_the_rest_api_leads_from_page_to_page() {
    let rig = Rig::prompt().await;
    for number in 0..5 {
        rig.rest_done("POST", "alerts", json!({ "message": number.to_string() }))
            .await;
    }
    let mut path = "alerts?size=2&order=asc".to_owned();
    let mut messages = Vec::new();
    loop {
        let page = rig.rest("GET", &path, Value::Null).await.body;
        messages.extend(
            page["values"]
                .as_array()
                .unwrap()
                .iter()
                .map(|alert| alert["message"].clone()),
        );
        let Some(next) = page["links"]["next"].as_str() else {
            break;
        };
        let base = format!("http://platform.test/jsm/ops/api/{DEMO_SITE}/v1/");
        path = next.strip_prefix(&base).unwrap().to_owned();
    }
    assert_eq!(messages, ["0", "1", "2", "3", "4"]);
    let refused = rig.rest("GET", "alerts?offset=19900&size=100", Value::Null).await;
    assert_eq!(refused.status, 422);
}

#[tokio::test]
async fn err_a_faces_keys_and_calls_are_its_own() {
    let rig = Rig::prompt().await;
    let elsewhere = rig.get("/jsm/ops/api/other/v1/alerts").await;
    let with_key = rig.get(&format!("/jsm/ops/api/{DEMO_SITE}/v1/alerts")).await;
    assert_eq!((elsewhere.status, with_key.status), (404, 401));
    assert_eq!(rig.rest("GET", "alerts/count", Value::Null).await.status, 404);
    let named = json!({ "message": "m", "responders": [{ "type": "team", "name": "NOC" }] });
    assert_eq!(
        rig.rest("POST", "alerts", named).await.body["errors"]["responders"],
        "should have an id"
    );

    let events = "/jsm/ops/integration/v2/alerts";
    let created = rig.send("POST", events, json!({ "message": "m", "alias": "a" })).await;
    assert_eq!(created.status, 202);
    let closed = rig
        .send("POST", &format!("{events}/a/close?identifierType=alias"), Value::Null)
        .await;
    let status = rig
        .get(&format!(
            "{events}/requests/{}",
            closed.body["requestId"].as_str().unwrap()
        ))
        .await;
    assert_eq!(status.body["data"]["status"], "Closed alert");
    let priority = rig
        .send("PUT", &format!("{events}/a/priority"), json!({ "priority": "P1" }))
        .await;
    assert_eq!((priority.status, rig.get(events).await.status), (404, 405));
}
