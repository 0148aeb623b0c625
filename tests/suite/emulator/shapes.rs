//! Every request and every answer of the Alert API, of teams, heartbeats and the account, against their shapes as
//! Opsgenie's own description declares them: the extract below says which fields a body has, which of them are required
//! (`!`) and of which type they are.

use serde_json::{Map, Value, json};

use super::Rig;

/// Fields that the real platform has although its description does not declare them.
const UNDECLARED: [&str; 5] = ["success", "seen", "ownerTeamId", "teams", "links"];

/// An operation: verb, path, a body with every declared field, the status, the shape of the answer beside `took` and
/// `requestId`.
struct Row(&'static str, &'static str, Value, u16, Value);

fn alert() -> Value {
    json!({
        "id!": "string", "tinyId": "string", "alias": "string", "message": "string", "status": "string",
        "acknowledged": "boolean", "isSeen": "boolean", "tags": ["string"], "snoozed": "boolean",
        "snoozedUntil": "time", "count": "integer", "lastOccurredAt": "time", "createdAt": "time", "updatedAt": "time",
        "source": "string", "owner": "string", "priority": "string",
        "responders": [{ "type!": "string", "id!": "string" }],
        "integration": { "id": "string", "name": "string", "type": "string" },
        "report": { "ackTime": "integer", "closeTime": "integer", "acknowledgedBy": "string", "closedBy": "string" },
    })
}

fn whole_alert() -> Value {
    let mut shape = alert();
    for (name, kind) in [
        ("actions", json!(["string"])),
        ("entity", json!("string")),
        ("description", json!("string")),
        ("details", json!("texts")),
    ] {
        shape[name] = kind;
    }
    shape
}

