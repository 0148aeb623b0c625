//! The emulated Opsgenie platform from outside, over a plain socket: the shapes of its answers, the life of a request,
//! how alerts are addressed and counted, and each fault. Its clock stands still unless a test moves it.

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use adit::emulator::opsgenie::keys::DEMO_KEY;
use adit::emulator::opsgenie::pending::Pending;
use adit::emulator::opsgenie::seed::Seed;
use adit::emulator::opsgenie::{Clock, Options, Platform, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

mod configuration;
mod files;
mod jsm;
mod shapes;
mod switches;

/// 2026-11-22T16:00:00Z.
const NOW: u64 = 1_795_363_200_000;

/// A platform that is served until it is dropped.
struct Rig {
    platform: Platform,
    port: u16,
    _stop: oneshot::Sender<()>,
}

/// An answer as it came in.
struct Answer {
    status: u16,
    head: String,
    body: Value,
}

impl Rig {
    async fn new(options: Options) -> Self {
        let clock = Clock::Still(NOW);
        let platform = Platform::new(&Options { clock, ..options }).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        tokio::spawn(serve(listener, platform.clone(), shutdown));
        Self {
            platform,
            port,
            _stop: stop,
        }
    }

    /// The demo's teams, and no waiting for requests to be processed.
    async fn prompt() -> Self {
        Self::new(Options {
            seed: Seed::demo(),
            pending: Pending::Millis(0),
            ..Options::default()
        })
        .await
    }

    async fn with_faults(rules: &[&str]) -> Self {
        let faults = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        Self::new(Options {
            faults,
            pending: Pending::Millis(0),
            ..Options::default()
        })
        .await
    }

    /// Sends bytes, and gives what comes back until the connection is closed: nothing, when it is closed at once.
    async fn exchange(&self, request: String) -> String {
        let port = self.port;
        let exchange = move || {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = Vec::new();
            // A connection that is cut ends the answer, too.
            let _ = stream.read_to_end(&mut answer);
            String::from_utf8(answer).unwrap()
        };
        tokio::task::spawn_blocking(exchange).await.unwrap()
    }

    async fn try_send(&self, method: &str, path: &str, authorization: &str, body: &str) -> Option<Answer> {
        self.try_send_as(method, path, authorization, ("application/json", body))
            .await
    }

    async fn try_send_as(
        &self,
        method: &str,
        path: &str,
        authorization: &str,
        (content_type, body): (&str, &str),
    ) -> Option<Answer> {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: platform.test\r\nConnection: close\r\nAuthorization: {authorization}\r\n\
             Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let answer = self.exchange(request).await;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Answer {
            status,
            head: head.to_owned(),
            body: serde_json::from_str(body).unwrap(),
        })
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let authorization = format!("GenieKey {DEMO_KEY}");
        self.try_send(method, path, &authorization, &body).await.unwrap()
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, Value::Null).await
    }

    /// Sends a write, which is accepted, and gives the result of its request.
    async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let accepted = self.send(method, path, body).await;
        assert_eq!(accepted.status, 202, "{}", accepted.body);
        self.status(&accepted).await.body["data"].clone()
    }

    async fn status(&self, accepted: &Answer) -> Answer {
        let id = accepted.body["requestId"].as_str().unwrap();
        self.get(&format!("/v2/alerts/requests/{id}")).await
    }
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The answer as text: head without the date, body on its own lines.
    fn shown(&self) -> String {
        let head: Vec<&str> = self.head.lines().filter(|line| !line.starts_with("date:")).collect();
        format!("{}\n\n{:#}\n", head.join("\n"), self.body)
    }
}

fn whole_alert() -> Value {
    json!({
        "message": "Encoder 12 – \"Critical\" 😀",
        "alias": "dm-1-2-555",
        "description": "line 1\nline 2",
        "responders": [{ "type": "team", "name": "NOC" }, { "type": "user", "username": "a@example.org" },
                       { "type": "team", "name": "Unknown" }],
        "visibleTo": [{ "type": "team", "name": "NOC" }],
        "actions": ["Restart"],
        "tags": ["Critical", "dma:207"],
        "details": { "element": "Encoder 12" },
        "entity": "Encoder 12",
        "source": "DataMiner",
        "priority": "P1",
        "user": "DataMiner",
        "note": "first note",
    })
}

