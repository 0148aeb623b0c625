//! `kill -9` at every step of a send: what was taken is neither lost nor raised twice, and keeps its order.
//!
//! Between the element and the platform stands a relay that counts the requests. At the one it waits for, the process
//! is killed: just before the platform gets the request, or just after it has dealt with it, when its answer is lost.
//! Then the element starts again in the same place. Whoever hands over the messages does as a script would: one after
//! the other, and again what was not answered.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::api::{Api, DEADLINE, Row};
use super::platform::Site;
use super::running::{KEY, Place};
use super::scripted::{Asked, Reply, Scripted};

/// Where between a request and its answer the process is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment {
    Before,
    After,
}

/// One killing: where, and what else goes wrong at the platform.
#[derive(Debug, Clone)]
struct Case {
    /// At which request about alerts.
    request: usize,
    moment: Moment,
    faults: &'static [&'static str],
}

const ALIASES: [&str; 5] = ["one", "two", "three", "four", "five"];

/// What is done to each alert, in order; the alerts of the last two aliases stay open.
fn steps(alias: &str) -> [&'static str; 4] {
    if ["four", "five"].contains(&alias) {
        ["create", "acknowledge", "note", "update"]
    } else {
        ["create", "acknowledge", "note", "close"]
    }
}

/// Twenty messages, step by step.
fn messages() -> Vec<Value> {
    let mut messages = Vec::new();
    for step in 0..4 {
        for alias in ALIASES {
            let id = format!("{alias}-{step}");
            let message = match steps(alias)[step] {
                "create" => json!({"op": "create", "alert": {"message": alias, "priority": "P1"}}),
                "acknowledge" => json!({"op": "acknowledge"}),
                "note" => json!({"op": "addNote", "note": "a note"}),
                "close" => json!({"op": "close"}),
                _ => json!({"op": "updatePriority", "value": "P5"}),
            };
            let mut message = message;
            message["id"] = json!(id);
            message["alias"] = json!(alias);
            messages.push(message);
        }
    }
    messages
}

/// The relay: it kills at one request, and passes on all others.
struct Relay {
    server: Scripted,
    reached: Arc<Notify>,
}

impl Relay {
    async fn to(port: u16, case: &Case) -> Self {
        let reached = Arc::new(Notify::new());
        let (notify, moment, at) = (Arc::clone(&reached), case.moment, case.request);
        let count = Arc::new(Mutex::new(0));
        let server = Scripted::with(None, move |asked: Asked| {
            let notify = Arc::clone(&notify);
            let strikes = asked.is_about_alerts() && {
                let mut count = count.lock();
                *count += 1;
                *count == at
            };
            Box::pin(async move {
                if strikes && moment == Moment::Before {
                    notify.notify_one();
                    return Reply::Silence;
                }
                let answer = pass_on(port, &asked).await;
                if strikes {
                    notify.notify_one();
                    return Reply::Silence;
                }
                Reply::Last(answer)
            })
        })
        .await;
        Self { server, reached }
    }
}