fn rows() -> Vec<Row> {
    let accepted = || json!({ "result": "string" });
    let by = |more: Value| {
        let mut body = json!({ "user": "u", "note": "n", "source": "s" });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let pages = |item: Value| json!({ "data": [item], "paging": { "prev": "string", "next": "string", "first": "string", "last": "string" } });
    let named = || json!({ "id": "string", "name": "string" });
    let done = || json!({ "result": "string", "data": named() });
    let saved = || {
        json!({ "data": { "id": "string", "name": "string", "createdAt": "time", "updatedAt": "time",
            "owner": { "id": "string" }, "teams": [{ "id": "string" }], "description": "string", "query": "string" } })
    };
    let heartbeat = || {
        json!({ "name": "string", "description": "string", "interval": "integer", "enabled": "boolean",
            "intervalUnit": "string", "expired": "boolean", "lastPingTime": "time" })
    };
    let short_heartbeat = || json!({ "data": { "name": "string", "enabled": "boolean", "expired": "boolean" } });
    let members = || json!([{ "user": { "id": "string", "username": "string" }, "role": "string" }]);
    let none = Value::Null;
    vec![
        Row(
            "POST",
            "/v2/alerts",
            by(json!({
                "message": "m", "alias": "b", "description": "d", "actions": ["a"], "tags": ["t"],
                "responders": [{ "type": "team", "name": "NOC" }, { "type": "user", "username": "u@example.org" },
                               { "type": "escalation", "name": "e" }, { "type": "schedule", "id": "s" }],
                "visibleTo": [{ "type": "team", "id": "t" }, { "type": "user", "id": "u" }],
                "details": { "k": "v" }, "entity": "e", "priority": "P1",
            })),
            202,
            accepted(),
        ),
        Row(
            "GET",
            "/v2/alerts/a?identifierType=alias",
            none.clone(),
            200,
            json!({ "data": whole_alert() }),
        ),
        Row(
            "GET",
            "/v2/alerts?query=status:open&offset=1&limit=1&sort=tinyId&order=asc",
            none.clone(),
            200,
            pages(alert()),
        ),
        Row(
            "GET",
            "/v2/alerts/count?query=count%3E0",
            none.clone(),
            200,
            json!({ "data": { "count": "integer" } }),
        ),
        Row(
            "POST",
            "/v2/alerts/a/acknowledge?identifierType=alias",
            by(json!({})),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/a/unacknowledge?identifierType=alias",
            by(json!({})),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/a/snooze?identifierType=alias",
            by(json!({ "endTime": "2030-04-03T20:05:50.894Z" })),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/a/escalate?identifierType=alias",
            by(json!({ "escalation": { "type": "escalation", "id": "e" } })),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/a/assign?identifierType=alias",
            by(json!({ "owner": { "type": "user", "id": "u" } })),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/a/teams?identifierType=alias",
            by(json!({ "team": { "type": "team", "name": "NOC" } })),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/a/responders?identifierType=alias",
            by(json!({ "responder": { "type": "user", "id": "u" } })),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/a/actions/Restart?identifierType=alias",
            by(json!({})),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/a/tags?identifierType=alias",
            by(json!({ "tags": ["t"] })),
            202,
            accepted(),
        ),
        Row(
            "DELETE",
            "/v2/alerts/a/tags?identifierType=alias&tags=t&user=u&note=n&source=s",
            none.clone(),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/a/details?identifierType=alias",
            by(json!({ "details": { "k": "v" } })),
            202,
            accepted(),
        ),
        Row(
            "DELETE",
            "/v2/alerts/a/details?identifierType=alias&keys=k",
            none.clone(),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/a/notes?identifierType=alias",
            json!({ "user": "u", "source": "s", "note": "n" }),
            202,
            accepted(),
        ),
        Row(
            "PUT",
            "/v2/alerts/a/message?identifierType=alias",
            json!({ "message": "m" }),
            202,
            accepted(),
        ),
        Row(
            "PUT",
            "/v2/alerts/a/description?identifierType=alias",
            json!({ "description": "d" }),
            202,
            accepted(),
        ),
        Row(
            "PUT",
            "/v2/alerts/a/priority?identifierType=alias",
            json!({ "priority": "P2" }),
            202,
            accepted(),
        ),
        Row(
            "GET",
            "/v2/alerts/a/notes?identifierType=alias&direction=next&limit=1&order=asc",
            none.clone(),
            200,
            json!({ "data": [{ "note": "string", "owner": "string", "createdAt": "time", "offset": "string" }],
                "paging": { "first": "string", "next": "string" } }),
        ),
        Row(
            "GET",
            "/v2/alerts/a/logs?identifierType=alias",
            none.clone(),
            200,
            json!({ "data": [{ "log": "string", "type": "string", "owner": "string", "createdAt": "time", "offset": "string" }],
                "paging": { "first": "string", "next": "string" } }),
        ),
        Row(
            "GET",
            "/v2/alerts/b/recipients?identifierType=alias",
            none.clone(),
            200,
            json!({ "data": [{ "user": { "id": "string", "username": "string" }, "state": "string", "method": "string",
                "createdAt": "time", "updatedAt": "time" }] }),
        ),
        Row(
            "GET",
            "/v2/alerts/a/attachments?alertIdentifierType=alias",
            none.clone(),
            200,
            json!({ "data": [named()] }),
        ),
        Row(
            "POST",
            "/v2/alerts/b/close?identifierType=alias",
            by(json!({})),
            202,
            accepted(),
        ),
        Row(
            "DELETE",
            "/v2/alerts/c?identifierType=alias&user=u&source=s",
            none.clone(),
            202,
            accepted(),
        ),
        Row(
            "POST",
            "/v2/alerts/saved-searches",
            json!({ "name": "s", "description": "d", "query": "status:open", "owner": { "type": "user", "id": "u" },
                "teams": [{ "type": "team", "id": "t" }] }),
            201,
            json!({ "data": named() }),
        ),
        Row(
            "GET",
            "/v2/alerts/saved-searches",
            none.clone(),
            200,
            json!({ "data": [named()] }),
        ),
        Row(
            "GET",
            "/v2/alerts/saved-searches/s?identifierType=name",
            none.clone(),
            200,
            saved(),
        ),
        Row(
            "PATCH",
            "/v2/alerts/saved-searches/s?identifierType=name",
            json!({ "name": "s", "query": "status:open", "owner": { "type": "user", "id": "u" } }),
            200,
            saved(),
        ),
        Row(
            "DELETE",
            "/v2/alerts/saved-searches/s?identifierType=name",
            none.clone(),
            200,
            done(),
        ),
        Row(
            "GET",
            "/v2/account",
            none.clone(),
            200,
            json!({ "data": { "name": "string", "userCount": "integer",
            "plan": { "maxUserCount": "integer", "name": "string", "isYearly": "boolean" } } }),
        ),
        Row(
            "POST",
            "/v2/teams",
            json!({ "name": "t", "description": "d", "members": [{ "user": { "username": "u" }, "role": "user" }] }),
            201,
            done(),
        ),
        Row(
            "GET",
            "/v2/teams",
            none.clone(),
            200,
            json!({ "expandable": ["string"],
            "data": [{ "id": "string", "name": "string", "description": "string", "members": members() }] }),
        ),
        Row(
            "GET",
            "/v2/teams/t?identifierType=name",
            none.clone(),
            200,
            json!({
            "data": { "id": "string", "name": "string", "description": "string", "members": members() } }),
        ),
        Row(
            "PATCH",
            "/v2/teams/t?identifierType=name",
            json!({ "description": "e" }),
            200,
            done(),
        ),
        Row(
            "GET",
            "/v2/teams/t/logs?identifierType=name",
            none.clone(),
            200,
            json!({
            "data": { "offset": "string", "logs": [{ "owner": "string", "createdDate": "time", "log": "string" }] } }),
        ),
        Row("DELETE", "/v2/teams/t?identifierType=name", none.clone(), 200, done()),
        Row(
            "POST",
            "/v2/heartbeats",
            json!({ "name": "h", "description": "d", "interval": 5, "intervalUnit": "minutes", "enabled": true }),
            201,
            json!({ "data": heartbeat() }),
        ),
        Row(
            "PUT",
            "/v2/heartbeats/h/ping",
            none.clone(),
            202,
            json!({ "result": "string" }),
        ),
        Row(
            "GET",
            "/v2/heartbeats",
            none.clone(),
            200,
            json!({ "data": { "heartbeats": [heartbeat()] } }),
        ),
        Row(
            "GET",
            "/v2/heartbeats/h",
            none.clone(),
            200,
            json!({ "data": heartbeat() }),
        ),
        Row(
            "PATCH",
            "/v2/heartbeats/h",
            json!({ "description": "e", "interval": 6, "intervalUnit": "days", "enabled": false }),
            200,
            short_heartbeat(),
        ),
        Row("POST", "/v2/heartbeats/h/enable", none.clone(), 200, short_heartbeat()),
        Row("POST", "/v2/heartbeats/h/disable", none.clone(), 200, short_heartbeat()),
        Row("DELETE", "/v2/heartbeats/h", none, 200, done()),
    ]
}

/// Which fields of a body are required, as far as the last part of its path tells.
fn required(method: &str, path: &str) -> &'static [&'static str] {
    let path = path.split('?').next().unwrap();
    match (method, path.rsplit('/').next().unwrap()) {
        ("POST", "alerts") | ("PUT", "message") => &["message"],
        ("POST", "snooze") => &["endTime"],
        ("POST", "escalate") => &["escalation"],
        ("POST", "assign") => &["owner"],
        ("POST", "teams") if path.contains("alerts") => &["team"],
        ("POST", "responders") => &["responder"],
        ("POST", "tags") => &["tags"],
        ("POST", "details") => &["details"],
        ("POST", "notes") => &["note"],
        ("PUT", "description") => &["description"],
        ("PUT", "priority") => &["priority"],
        ("POST", "saved-searches") => &["name", "query", "owner"],
        ("PATCH", "s") => &["name", "query", "owner"],
        ("POST", "teams") => &["name"],
        ("POST", "heartbeats") => &["name", "interval", "intervalUnit"],
        _ => &[],
    }
}