#[tokio::test]
async fn the_shapes_of_the_answers() {
    let rig = Rig::prompt().await;
    let mut shown = String::new();
    let calls = [
        ("POST", "/v2/alerts", whole_alert()),
        ("GET", "/v2/alerts/dm-1-2-555?identifierType=alias", Value::Null),
        (
            "POST",
            "/v2/alerts/dm-1-2-555/acknowledge?identifierType=alias",
            json!({ "user": "Ann", "note": "on it" }),
        ),
        ("GET", "/v2/alerts", Value::Null),
        ("GET", "/v2/alerts/count?query=status%3Aopen", Value::Null),
        ("GET", "/v2/alerts/1/notes?identifierType=tiny&limit=1", Value::Null),
        ("GET", "/v2/alerts/1/logs?identifierType=tiny&order=asc", Value::Null),
        ("GET", "/v2/teams", Value::Null),
        ("GET", "/v2/teams/NOC?identifierType=name", Value::Null),
        ("GET", "/v2/account", Value::Null),
    ];
    for (method, path, body) in calls {
        let answer = rig.send(method, path, body).await;
        shown.push_str(&format!(">>> {method} {path}\n{}\n", answer.shown()));
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn err_the_shapes_of_the_refusals() {
    let rig = Rig::prompt().await;
    let mut shown = String::new();
    let key = format!("GenieKey {DEMO_KEY}");
    let many = json!({ "message": "m".repeat(131), "priority": "high", "responders": [{ "type": "team" }],
                       "details": { "a": { "b": 1 } } });
    let calls = [
        (
            "GET",
            "/v2/alerts",
            "GenieKey ffffffff-ffff-4fff-8fff-ffffffffffff",
            String::new(),
        ),
        ("GET", "/v2/alerts", "GenieKey abc", String::new()),
        ("POST", "/v2/alerts", &key, "{\"message\"".to_owned()),
        ("POST", "/v2/alerts", &key, String::new()),
        ("POST", "/v2/alerts", &key, many.to_string()),
        ("POST", "/v2/alerts/1/notes?identifierType=tiny", &key, "{}".to_owned()),
        (
            "PUT",
            "/v2/alerts/1/priority?identifierType=tiny",
            &key,
            "{}".to_owned(),
        ),
        (
            "POST",
            "/v2/alerts/1/snooze",
            &key,
            "{\"endTime\":\"2026-11-22T15:59:59Z\"}".to_owned(),
        ),
        ("DELETE", "/v2/alerts/1/tags", &key, String::new()),
        ("POST", "/v2/alerts/1/close?identifierType=name", &key, String::new()),
        ("GET", "/v2/alerts?query=status:open+OR+(a:b)", &key, String::new()),
        ("GET", "/v2/alerts?limit=101", &key, String::new()),
        ("GET", "/v2/alerts?offset=19990", &key, String::new()),
        ("GET", "/v2/alerts/nothing", &key, String::new()),
        ("GET", "/v2/alerts/requests/nothing", &key, String::new()),
        ("GET", "/v2/teams/nothing", &key, String::new()),
        ("PATCH", "/v2/alerts", &key, String::new()),
        ("GET", "/v1/json/team/", &key, String::new()),
    ];
    for (method, path, authorization, body) in calls {
        let answer = rig.try_send(method, path, authorization, &body).await.unwrap();
        let line = answer.head.lines().next().unwrap();
        shown.push_str(&format!(">>> {method} {path}\n{line}\n{:#}\n\n", answer.body));
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn a_request_is_unknown_then_pending_then_processed() {
    let rig = Rig::new(Options::default()).await;
    let accepted = rig.send("POST", "/v2/alerts", json!({ "message": "m" })).await;
    let pending = rig.status(&accepted).await;
    assert_eq!(
        (pending.status, pending.header("X-Opsgenie-Errortype")),
        (404, Some("RequestNotProcessed"))
    );
    assert_eq!(rig.platform.alerts(), Vec::<Value>::new());
    let unknown = rig.get("/v2/alerts/requests/0").await;
    assert_eq!((unknown.status, unknown.header("X-Opsgenie-Errortype")), (404, None));

    rig.platform.advance(Duration::from_millis(200));
    let processed = rig.status(&accepted).await;
    insta::assert_snapshot!(processed.shown());
}

#[tokio::test]
async fn requests_are_processed_in_order_of_arrival() {
    let rig = Rig::new(Options::default()).await;
    rig.send("POST", "/v2/alerts", json!({ "message": "m", "alias": "a" }))
        .await;
    rig.platform.set_pending(Pending::Millis(0));
    let update = rig
        .send(
            "PUT",
            "/v2/alerts/a/priority?identifierType=alias",
            json!({ "priority": "P1" }),
        )
        .await;
    assert_eq!(rig.status(&update).await.status, 404);
    rig.platform.advance(Duration::from_millis(200));
    assert_eq!(rig.status(&update).await.body["data"]["isSuccess"], true);
    assert_eq!(rig.platform.alerts()[0]["priority"], "P1");
}

#[tokio::test]
async fn a_second_create_counts_up_and_changes_nothing_else() {
    let rig = Rig::prompt().await;
    let first = rig
        .done(
            "POST",
            "/v2/alerts",
            json!({ "message": "one", "alias": "a", "priority": "P3" }),
        )
        .await;
    rig.platform.advance(Duration::from_secs(60));
    let second = rig
        .done(
            "POST",
            "/v2/alerts",
            json!({ "message": "two", "alias": "a", "priority": "P1" }),
        )
        .await;
    assert_eq!(first["alertId"], second["alertId"]);
    let alerts = rig.platform.alerts();
    assert_eq!(alerts.len(), 1);
    let fields = ["message", "priority", "count", "createdAt", "lastOccurredAt"].map(|field| &alerts[0][field]);
    let expected = [
        json!("one"),
        json!("P3"),
        json!(2),
        json!("2026-11-22T16:00:00.000Z"),
        json!("2026-11-22T16:01:00.000Z"),
    ];
    assert_eq!(fields, expected.each_ref());
    let logs = rig.get("/v2/alerts/a/logs?identifierType=alias&limit=1").await;
    let text = "Alert is received with same alias. Message: \"two\". Count is increased to 2";
    assert_eq!(logs.body["data"][0]["log"], text);
}

#[tokio::test]
async fn a_closed_alert_frees_its_alias() {
    let rig = Rig::prompt().await;
    let alert = json!({ "message": "m", "alias": "a" });
    let first = rig.done("POST", "/v2/alerts", alert.clone()).await;
    rig.done("POST", "/v2/alerts/a/close?identifierType=alias", Value::Null)
        .await;
    let again = rig
        .done("POST", "/v2/alerts/a/close?identifierType=alias", Value::Null)
        .await;
    assert_eq!(
        (&again["isSuccess"], &again["status"]),
        (&json!(false), &json!("Alert does not exist"))
    );
    assert_eq!(rig.get("/v2/alerts/a?identifierType=alias").await.status, 404);
    let by_id = rig
        .get(&format!("/v2/alerts/{}", first["alertId"].as_str().unwrap()))
        .await;
    assert_eq!(by_id.body["data"]["status"], "closed");

    let second = rig.done("POST", "/v2/alerts", alert).await;
    assert_ne!(first["alertId"], second["alertId"]);
    assert_eq!(
        rig.get("/v2/alerts/a?identifierType=alias").await.body["data"]["tinyId"],
        "2"
    );
}

#[tokio::test]
async fn err_a_close_by_alias_without_its_identifier_type_is_accepted_and_then_fails() {
    let rig = Rig::prompt().await;
    rig.done("POST", "/v2/alerts", json!({ "message": "m", "alias": "a" }))
        .await;
    let close = rig.done("POST", "/v2/alerts/a/close", Value::Null).await;
    assert_eq!(
        (&close["isSuccess"], &close["status"]),
        (&json!(false), &json!("Alert does not exist"))
    );
    assert_eq!(rig.platform.alerts()[0]["status"], "open");
}

#[tokio::test]
async fn any_alias_can_be_addressed_when_it_is_escaped() {
    let rig = Rig::prompt().await;
    let escaped = [
        "207%2F12%2F6023",
        "a%3Fb%23c%25d",
        "a+b",
        "a%20b",
        "%C3%A9",
        "%F0%9F%98%80",
        "%2e%2e",
    ];
    let plain = ["207/12/6023", "a?b#c%d", "a+b", "a b", "é", "😀", ".."];
    for (alias, segment) in plain.into_iter().zip(escaped) {
        rig.done("POST", "/v2/alerts", json!({ "message": "m", "alias": alias }))
            .await;
        let close = rig
            .done(
                "POST",
                &format!("/v2/alerts/{segment}/close?identifierType=alias"),
                Value::Null,
            )
            .await;
        assert_eq!((&close["isSuccess"], &close["alias"]), (&json!(true), &json!(alias)));
    }
    let raw = rig
        .send("POST", "/v2/alerts/207/12/6023/close?identifierType=alias", Value::Null)
        .await;
    assert_eq!(raw.status, 404);
}

#[tokio::test]
async fn every_write_does_what_it_says() {
    let rig = Rig::prompt().await;
    rig.done(
        "POST",
        "/v2/alerts",
        json!({ "message": "m", "alias": "a", "tags": ["x"] }),
    )
    .await;
    let writes = [
        ("PUT", "message", json!({ "message": "new" })),
        ("PUT", "description", json!({ "description": "text" })),
        ("PUT", "priority", json!({ "priority": "P5" })),
        ("POST", "tags", json!({ "tags": ["y", "z", "x"] })),
        ("DELETE", "tags?tags=x%2Cz", Value::Null),
        ("POST", "details", json!({ "details": { "k": "v", "l": "w" } })),
        ("DELETE", "details?keys=l", Value::Null),
        ("POST", "notes", json!({ "note": "n", "user": "Ann" })),
        ("POST", "snooze", json!({ "endTime": "2026-11-22T17:00:00Z" })),
        ("POST", "acknowledge", Value::Null),
        ("POST", "unacknowledge", json!({})),
        ("POST", "acknowledge/", json!({ "user": "Bob" })),
        ("POST", "escalate", json!({ "escalation": { "name": "Second line" } })),
        (
            "POST",
            "assign",
            json!({ "owner": { "username": "carol@example.org" } }),
        ),
        ("POST", "teams", json!({ "team": { "name": "Playout" } })),
        ("POST", "teams", json!({ "team": { "name": "Nobody" } })),
        (
            "POST",
            "responders",
            json!({ "responder": { "type": "user", "username": "dan@example.org" } }),
        ),
        ("POST", "actions/Restart%20card", Value::Null),
    ];
    let mut statuses = Vec::new();
    for (method, what, body) in writes {
        let mark = if what.contains('?') { '&' } else { '?' };
        let path = format!("/v2/alerts/a/{what}{mark}identifierType=alias");
        let result = rig.done(method, &path, body).await;
        statuses.push(format!(
            "{} {} {}",
            result["action"], result["isSuccess"], result["status"]
        ));
    }
    insta::assert_snapshot!(format!("{}\n\n{:#}", statuses.join("\n"), rig.platform.alerts()[0]));
    let deleted = rig
        .done("DELETE", "/v2/alerts/1?identifierType=tiny&user=Ann", Value::Null)
        .await;
    assert_eq!((&deleted["action"], rig.platform.alerts().len()), (&json!("Delete"), 0));
}

#[tokio::test]
async fn a_list_comes_in_pages_that_lead_to_each_other() {
    let rig = Rig::prompt().await;
    for number in 0..5 {
        rig.done("POST", "/v2/alerts", json!({ "message": number.to_string() }))
            .await;
    }
    let mut path = "/v2/alerts?query=status%3Aopen+NOT+message%3A4&limit=2&sort=message&order=asc".to_owned();
    let mut messages = Vec::new();
    loop {
        let page = rig.get(&path).await;
        messages.extend(
            page.body["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|alert| alert["message"].clone()),
        );
        assert_eq!(page.body["paging"]["next"].as_str(), page.header("X-Paging-next"));
        match page.body["paging"]["next"].as_str() {
            Some(next) => next.strip_prefix("http://platform.test").unwrap().clone_into(&mut path),
            None => break,
        }
    }
    assert_eq!(messages, ["0", "1", "2", "3"]);
    insta::assert_json_snapshot!(rig.get(&path).await.body["paging"]);
}

#[tokio::test]
async fn the_alerts_of_a_teams_key_go_to_that_team() {
    let key = "11111111-1111-4111-8111-111111111111";
    let keys = json!([{ "key": key, "kind": "team", "team": "Playout" }]);
    let seed =
        json!({ "teams": [{ "name": "NOC" }, { "name": "Playout", "id": "p" }], "keys": keys, "aliasPrefix": "x-" });
    let seed = Seed::parse(&seed.to_string()).unwrap();
    let rig = Rig::new(Options {
        seed,
        pending: Pending::Millis(0),
        ..Options::default()
    })
    .await;
    let body = json!({ "message": "m", "alias": "a", "responders": [{ "type": "team", "name": "NOC" }] });
    let answer = rig
        .try_send("POST", "/v2/alerts", &format!("GenieKey {key}"), &body.to_string())
        .await
        .unwrap();
    assert_eq!(answer.status, 202);
    let alerts = rig.platform.alerts();
    assert_eq!(alerts[0]["responders"], json!([{ "type": "team", "id": "p" }]));
    assert_eq!(alerts[0]["alias"], "x-a");
    let demo = rig
        .try_send("GET", "/v2/teams", &format!("GenieKey {DEMO_KEY}"), "")
        .await
        .unwrap();
    assert_eq!(demo.status, 401);
}

#[tokio::test]
async fn fault_a_status_strikes_the_first_requests() {
    let rig = Rig::with_faults(&["create:429@1", "create:503@2"]).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let answer = rig.send("POST", "/v2/alerts", json!({ "message": "m" })).await;
        let state =
            ["X-RateLimit-State", "X-RateLimit-Period-In-Sec"].map(|name| answer.header(name).map(str::to_owned));
        statuses.push((answer.status, state));
    }
    let ok = || [Some("OK".to_owned()), None];
    let throttled = [Some("THROTTLED".to_owned()), Some("1".to_owned())];
    assert_eq!(statuses, [(429, throttled), (503, ok()), (503, ok()), (202, ok())]);
    assert_eq!(rig.platform.alerts().len(), 1);
}

#[tokio::test]
async fn fault_reset_closes_the_connection_before_and_lost_after_the_request_is_processed() {
    let rig = Rig::with_faults(&["create:reset@1", "create:lost@1"]).await;
    let key = format!("GenieKey {DEMO_KEY}");
    let create = || rig.try_send("POST", "/v2/alerts", &key, r#"{"message":"m","alias":"a"}"#);
    assert!(create().await.is_none());
    assert_eq!(rig.platform.alerts().len(), 0);
    assert!(create().await.is_none());
    assert_eq!(rig.platform.alerts().len(), 1);
    assert_eq!(create().await.map(|answer| answer.status), Some(202));
    assert_eq!(rig.platform.alerts()[0]["count"], 2);
    let statuses: Vec<Option<u16>> = rig.platform.journal().iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [None, None, Some(202)]);
}

#[tokio::test]
async fn fault_swallow_leaves_a_request_pending_and_fail_ends_it_without_success() {
    let rig = Rig::with_faults(&["create:swallow@1", "create:fail@1"]).await;
    let swallowed = rig.send("POST", "/v2/alerts", json!({ "message": "m" })).await;
    let failed = rig.send("POST", "/v2/alerts", json!({ "message": "m" })).await;
    rig.platform.advance(Duration::from_secs(86_400));
    let status = rig.status(&swallowed).await;
    assert_eq!((swallowed.status, status.status), (202, 404));
    assert_eq!(status.header("X-Opsgenie-Errortype"), Some("RequestNotProcessed"));
    let status = rig.status(&failed).await;
    assert_eq!((failed.status, &status.body["data"]["isSuccess"]), (202, &json!(false)));
    assert_eq!(rig.platform.alerts().len(), 0);
}

#[tokio::test]
async fn fault_slow_delays_the_answer() {
    let rig = Rig::with_faults(&["teams:slow=30ms"]).await;
    let began = Instant::now();
    assert_eq!(rig.get("/v2/teams").await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn a_platform_is_steered_from_outside() {
    let rig = Rig::new(Options::default()).await;
    let faults = rig
        .send("PUT", "/emulator/faults", json!({ "faults": ["teams:500@1"] }))
        .await;
    assert_eq!(
        (faults.status, &faults.body),
        (200, &json!({ "faults": ["teams:500@1"] }))
    );
    assert_eq!(rig.get("/v2/teams").await.status, 500);
    assert_eq!(rig.get("/v2/teams").await.status, 200);
    let refused = rig
        .send("PUT", "/emulator/faults", json!({ "faults": ["teams:x"] }))
        .await;
    assert_eq!(refused.status, 400);

    rig.send("PUT", "/emulator/pending", json!({ "pending": "1h" })).await;
    rig.send("POST", "/v2/alerts", json!({ "message": "<b>", "alias": "a" }))
        .await;
    assert_eq!(rig.get("/emulator/alerts").await.body, json!({ "alerts": [] }));
    rig.send("POST", "/emulator/clock", json!({ "advance": "1h" })).await;
    assert_eq!(rig.get("/emulator/alerts").await.body["alerts"][0]["alias"], "a");
    insta::assert_json_snapshot!(rig.get("/emulator/journal?after=1").await.body);

    let page = rig
        .exchange("GET / HTTP/1.1\r\nHost: platform.test\r\nConnection: close\r\n\r\n".to_owned())
        .await;
    assert!(
        page.starts_with("HTTP/1.1 200")
            && page.contains("<td>&lt;b&gt;<small>127.0.0.1</small><td><code>a</code><td class=\"fit\">1"),
        "{page}"
    );
}

#[tokio::test]
async fn err_a_body_that_is_too_large_is_refused() {
    let rig = Rig::prompt().await;
    let body = json!({ "message": "m", "description": "d".repeat(1024 * 1024) }).to_string();
    let answer = rig
        .try_send("POST", "/v2/alerts", &format!("GenieKey {DEMO_KEY}"), &body)
        .await;
    assert!(answer.is_none_or(|answer| answer.status == 413));
    assert_eq!(rig.platform.alerts().len(), 0);
}

/// Runs `adit opsgenie` with arguments that it refuses; its exit code and what it says.
fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_adit"))
        .arg("opsgenie")
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.stdout.is_empty(), "{output:?}");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn err_arguments_that_cannot_be_used_end_with_2_and_say_why() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.json");
    std::fs::write(&seed, r#"{"alerts":[{"priority":"P9"}]}"#).unwrap();
    let seed = seed.to_str().unwrap();
    let cases = [
        (vec!["--listen", &address], format!("cannot listen on {address}")),
        (vec!["--listen", "nowhere"], "--listen".to_owned()),
        (vec!["--seed", "missing.json"], "missing.json".to_owned()),
        (
            vec!["--listen", "127.0.0.1:0", "--seed", seed],
            "should be one of [ P1, P2, P3, P4, P5 ]".to_owned(),
        ),
        (vec!["--fault", "create:nonsense"], "the fault is a status".to_owned()),
        (vec!["--pending", "soon"], "is no length of time".to_owned()),
        (vec!["--key", "abc"], "shaped like a UUID".to_owned()),
    ];
    for (arguments, text) in cases {
        let (code, error) = refused(&arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {error}");
        assert!(error.contains(&text), "{arguments:?}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn the_first_line_says_where_it_listens_and_an_interrupt_ends_it_in_order() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
    let arguments = ["opsgenie", "--listen", "127.0.0.1:0"];
    let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let address = first.strip_prefix("listening on http://").unwrap();
    assert!(TcpStream::connect(address).is_ok());
    assert_eq!(lines.next().unwrap().unwrap(), format!("key: GenieKey {DEMO_KEY}"));
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupt.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
