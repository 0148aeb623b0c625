//! The local API over real sockets: every answer and every refusal, the guard, the stream of changes.

use std::time::Duration;

use adit::agent::Agent;
use adit::api::auth::Secret;
use adit::api::{ApiOptions, openapi, serve};
use adit::element::lifecycle::StateRequest;
use adit::element::view::{ElementEvent, ElementState};
use adit::model::id::ParamId;
use adit::model::value::Value;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value as Json, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::served::{Served, json_of};
use crate::support::shown::{device, put_row, reasons, show};

/// More changes than any follower may lag behind.
const FAR_BEHIND: usize = 100_000;

async fn served() -> Served {
    Served::start(
        vec![device(1, "Device"), device(7, "Other Device")],
        ApiOptions::default(),
    )
    .await
}

/// The answers to some gets, one after the other.
async fn gets(served: &Served, paths: &[&str]) -> String {
    let mut text = String::new();
    for path in paths {
        text += &served.ask("GET", path, None).await;
        text.push('\n');
    }
    text
}

#[tokio::test]
async fn elements_are_listed_and_found_by_name_or_id_in_any_casing() {
    let served = served().await;
    let paths = ["/api/elements", "/api/elements/device", "/api/elements/nobody"];
    insta::assert_snapshot!(gets(&served, &paths).await);
    let by_name = served.send("GET", "/api/elements/OTHER%20device", None, &[]).await;
    let by_id = served.send("GET", "/api/elements/7", None, &[]).await;
    assert_eq!(json_of(by_name.into_body()).await, json_of(by_id.into_body()).await);
}

