//! The alerts this element has created: where each is found on the platform, and what it says.
//!
//! An alias finds an open alert only, and integration rules of the platform may rewrite it: then later calls use the
//! alert's id. What an alert says is remembered as hashes, to know a create that would change it. An alias may be that of
//! an open alert in several accounts, when the platform was changed in between. The hidden table Opsgenie Known Alerts
//! keeps all of it across restarts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::connectors::opsgenie::account::Account;
use crate::connectors::opsgenie::backoff::hash;
use crate::connectors::opsgenie::operation::{Fields, Operation};
use crate::connectors::opsgenie::prefix::Prefixes;
use crate::engine::sl_protocol::lenient_number;
use crate::model::value::Value;

/// How long a closed alert is remembered: a close that comes again is no error.
const CLOSED_MS: i64 = 7 * 86_400_000;
/// How many alerts are remembered: of more, closed ones are forgotten first, then the oldest.
const MOST: usize = 100_000;

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Known {
    /// Its id on the platform; empty when the platform did not tell.
    pub(super) alert_id: Arc<str>,
    /// Whether the platform gave it another alias than was asked for.
    pub(super) rewritten: bool,
    pub(super) open: bool,
    /// When that was last confirmed, in milliseconds since 1970.
    pub(super) at: i64,
    pub(super) content: Content,
}

/// What an alert says, as far as a repeated create would not change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Content {
    priority: u64,
    message: u64,
    description: u64,
}

impl Content {
    /// What a create would make of an alert.
    pub(super) fn of(fields: &Fields) -> Self {
        let mut content = Self::default();
        for (_, field) in UPDATES {
            content.take(field, fields);
        }
        content
    }

    /// The content after an operation of these fields.
    pub(super) fn after(mut self, operation: Operation, fields: &Fields) -> Self {
        if let Some((_, field)) = UPDATES.iter().find(|(update, _)| *update == operation) {
            self.take(field, fields);
        }
        self
    }

    /// The updates that bring an alert from this content to that of the fields.
    pub(super) fn updates_to(self, fields: &Fields) -> Vec<(Operation, &'static str)> {
        let mut wanted = self;
        let mut updates = Vec::new();
        for (operation, field) in UPDATES {
            wanted.take(field, fields);
            if wanted != self && wanted.part(field) != self.part(field) {
                updates.push((operation, field));
            }
        }
        updates
    }

    fn part(self, field: &str) -> u64 {
        match field {
            "priority" => self.priority,
            "message" => self.message,
            _ => self.description,
        }
    }

    /// A field that is not given changes nothing.
    fn take(&mut self, field: &str, fields: &Fields) {
        let Some(text) = fields.get(field).and_then(Json::as_str) else {
            return;
        };
        let part = match field {
            "priority" => &mut self.priority,
            "message" => &mut self.message,
            _ => &mut self.description,
        };
        *part = hash(text);
    }
}

/// The updates that a repeated create becomes, and the field of each, in the order in which they are sent.
const UPDATES: [(Operation, &str); 3] = [
    (Operation::UpdatePriority, "priority"),
    (Operation::UpdateMessage, "message"),
    (Operation::UpdateDescription, "description"),
];

/// An alias in an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) account: Account,
    pub(super) alias: Arc<str>,
}

impl Place {
    pub(super) fn new(account: &Account, alias: &str) -> Self {
        Self {
            account: account.clone(),
            alias: alias.into(),
        }
    }

    /// The key of its row.
    pub(super) fn key(&self) -> String {
        format!("{} {}", self.account.text(), self.alias)
    }
}

/// The alerts by account and alias.
#[derive(Debug, Default)]
pub(super) struct KnownAlerts {
    /// What platforms put before aliases.
    pub(super) prefixes: Prefixes,
    by_place: BTreeMap<Place, Known>,
    /// What is forgotten first stands first: closed ones, the oldest before others.
    order: BTreeSet<(bool, i64, Place)>,
    /// How many are open in each account.
    open: BTreeMap<Account, usize>,
}

impl KnownAlerts {
    /// The alert with an alias in an account.
    pub(super) fn get(&self, account: &Account, alias: &str) -> Option<&Known> {
        self.by_place.get(&Place::new(account, alias))
    }

    /// Whether the alert is open, as far as this element knows.
    pub(super) fn is_open(&self, account: &Account, alias: &str) -> bool {
        self.get(account, alias).is_some_and(|known| known.open)
    }

