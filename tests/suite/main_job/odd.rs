//! Answers that no good platform gives: whatever comes, no alert is lost, none is taken for delivered that is not, and
//! no connection mixes up two answers.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::api::{Row, is_one};
use super::running::Place;
use super::scripted::{Asked, Reply, Scripted, answer, answer_with, done};

/// What a server does with the first create, and with the second; the rest is as usual. The alert is found, or not.
struct Script {
    first: Reply,
    is_found: bool,
}

/// How a create ends when its first answer is this: state and result, with the requests it took.
async fn end_after(first: Reply, is_found: bool) -> String {
    let script = Script { first, is_found };
    let creates = AtomicUsize::new(0);
    let server = Scripted::new(move |asked| script.reply(asked, &creates)).await;
    let place = Place::new();
    let mut command = place.element_with_key(server.port);
    command.args(["--timeout", "2s"]);
    let running = place.start(command).await;
    running
        .api
        .send(&json!({"op": "create", "id": "1", "alias": "a", "alert": {"message": "m"}}))
        .await;
    let has_ended = |state: &str| ["Completed", "Error"].contains(&state);
    let rows = running
        .api
        .until_operations(|rows| rows.len() == 1 && has_ended(&rows[0]["State"]))
        .await;
    let requests: Vec<String> = server
        .about_alerts()
        .iter()
        .map(|asked| format!("{} {}", asked.method, asked.path))
        .collect();
    format!(
        "{}: {}\n  {}\n",
        rows[0]["State"],
        rows[0]["Result"],
        requests.join("\n  ")
    )
}

impl Script {
    fn reply(&self, asked: &Asked, creates: &AtomicUsize) -> Reply {
        if asked.is_create() && creates.fetch_add(1, Ordering::Relaxed) == 0 {
            return self.first.clone();
        }
        if asked.method == "GET" && asked.path.starts_with("/v2/alerts/a?") && self.is_found {
            return answer(200, &json!({"data": {"id": "a-1", "alias": "a", "status": "open"}}));
        }
        asked.usual()
    }
}

fn bytes(text: &str) -> Reply {
    Reply::Bytes(text.as_bytes().to_vec())
}

#[tokio::test]
async fn each_odd_answer_to_a_create_ends_as_it_should() {
    let cut = |text: &str| Reply::Last(text.as_bytes().to_vec());
    let cases = [
        (
            "202 without a request id, found",
            answer(202, &json!({"result": "ok"})),
            true,
        ),
        (
            "202 without JSON, not found",
            bytes("HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\n\r\nokay"),
            false,
        ),
        (
            "200 at once",
            answer(200, &json!({"data": {"alertId": "a-1", "status": "Created"}})),
            false,
        ),
        (
            "200 and an empty body, found",
            bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            true,
        ),
        ("no HTTP", cut("I am no web server\r\n\r\n"), false),
        ("a head cut off, found", cut("HTTP/1.1 202 Acc"), true),
        (
            "a body cut off, found",
            cut("HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\n{\"requ"),
            true,
        ),
        (
            "a body cut off, not found",
            cut("HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\n{\"requ"),
            false,
        ),
        ("closed without a word", cut(""), false),
        ("never answered, found", Reply::Silence, true),
        ("501", answer(501, &json!({"message": "not here"})), false),
        ("404", answer(404, &json!({"message": "no such route"})), false),
        (
            "an HTML error",
            bytes("HTTP/1.1 502 Bad\r\nContent-Length: 6\r\n\r\n<html>"),
            false,
        ),
        (
            "a redirect nowhere",
            answer_with(302, "Location: \r\n", &json!({})),
            false,
        ),
    ];
    let mut running = tokio::task::JoinSet::new();
    let names: Vec<&str> = cases.iter().map(|(name, _, _)| *name).collect();
    for (index, (_, first, is_found)) in cases.into_iter().enumerate() {
        running.spawn(async move { (index, end_after(first, is_found).await) });
    }
    let mut ends = running.join_all().await;
    ends.sort();
    let told: Vec<String> = ends
        .iter()
        .map(|(index, end)| format!("{}\n  {end}", names[*index]))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test]
