//! The switches: pending and its styles, field limits, request limits, latency, faulty bodies, key kinds, the journal's
//! file, and what a store keeps.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use adit::emulator::opsgenie::Options;
use adit::emulator::opsgenie::keys::DEMO_KEY;
use adit::emulator::opsgenie::limits::Limits;
use adit::emulator::opsgenie::pending::{Pending, PendingStyle};
use adit::emulator::opsgenie::rates::OverLimit;
use adit::emulator::opsgenie::seed::Seed;
use serde_json::{Value, json};

use super::Rig;
use crate::support::program::Program;

fn at_once() -> Options {
    Options {
        seed: Seed::demo(),
        pending: Pending::Millis(0),
        ..Options::default()
    }
}

#[tokio::test]
async fn a_pending_request_is_told_in_three_styles() {
    let rig = Rig::new(Options {
        pending: Pending::Never,
        ..Options::default()
    })
    .await;
    let accepted = rig.send("POST", "/v2/alerts", json!({ "message": "m" })).await;
    let mut told = Vec::new();
    for style in [PendingStyle::Header, PendingStyle::Bare, PendingStyle::Python] {
        rig.platform.set_pending_style(style);
        let status = rig.status(&accepted).await;
        let header = status.header("X-Opsgenie-Errortype").map(str::to_owned);
        told.push((status.status, header, status.body["data"]["isSuccess"].clone()));
    }
    let header = Some("RequestNotProcessed".to_owned());
    assert_eq!(
        told,
        [
            (404, header, Value::Null),
            (404, None, Value::Null),
            (200, None, json!(false))
        ]
    );
}

#[tokio::test]
async fn random_pending_keeps_the_order_of_a_key() {
    let rig = Rig::new(Options {
        pending: Pending::Between(0, 10_000),
        ..Options::default()
    })
    .await;
    rig.send("POST", "/v2/alerts", json!({ "message": "0", "alias": "a" }))
        .await;
    for number in 1..20 {
        let path = "/v2/alerts/a/message?identifierType=alias";
        rig.send("PUT", path, json!({ "message": number.to_string() })).await;
    }
    rig.platform.advance(Duration::from_secs(5));
    assert_eq!(rig.platform.alerts().len(), 1);
    rig.platform.advance(Duration::from_secs(5));
    assert_eq!(rig.platform.alerts()[0]["message"], "19");
}

#[tokio::test]
async fn what_is_over_a_limit_is_cut_where_that_is_the_switch() {
    let rig = Rig::prompt().await;
    let body = json!({ "message": "m".repeat(131), "tags": vec!["t".repeat(51); 1] });
    assert_eq!(rig.send("POST", "/v2/alerts", body.clone()).await.status, 422);
    rig.platform.set_limits(Limits::Truncate);
    rig.done("POST", "/v2/alerts", body).await;
    let alerts = rig.platform.alerts();
    assert_eq!(alerts[0]["message"].as_str().map(str::len), Some(130));
    assert_eq!(alerts[0]["tags"][0].as_str().map(str::len), Some(50));
}

#[tokio::test]
async fn requests_over_a_limit_are_refused_until_the_bucket_fills() {
    let rig = Rig::new(Options {
        rates: vec!["alert:3/min".parse().unwrap(), "alert:2/s".parse().unwrap()],
        ..at_once()
    })
    .await;
    let mut told = Vec::new();
    for advance in [0, 0, 0, 1000, 0, 60_000] {
        rig.platform.advance(Duration::from_millis(advance));
        let answer = rig.send("POST", "/v2/alerts", json!({ "message": "m" })).await;
        let headers = ["X-RateLimit-State", "X-RateLimit-Reason", "X-RateLimit-Period-In-Sec"];
        told.push((
            answer.status,
            headers.map(|name| answer.header(name).map(str::to_owned)),
        ));
    }
    let ok = || (202, [Some("OK".to_owned()), None, None]);
    let throttled = |seconds: &str| (429, ["THROTTLED", "ACCOUNT", seconds].map(|text| Some(text.to_owned())));
    assert_eq!(told, [ok(), ok(), throttled("1"), ok(), throttled("60"), ok()]);
    assert_eq!(rig.get("/v2/teams").await.status, 200);
    let limits = rig.get("/v2/request-limits/").await.body;
    let expected = json!([{ "limit": 3, "periodInSeconds": 60 }, { "limit": 2, "periodInSeconds": 1 }]);
    assert_eq!(
        limits["data"]["rateLimits"][0],
        json!({ "domain": "alert", "limits": expected })
    );
}

