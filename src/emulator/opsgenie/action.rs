//! What is done to one alert. Doing the same again is harmless; notes, escalations and custom actions excepted.
//!
//! The status texts are ours, `Alert does not exist` apart.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::emulator::opsgenie::alert::{Alert, Responder};
use crate::emulator::opsgenie::limits::{DETAILS, RESPONDERS, TAGS, characters};

/// Who asks, and what they say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct By {
    pub(super) user: String,
    pub(super) note: String,
    pub(super) source: String,
}

/// What is done to one alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Action {
    Delete,
    Acknowledge,
    Unacknowledge,
    Close,
    Snooze(u64),
    /// To an escalation, which becomes a responder.
    Escalate(Responder),
    /// To a user, by name.
    Assign(String),
    /// None when there is no such team: known only once the request is processed.
    AddTeam(Option<Responder>),
    AddResponder(Option<Responder>),
    Custom(String),
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
            Self::Escalate(_) => ("EscalateToNext", "Escalated alert"),
            Self::Assign(_) => ("Assign", "Assigned alert"),
            Self::AddTeam(_) => ("AddTeam", "Added team"),
            Self::AddResponder(_) => ("AddResponder", "Added responder"),
            Self::Custom(_) => ("ExecuteCustomAction", "Executed action"),
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

    /// Why it cannot be done, where that is known only once it is processed.
    pub(super) const fn fault(&self) -> Option<&'static str> {
        match self {
            Self::AddTeam(None) => Some("Team does not exist"),
            Self::AddResponder(None) => Some("Responder does not exist"),
            _ => None,
        }
    }

    /// The line of the alert's log.
    fn log(&self) -> String {
        let done = self.words().1;
        match self {
            Self::Escalate(responder) => format!("{done} to [{}]", responder.name),
            Self::Assign(user) => format!("{done} to [{user}]"),
            Self::AddTeam(Some(responder)) | Self::AddResponder(Some(responder)) => {
                format!("{done} [{}]", responder.name)
            }
            Self::Custom(name) => format!("{done} [{name}]"),
            _ => done.to_owned(),
        }
    }
}

impl Alert {
    /// Does to this alert what is asked.
    pub(super) fn apply(&mut self, action: Action, by: &By, at: u64) {
        let who = if by.user.is_empty() { "Alert API" } else { &by.user };
        self.updated_at = at;
        self.log(at, by, action.log());
        if !by.note.is_empty() {
            self.note(at, by, by.note.clone());
        }
        match action {
            Action::Delete | Action::Custom(_) | Action::AddTeam(None) | Action::AddResponder(None) => {}
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
            Action::Assign(user) => self.owner = user,
            Action::Escalate(responder) | Action::AddTeam(Some(responder)) | Action::AddResponder(Some(responder)) => {
                self.add_responder(responder)
            }
            Action::AddNote(text) => self.note(at, by, text),
            Action::AddTags(tags) => {
                for tag in tags {
                    if !self.tags.contains(&tag) && self.tags.len() < TAGS.0 {
                        self.tags.push(tag);
                    }
                }
            }
            Action::RemoveTags(tags) => self.tags.retain(|tag| !tags.contains(tag)),
            Action::AddDetails(details) => self.add_details(details),
            Action::RemoveDetails(keys) => self.details.retain(|key, _| !keys.contains(key)),
            Action::Message(text) => self.message = text,
            Action::Description(text) => self.description = text,
            Action::Priority(text) => self.priority = text,
        }
    }

    fn add_responder(&mut self, responder: Responder) {
        if !self.responders.contains(&responder) && self.responders.len() < RESPONDERS {
            self.responders.push(responder);
        }
    }

    /// What would make all details together longer than the limit is left out.
    fn add_details(&mut self, details: Map<String, Value>) {
        for (name, value) in details {
            let before = self.details.insert(name.clone(), value);
            if characters(&self.details) > DETAILS {
                match before {
                    Some(value) => self.details.insert(name, value),
                    None => self.details.shift_remove(&name),
                };
            }
        }
    }
}
