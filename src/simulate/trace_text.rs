//! The execution trace for people: the same steps as in JSON, one readable line each.
//!
//! ```text
//!    10.000s  request    GET http://device/status
//!    10.090s  response   200, 12 bytes
//!    10.090s  parameter  11 = "running" by session 1
//! ```

use serde_json::{Map, Value as Json};

use crate::engine::effect::Effect;
use crate::model::moment::Moment;
use crate::simulate::trace::TraceWriter;

/// The line for an effect; none for what is not part of the trace.
pub fn line(writer: &mut TraceWriter, at: Moment, effect: &Effect) -> Option<String> {
    let step = Step(writer.object(at, effect)?);
    let kind = step.plain("kind");
    let text = match kind.as_str() {
        "state" => step.plain("state"),
        "group" => format!("{} {}{}", step.json("id"), step.plain("phase"), step.thread()),
        "session" => format!("{} {} {}", step.json("id"), step.plain("phase"), step.plain("outcome")),
        "request" => format!("{} {}{}", step.plain("method"), step.plain("url"), step.with("body")),
        "response" => match step.0.get("error") {
            Some(_) => step.plain("error"),
            None => format!("{}, {} bytes", step.json("status"), step.json("bytes")),
        },
        "qaction" => {
            let missing = if step.0.contains_key("missing") {
                ", which is missing"
            } else {
                ""
            };
            format!(
                "{}, trigger {}{}{missing}",
                step.json("id"),
                step.json("trigger"),
                step.with("key")
            )
        }
        "parameter" => format!("{} = {} by {}", step.json("id"), step.json("value"), step.plain("by")),
        "row" => {
            let (table, key, change) = (step.json("table"), step.json("key"), step.plain("change"));
            format!("{table} {key} {change}{} by {}", step.cells(), step.plain("by"))
        }
        "alarm" => {
            let (parameter, severity) = (step.json("parameter"), step.plain("severity"));
            let key = step.0.get("key").filter(|key| !key.is_null());
            let key = key.map(|key| format!(" {key}")).unwrap_or_default();
            format!("{parameter}{key} {severity} at {}", step.json("value"))
        }
        // Timers, triggers and actions have nothing but their number.
        _ => step.json("id"),
    };
    let (seconds, rest) = (at.0 / 1000, at.0 % 1000);
    Some(format!("{seconds:>6}.{rest:03}s  {kind:<9}  {}", text.trim_end()))
}

/// A step as JSON has it.
struct Step(Map<String, Json>);

impl Step {
    /// A member as JSON: texts quoted, so that what a device sends stays on the line.
    fn json(&self, name: &str) -> String {
        self.0.get(name).map_or_else(String::new, Json::to_string)
    }

    /// A member that is a word of ours or a legal URL.
    fn plain(&self, name: &str) -> String {
        let text = self.0.get(name).and_then(Json::as_str).unwrap_or_default();
        let mut plain = String::with_capacity(text.len());
        for char in text.chars() {
            if char.is_control() {
                plain.extend(char.escape_default());
            } else {
                plain.push(char);
            }
        }
        plain
    }

    /// A member with its name, unless there is none.
    fn with(&self, name: &str) -> String {
        match self.0.get(name) {
            None | Some(Json::Null) => String::new(),
            Some(value) => format!(", {name} {value}"),
        }
    }

    /// The thread of a group, unless it is the main one.
    fn thread(&self) -> String {
        match self.0.get("thread").and_then(Json::as_u64) {
            None | Some(0) => String::new(),
            Some(thread) => format!(", thread {thread}"),
        }
    }

    fn cells(&self) -> String {
        let cells = self.0.get("cells").and_then(Json::as_object);
        let cells = cells.into_iter().flatten();
        let cells: Vec<String> = cells.map(|(column, value)| format!("{column} = {value}")).collect();
        if cells.is_empty() {
            return String::new();
        }
        format!(": {}", cells.join(", "))
    }
}