#[tokio::test]
async fn requests_over_a_limit_can_wait_instead() {
    let rig = Rig::new(Options {
        rates: vec!["alert:20/s".parse().unwrap()],
        over_limit: OverLimit::Delay,
        ..at_once()
    })
    .await;
    for _ in 0..20 {
        rig.send("POST", "/v2/alerts", json!({ "message": "m" })).await;
    }
    let began = Instant::now();
    let answer = rig.send("POST", "/v2/alerts", json!({ "message": "m" })).await;
    assert_eq!(answer.status, 202);
    assert!(began.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn each_fault_of_the_body() {
    let rig = Rig::with_faults(&[
        "teams:notjson@1",
        "teams:empty@1",
        "teams:cut@1",
        "teams:noid@1",
        "teams:slowbody=60ms@1",
        "teams:429=60@1",
        "teams:302@1",
    ])
    .await;
    let request = format!(
        "GET /v2/teams HTTP/1.1\r\nHost: platform.test\r\nConnection: close\r\nAuthorization: GenieKey {DEMO_KEY}\r\n\r\n"
    );
    let not_json = rig.exchange(request.clone()).await;
    assert!(
        not_json.starts_with("HTTP/1.1 200") && not_json.ends_with("</html>"),
        "{not_json}"
    );
    let empty = rig.exchange(request.clone()).await;
    assert!(
        empty.contains("content-length: 0") && empty.ends_with("\r\n\r\n"),
        "{empty}"
    );
    let cut = rig.exchange(request.clone()).await;
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert!(body.len() < length.parse().unwrap() && !body.is_empty(), "{cut}");
    let no_id = rig.get("/v2/teams").await;
    assert_eq!(
        (no_id.header("X-Request-Id"), no_id.body.get("requestId")),
        (None, None)
    );
    let began = Instant::now();
    assert_eq!(rig.get("/v2/teams").await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(50));
    let throttled = rig.get("/v2/teams").await;
    assert_eq!(
        (throttled.status, throttled.header("X-RateLimit-Period-In-Sec")),
        (429, Some("60"))
    );
    let moved = rig.get("/v2/teams").await;
    assert_eq!(
        (moved.status, moved.header("Location")),
        (302, Some("/moved-by-a-fault-rule"))
    );
}

#[tokio::test]
async fn a_request_can_vanish_or_fail_with_a_text() {
    let rig = Rig::with_faults(&["create:vanish@1", "create:fail=Alert is ignored by the integration@1"]).await;
    let vanished = rig.send("POST", "/v2/alerts", json!({ "message": "m" })).await;
    let status = rig.status(&vanished).await;
    assert_eq!(
        (vanished.status, status.status, status.header("X-Opsgenie-Errortype")),
        (202, 404, None)
    );
    let failed = rig.done("POST", "/v2/alerts", json!({ "message": "m" })).await;
    assert_eq!(failed["status"], "Alert is ignored by the integration");
    assert_eq!(rig.platform.alerts().len(), 0);
}

#[tokio::test]
async fn latency_delays_every_answer_and_took_tells_it() {
    let rig = Rig::new(Options {
        latency: Pending::Between(30, 40),
        ..at_once()
    })
    .await;
    let began = Instant::now();
    let answer = rig.get("/v2/nothing").await;
    assert!(began.elapsed() >= Duration::from_millis(30));
    let took: f64 = answer.header("X-Response-Time").unwrap().parse().unwrap();
    assert!((0.034..=0.045).contains(&took), "{took}");
}

#[tokio::test]
async fn every_answer_has_the_three_headers() {
    let rig = Rig::with_faults(&["teams:500"]).await;
    for (path, status) in [
        ("/v2/alerts", 200),
        ("/v2/nothing", 404),
        ("/v2/teams", 500),
        ("/v2/alerts?limit=0", 422),
        ("/_edge/tenant_info", 200),
        ("/jsm/ops/api/other/v1/alerts", 404),
    ] {
        let answer = rig.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("X-RateLimit-State"), Some("OK"), "{path}");
        assert_eq!(answer.header("X-Request-Id").map(str::len), Some(36), "{path}");
        let took: f64 = answer.header("X-Response-Time").unwrap().parse().unwrap();
        assert!(took > 0.0, "{path}");
    }
}

#[tokio::test]
async fn the_switches_are_seen_and_set_from_outside() {
    let rig = Rig::prompt().await;
    let puts = [
        ("pending", json!({ "pending": "1s..2s", "style": "bare" })),
        ("latency", json!({ "latency": "1ms" })),
        ("limits", json!({ "limits": "truncate" })),
        ("rates", json!({ "rates": ["search:5/s"], "over": "delay" })),
        ("faults", json!({ "faults": ["teams:500@2-3"] })),
    ];
    for (what, body) in puts {
        let answer = rig.send("PUT", &format!("/emulator/{what}"), body).await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.body);
    }
    insta::assert_json_snapshot!(rig.get("/emulator").await.body);
    for (what, body) in [
        ("pending", json!({ "style": "loud" })),
        ("latency", json!({ "latency": "soon" })),
        ("limits", json!({ "limits": "none" })),
        ("rates", json!({ "rates": ["search"] })),
        ("rates", json!({ "rate": [] })),
    ] {
        let answer = rig.send("PUT", &format!("/emulator/{what}"), body).await;
        assert_eq!(answer.status, 400, "{what}");
    }
    let forgotten = rig.send("DELETE", "/emulator/journal", Value::Null).await;
    assert_eq!(forgotten.body, json!({ "entries": [] }));
    assert_eq!(rig.get("/emulators").await.status, 404);
}

