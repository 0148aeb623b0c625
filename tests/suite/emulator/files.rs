//! Attachments of alerts.

use adit::emulator::opsgenie::keys::DEMO_KEY;
use serde_json::{Value, json};

use super::{Answer, Rig};

const FORM: &str = "multipart/form-data; boundary=cut";

impl Rig {
    async fn attach(&self, alias: &str, name: &str, text: &str) -> Answer {
        let body = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n--cut--\r\n"
        );
        let path = format!("/v2/alerts/{alias}/attachments?alertIdentifierType=alias");
        let key = format!("GenieKey {DEMO_KEY}");
        self.try_send_as("POST", &path, &key, (FORM, &body)).await.unwrap()
    }
}

#[tokio::test]
async fn a_file_is_added_read_and_deleted() {
    let rig = Rig::prompt().await;
    rig.done("POST", "/v2/alerts", json!({ "message": "m", "alias": "a" }))
        .await;
    let added = rig.attach("a", "trace.txt", "line 1\r\n-- cut\r\n").await;
    assert_eq!((added.status, &added.body["data"]["name"]), (201, &json!("trace.txt")));
    let id = added.body["data"]["id"].as_str().unwrap();
    assert!(id.parse::<i64>().is_ok(), "{id}");

    let base = "/v2/alerts/a/attachments";
    let list = rig.get(&format!("{base}?alertIdentifierType=alias")).await;
    assert_eq!(list.body["data"], json!([{ "name": "trace.txt", "id": id }]));
    let one = rig.get(&format!("{base}/{id}?alertIdentifierType=alias")).await;
    let url = one.body["data"]["url"].as_str().unwrap();
    let path = url.strip_prefix("http://platform.test").unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: platform.test\r\nConnection: close\r\n\r\n");
    let content = rig.exchange(request).await;
    assert!(content.ends_with("\r\n\r\nline 1\r\n-- cut\r\n"), "{content}");

    let deleted = rig
        .send("DELETE", &format!("{base}/{id}?alertIdentifierType=alias"), Value::Null)
        .await;
    assert_eq!((deleted.status, &deleted.body["result"]), (200, &json!("Deleted")));
    let gone = rig.get(&format!("{base}/{id}?alertIdentifierType=alias")).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn err_a_file_that_cannot_be_attached_is_refused_at_once() {
    let rig = Rig::prompt().await;
    assert_eq!(rig.attach("a", "f", "x").await.status, 404);
    rig.done("POST", "/v2/alerts", json!({ "message": "m", "alias": "a" }))
        .await;
    let path = "/v2/alerts/a/attachments?alertIdentifierType=alias";
    let key = format!("GenieKey {DEMO_KEY}");
    let refusals = [
        (("application/json", "{}"), 415),
        ((FORM, "no form"), 400),
        ((FORM, "--cut--"), 422),
    ];
    for (body, status) in refusals {
        let answer = rig.try_send_as("POST", path, &key, body).await.unwrap();
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    // The other writes take `identifierType`; here it says nothing.
    let wrong = rig.get("/v2/alerts/a/attachments?identifierType=alias").await;
    assert_eq!(wrong.status, 404);
}

#[tokio::test]
async fn err_a_form_that_is_too_large_is_refused() {
    let rig = Rig::prompt().await;
    rig.done("POST", "/v2/alerts", json!({ "message": "m", "alias": "a" }))
        .await;
    assert_eq!(rig.attach("a", "ten", &"x".repeat(10 * 1024 * 1024)).await.status, 201);
    let large = "x".repeat(12 * 1024 * 1024);
    let path = "/v2/alerts/a/attachments?alertIdentifierType=alias";
    let key = format!("GenieKey {DEMO_KEY}");
    let answer = rig.try_send_as("POST", path, &key, (FORM, &large)).await;
    assert!(answer.is_none_or(|answer| answer.status == 413));
}