async fn an_answer_that_comes_twice_is_taken_once() {
    // Were the second taken for the answer to the next request, the alert would end in error.
    let script = |asked: &Asked| {
        let Reply::Bytes(mut bytes) = asked.usual() else {
            unreachable!("it answers")
        };
        let failed = json!({"data": {"isSuccess": false, "status": "poisoned", "processedAt": "now"}});
        let Reply::Bytes(poison) = answer(200, &failed) else {
            unreachable!("it answers")
        };
        bytes.extend(poison);
        Reply::Bytes(bytes)
    };
    let (place, server) = (Place::new(), Scripted::new(script).await);
    let running = place.start(place.element_with_key(server.port)).await;
    let api = &running.api;
    let create = |alias: &str| json!({"op": "create", "id": alias, "alias": alias, "alert": {"message": "m"}});
    api.send(&json!([create("a"), create("b"), create("c")])).await;
    let rows = api
        .until_operations(|rows| {
            rows.len() == 3
                && rows
                    .iter()
                    .all(|row| ["Completed", "Error"].contains(&row["State"].as_str()))
        })
        .await;
    // The script calls every alert the same, and the rows say so.
    let is_created = |row: &Row| row["State"] == "Completed" && row["Result"].starts_with("Created alert");
    assert!(rows.iter().all(is_created), "{rows:?}");
    assert_eq!(server.creates(), 3);
    api.until_shown("TeamsPollStatus", |status| status == "OK: 1 team")
        .await;
}

#[tokio::test]
async fn a_redirect_takes_the_key_nowhere_else() {
    let other = Scripted::new(Asked::usual).await;
    let location = format!("Location: http://127.0.0.1:{}/v2/alerts\r\n", other.port);
    let script = move |asked: &Asked| match asked.path.as_str() {
        "/v2/teams" => asked.usual(),
        _ => answer_with(307, &location, &json!({"message": "elsewhere"})),
    };
    let (place, server) = (Place::new(), Scripted::new(script).await);
    let running = place.start(place.element_with_key(server.port)).await;
    running
        .api
        .send(&json!({"op": "create", "alias": "a", "alert": {"message": "m"}}))
        .await;
    let rows = running.api.until_operations(is_one("Error")).await;
    assert!(rows[0]["Result"].starts_with("307 "), "{rows:?}");
    assert_eq!(server.creates(), 1);
    let asked = other.asked();
    assert!(asked.is_empty(), "{asked:?}");
}

#[tokio::test]
async fn a_verdict_comes_wrapped_or_bare_and_a_late_one_is_waited_for() {
    let questions = AtomicUsize::new(0);
    let script = move |asked: &Asked| {
        if !asked.path.starts_with("/v2/alerts/requests/") {
            return asked.usual();
        }
        match questions.fetch_add(1, Ordering::Relaxed) {
            0 => answer(
                404,
                &json!({"message": "Request not found. It might not be processed, yet."}),
            ),
            1 => answer(
                200,
                &json!({"data": {"isSuccess": false, "status": "", "processedAt": ""}}),
            ),
            _ => answer(200, &done()),
        }
    };
    let (place, server) = (Place::new(), Scripted::new(script).await);
    let running = place.start(place.element_with_key(server.port)).await;
    running
        .api
        .send(&json!({"op": "create", "alias": "a", "alert": {"message": "m"}}))
        .await;
    let rows = running.api.until_operations(is_one("Completed")).await;
    assert_eq!(
        (rows[0]["Result"].as_str(), rows[0]["AlertID"].as_str()),
        ("Created alert", "a-1-1")
    );
    assert_eq!(server.creates(), 1);
}