#[tokio::test]
async fn an_integration_has_an_alias_prefix_of_its_own() {
    let plain = "11111111-1111-4111-8111-111111111111";
    let prefixed = "22222222-2222-4222-8222-222222222222";
    let seed = json!({ "keys": [{ "key": plain }, { "key": prefixed, "aliasPrefix": "nagios-" }] });
    let seed = Seed::parse(&seed.to_string()).unwrap();
    let rig = Rig::new(Options { seed, ..at_once() }).await;
    for key in [plain, prefixed] {
        let body = r#"{"message":"m","alias":"a"}"#;
        rig.try_send("POST", "/v2/alerts", &format!("GenieKey {key}"), body)
            .await
            .unwrap();
    }
    let alerts = rig.platform.alerts();
    assert_eq!([&alerts[0]["alias"], &alerts[1]["alias"]], ["a", "nagios-a"]);
}

#[tokio::test]
async fn the_journal_is_written_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let rig = Rig::new(Options {
        journal: Some(path.clone()),
        ..at_once()
    })
    .await;
    rig.get("/v2/teams").await;
    rig.get("/v2/nothing").await;
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown: Vec<_> = lines
        .iter()
        .map(|line| (&line["path"], &line["status"], &line["key"]))
        .collect();
    let key = json!("GenieKey 0ad1***");
    assert_eq!(
        shown,
        [
            (&json!("/v2/teams"), &json!(200), &key),
            (&json!("/v2/nothing"), &json!(404), &key)
        ]
    );
}

/// A request to a program, and the body of its answer.
fn ask(address: &str, method: &str, path: &str, body: &str) -> Value {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: GenieKey {DEMO_KEY}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn what_was_accepted_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("platform.sqlite");
    let start = |pending: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
        command
            .args(["opsgenie", "--listen", "127.0.0.1:0", "--pending", pending, "--store"])
            .arg(&store);
        let program = Program::start(&mut command);
        let address = program.line().strip_prefix("listening on http://").unwrap().to_owned();
        (program, address)
    };
    // One alert is there, and one is still to come when the program dies.
    let (program, address) = start("0ms");
    let alert = r#"{"message":"one","alias":"a","tags":["x"]}"#;
    let done = ask(&address, "POST", "/v2/alerts", alert);
    ask(&address, "POST", "/v2/teams", r#"{"name":"Graphics"}"#);
    ask(&address, "PUT", "/emulator/pending", r#"{"pending":"1h"}"#);
    let waiting = ask(&address, "POST", "/v2/alerts", r#"{"message":"two","alias":"b"}"#);
    drop(program);

    let (program, address) = start("0ms");
    let status = |id: &Value| {
        ask(
            &address,
            "GET",
            &format!("/v2/alerts/requests/{}", id.as_str().unwrap()),
            "",
        )
    };
    assert_eq!(status(&done["requestId"])["data"]["status"], "Created alert");
    assert_eq!(status(&waiting["requestId"])["data"], Value::Null);
    assert_eq!(
        ask(&address, "GET", "/v2/teams/Graphics?identifierType=name", "")["data"]["name"],
        "Graphics"
    );
    ask(&address, "POST", "/emulator/clock", r#"{"advance":"1h"}"#);
    assert_eq!(status(&waiting["requestId"])["data"]["alias"], "b");
    let again = ask(&address, "POST", "/v2/alerts", alert);
    assert_eq!(
        status(&again["requestId"])["data"]["status"],
        "Alert count is increased"
    );
    drop(program);

    let (program, address) = start("0ms");
    let alerts = ask(&address, "GET", "/emulator/alerts", "");
    let shown = |place: usize| (&alerts["alerts"][place]["message"], &alerts["alerts"][place]["count"]);
    assert_eq!(shown(0), (&json!("one"), &json!(2)));
    assert_eq!(shown(1), (&json!("two"), &json!(1)));
    drop(program);
}
