//! One alert: what is done to it, and how it is written.
//!
//! Doing the same again is harmless, notes excepted. The status texts are ours.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::emulator::opsgenie::alerts::Verdict;
use crate::emulator::opsgenie::limits::TAGS;

/// How many notes and how many log lines an alert keeps.
const KEPT_LINES: usize = 500;

/// One alert.
#[derive(Debug, Clone, PartialEq, Default)]
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
    /// Kind and id of each.
    pub(super) responders: Vec<(String, String)>,
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
    pub(super) notes: VecDeque<Line>,
    pub(super) logs: VecDeque<Line>,
}

/// A note, or a line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// When it was written.
    pub(super) at: u64,
    /// Who wrote it.
    pub(super) owner: String,
    /// The text.
    pub(super) text: String,
}

/// Who asks, and what they say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct By {
    pub(super) user: String,
    pub(super) note: String,
    pub(super) source: String,
}

/// What is done to one alert.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    Delete,
    Acknowledge,
    Unacknowledge,
    Close,
    Snooze(u64),
    AddNote(String),
    AddTags(Vec<String>),
    RemoveTags(Vec<String>),
    AddDetails(Map<String, Value>),
    RemoveDetails(Vec<String>),
    Message(String),
    Description(String),
    Priority(String),
}

impl Action {
    /// The name of the action, and the status when it is done.
    pub(super) const fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Delete => ("Delete", "Deleted alert"),
            Self::Acknowledge => ("Acknowledge", "Acknowledged alert"),
            Self::Unacknowledge => ("UnAcknowledge", "Unacknowledged alert"),
            Self::Close => ("Close", "Closed alert"),
            Self::Snooze(_) => ("Snooze", "Snoozed alert"),
            Self::AddNote(_) => ("AddNote", "Added note"),
            Self::AddTags(_) => ("AddTags", "Added tags"),
            Self::RemoveTags(_) => ("RemoveTags", "Removed tags"),
            Self::AddDetails(_) => ("AddDetails", "Added details"),
            Self::RemoveDetails(_) => ("RemoveDetails", "Removed details"),
            Self::Message(_) => ("UpdateMessage", "Updated message"),
            Self::Description(_) => ("UpdateDescription", "Updated description"),
            Self::Priority(_) => ("UpdatePriority", "Updated priority"),
        }
    }
}

impl Alert {
    /// Does to this alert what is asked; doing it again is harmless, notes excepted.
    pub(super) fn apply(&mut self, action: Action, by: &By, at: u64) {
        let who = if by.user.is_empty() { "Alert API" } else { &by.user };
        self.updated_at = at;
        self.log(at, by, action.words().1.to_owned());
        if !by.note.is_empty() {
            self.note(at, by, by.note.clone());
        }
        match action {
            Action::Delete => {}
            Action::Acknowledge => {
                self.acknowledged = true;
                who.clone_into(&mut self.owner);
                self.acknowledged_by.get_or_insert_with(|| (at, who.to_owned()));
            }
            Action::Unacknowledge => {
                self.acknowledged = false;
                self.acknowledged_by = None;
                self.owner.clear();
            }
            Action::Close => {
                self.closed = true;
                self.closed_by.get_or_insert_with(|| (at, who.to_owned()));
            }
            Action::Snooze(until) => self.snoozed_until = until,
            Action::AddNote(text) => self.note(at, by, text),
            Action::AddTags(tags) => {
                for tag in tags {
                    if !self.tags.contains(&tag) && self.tags.len() < TAGS.0 {
                        self.tags.push(tag);
                    }
                }
            }
            Action::RemoveTags(tags) => self.tags.retain(|tag| !tags.contains(tag)),
            Action::AddDetails(details) => self.details.extend(details),
            Action::RemoveDetails(keys) => self.details.retain(|key, _| !keys.contains(key)),
            Action::Message(text) => self.message = text,
            Action::Description(text) => self.description = text,
            Action::Priority(text) => self.priority = text,
        }
    }

    pub(super) fn note(&mut self, at: u64, by: &By, text: String) {
        keep(&mut self.notes, at, by, text);
    }

    pub(super) fn log(&mut self, at: u64, by: &By, text: String) {
        keep(&mut self.logs, at, by, text);
    }

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
        let teams = || self.responders.iter().filter(|(kind, _)| kind == "team");
        let responder = |(kind, id): &(String, String)| json!({ "type": kind, "id": id });
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
            "teams": teams().map(|(_, id)| json!({ "id": id })).collect::<Vec<_>>(),
            "responders": self.responders.iter().map(responder).collect::<Vec<_>>(),
            "integration": { "id": INTEGRATION, "name": "API", "type": "API" },
            "report": self.report(),
            "ownerTeamId": teams().next().map_or("", |(_, id)| id),
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

fn keep(lines: &mut VecDeque<Line>, at: u64, by: &By, text: String) {
    if lines.len() >= KEPT_LINES {
        lines.pop_front();
    }
    let owner = if by.user.is_empty() {
        "Alert API".to_owned()
    } else {
        by.user.clone()
    };
    lines.push_back(Line { at, owner, text });
}