    /// In which account but this one an alert with the alias is open.
    pub(super) fn open_elsewhere(&self, account: &Account, alias: &str) -> Option<&Account> {
        let mut others = self.open.keys().filter(|other| *other != account);
        others.find(|other| self.is_open(other, alias))
    }

    /// The aliases of those that are open in an account.
    pub(super) fn open_in(&self, account: &Account) -> Vec<Arc<str>> {
        let first = Place::new(account, "");
        let here = self
            .by_place
            .range(first..)
            .take_while(|(place, _)| place.account == *account);
        let open = here.filter(|(_, known)| known.open);
        open.map(|(place, _)| Arc::clone(&place.alias)).collect()
    }

    /// How many alerts are open in each account but this one.
    pub(super) fn count_elsewhere(&self, account: &Account) -> Vec<(Account, usize)> {
        let others = self.open.iter().filter(|(other, _)| *other != account);
        others.map(|(other, count)| (other.clone(), *count)).collect()
    }

    /// Remembers an alert.
    pub(super) fn insert(&mut self, place: Place, known: Known) {
        let (open, at) = (known.open, known.at);
        self.count(&place.account, open, 1);
        if let Some(before) = self.by_place.insert(place.clone(), known) {
            self.order.remove(&(before.open, before.at, place.clone()));
            self.count(&place.account, before.open, -1);
        }
        self.order.insert((open, at, place));
    }

    /// Forgets what was closed long ago, and what is too much. Gives the keys of their rows, which leave the table too.
    pub(super) fn take_old(&mut self, now: i64) -> Vec<Arc<str>> {
        let mut old = Vec::new();
        while let Some((open, at, _)) = self.order.first()
            && ((!open && now - at >= CLOSED_MS) || self.order.len() > MOST)
            && let Some((open, _, place)) = self.order.pop_first()
        {
            self.by_place.remove(&place);
            self.count(&place.account, open, -1);
            old.push(place.key().into());
        }
        old
    }

    fn count(&mut self, account: &Account, open: bool, by: isize) {
        if !open {
            return;
        }
        let count = self.open.get(account).copied().unwrap_or(0).saturating_add_signed(by);
        if count == 0 {
            self.open.remove(account);
        } else {
            self.open.insert(account.clone(), count);
        }
    }
}

/// The columns of Opsgenie Known Alerts: key, id, rewritten, open, time, the content, account and alias.
pub(super) const COLUMNS: usize = 10;

impl Known {
    /// The cells of its row. Hashes are texts: a number has no room for 64 bits.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds are far below 2^53")]
    pub(super) fn cells(&self, place: &Place) -> Vec<Value> {
        let truth = |is: bool| Value::Number(f64::from(u8::from(is)));
        let part = |hash: u64| Value::from(format!("{hash:x}").as_str());
        vec![
            Value::from(place.key().as_str()),
            Value::Text(Arc::clone(&self.alert_id)),
            truth(self.rewritten),
            truth(self.open),
            (self.at as f64).into(),
            part(self.content.priority),
            part(self.content.message),
            part(self.content.description),
            place.account.text().into(),
            Value::Text(Arc::clone(&place.alias)),
        ]
    }

