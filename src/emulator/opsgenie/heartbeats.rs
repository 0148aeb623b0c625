//! Heartbeats: names that are expected to ping now and then. A ping is answered `PONG` even if there is no such heartbeat.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::emulator::opsgenie::alert::iso;
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::limits::{DESCRIPTION, Fields, Limits};
use crate::emulator::opsgenie::route::HeartbeatOperation;

/// How many heartbeats there are at most.
const MOST: usize = 1000;

/// The characters of a name.
const NAME: usize = 200;

const UNITS: [&str; 3] = ["minutes", "hours", "days"];

/// One heartbeat.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Heartbeat {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How often it is expected, in units.
    pub interval: u64,
    /// `minutes`, `hours` or `days`.
    pub interval_unit: String,
    /// Whether anybody waits for it.
    pub enabled: bool,
    /// When it last pinged, in milliseconds since 1970; 0 for never.
    pub last_ping: u64,
}

impl Heartbeat {
    fn expired(&self, now: u64) -> bool {
        let unit = match self.interval_unit.as_str() {
            "hours" => 3_600_000,
            "days" => 86_400_000,
            _ => 60_000,
        };
        let late = self.last_ping.saturating_add(self.interval.saturating_mul(unit)) < now;
        self.enabled && self.last_ping > 0 && late
    }

    fn full(&self, now: u64) -> Value {
        let mut shown = json!({
            "name": self.name,
            "description": self.description,
            "interval": self.interval,
            "enabled": self.enabled,
            "intervalUnit": self.interval_unit,
            "expired": self.expired(now),
        });
        if self.last_ping > 0 {
            shown["lastPingTime"] = iso(self.last_ping).into();
        }
        shown
    }

    fn short(&self, now: u64) -> Value {
        json!({ "name": self.name, "enabled": self.enabled, "expired": self.expired(now) })
    }
}

/// What is asked of the heartbeats.
pub(super) fn answer(
    heartbeats: &mut Vec<Heartbeat>,
    call: &Call,
    operation: &HeartbeatOperation,
    now: u64,
) -> Result<Answer, Answer> {
    let place = |name: &str| heartbeats.iter().position(|heartbeat| heartbeat.name == name);
    let missing = |name: &str| Answer::error(404, &format!("Heartbeat with name [{name}] does not exist"));
    match operation {
        HeartbeatOperation::Ping(name) => {
            if let Some(place) = place(name) {
                heartbeats[place].last_ping = now;
            }
            Ok(Answer::new(202, json!({ "result": "PONG - Heartbeat received" })))
        }
        HeartbeatOperation::List => {
            let all: Vec<Value> = heartbeats.iter().map(|heartbeat| heartbeat.full(now)).collect();
            Ok(Answer::data(json!({ "heartbeats": all })))
        }
        HeartbeatOperation::Get(name) => {
            let place = place(name).ok_or_else(|| missing(name))?;
            Ok(Answer::data(heartbeats[place].full(now)))
        }
        HeartbeatOperation::Create => {
            let heartbeat = created(call)?;
            if place(&heartbeat.name).is_some() {
                return Err(Answer::invalid("name", "is already used by another heartbeat"));
            }
            if heartbeats.len() >= MOST {
                return Err(Answer::error(422, &format!("There are {MOST} heartbeats already.")));
            }
            let shown = heartbeat.full(now);
            heartbeats.push(heartbeat);
            Ok(Answer::new(201, json!({ "data": shown })))
        }
        HeartbeatOperation::Update(name) => {
            let place = place(name).ok_or_else(|| missing(name))?;
            heartbeats[place] = updated(heartbeats[place].clone(), call)?;
            Ok(Answer::data(heartbeats[place].short(now)))
        }
        HeartbeatOperation::Delete(name) => {
            let place = place(name).ok_or_else(|| missing(name))?;
            heartbeats.remove(place);
            Ok(Answer::new(200, json!({ "result": "Deleted" })))
        }
        HeartbeatOperation::Enable(name) | HeartbeatOperation::Disable(name) => {
            let place = place(name).ok_or_else(|| missing(name))?;
            heartbeats[place].enabled = matches!(operation, HeartbeatOperation::Enable(_));
            Ok(Answer::data(heartbeats[place].short(now)))
        }
    }
}

fn created(call: &Call) -> Result<Heartbeat, Answer> {
    let mut fields = Fields::read(call, Limits::Strict)?;
    let heartbeat = Heartbeat {
        name: fields.required("name", NAME),
        description: fields.text("description", DESCRIPTION).unwrap_or_default(),
        interval: fields.number("interval").unwrap_or_default(),
        interval_unit: fields.word("intervalUnit", &UNITS).unwrap_or_default(),
        enabled: fields.flag("enabled").unwrap_or(true),
        last_ping: 0,
    };
    if heartbeat.interval == 0 && !fields.is_faulty("interval") {
        fields.fault("interval", "should not be empty");
    }
    if heartbeat.interval_unit.is_empty() && !fields.is_faulty("intervalUnit") {
        fields.fault("intervalUnit", "should not be empty");
    }
    fields.finish()?;
    Ok(heartbeat)
}

fn updated(heartbeat: Heartbeat, call: &Call) -> Result<Heartbeat, Answer> {
    let mut fields = Fields::read(call, Limits::Strict)?;
    let updated = Heartbeat {
        description: fields.text("description", DESCRIPTION).unwrap_or(heartbeat.description),
        interval: fields.number("interval").unwrap_or(heartbeat.interval),
        interval_unit: fields.word("intervalUnit", &UNITS).unwrap_or(heartbeat.interval_unit),
        enabled: fields.flag("enabled").unwrap_or(heartbeat.enabled),
        ..heartbeat
    };
    fields.finish()?;
    Ok(updated)
}
