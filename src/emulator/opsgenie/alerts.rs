//! All alerts: the store, and what a processed request does to it.
//!
//! An alias addresses an open alert only; a create with the alias of an open alert counts it up and changes nothing
//! else. The status text `Alert count is increased` is ours.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::emulator::opsgenie::action::{Action, By};
use crate::emulator::opsgenie::alert::Alert;
use crate::emulator::opsgenie::ids::Ids;

/// How many alerts are kept, and about how many bytes they may need. The oldest closed ones make room, else the oldest.
const KEPT: usize = 50_000;
const KEPT_BYTES: usize = 256 * 1024 * 1024;

/// Which alert a request means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Target {
    /// By its id.
    Id(String),
    /// By its alias: open alerts only.
    Alias(String),
    /// By its tiny id.
    Tiny(String),
}

/// An accepted request, waiting to be processed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Work {
    /// Create, or count up.
    Create(Box<Alert>, By),
    /// Change one alert.
    Change(Target, Action, By),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    closed: BTreeSet<u64>,
    /// About how many bytes all of them need.
    weight: usize,
    last_tiny: u64,
    /// The tiny ids of those that changed since this was last asked for.
    touched: BTreeSet<u64>,
}

impl Alerts {
    /// The alerts of a store, and the last tiny id that it gave.
    pub(super) fn stored(alerts: Vec<Alert>, last_tiny: u64) -> Self {
        let mut all = Self {
            last_tiny,
            ..Self::default()
        };
        for alert in alerts {
            all.insert(alert);
        }
        all.touched.clear();
        all
    }