    /// Place and alert of a row. Rows that were written before there were accounts have the alias as their key: their
    /// account is not known.
    #[expect(clippy::cast_possible_truncation, reason = "the cells hold what `cells` wrote")]
    pub(super) fn from_cells(cells: &[Value]) -> Option<(Place, Self)> {
        let [
            key,
            alert_id,
            rewritten,
            open,
            at,
            priority,
            message,
            description,
            account,
            alias,
        ] = cells
        else {
            return None;
        };
        let place = Place {
            account: Account::of_text(&account.to_text()),
            alias: if alias.is_initialised() { alias } else { key }.to_text(),
        };
        let truth = |value| lenient_number(value) != 0.0;
        let part = |value: &Value| u64::from_str_radix(&value.to_text(), 16).unwrap_or_default();
        let known = Self {
            alert_id: alert_id.to_text(),
            rewritten: truth(rewritten),
            open: truth(open),
            at: lenient_number(at) as i64,
            content: Content {
                priority: part(priority),
                message: part(message),
                description: part(description),
            },
        };
        (!place.alias.is_empty()).then_some((place, known))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(json: &Json) -> Fields {
        json.as_object().unwrap().clone()
    }

    fn known(open: bool, at: i64) -> Known {
        Known {
            open,
            at,
            ..Known::default()
        }
    }

    #[test]
    fn a_row_reads_back_as_the_alert_it_was() {
        let alert = Known {
            alert_id: "7-8".into(),
            rewritten: true,
            open: true,
            at: 1_795_000_000_000,
            content: Content::of(&fields(&json!({"message": "m", "priority": "P1"}))),
        };
        let mut cells = alert.cells(&place("a"));
        assert_eq!(cells.len(), COLUMNS);
        assert_eq!(Known::from_cells(&cells), Some((place("a"), alert)));
        // As it was written before there were accounts.
        (cells[0], cells[8], cells[9]) = ("a".into(), Value::Uninitialised, Value::Uninitialised);
        let (place, _) = Known::from_cells(&cells).unwrap();
        assert_eq!((place.account.is_known(), &*place.alias), (false, "a"));
        assert_eq!(Known::from_cells(&[]), None);
    }

    #[test]
    fn a_create_with_other_content_becomes_updates() {
        let content = Content::of(&fields(&json!({"message": "m", "priority": "P3", "description": "d"})));
        let updates = |json: Json| -> Vec<&str> {
            let updates = content.updates_to(&fields(&json));
            updates.into_iter().map(|(_, field)| field).collect()
        };
        assert!(updates(json!({"message": "m", "priority": "P3"})).is_empty());
        assert_eq!(
            updates(json!({"message": "n", "priority": "P1"})),
            ["priority", "message"]
        );
        assert_eq!(updates(json!({"message": "m", "description": "e"})), ["description"]);
    }

    #[test]
    fn an_update_changes_what_is_known() {
        let content = Content::of(&fields(&json!({"priority": "P3"})));
        let after = content.after(Operation::UpdatePriority, &fields(&json!({"priority": "P1"})));
        assert_eq!(after, Content::of(&fields(&json!({"priority": "P1"}))));
        assert_eq!(
            content.after(Operation::AddNote, &fields(&json!({"priority": "P1"}))),
            content
        );
    }

    fn place(alias: &str) -> Place {
        Place::new(&Account::of_text("1@https://here.test"), alias)
    }

    #[test]
    fn closed_alerts_are_forgotten_after_a_week_and_open_ones_are_not() {
        let mut alerts = KnownAlerts::default();
        alerts.insert(place("open"), known(true, 0));
        alerts.insert(place("closed"), known(true, 0));
        alerts.insert(place("closed"), known(false, 5));
        let here = place("").account;
        assert!(alerts.is_open(&here, "open") && !alerts.is_open(&here, "closed") && !alerts.is_open(&here, "other"));
        assert!(alerts.take_old(CLOSED_MS).is_empty());
        assert_eq!(alerts.take_old(CLOSED_MS + 5), [place("closed").key().into()]);
        assert!(alerts.get(&here, "closed").is_none());
    }

    #[test]
    fn of_too_many_closed_ones_are_forgotten_first() {
        let mut alerts = KnownAlerts::default();
        for number in 0..MOST {
            alerts.insert(place(&format!("{number}")), known(true, 1));
        }
        alerts.insert(place("closed"), known(false, 9));
        assert_eq!(alerts.take_old(10), [place("closed").key().into()]);
        alerts.insert(place("x"), known(true, 9));
        assert_eq!(alerts.take_old(10), [place("0").key().into()]);
    }

    #[test]
    fn an_alias_may_be_open_in_several_accounts() {
        let mut alerts = KnownAlerts::default();
        let (here, there) = (place("").account, Account::of_text("2@https://there.test"));
        alerts.insert(Place::new(&there, "a"), known(true, 1));
        alerts.insert(Place::new(&there, "b"), known(true, 1));
        assert_eq!(alerts.open_elsewhere(&here, "a"), Some(&there));
        assert_eq!(
            (alerts.open_in(&here), alerts.open_in(&there)),
            (vec![], vec!["a".into(), "b".into()])
        );
        alerts.insert(place("a"), known(true, 2));
        assert_eq!(alerts.count_elsewhere(&here), [(there.clone(), 2)]);
        alerts.insert(Place::new(&there, "a"), known(false, 3));
        assert!(alerts.is_open(&here, "a") && alerts.open_elsewhere(&here, "a").is_none());
        assert_eq!(alerts.count_elsewhere(&here), [(there, 1)]);
    }
}
