//! `kill -9` in every operation there is: just before the platform gets its request, and when the answer is lost.
//!
//! Each operation is about an alert of its own. Between the element and the platform stands a relay that never answers the
//! first request of any of them; when so many are held as go at the same time, the process is killed. What is sent by the
//! next one in the same place is passed on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::killed::{Moment, pass_on};
use super::platform::Site;
use super::running::{KEY, Place};
use super::scripted::{Asked, Reply, Scripted};
use crate::support::alert_operations;

/// How long all of it may take: far longer than it does, since tests share the machine.
const DEADLINE: Duration = Duration::from_secs(400);
/// How many messages are sent at the same time, unless an operator chose otherwise.
const AT_A_TIME: usize = 4;

/// One message for each operation; the alias of its alert is the operation's name, as its id is.
fn every_operation() -> Vec<Value> {
    let composite = json!({"op": "update", "id": "update", "priority": "P1", "note": "worse"});
    let last = json!({"op": "delete", "id": "delete"});
    let mut operations = alert_operations::every_operation();
    operations.insert(0, composite);
    operations.push(last);
    for message in &mut operations {
        message["alias"] = message["op"].clone();
    }
    operations
}

fn raised(operation: &Value) -> Value {
    let op = operation["op"].as_str().unwrap();
    alert_operations::raised(&format!("create-{op}"), op)
}

/// What an alert is in the end, where the operation named in its alias changes it.
fn expected(op: &str) -> Value {
    match op {
        "acknowledge" => json!({"acknowledged": true}),
        "close" => json!({"status": "closed"}),
        "snooze" => json!({"snoozed": true}),
        "assign" => json!({"owner": "ann@example.com"}),
        "addTags" => json!({"tags": ["t", "x"]}),
        "removeTags" => json!({"tags": []}),
        "addDetails" => json!({"details": {"k": "v", "l": "w"}}),
        "removeDetails" => json!({"details": {}}),
        "update" | "updatePriority" => json!({"priority": "P1"}),
        "updateMessage" => json!({"message": "worse"}),
        "updateDescription" => json!({"description": "much worse"}),
        _ => json!({}),
    }
}

/// Holds the first request of each operation, and passes on all others.
struct Holder {
    server: Scripted,
    held: watch::Receiver<usize>,
}

impl Holder {
    async fn to(port: u16, moment: Moment) -> Self {
        let (counter, held) = watch::channel(0);
        let (counter, seen) = (Arc::new(counter), Arc::new(Mutex::new(BTreeSet::new())));
        let server = Scripted::with(None, move |asked: Asked| {
            let counter = Arc::clone(&counter);
            let is_held = asked.is_about_alerts()
                && asked.method != "GET"
                && !asked.is_create()
                && seen.lock().insert((asked.method.clone(), asked.path.clone()));
            Box::pin(async move {
                if is_held && moment == Moment::Before {
                    counter.send_modify(|held| *held += 1);
                    return Reply::Silence;
                }
                let answer = pass_on(port, &asked).await;
                if is_held {
                    counter.send_modify(|held| *held += 1);
                    return Reply::Silence;
                }
                Reply::Last(answer)
            })
        })
        .await;
        Self { server, held }
    }
}

async fn killed_in_each(moment: Moment) {
    let (place, site) = (Place::new(), Site::up().await);
    let mut holder = Holder::to(site.port, moment).await;
    let port = holder.server.port;
    let operations = every_operation();
    // The composite becomes two requests.
    let all = operations.len() + 1;
    let mut command = place.element_with_key(port);
    command.args(["--set", "KeepCompleted=3600"]);
    let mut running = place.start(command).await;
    running.api.send(&operations.iter().map(raised).collect()).await;
    running.api.until_shown("QueuedMessages", |count| count == "0").await;
    running.api.send(&Value::Array(operations.clone())).await;
    let mut before = 0;
    while before < all {
        let wanted = (before + AT_A_TIME).min(all);
        before = *holder.held.wait_for(|held| *held >= wanted).await.unwrap();
        running.kill();
        running = place.start(place.element(port)).await;
    }
    running.api.until_shown("QueuedMessages", |count| count == "0").await;

    let mut wrong: Vec<String> = Vec::new();
    let rows = running.api.operations().await;
    assert_eq!(rows.len(), 2 * operations.len() + 1);
    for row in rows.iter().filter(|row| row["State"] != "Completed") {
        wrong.push(format!(
            "{} ended in {}: {}",
            row["MessageID"], row["State"], row["Result"]
        ));
    }
    for operation in &operations {
        let op = operation["op"].as_str().unwrap();
        let alerts = site.alerts(op);
        assert_eq!(alerts.len(), usize::from(op != "delete"), "{op}: {alerts:?}");
        let Some(alert) = alerts.first() else { continue };
        for (field, value) in expected(op).as_object().unwrap() {
            if alert[field] != *value {
                wrong.push(format!("{op}: {field} is {}", alert[field]));
            }
        }
        if alert["count"] != 1 {
            wrong.push(format!("{op}: raised {} times", alert["count"]));
        }
    }
    for (op, list, mark) in [
        ("addNote", "notes", "[dm:addNote]"),
        ("escalate", "notes", "[dm:escalate]"),
        ("action", "notes", "[dm:action]"),
        ("update", "notes", "[dm:update/note]"),
        ("attach", "attachments", "\"a.txt\""),
    ] {
        let listed = listed(site.port, op, list).await;
        let marks = listed.matches(mark).count();
        if marks != 1 {
            wrong.push(format!("{op} was done {marks} times: {listed}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "{}", place.log());
}

/// The notes or files of an alert, as the platform lists them.
async fn listed(port: u16, alias: &str, list: &str) -> String {
    let kind = if list == "attachments" {
        "alertIdentifierType"
    } else {
        "identifierType"
    };
    let asked = Asked {
        path: format!("/v2/alerts/{alias}/{list}?{kind}=alias"),
        ..Asked::of("GET", &format!("GenieKey {KEY}"))
    };
    String::from_utf8(pass_on(port, &asked).await).unwrap()
}

#[tokio::test]
async fn killed_before_the_platform_gets_the_request_of_any_operation() {
    let killed = tokio::time::timeout(DEADLINE, killed_in_each(Moment::Before)).await;
    assert!(killed.is_ok(), "not done in {DEADLINE:?}");
}

#[tokio::test]
async fn killed_when_the_platform_has_done_what_any_operation_asks_for() {
    let killed = tokio::time::timeout(DEADLINE, killed_in_each(Moment::After)).await;
    assert!(killed.is_ok(), "not done in {DEADLINE:?}");
}