    /// All alerts, oldest first.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Alert> {
        self.alerts.values()
    }

    /// How many are open, and how many there are.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.alerts.len() - self.closed.len(), self.alerts.len())
    }

    /// The last tiny id that was given.
    pub(super) const fn last_tiny(&self) -> u64 {
        self.last_tiny
    }

    /// The alert that is meant.
    pub(super) fn find(&self, target: &Target) -> Option<&Alert> {
        self.alerts.get(&self.tiny(target)?)
    }

    /// The alerts that changed since this was last asked for; none in place of one that left.
    pub(super) fn changed(&mut self) -> Vec<(u64, Option<&Alert>)> {
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().map(|tiny| (tiny, self.alerts.get(&tiny))).collect()
    }

    /// Forgets which changed.
    pub(super) fn forget_changes(&mut self) {
        self.touched.clear();
    }

    /// Processes a request.
    pub(super) fn process(&mut self, work: Work, at: u64, ids: &mut Ids) -> Verdict {
        match work {
            Work::Create(alert, by) => self.create(*alert, &by, at, ids),
            Work::Change(target, action, by) => self.change(&target, action, &by, at),
        }
    }

    /// Changes one alert; none if there is no such alert.
    pub(super) fn edit<T>(&mut self, target: &Target, edit: impl FnOnce(&mut Alert) -> T) -> Option<T> {
        let tiny = self.tiny(target)?;
        let alert = self.alerts.get_mut(&tiny)?;
        let (was_open, before) = (!alert.closed, alert.weight());
        let result = edit(alert);
        self.weight = self.weight + alert.weight() - before;
        if was_open && alert.closed {
            self.aliases.remove(&alert.alias);
            self.closed.insert(tiny);
        }
        self.touched.insert(tiny);
        self.make_room(tiny);
        Some(result)
    }

    fn tiny(&self, target: &Target) -> Option<u64> {
        match target {
            Target::Id(id) => self.ids.get(id).copied(),
            Target::Alias(alias) => self.aliases.get(alias).copied(),
            Target::Tiny(tiny) => tiny.parse().ok().filter(|tiny| self.alerts.contains_key(tiny)),
        }
    }

    fn create(&mut self, mut alert: Alert, by: &By, at: u64, ids: &mut Ids) -> Verdict {
        let same = Target::Alias(alert.alias.clone());
        let counted = self.edit(&same, |open| {
            open.count += 1;
            open.last_occurred_at = at;
            let (message, count) = (&alert.message, open.count);
            let text =
                format!("Alert is received with same alias. Message: \"{message}\". Count is increased to {count}");
            open.log(at, by, text);
            open.verdict("Alert count is increased")
        });
        if let Some(verdict) = counted {
            return verdict;
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
        let tiny = alert.tiny;
        self.ids.insert(alert.id.clone(), tiny);
        if alert.closed {
            self.closed.insert(tiny);
        } else {
            self.aliases.insert(alert.alias.clone(), tiny);
        }
        self.weight += alert.weight();
        self.touched.insert(tiny);
        self.alerts.insert(tiny, alert);
        self.make_room(tiny);
    }

    /// Removes alerts until the others have room; never the one that needs it.
    fn make_room(&mut self, spared: u64) {
        while self.alerts.len() > KEPT || self.weight > KEPT_BYTES {
            let mut oldest = self.closed.iter().chain(self.alerts.keys());
            let Some(tiny) = oldest.find(|tiny| **tiny != spared).copied() else {
                return;
            };
            self.remove(tiny);
        }
    }

    fn remove(&mut self, tiny: u64) -> Option<Alert> {
        let alert = self.alerts.remove(&tiny)?;
        self.ids.remove(&alert.id);
        self.weight -= alert.weight();
        if alert.closed {
            self.closed.remove(&tiny);
        } else {
            self.aliases.remove(&alert.alias);
        }
        self.touched.insert(tiny);
        Some(alert)
    }

    fn change(&mut self, target: &Target, action: Action, by: &By, at: u64) -> Verdict {
        let missing = || Verdict::failed("Alert does not exist");
        let Some(tiny) = self.tiny(target) else {
            return missing();
        };
        if let Some(fault) = action.fault() {
            return Verdict::failed(fault);
        }
        let status = action.words().1;
        let verdict = match action {
            Action::Delete => self.remove(tiny).map(|alert| alert.verdict(status)),
            action => self.edit(target, |alert| {
                alert.apply(action, by, at);
                alert.verdict(status)
            }),
        };
        verdict.unwrap_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::{Alerts, KEPT, Target, Work};
    use crate::emulator::opsgenie::action::{Action, By};
    use crate::emulator::opsgenie::alert::Alert;
    use crate::emulator::opsgenie::ids::Ids;

    fn create(alerts: &mut Alerts, alias: String) {
        let alert = Alert {
            alias,
            ..Alert::default()
        };
        alerts.process(Work::Create(Box::new(alert), By::default()), 0, &mut Ids::new(1));
    }

    #[test]
    fn the_oldest_closed_alert_makes_room_and_else_the_oldest() {
        let mut alerts = Alerts::default();
        for number in 1..=KEPT {
            create(&mut alerts, number.to_string());
        }
        let close = Work::Change(Target::Alias("7".into()), Action::Close, By::default());
        alerts.process(close, 0, &mut Ids::new(1));
        create(&mut alerts, "one more".into());
        create(&mut alerts, "another".into());
        let kept = |tiny: &str| alerts.find(&Target::Tiny(tiny.into())).is_some();
        assert_eq!((kept("7"), kept("1"), kept("2")), (false, false, true));
        assert_eq!(alerts.counts(), (KEPT, KEPT));
    }

    #[test]
    fn heavy_alerts_make_room_sooner() {
        let mut alerts = Alerts::default();
        for _ in 0..30 {
            let attachment = crate::emulator::opsgenie::alert::Attachment {
                content: vec![0; 10 * 1024 * 1024],
                ..Default::default()
            };
            let alert = Alert {
                attachments: vec![attachment],
                ..Alert::default()
            };
            alerts.process(Work::Create(Box::new(alert), By::default()), 0, &mut Ids::new(1));
        }
        assert_eq!(alerts.counts(), (25, 25));
    }
}
