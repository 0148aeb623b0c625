//! One alert: what it holds, and how it is written.
//!
//! An alert keeps its newest 500 notes and 500 log lines, and of each a mebibyte at most.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::emulator::opsgenie::action::By;
use crate::emulator::opsgenie::alerts::Verdict;

/// How many notes and how many log lines an alert keeps.
const KEPT_LINES: usize = 500;

/// How many bytes of notes and how many of log lines an alert keeps.
const KEPT_BYTES: usize = 1024 * 1024;

/// About what an alert needs beside its texts, in bytes.
const BARE_WEIGHT: usize = 1024;

/// About what a line needs beside its text, in bytes.
const LINE_WEIGHT: usize = 80;

/// One alert.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Alert {
    pub(super) tiny: u64,
    pub(super) id: String,
    pub(super) alias: String,
    pub(super) message: String,
    pub(super) description: String,
    pub(super) priority: String,
    pub(super) entity: String,
    pub(super) source: String,
    pub(super) tags: Vec<String>,
    pub(super) actions: Vec<String>,
    pub(super) details: Map<String, Value>,
    pub(super) responders: Vec<Responder>,
    pub(super) closed: bool,
    pub(super) acknowledged: bool,
    pub(super) owner: String,
    pub(super) snoozed_until: u64,
    pub(super) count: u64,
    pub(super) created_at: u64,
    pub(super) updated_at: u64,
    pub(super) last_occurred_at: u64,
    /// When, and by whom.
    pub(super) acknowledged_by: Option<(u64, String)>,
    /// When, and by whom.
    pub(super) closed_by: Option<(u64, String)>,
    pub(super) notes: Lines,
    pub(super) logs: Lines,
    pub(super) attachments: Vec<Attachment>,
    /// The name of the integration whose key made it.
    pub(super) integration: String,
}

/// Whom an alert is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Responder {
    /// `team`, `user`, `escalation` or `schedule`.
    pub(super) kind: String,
    pub(super) id: String,
    /// The name, as far as it is known; else the id.
    pub(super) name: String,
}

/// A file beside an alert.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Attachment {
    /// Digits.
    pub(super) id: String,
    /// The name of the file.
    pub(super) name: String,
    /// Its bytes.
    #[serde(with = "base64_text")]
    pub(super) content: Vec<u8>,
}

/// The newest notes, or the newest lines of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Lines {
    lines: VecDeque<Line>,
    /// How many were written, the forgotten ones included.
    written: u64,
    /// The bytes of the texts.
    bytes: usize,
}

/// A note, or a line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Counts from 1.
    pub(super) number: u64,
    /// When it was written.
    pub(super) at: u64,
    /// Who wrote it.
    pub(super) owner: String,
    /// The text.
    pub(super) text: String,
}

impl Alert {
    /// Writes a note.
    pub(super) fn note(&mut self, at: u64, by: &By, text: String) {
        self.notes.push(at, by, text);
    }

    /// Writes a line of the log.
    pub(super) fn log(&mut self, at: u64, by: &By, text: String) {
        self.logs.push(at, by, text);
    }

    /// About how many bytes it needs.
    pub(super) fn weight(&self) -> usize {
        let texts = [
            &self.message,
            &self.description,
            &self.alias,
            &self.entity,
            &self.source,
        ];
        let texts: usize = texts.into_iter().map(String::len).sum();
        let lists: usize = self.tags.iter().chain(&self.actions).map(String::len).sum();
        let details: usize = self
            .details
            .iter()
            .map(|(name, value)| name.len() + value.as_str().map_or(0, str::len))
            .sum();
        let files: usize = self
            .attachments
            .iter()
            .map(|file| LINE_WEIGHT + file.content.len())
            .sum();
        BARE_WEIGHT + texts + lists + details + files + self.notes.bytes + self.logs.bytes
    }

    /// A verdict about this alert.
    pub(super) fn verdict(&self, status: &str) -> Verdict {
        Verdict {
            success: true,
            status: status.to_owned(),
            alert_id: self.id.clone(),
            alias: self.alias.clone(),
        }
    }

