//! The control API under `/emulator/`: look at the journal and the alerts, set faults, pending time and clock. No key.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::emulator::opsgenie::Platform;
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::faults::Fault;
use crate::emulator::opsgenie::pending::{Pending, millis};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    faults: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PendingTime {
    pending: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: String,
}

/// The answer to a request of the control API; none for any other request.
pub(super) fn control(platform: &Platform, call: &Call) -> Option<Answer> {
    let path = call.path.strip_prefix("/emulator/")?;
    let answer = match (call.method.as_str(), path.trim_end_matches('/')) {
        ("GET", "journal") => journal(platform, call),
        ("GET", "alerts") => Ok(json!({ "alerts": platform.alerts() })),
        ("GET", "faults") => Ok(faults(platform)),
        ("PUT", "faults") => set_faults(platform, call),
        ("PUT", "pending") => set_pending(platform, call),
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
    let pending: Pending = body::<PendingTime>(call)?.pending.parse()?;
    platform.set_pending(pending);
    Ok(json!({ "pending": pending.to_string() }))
}

fn advance(platform: &Platform, call: &Call) -> Result<Value, String> {
    let text = body::<Advance>(call)?.advance;
    platform.advance(Duration::from_millis(millis(&text)?));
    Ok(json!({ "advanced": text }))
}

fn body<T: DeserializeOwned>(call: &Call) -> Result<T, String> {
    serde_json::from_slice(&call.body).map_err(|error| error.to_string())
}
