//! The control API under `/emulator/`: looks at the platform and steers it, without a key.
//!
//! | request | what |
//! | --- | --- |
//! | `GET /emulator` | every switch, the time, how many alerts there are and how many requests wait |
//! | `GET /emulator/journal[?after=N]`, `DELETE /emulator/journal` | the newest requests; forgets them |
//! | `GET /emulator/alerts` | every alert |
//! | `PUT /emulator/faults` `{"faults":["create:503@1"]}`, `GET` | the fault rules |
//! | `PUT /emulator/pending` `{"pending":"1s..10s","style":"python"}` | how long requests wait, and their status |
//! | `PUT /emulator/latency` `{"latency":"20ms"}` | how long every answer takes |
//! | `PUT /emulator/limits` `{"limits":"truncate"}` | what happens over a field limit |
//! | `PUT /emulator/rates` `{"rates":["alert:5/s"],"over":"delay"}` | the request limits |
//! | `POST /emulator/clock` `{"advance":"10s"}` | moves the clock |
//!
//! Each answers with what is set now; 400 says what is wrong.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::emulator::opsgenie::Platform;
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::faults::Fault;
use crate::emulator::opsgenie::limits::Limits;
use crate::emulator::opsgenie::pending::{Pending, PendingStyle, millis};
use crate::emulator::opsgenie::rates::{OverLimit, Rate};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    faults: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PendingTime {
    pending: Option<String>,
    style: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LatencyTime {
    latency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldLimits {
    limits: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestLimits {
    rates: Vec<String>,
    over: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: String,
}

/// The answer to a request of the control API; none for any other request.
pub(super) fn control(platform: &Platform, call: &Call) -> Option<Answer> {
    let path = call
        .path
        .strip_prefix("/emulator")
        .filter(|path| path.is_empty() || path.starts_with('/'))?;
    let answer = match (call.method.as_str(), path.trim_matches('/')) {
        ("GET", "") => Ok(platform.settings()),
        ("GET", "journal") => journal(platform, call),
        ("GET", "alerts") => Ok(json!({ "alerts": platform.alerts() })),
        ("GET", "faults") => Ok(faults(platform)),
        ("PUT", "faults") => set_faults(platform, call),
        ("DELETE", "journal") => {
            platform.forget_journal();
            journal(platform, call)
        }
        ("PUT", "pending") => set_pending(platform, call),
        ("PUT", "latency") => set_latency(platform, call),
        ("PUT", "limits") => set_limits(platform, call),
        ("PUT", "rates") => set_rates(platform, call),
        ("POST", "clock") => advance(platform, call),
        _ => return Some(Answer::error(404, "No such thing in the control API")),
    };
    Some(match answer {
        Ok(body) => Answer::new(200, body),
        Err(error) => Answer::error(400, &error),
    })
}

fn journal(platform: &Platform, call: &Call) -> Result<Value, String> {
    let after = match call.parameter("after") {
        None => 0,
        Some(text) => text.parse().map_err(|_| format!("after=\"{text}\" is no number"))?,
    };
    Ok(json!({ "entries": platform.journal_after(after) }))
}

fn faults(platform: &Platform) -> Value {
    let rules: Vec<String> = platform.faults().iter().map(Fault::to_string).collect();
    json!({ "faults": rules })
}

fn set_faults(platform: &Platform, call: &Call) -> Result<Value, String> {
    let rules: Faults = body(call)?;
    let rules: Result<Vec<Fault>, String> = rules.faults.iter().map(|rule| rule.parse()).collect();
    platform.set_faults(rules?);
    Ok(faults(platform))
}

fn set_pending(platform: &Platform, call: &Call) -> Result<Value, String> {
    let given: PendingTime = body(call)?;
    let pending: Option<Pending> = given.pending.map(|text| text.parse()).transpose()?;
    let style: Option<PendingStyle> = given.style.map(|text| text.parse()).transpose()?;
    if let Some(pending) = pending {
        platform.set_pending(pending);
    }
    if let Some(style) = style {
        platform.set_pending_style(style);
    }
    let now = platform.settings();
    Ok(json!({ "pending": now["pending"], "style": now["pendingStyle"] }))
}

fn set_latency(platform: &Platform, call: &Call) -> Result<Value, String> {
    let latency: Pending = body::<LatencyTime>(call)?.latency.parse()?;
    platform.set_latency(latency);
    Ok(json!({ "latency": latency.to_string() }))
}

fn set_limits(platform: &Platform, call: &Call) -> Result<Value, String> {
    let limits: Limits = body::<FieldLimits>(call)?.limits.parse()?;
    platform.set_limits(limits);
    Ok(json!({ "limits": limits.to_string() }))
}

fn set_rates(platform: &Platform, call: &Call) -> Result<Value, String> {
    let given: RequestLimits = body(call)?;
    let rates: Result<Vec<Rate>, String> = given.rates.iter().map(|rate| rate.parse()).collect();
    let over = given.over.map_or(Ok(OverLimit::default()), |text| text.parse())?;
    platform.set_rates(&rates?, over);
    let now = platform.settings();
    Ok(json!({ "rates": now["rates"], "over": now["overLimit"] }))
}

fn advance(platform: &Platform, call: &Call) -> Result<Value, String> {
    let text = body::<Advance>(call)?.advance;
    platform.advance(Duration::from_millis(millis(&text)?));
    Ok(json!({ "advanced": text }))
}

fn body<T: DeserializeOwned>(call: &Call) -> Result<T, String> {
    serde_json::from_slice(&call.body).map_err(|error| error.to_string())
}