/// What the platform answers; nothing when a fault closes the connection.
pub(super) async fn pass_on(port: u16, asked: &Asked) -> Vec<u8> {
    let request = format!(
        "{} {} HTTP/1.1\r\nHost: platform.test\r\nConnection: close\r\nAuthorization: {}\r\n\
         Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
        asked.method,
        asked.path,
        asked.authorization,
        asked.content_type,
        asked.body.len(),
        asked.body
    );
    let mut answer = Vec::new();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    // A connection that is cut ends the answer, too.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

/// Hands over the messages from this one on; how many were answered before the process went away.
async fn hand_over(api: &Api, messages: &[Value], from: usize) -> usize {
    for (number, message) in messages.iter().enumerate().skip(from) {
        match api.put("Message", message.to_string()).await {
            Ok((status, answer)) => assert_eq!(status, 200, "{answer}"),
            Err(_) => return number,
        }
    }
    messages.len()
}

/// One killing, from the first message to the last verdict; what is wrong afterwards.
async fn run(case: Case) -> Vec<String> {
    let (place, site) = (Place::new(), Site::with_faults(case.faults).await);
    let relay = Relay::to(site.port, &case).await;
    let messages = messages();
    let element = || {
        let mut command = place.element(relay.server.port);
        command.args(["--timeout", "5s"]);
        command
    };

    let running = {
        let mut command = element();
        // A row that has left the table cannot be told from one that was lost.
        command.arg("--set").arg(format!("ApiKey={KEY}"));
        command.args(["--set", "KeepCompleted=3600"]);
        place.start(command).await
    };
    let (api, all) = (running.api.clone(), messages.clone());
    let handing = tokio::spawn(async move { hand_over(&api, &all, 0).await });
    let reached = tokio::time::timeout(DEADLINE, relay.reached.notified()).await;
    assert!(reached.is_ok(), "{case:?} never came\n{}", place.log());
    running.kill();
    let handed = handing.await.unwrap();

    let running = place.start(element()).await;
    let api = &running.api;
    let kept = api.operations().await;
    let mut wrong = Vec::new();
    let is_known = |message: &Value| kept.iter().any(|row| message["id"] == row["MessageID"].as_str());
    for message in messages.iter().take(handed).filter(|message| !is_known(message)) {
        wrong.push(format!("{} is lost", message["id"]));
    }
    assert_eq!(hand_over(api, &messages, handed).await, messages.len());
    api.until_shown("QueuedMessages", |count| count == "0").await;
    let rows = api.operations().await;
    wrong.extend(judge(&site, &rows));
    if !wrong.is_empty() {
        wrong.insert(0, format!("{case:?}, {handed} were answered"));
        wrong.extend(
            rows.iter()
                .map(|row| format!("  {} {} {}", row["MessageID"], row["State"], row["Result"])),
        );
        let journal = site.platform.journal();
        wrong.extend(
            journal
                .iter()
                .map(|entry| format!("  {} {} {:?}", entry.method, entry.path, entry.status)),
        );
    }
    wrong
}

/// What is wrong at the end.
fn judge(site: &Site, rows: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    for alias in ALIASES {
        let alerts = site.alerts(alias);
        let [alert] = alerts.as_slice() else {
            wrong.push(format!("{alias}: {} alerts", alerts.len()));
            continue;
        };
        if alert["count"] != 1 {
            wrong.push(format!("{alias} was raised {} times", alert["count"]));
        }
        let steps = steps(alias);
        let expected = if steps.contains(&"close") { "closed" } else { "open" };
        if alert["status"] != expected {
            wrong.push(format!("{alias} is {}", alert["status"]));
        }
        let mut done: Vec<&str> = Vec::new();
        for entry in site.writes() {
            let is_meant = match entry.operation {
                Some("create") => entry.body.contains(&format!(r#""alias":"{alias}""#)),
                _ => entry.path.starts_with(&format!("/v2/alerts/{alias}/")),
            };
            let operation = entry.operation.unwrap_or("nothing");
            if is_meant && done.last() != Some(&operation) {
                done.push(operation);
            }
        }
        if done != steps {
            wrong.push(format!("{alias}: {done:?} instead of {steps:?}"));
        }
    }
    for row in rows.iter().filter(|row| row["State"] != "Completed") {
        wrong.push(format!(
            "{} ended in {}: {}",
            row["MessageID"], row["State"], row["Result"]
        ));
    }
    wrong
}

/// How many processes run at the same time: more only wait for each other.
const AT_A_TIME: usize = 3;

async fn run_all(cases: Vec<Case>) {
    let mut running = JoinSet::new();
    let mut wrong = Vec::new();
    for case in cases {
        if running.len() >= AT_A_TIME
            && let Some(done) = running.join_next().await
        {
            wrong.extend(done.unwrap());
        }
        running.spawn(run(case));
    }
    wrong.extend(running.join_all().await.concat());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn cases(requests: impl IntoIterator<Item = usize>, moment: Moment, faults: &'static [&'static str]) -> Vec<Case> {
    let case = |request| Case {
        request,
        moment,
        faults,
    };
    requests.into_iter().map(case).collect()
}

#[tokio::test]
async fn killed_before_the_platform_gets_the_request() {
    run_all(cases(1..=12, Moment::Before, &[])).await;
}

#[tokio::test]
async fn killed_after_the_platform_has_dealt_with_the_request() {
    run_all(cases(1..=12, Moment::After, &[])).await;
}

#[tokio::test]
async fn killed_while_the_platform_takes_its_time() {
    let faults = &[
        "create:slow=700ms",
        "note:slow=700ms",
        "close:slow=300ms",
        "status:slow=300ms",
    ];
    run_all(cases([2, 5, 8, 11], Moment::Before, faults)).await;
}

#[tokio::test]
async fn killed_while_connections_are_cut() {
    let cut = cases(
        [2, 4, 6, 8, 10],
        Moment::After,
        &["create:lost@2", "acknowledge:lost@1", "close:lost@1"],
    );
    let reset = cases(
        [2, 4, 6, 8, 10],
        Moment::Before,
        &["create:reset@2", "update:reset@1", "close:reset@1"],
    );
    run_all([cut, reset].concat()).await;
}

/// A close is killed when the platform has done it, and its create is long forgotten: it is sent again, and finds no open
/// alert. That is no error.
#[tokio::test]
async fn a_close_that_was_done_before_the_kill_is_completed() {
    let (place, site) = (Place::new(), Site::up().await);
    let case = Case {
        request: 3,
        moment: Moment::After,
        faults: &[],
    };
    let relay = Relay::to(site.port, &case).await;
    let running = place.start(place.element_with_key(relay.server.port)).await;
    running.api.set("KeepCompleted", 0).await;
    running
        .api
        .send(&json!({"op": "create", "alias": "a", "alert": {"message": "m"}}))
        .await;
    running.api.until_shown("CompletedMessages", |count| count == "1").await;
    running.api.until_operations(<[Row]>::is_empty).await;
    running.api.set("KeepCompleted", 60).await;
    running.api.send(&json!({"op": "close", "alias": "a"})).await;
    tokio::time::timeout(DEADLINE, relay.reached.notified()).await.unwrap();
    running.kill();

    let running = place.start(place.element(relay.server.port)).await;
    let has_ended = |state: &str| ["Completed", "Error"].contains(&state);
    let rows = running.api.until_operations(|rows| has_ended(&rows[0]["State"])).await;
    assert_eq!(
        (rows[0]["State"].as_str(), rows[0]["Result"].as_str()),
        ("Completed", "already closed")
    );
    assert_eq!(site.alerts("a")[0]["status"], "closed");
}