#[tokio::test]
async fn elm_13_a_state_is_asked_for_and_a_refusal_is_a_conflict() {
    let served = served().await;
    let mut text = String::new();
    for state in ["paused", "stopped", "paused", "restart", "asleep"] {
        let body = json!({ "state": state });
        let answer = served.send("POST", "/api/elements/1/state", Some(body), &[]).await;
        let status = answer.status().as_u16();
        let body = json_of(answer.into_body()).await;
        text += &format!("{state}: {status} {} {}\n", body["state"], body["detail"]);
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn grp_16_the_connection_is_tested() {
    let served = served().await;
    let mut text = String::new();
    for state in ["active", "paused", "stopped"] {
        let body = json!({ "state": state });
        served.send("POST", "/api/elements/1/state", Some(body), &[]).await;
        text += &served.ask("POST", "/api/elements/1/connection-test", None).await;
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn api_3_api_4_the_definition_part_of_a_parameter_a_column_and_a_table() {
    let served = served().await;
    let mut text = String::new();
    for parameter in ["Load", "11", "Jobs", "102", "ApiKey", "Temperature", "Hidden", "99"] {
        let path = format!("/api/elements/1/parameters/{parameter}/info");
        text += &served.ask("GET", &path, None).await;
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn log_3_what_is_at_work_is_told() {
    let served = served().await;
    let text = served.ask("GET", "/api/elements/1/pending-calls", None).await;
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn api_11_shown_parameters_are_listed_and_a_secret_keeps_its_value() {
    let served = served().await;
    let paths = [
        "/api/elements/1/parameters",
        "/api/elements/1/parameters?page=General",
        "/api/elements/1/parameters?page=Nowhere",
    ];
    let text = gets(&served, &paths).await;
    assert!(!text.contains("GenieKey"));
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn api_1_api_2_dsp_3_a_get_tells_unknown_from_not_displayed_and_from_a_column() {
    let served = served().await;
    let names = ["10", "load", "11", "3", "nothing", "999", "Hidden", "5", "State"];
    let paths = names.map(|name| format!("/api/elements/1/parameters/{name}"));
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    insta::assert_snapshot!(gets(&served, &paths).await);
}

#[tokio::test]
async fn api_8_a_set_goes_to_the_write_and_answers_with_the_read() {
    let served = served().await;
    let mut text = String::new();
    for (name, value) in [
        ("Load", json!(0.25)),
        ("Load", json!(1)),
        ("11", json!("0.75")),
        ("Load", Json::Null),
        ("ApiKey", json!("GenieKey x")),
        ("Message", json!("{}")),
        ("ClearJobs", json!("1")),
    ] {
        let path = format!("/api/elements/Device/parameters/{name}");
        text += &served.ask("PUT", &path, Some(json!({ "value": value }))).await;
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn api_12_every_refusal_of_a_set_has_its_status_and_code() {
    let served = served().await;
    let mut text = String::new();
    for reason in reasons() {
        let body = json!({ "value": format!("refuse {reason}") });
        let answer = served
            .send("PUT", "/api/elements/1/parameters/Message", Some(body), &[])
            .await;
        let status = answer.status();
        let retry = answer.headers().get("retry-after").is_some();
        let body = json_of(answer.into_body()).await;
        assert_eq!(body["code"], reason);
        assert_eq!(body["status"], status.as_u16());
        text += &format!("{status} {} {} retry-after={retry}\n", body["type"], body["title"]);
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn what_is_no_set_is_a_bad_request() {
    let served = served().await;
    let path = "/api/elements/1/parameters/Message";
    let mut text = String::new();
    for body in [json!({ "value": true }), json!({ "value": [1] }), json!({}), json!("a")] {
        text += &served.ask("PUT", path, Some(body)).await;
    }
    // A form that another site could post without asking the browser first is no JSON either.
    text += &served
        .ask_with("PUT", path, None, &[("content-type", "text/plain")])
        .await;
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn err_a_body_that_is_too_long_is_refused_with_the_bound() {
    let served = served().await;
    let path = "/api/elements/1/parameters/Message";
    let body = json!({ "value": "x".repeat(2 << 20) });
    insta::assert_snapshot!(served.ask("PUT", path, Some(body)).await);
}

#[tokio::test]
async fn api_5_a_table_shows_its_columns_and_rows() {
    let served = served().await;
    let paths = [
        "/api/elements/1/tables/Jobs",
        "/api/elements/1/tables/Load",
        "/api/elements/1/tables/5",
    ];
    insta::assert_snapshot!(gets(&served, &paths).await);
}

#[tokio::test]
async fn tbl_140_rows_are_filtered_sorted_and_paged() {
    let served = served().await;
    let mut text = String::new();
    for query in [
        "",
        "filter=",
        "filter=ERR",
        "filter=%C3%A4",
        "filter=state%3Derror",
        "filter=State!%3DDone",
        "filter=102%3D%3D%22Done%22",
        "filter=Tries%3E2",
        "filter=Tries%3C%3D2",
        "filter=Job~/",
        "filter=%22Tries%3E2%22",
        "filter=the%20state%3Derror",
        "filter=The%20Tries%3E2",
        "filter=The%20Tries%20(The%20Jobs)%3E2",
        "filter=token",
        "filter=Token~tok",
        "sort=Tries",
        "sort=Tries:desc",
        "sort=The%20Tries:desc",
        "sort=State",
        "sort=103:desc&limit=1&offset=1",
        "limit=1&offset=2",
        "limit=0",
        "offset=9",
        "filter=Nothing%3D1",
        "filter=Tries%3Emany",
        "sort=Nothing",
        "sort=Tries:up",
        "sort=Token",
        "limit=10001",
        "limit=many",
        "offset=-1",
    ] {
        let (status, keys, body) = served.rows("Jobs", query).await;
        let detail = body["detail"].as_str().unwrap_or_default();
        text += &format!("{query}\n    {status} {keys:?} of {} {detail}\n", body["total"]);
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn api_6_api_8_a_cell_is_read_and_set_by_a_key_that_may_hold_a_slash() {
    let served = served().await;
    let rows = "/api/elements/1/tables/Jobs/rows";
    let mut text = gets(
        &served,
        &[
            &format!("{rows}/a%2Fb/State"),
            &format!("{rows}/a%2Fb/104"),
            &format!("{rows}/nobody/State"),
            &format!("{rows}/a%2Fb/Nothing"),
            &format!("{rows}/a%2Fb/Internal"),
        ],
    )
    .await;
    for (cell, value) in [
        ("a%2Fb/State", "Waiting"),
        ("a%2Fb/112", "Done"),
        ("%C3%84/Remove", "1"),
        ("%C3%84/Remove", "1"),
        ("c/Internal", "x"),
        ("c/Nothing", "x"),
        ("c/State", "refuse not_in_list"),
    ] {
        text += &served
            .ask("PUT", &format!("{rows}/{cell}"), Some(json!({ "value": value })))
            .await;
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_paged_filtered_and_sorted() {
    let element = device(1, "Large");
    let fill = |view: &mut adit::element::view::View| {
        for number in 0..100_000_u32 {
            let state = if number % 1000 == 0 { "Error" } else { "Done" };
            put_row(
                view,
                u64::from(number) + 10,
                &format!("job {number}"),
                state,
                f64::from(number),
            );
        }
    };
    element.publish(fill, []);
    let served = Served::start(vec![element], ApiOptions::default()).await;
    let table = |query: &'static str| {
        let served = &served;
        async move {
            let path = format!("/api/elements/1/tables/Jobs?{query}");
            let body = json_of(served.send("GET", &path, None, &[]).await.into_body()).await;
            let rows = body["rows"].as_array().expect("rows").len();
            (body["total"].clone(), rows, body["rows"][0]["key"].clone())
        }
    };
    assert_eq!(table("").await, (json!(100_003), 1000, json!("a/b")));
    assert_eq!(table("offset=100002").await, (json!(100_003), 1, json!("job 99999")));
    assert_eq!(
        table("sort=Tries:desc&limit=5").await,
        (json!(100_003), 5, json!("job 99999"))
    );
    assert_eq!(table("filter=State%3DError").await, (json!(101), 101, json!("Ä")));
}

#[tokio::test]
async fn alarms_are_an_empty_list_until_something_is_monitored() {
    let served = served().await;
    let paths = [
        "/api/alarms",
        "/api/alarms?element=Device",
        "/api/alarms?element=nobody",
        "/api/elements/1/alarms",
        "/api/elements/nobody/alarms",
    ];
    insta::assert_snapshot!(gets(&served, &paths).await);
}

#[tokio::test]
async fn api_4_api_7_dsp_101_pages_say_what_stands_where_and_how_it_is_set() {
    let served = served().await;
    insta::assert_snapshot!(gets(&served, &["/api/elements/1/pages"]).await);
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let served = served().await;
    let mut text = gets(&served, &["/api/nothing", "/nothing", "/healthz"]).await;
    text += &served.ask("DELETE", "/api/elements", None).await;
    text += &served.ask("POST", "/", None).await;
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn the_page_may_load_only_its_own_files_and_is_not_sent_twice() {
    let served = served().await;
    for path in ["/", "/card.css", "/card.js", "/card.svg"] {
        let answer = served.send("GET", path, None, &[]).await;
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .expect("ASCII")
            .to_owned();
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        let etag = answer.headers()["etag"].to_str().expect("ASCII").to_owned();
        let again = served.send("GET", path, None, &[("if-none-match", &etag)]).await;
        assert_eq!(again.status(), 304);
        let other = served.send("GET", path, None, &[("if-none-match", "\"x\"")]).await;
        assert_eq!(other.status(), 200);
    }
    let page = served
        .send("GET", "/", None, &[])
        .await
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    let page = String::from_utf8_lossy(&page).into_owned();
    assert!(
        !page.contains("<style") && !page.contains("<script>") && !page.contains("://"),
        "{page}"
    );
}

#[test]
fn the_openapi_document_describes_the_routes() {
    let mut document = serde_json::to_value(openapi()).expect("JSON");
    document["info"]["version"] = "[version]".into();
    insta::assert_snapshot!(format!("{document:#}"));
}

#[test]
fn every_operation_has_an_id_of_its_own_and_every_answer_a_description() {
    let document = serde_json::to_value(openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths").values();
    let operations: Vec<&Json> = paths
        .flat_map(|path| path.as_object().expect("operations").values())
        .collect();
    let ids: std::collections::BTreeSet<&str> = operations
        .iter()
        .map(|operation| operation["operationId"].as_str().expect("an id"))
        .collect();
    assert_eq!(ids.len(), operations.len());
    for answer in operations
        .iter()
        .flat_map(|operation| operation["responses"].as_object().expect("answers").values())
    {
        assert!(
            answer["description"].as_str().is_some_and(|text| !text.is_empty()),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn the_document_is_served_as_openapi_3_1() {
    let served = served().await;
    let answer = served.send("GET", "/api/openapi.json", None, &[]).await;
    assert_eq!(json_of(answer.into_body()).await["openapi"], "3.1.0");
}

#[tokio::test]
async fn with_a_token_every_route_but_healthz_asks_for_it() {
    let options = ApiOptions {
        token: Some(Secret::new("let me in")),
        ..ApiOptions::default()
    };
    let served = Served::start(vec![device(1, "Device")], options).await;
    let mut text = String::new();
    for path in [
        "/",
        "/card.js",
        "/api/elements",
        "/api/events",
        "/api/openapi.json",
        "/nothing",
        "/healthz",
    ] {
        for token in [
            "",
            "Bearer wrong",
            "Basic let me in",
            "Bearer let me in",
            "bearer let me in",
        ] {
            let answer = served.send("GET", path, None, &[("authorization", token)]).await;
            text += &format!("{path} [{token}] {}\n", answer.status().as_u16());
        }
    }
    text += &served.ask("GET", "/api/elements", None).await;
    // A foreign name is fine for who has the token: a proxy may stand in front.
    let headers = [("authorization", "Bearer let me in"), ("host", "example.org")];
    text += &served.ask_with("GET", "/api/alarms", None, &headers).await;
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn without_a_token_foreign_names_and_writes_from_other_sites_are_refused() {
    let served = served().await;
    let own = format!("http://{}", served.address);
    let path = "/api/elements/1/parameters/Load";
    let body = || Some(json!({ "value": 1 }));
    let mut text = String::new();
    for host in ["example.org", "127.0.0.1.example.org:80", "localhost", "[::1]:1"] {
        let answer = served.send("GET", "/api/elements", None, &[("host", host)]).await;
        text += &format!("host {host}: {}\n", answer.status());
    }
    text += &served
        .ask_with("GET", "/api/elements", None, &[("host", "example.org")])
        .await;
    for origin in [
        "http://example.org",
        "null",
        "http://127.0.0.1:1",
        "https://localhost",
        "",
    ] {
        let answer = served.send("PUT", path, body(), &[("origin", origin)]).await;
        text += &format!("origin [{origin}]: {}\n", answer.status());
    }
    text += &served
        .ask_with("PUT", path, body(), &[("origin", "http://example.org")])
        .await;
    insta::assert_snapshot!(text);
    assert_eq!(
        served.send("PUT", path, body(), &[("origin", &own)]).await.status(),
        200
    );
}

#[tokio::test]
async fn an_address_that_others_reach_is_not_served_without_a_token() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.expect("a free port");
    let agent = std::sync::Arc::new(Agent::new(Vec::new()));
    let refused = serve(listener, agent, ApiOptions::default(), std::future::pending()).await;
    assert_eq!(
        refused.expect_err("refused").kind(),
        std::io::ErrorKind::PermissionDenied
    );
}

#[tokio::test]
async fn api_10_changes_are_followed_as_events_that_name_their_element() {
    let (one, other) = (device(1, "Device"), device(7, "Other Device"));
    let served = Served::start(vec![one.clone(), other.clone()], ApiOptions::default()).await;
    let mut all = served.send("GET", "/api/events", None, &[]).await.into_body();
    let mut of_other = served.send("GET", "/api/events?element=7", None, &[]).await.into_body();
    show(&one, ParamId(11), &Value::Number(0.75));
    show(&one, ParamId(3), &"GenieKey new".into());
    show(&one, ParamId(5), &"hidden".into());
    let cell = "/api/elements/1/tables/Jobs/rows/a%2Fb/State";
    served.send("PUT", cell, Some(json!({ "value": "Error" })), &[]).await;
    let button = "/api/elements/1/tables/Jobs/rows/a%2Fb/Remove";
    served.send("PUT", button, Some(json!({ "value": "1" })), &[]).await;
    one.request_state(StateRequest::Pause).await;
    other.request_state(StateRequest::Stop).await;
    let text = events(&mut all, 6).await;
    assert!(!text.contains("GenieKey") && !text.contains("hidden"));
    insta::assert_snapshot!(text);
    let first = events(&mut of_other, 1).await;
    assert!(
        first.contains("\"element\":\"Other Device\",\"state\":\"stopped\""),
        "{first}"
    );
    assert_eq!(
        served
            .send("GET", "/api/events?element=nobody", None, &[])
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn a_follower_that_lags_is_told_to_read_again() {
    let element = device(1, "Device");
    let served = Served::start(vec![element.clone()], ApiOptions::default()).await;
    let mut body = served.send("GET", "/api/events", None, &[]).await.into_body();
    // In one go, so that the stream has no turn in between.
    let state = |_| ElementEvent::State(ElementState::Active, false);
    element.publish(|_| {}, (0..FAR_BEHIND).map(state));
    let first = events(&mut body, 1).await;
    assert!(
        first.starts_with("event: resync\ndata: {\"element\":\"Device\"}\n\n"),
        "{first}"
    );
}

#[tokio::test]
async fn open_streams_end_with_the_server() {
    let served = served().await;
    let body = served.send("GET", "/api/events", None, &[]).await.into_body();
    served.stop().await;
    assert_eq!(body.collect().await.expect("a clean end").to_bytes().len(), 0);
}

#[tokio::test]
async fn a_request_that_never_ends_holds_the_server_no_longer_than_the_grace_period() {
    let (silent, mut commands) = crate::support::shown::unstarted(1, "Silent");
    let options = ApiOptions {
        grace: Duration::from_millis(20),
        ..ApiOptions::default()
    };
    let served = Served::start(vec![silent], options).await;
    let mut stream = TcpStream::connect(served.address).await.expect("a connection");
    let request = "PUT /api/elements/1/parameters/Load HTTP/1.1\r\nhost: localhost\r\n\
                   content-type: application/json\r\ncontent-length: 11\r\n\r\n{\"value\":1}";
    stream.write_all(request.as_bytes()).await.expect("sent");
    // The set is under way; nobody ever answers it, and the client does not go away.
    let _command = commands.recv().await.expect("the set");
    let stopped = tokio::time::timeout(Duration::from_secs(10), served.stop()).await;
    assert!(stopped.is_ok());
}

/// The next events of a stream.
async fn events(body: &mut Incoming, count: usize) -> String {
    let mut text = String::new();
    while text.matches("\n\n").count() < count {
        let frame = tokio::time::timeout(Duration::from_secs(10), body.frame()).await;
        let frame = frame.expect("events in time").expect("no end").expect("no error");
        text += &String::from_utf8_lossy(frame.data_ref().expect("data"));
    }
    text
}