/// What of a value is not as its shape declares it.
fn faults(place: &str, value: &Value, shape: &Value) -> Vec<String> {
    match (shape, value) {
        (Value::Object(shape), Value::Object(fields)) => {
            let declared = |name: &str| shape.get(name).or_else(|| shape.get(&format!("{name}!")));
            let missing = shape
                .keys()
                .filter_map(|name| name.strip_suffix('!'))
                .filter(|name| !fields.contains_key(*name));
            let mut faults: Vec<String> = missing.map(|name| format!("{place}.{name} is missing")).collect();
            for (name, value) in fields {
                match declared(name) {
                    Some(shape) => faults.extend(self::faults(&format!("{place}.{name}"), value, shape)),
                    None if UNDECLARED.contains(&name.as_str()) => {}
                    None => faults.push(format!("{place}.{name} is not declared")),
                }
            }
            faults
        }
        (Value::Array(shape), Value::Array(items)) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(n, item)| self::faults(&format!("{place}[{n}]"), item, &shape[0]))
                .collect()
        }
        (Value::String(kind), value) => {
            let is_time = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
            let fits = match kind.as_str() {
                "string" => value.is_string(),
                "integer" => value.is_u64(),
                "number" => value.is_f64(),
                "boolean" => value.is_boolean(),
                "time" => value.as_str().is_some_and(is_time),
                "texts" => value
                    .as_object()
                    .is_some_and(|texts| texts.values().all(Value::is_string)),
                other => panic!("no type {other}"),
            };
            if fits {
                Vec::new()
            } else {
                vec![format!("{place} is no {kind}: {value}")]
            }
        }
        _ => vec![format!("{place}: {value} has another shape")],
    }
}

/// The faults of a whole answer.
fn faults_of(answer: &super::Answer, shape: &Value) -> Vec<String> {
    let mut shape = shape.clone();
    shape["took!"] = json!("number");
    shape["requestId!"] = json!("string");
    faults("", &answer.body, &shape)
}

