//! The key is readable nowhere, whatever form it was given in, and even when the platform repeats it.

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::api::{Api, is_one};
use super::platform::Site;
use super::running::{KEY, Place};
use super::scripted::{Asked, Scripted, answer};

/// A part of the key that is long enough to be no accident.
const PART: &str = "c0ffee123456";

/// Fails where the key, or a part of it, is readable.
fn assert_hidden(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    if let Some(at) = text.find(PART) {
        let around: String = text[at.saturating_sub(200)..].chars().take(260).collect();
        panic!("the key is readable in {place}: … {around} …");
    }
}

/// Everything the API tells.
async fn told(api: &Api) -> Vec<(String, String)> {
    let mut paths = [
        "/",
        "/healthz",
        "/api/openapi.json",
        "/api/elements",
        "/api/elements/1",
        "/api/elements/1/parameters",
        "/api/elements/1/tables/OpsgenieTeams",
        "/api/elements/1/tables/OpsgenieOperations",
        "/api/alarms",
    ]
    .map(str::to_owned)
    .to_vec();
    // Hidden ones too, by id.
    paths.extend((1..100).map(|id| format!("/api/elements/1/parameters/{id}")));
    let mut told = Vec::new();
    for path in paths {
        let (_, body) = api.exchange("GET", &path, None).await.unwrap();
        told.push((path, body));
    }
    told
}

#[tokio::test]
async fn a_key_in_any_form_works_and_is_readable_nowhere() {
    let forms = [
        format!("GenieKey {KEY}"),
        KEY.to_owned(),
        format!("geniekey {KEY}"),
        format!("  GenieKey\t{KEY}\r\n"),
        format!("GENIEKEY {KEY}\n"),
    ];
    let (place, site) = (Place::new(), Site::up().await);
    let trace = |mut command: std::process::Command| {
        command.env("ADIT_LOG", "trace");
        command
    };
    let mut stdout = String::new();
    for (number, form) in forms.iter().enumerate() {
        // As an argument, and over the API.
        let mut command = trace(place.element(site.port));
        command.arg("--set").arg(format!("ApiKey={form}"));
        let running = place.start(command).await;
        let api = &running.api;
        api.until_shown("TeamsPollStatus", |status| status == "OK: 3 teams")
            .await;
        let mut events = api.follow().await;
        let (status, answer) = api.put("ApiKey", form.as_str()).await.unwrap();
        assert_eq!(
            (status, &answer["value"], &answer["secret"]),
            (200, &Value::Null, &json!(true))
        );
        assert_hidden("the answer to a set", answer.to_string().as_bytes());
        let message = json!({"op": "create", "alias": format!("a-{number}"), "alert": {"message": "m"}});
        api.send(&message).await;
        api.until_shown("CompletedMessages", |count| count == "1").await;
        for (path, body) in told(api).await {
            assert_hidden(&path, body.as_bytes());
        }
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen)
            .contains(r#""name":"CompletedMessages","description":"Completed Messages","type":"read","value":1"#)
        {
            assert_ne!(events.read_buf(&mut seen).await.unwrap(), 0);
        }
        assert_hidden("the events", &seen);
        stdout += &running.terminate().await.1;
    }

    // The key was kept all the same: it is not given this time.
    let running = place.start(trace(place.element(site.port))).await;
    running
        .api
        .until_shown("TeamsPollStatus", |status| status == "OK: 3 teams")
        .await;
    running.kill();
    assert_hidden("stdout", stdout.as_bytes());
    let kept = place.kept();
    let names: Vec<&str> = kept
        .iter()
        .map(|(path, _)| path.file_name().unwrap().to_str().unwrap())
        .collect();
    for name in ["log", "store.sqlite", "store.sqlite-wal"] {
        assert!(names.contains(&name), "{names:?}");
    }
    for (path, bytes) in &kept {
        assert_hidden(&path.display().to_string(), bytes);
    }
    let log = place.log();
    assert!(log.contains("TRACE") && log.contains("DEBUG"), "{log}");
    let wrong: Vec<_> = site
        .platform
        .journal()
        .into_iter()
        .filter(|entry| entry.status == Some(401))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_key_that_the_platform_repeats_is_readable_nowhere() {
    let repeats = |asked: &Asked| match asked {
        asked if asked.is_create() && asked.body.contains("refused") => {
            let why = format!("{} may not do this", asked.authorization);
            answer(422, &json!({"message": why, "errors": {KEY: KEY}}))
        }
        asked if asked.is_create() => answer(403, &json!({"message": format!("no such key: {KEY}")})),
        _ => answer(
            401,
            &json!({"message": format!("the key {} is unknown", asked.authorization)}),
        ),
    };
    let (place, server) = (Place::new(), Scripted::new(repeats).await);
    let mut command = place.element_with_key(server.port);
    command.env("ADIT_LOG", "trace");
    let running = place.start(command).await;
    let api = &running.api;
    let status = api
        .until_shown("TeamsPollStatus", |status| status.contains("401"))
        .await;
    assert!(status.contains("*** is unknown"), "{status}");
    api.send(&json!({"op": "create", "id": "a", "alert": {"message": "refused"}}))
        .await;
    let rows = api.until_operations(is_one("Error")).await;
    assert!(rows[0]["Result"].contains("GenieKey *** may not do this"), "{rows:?}");
    api.set("ClearTable", 1).await;
    api.send(&json!({"op": "create", "id": "b", "alert": {"message": "held"}}))
        .await;
    let status = api
        .until_shown("QueueStatus", |status| status.starts_with("Held: "))
        .await;
    assert!(status.contains("no such key: ***"), "{status}");
    for (path, body) in told(api).await {
        assert_hidden(&path, body.as_bytes());
    }
    running.kill();
    for (path, bytes) in place.kept() {
        assert_hidden(&path.display().to_string(), &bytes);
    }
}