    /// The alert as a list shows it.
    pub(super) fn summary(&self, now: u64) -> Map<String, Value> {
        let snoozed = self.snoozed_until > now && !self.closed;
        let teams = || self.responders.iter().filter(|responder| responder.kind == "team");
        let responder = |responder: &Responder| json!({ "type": responder.kind, "id": responder.id });
        let object = json!({
            "seen": self.acknowledged,
            "id": self.id,
            "tinyId": self.tiny.to_string(),
            "alias": self.alias,
            "message": self.message,
            "status": if self.closed { "closed" } else { "open" },
            "acknowledged": self.acknowledged,
            "isSeen": self.acknowledged,
            "tags": self.tags,
            "snoozed": snoozed,
            "count": self.count,
            "lastOccurredAt": iso(self.last_occurred_at),
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
            "source": self.source,
            "owner": self.owner,
            "priority": self.priority,
            "teams": teams().map(|team| json!({ "id": team.id })).collect::<Vec<_>>(),
            "responders": self.responders.iter().map(responder).collect::<Vec<_>>(),
            "integration": { "id": INTEGRATION, "name": self.integration, "type": "API" },
            "report": self.report(),
            "ownerTeamId": teams().next().map_or("", |team| &team.id),
        });
        let mut fields = match object {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        if snoozed {
            fields.insert("snoozedUntil".to_owned(), iso(self.snoozed_until).into());
        }
        fields
    }

    /// The alert as a get shows it.
    pub(super) fn full(&self, now: u64) -> Value {
        let mut object = self.summary(now);
        object.insert("actions".to_owned(), json!(self.actions));
        object.insert("entity".to_owned(), json!(self.entity));
        object.insert("description".to_owned(), json!(self.description));
        object.insert("details".to_owned(), Value::Object(self.details.clone()));
        Value::Object(object)
    }

    /// The users whom it is for, and how far each has come; `members` gives those of a team, as users.
    pub(super) fn recipients(&self, members: impl Fn(&str) -> Vec<Value>) -> Value {
        let user = |responder: &Responder| match responder.kind.as_str() {
            "user" => vec![json!({ "id": responder.id, "username": responder.name })],
            "team" => members(&responder.id),
            _ => Vec::new(),
        };
        let mut users: Vec<Value> = Vec::new();
        for user in self.responders.iter().flat_map(user) {
            if !users.contains(&user) {
                users.push(user);
            }
        }
        let shown = |user: Value| {
            let acknowledged = self
                .acknowledged_by
                .as_ref()
                .filter(|(_, by)| user["username"] == by.as_str());
            let at = acknowledged.map_or(self.created_at, |(at, _)| *at);
            let (state, method) = match acknowledged {
                Some(_) => ("action", "Acknowledge"),
                None => ("notactive", ""),
            };
            json!({ "user": user, "state": state, "method": method, "createdAt": iso(self.created_at), "updatedAt": iso(at) })
        };
        users.into_iter().map(shown).collect()
    }

    fn report(&self) -> Value {
        let mut report = Map::new();
        if let Some((at, by)) = &self.acknowledged_by {
            report.insert("ackTime".to_owned(), json!(at.saturating_sub(self.created_at)));
            report.insert("acknowledgedBy".to_owned(), json!(by));
        }
        if let Some((at, by)) = &self.closed_by {
            report.insert("closeTime".to_owned(), json!(at.saturating_sub(self.created_at)));
            report.insert("closedBy".to_owned(), json!(by));
        }
        Value::Object(report)
    }
}

/// The id of the integration to which every key belongs.
pub(super) const INTEGRATION: &str = "c9cec2cb-e782-4ebb-bc1d-1b2fa703cf03";

/// A time as the platform writes it: `2017-05-24T14:24:20.844Z`.
pub(super) fn iso(unix_ms: u64) -> String {
    let time = i64::try_from(unix_ms)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    time.map(|time| format!("{time:.3}")).unwrap_or_default()
}

impl Lines {
    /// The lines that are kept, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.lines.iter()
    }

    fn push(&mut self, at: u64, by: &By, text: String) {
        let owner = match by.user.as_str() {
            "" => "Alert API",
            user => user,
        };
        self.written += 1;
        let (number, owner) = (self.written, owner.to_owned());
        let line = Line {
            number,
            at,
            owner,
            text,
        };
        self.bytes += line.weight();
        self.lines.push_back(line);
        while self.lines.len() > KEPT_LINES || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.weight();
        }
    }
}

impl Line {
    fn weight(&self) -> usize {
        LINE_WEIGHT + self.owner.len() + self.text.len()
    }
}

/// Bytes as base64, in the store.
mod base64_text {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(de::Error::custom)
    }
}
