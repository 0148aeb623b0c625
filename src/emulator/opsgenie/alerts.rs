//! All alerts: the store, and what a processed request does to it.
//!
//! An alias addresses an open alert only; a create with the alias of an open alert counts it up and changes nothing
//! else. The status text `Alert count is increased` is ours.

use std::collections::{BTreeMap, HashMap};

use crate::emulator::opsgenie::alert::{Action, Alert, By};
use crate::emulator::opsgenie::ids::Ids;

/// How many alerts are kept; the oldest closed one makes room, else the oldest.
const KEPT: usize = 50_000;

/// Which alert a request means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// By its id.
    Id(String),
    /// By its alias: open alerts only.
    Alias(String),
    /// By its tiny id.
    Tiny(String),
}

/// An accepted request, waiting to be processed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Work {
    /// Create, or count up.
    Create(Box<Alert>, By),
    /// Change one alert.
    Change(Target, Action, By),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) success: bool,
    pub(super) status: String,
    pub(super) alert_id: String,
    pub(super) alias: String,
}

impl Verdict {
    /// It could not be done.
    pub(super) fn failed(status: &str) -> Self {
        Self {
            success: false,
            status: status.to_owned(),
            alert_id: String::new(),
            alias: String::new(),
        }
    }
}

impl Work {
    /// The name of the action, as the status of a request gives it.
    pub(super) const fn action(&self) -> &'static str {
        match self {
            Self::Create(..) => "Create",
            Self::Change(_, action, _) => action.words().0,
        }
    }
}

/// All alerts.
#[derive(Debug, Clone, Default)]
pub(super) struct Alerts {
    /// By tiny id, so oldest first.
    alerts: BTreeMap<u64, Alert>,
    ids: HashMap<String, u64>,
    /// The open ones.
    aliases: HashMap<String, u64>,
    last_tiny: u64,
}

impl Alerts {
    /// All alerts, oldest first.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Alert> {
        self.alerts.values()
    }

    /// The alert that is meant.
    pub(super) fn find(&self, target: &Target) -> Option<&Alert> {
        self.alerts.get(&self.tiny(target)?)
    }

    /// Processes a request.
    pub(super) fn process(&mut self, work: Work, at: u64, ids: &mut Ids) -> Verdict {
        match work {
            Work::Create(alert, by) => self.create(*alert, &by, at, ids),
            Work::Change(target, action, by) => self
                .change(&target, action, &by, at)
                .unwrap_or_else(|| Verdict::failed("Alert does not exist")),
        }
    }

    fn tiny(&self, target: &Target) -> Option<u64> {
        match target {
            Target::Id(id) => self.ids.get(id).copied(),
            Target::Alias(alias) => self.aliases.get(alias).copied(),
            Target::Tiny(tiny) => tiny.parse().ok().filter(|tiny| self.alerts.contains_key(tiny)),
        }
    }

    fn create(&mut self, mut alert: Alert, by: &By, at: u64, ids: &mut Ids) -> Verdict {
        let open = self
            .aliases
            .get(&alert.alias)
            .and_then(|tiny| self.alerts.get_mut(tiny));
        if let Some(open) = open {
            open.count += 1;
            open.last_occurred_at = at;
            let (message, count) = (&alert.message, open.count);
            let text =
                format!("Alert is received with same alias. Message: \"{message}\". Count is increased to {count}");
            open.log(at, by, text);
            return open.verdict("Alert count is increased");
        }
        self.last_tiny += 1;
        alert.tiny = self.last_tiny;
        alert.id = format!("{}-{at}", ids.uuid());
        if alert.alias.is_empty() {
            alert.alias.clone_from(&alert.id);
        }
        alert.count = 1;
        (alert.created_at, alert.updated_at, alert.last_occurred_at) = (at, at, at);
        alert.log(at, by, format!("Alert created via API with message[{}]", alert.message));
        if !by.note.is_empty() {
            alert.note(at, by, by.note.clone());
        }
        let verdict = alert.verdict("Created alert");
        self.insert(alert);
        verdict
    }

    fn insert(&mut self, alert: Alert) {
        if self.alerts.len() >= KEPT {
            let closed = self.alerts.values().find(|alert| alert.closed).map(|alert| alert.tiny);
            if let Some(tiny) = closed.or_else(|| self.alerts.keys().next().copied()) {
                self.remove(tiny);
            }
        }
        self.ids.insert(alert.id.clone(), alert.tiny);
        self.aliases.insert(alert.alias.clone(), alert.tiny);
        self.alerts.insert(alert.tiny, alert);
    }

    fn remove(&mut self, tiny: u64) -> Option<Alert> {
        let alert = self.alerts.remove(&tiny)?;
        self.ids.remove(&alert.id);
        if !alert.closed {
            self.aliases.remove(&alert.alias);
        }
        Some(alert)
    }

    fn change(&mut self, target: &Target, action: Action, by: &By, at: u64) -> Option<Verdict> {
        let tiny = self.tiny(target)?;
        let status = action.words().1;
        if action == Action::Delete {
            return Some(self.remove(tiny)?.verdict(status));
        }
        let alert = self.alerts.get_mut(&tiny)?;
        let was_open = !alert.closed;
        alert.apply(action, by, at);
        if was_open && alert.closed {
            self.aliases.remove(&alert.alias);
        }
        Some(alert.verdict(status))
    }
}
