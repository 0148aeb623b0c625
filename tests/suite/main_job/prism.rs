//! The element against Opsgenie's own API definition: Prism, an independent mock and proxy, checks each request and each
//! answer. `.ci/clients` installs it; `ADIT_OPSGENIE_OPENAPI` names the definition, which is not part of this project.

use std::net::TcpListener;
use std::process::Stdio;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::api::DEADLINE;
use super::clients::installed;
use super::platform::Site;
use super::running::Place;

/// Prism on a free port, until it is dropped.
struct Prism {
    _child: Child,
    port: u16,
}

impl Prism {
    /// What follows the definition in `arguments` is for Prism.
    async fn start(command: &str, arguments: &[&str]) -> Self {
        let definition = std::env::var("ADIT_OPSGENIE_OPENAPI").expect("ADIT_OPSGENIE_OPENAPI names the definition");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut prism = Command::new(installed("node/node_modules/.bin/prism"));
        prism.args([command, &definition]).args(arguments);
        prism.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        let mut child = prism.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut log = BufReader::new(child.stdout.take().unwrap()).lines();
        timeout(DEADLINE, async {
            loop {
                let line = log.next_line().await.unwrap().expect("it listens before it ends");
                if line.contains("is listening on") {
                    break;
                }
            }
        })
        .await
        .expect("it listens in time");
        // It must not block on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
        Self { _child: child, port }
    }
}

/// A message for each operation, on an alert of its own alias.
fn messages() -> Vec<serde_json::Value> {
    let team = json!({"type": "team", "name": "NOC"});
    let user = json!({"type": "user", "username": "john@example.com"});
    let operations = [
        ("acknowledge", json!({"alert": {"user": "DataMiner", "note": "seen"}})),
        ("unacknowledge", json!({})),
        ("addNote", json!({"alert": {"note": "é😀"}})),
        ("snooze", json!({"alert": {"endTime": "2030-01-01T00:00:00Z"}})),
        ("escalate", json!({"alert": {"escalation": {"name": "NOC_escalation"}}})),
        ("assign", json!({"alert": {"owner": {"username": "john@example.com"}}})),
        ("addTeam", json!({"alert": {"team": {"name": "Playout"}}})),
        ("addResponder", json!({"alert": {"responder": user}})),
        ("addTags", json!({"alert": {"tags": ["x y", "z"]}})),
        ("removeTags", json!({"alert": {"tags": ["z"]}})),
        ("addDetails", json!({"alert": {"details": {"value": "12.5"}}})),
        ("removeDetails", json!({"alert": {"keys": ["value"]}})),
        ("updatePriority", json!({"alert": {"value": "P4"}})),
        ("updateMessage", json!({"alert": {"value": "Signal back"}})),
        ("updateDescription", json!({"alert": {"value": "longer"}})),
        ("close", json!({"alert": {"note": "cleared"}})),
    ];
    let mut messages = Vec::new();
    for (number, (operation, rest)) in operations.into_iter().enumerate() {
        let alias = format!("dm-dms1-1-2-{number}");
        messages.push(json!({
            "v": 1, "op": "create", "alias": alias,
            "alert": {"message": format!("Encoder {number}"), "priority": "P2", "responders": [team], "tags": ["Critical"],
                      "details": {"element": "Encoder"}, "entity": "Encoder", "source": "DataMiner"}
        }));
        let mut message = json!({"v": 1, "op": operation, "alias": alias});
        message
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        messages.push(message);
    }
    messages
}

#[tokio::test]
#[ignore = "needs the clients that .ci/clients installs, and ADIT_OPSGENIE_OPENAPI"]
async fn every_request_is_as_the_api_definition_says() {
    let site = Site::up().await;
    let prism = Prism::start("proxy", &[&site.url(), "--errors"]).await;
    let place = Place::new();
    let running = place.start(place.element_with_key(prism.port)).await;
    let api = &running.api;
    api.until_shown("TeamsPollStatus", |status| status.starts_with("OK"))
        .await;
    let messages = messages();
    for message in &messages {
        api.send(message).await;
    }
    let all = messages.len();
    api.until_operations(|rows| rows.iter().all(|row| row["State"] == "Error"))
        .await;
    assert_eq!(api.operations().await, Vec::new(), "none is refused");
    assert_eq!(api.shown("CompletedMessages").await, all.to_string());
}

/// The mock knows no alert: what counts is that the element understands an answer that no code of ours made.
#[tokio::test]
#[ignore = "needs the clients that .ci/clients installs, and ADIT_OPSGENIE_OPENAPI"]
async fn the_element_speaks_to_an_independent_mock() {
    let prism = Prism::start("mock", &[]).await;
    let place = Place::new();
    let running = place.start(place.element_with_key(prism.port)).await;
    let api = &running.api;
    api.until_shown("TeamsPollStatus", |status| status.starts_with("OK"))
        .await;
    api.send(&json!({"message": "Fan speed low", "alias": "fan-1"})).await;
    let rows = api.until_operations(|rows| {
        rows.iter()
            .all(|row| row["State"] != "Queued" && row["State"] != "Sending")
    });
    insta::assert_debug_snapshot!(
        rows.await
            .iter()
            .map(|row| (&row["State"], &row["Result"]))
            .collect::<Vec<_>>()
    );
}