async fn rig() -> Rig {
    let rig = Rig::prompt().await;
    for alias in ["a", "c"] {
        rig.done("POST", "/v2/alerts", json!({ "message": "m", "alias": alias }))
            .await;
    }
    rig
}

#[tokio::test]
async fn every_operation_takes_its_declared_request_and_gives_its_declared_answer() {
    let rig = rig().await;
    for Row(method, path, body, status, shape) in rows() {
        let answer = rig.send(method, path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert_eq!(faults_of(&answer, &shape), Vec::<String>::new(), "{method} {path}");
        if status == 202 && path.starts_with("/v2/alerts") {
            let shape = json!({ "data": { "action": "string", "processedAt": "time", "integrationId": "string",
                "isSuccess": "boolean", "status": "string", "alertId": "string", "alias": "string" } });
            let told = rig.status(&answer).await;
            assert_eq!(
                faults_of(&told, &shape),
                Vec::<String>::new(),
                "status of {method} {path}"
            );
            assert_eq!(told.body["data"]["isSuccess"], true, "{method} {path}: {}", told.body);
        }
    }
}

#[tokio::test]
async fn err_every_operation_refuses_a_body_that_is_not_as_declared() {
    let rig = rig().await;
    let error = json!({ "message!": "string", "code": "integer", "errors": "texts" });
    rig.send("POST", "/v2/teams", json!({ "name": "t" })).await;
    rig.send(
        "POST",
        "/v2/heartbeats",
        json!({ "name": "h", "interval": 5, "intervalUnit": "minutes" }),
    )
    .await;
    let search = json!({ "name": "s", "query": "status:open", "owner": { "id": "u" } });
    rig.send("POST", "/v2/alerts/saved-searches", search).await;
    let mut tried = 0;
    for Row(method, path, body, _, _) in rows() {
        let Value::Object(body) = body else { continue };
        let mut wrong: Vec<(String, Map<String, Value>)> = Vec::new();
        for name in required(method, path) {
            let mut without = body.clone();
            without.remove(*name);
            wrong.push((format!("without {name}"), without));
        }
        for name in body.keys().filter(|name| *name != "members") {
            let mut other = body.clone();
            other[name] = match &body[name] {
                Value::String(_) => json!(5),
                _ => json!("text"),
            };
            wrong.push((format!("wrong {name}"), other));
        }
        for (what, body) in wrong {
            let answer = rig.send(method, path, Value::Object(body)).await;
            assert_eq!(answer.status, 422, "{method} {path} {what}: {}", answer.body);
            assert_eq!(
                faults_of(&answer, &error),
                Vec::<String>::new(),
                "{method} {path} {what}"
            );
            tried += 1;
        }
        if !path.contains("actions") {
            let key = format!("GenieKey {}", adit::emulator::opsgenie::keys::DEMO_KEY);
            let answer = rig.try_send(method, path, &key, "[1]").await.unwrap();
            assert_eq!(answer.status, 400, "{method} {path}");
        }
    }
    assert!(tried > 80, "{tried}");
}

#[tokio::test]
async fn err_every_parameter_of_a_query_has_its_values() {
    let rig = rig().await;
    for path in [
        "/v2/alerts/a?identifierType=name",
        "/v2/alerts/a/notes?identifierType=alias&direction=up",
        "/v2/alerts/a/logs?identifierType=alias&order=up",
        "/v2/alerts/a/logs?identifierType=alias&limit=0",
        "/v2/alerts/a/attachments?alertIdentifierType=name",
        "/v2/alerts?sort=color",
        "/v2/alerts?order=up",
        "/v2/alerts?offset=-1",
        "/v2/alerts?limit=101",
        "/v2/alerts?searchIdentifier=s&searchIdentifierType=alias",
        "/v2/alerts/saved-searches/s?identifierType=alias",
        "/v2/teams/t?identifierType=alias",
    ] {
        let answer = rig.get(path).await;
        assert_eq!(answer.status, 422, "{path}: {}", answer.body);
    }
    for sort in [
        "createdAt",
        "updatedAt",
        "tinyId",
        "alias",
        "message",
        "status",
        "acknowledged",
        "isSeen",
        "snoozed",
        "snoozedUntil",
        "count",
        "lastOccurredAt",
        "source",
        "owner",
        "integration.name",
        "integration.type",
        "report.ackTime",
        "report.closeTime",
        "report.acknowledgedBy",
        "report.closedBy",
    ] {
        assert_eq!(rig.get(&format!("/v2/alerts?sort={sort}")).await.status, 200, "{sort}");
    }
}
