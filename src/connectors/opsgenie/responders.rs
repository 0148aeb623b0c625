//! Whether an alert has the responders that were asked for. The platform tells nobody when it has others: an integration
//! that belongs to a team puts that team in their place, and a create of an open alert leaves those it has.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::connectors::opsgenie::answer::{json_of, platform};
use crate::connectors::opsgenie::backoff::hash;
use crate::connectors::opsgenie::operation::Fields;
use crate::connectors::opsgenie::outcome::{Named, Next, Verdict};
use crate::connectors::opsgenie::queue::Key;
use crate::connectors::opsgenie::recipients::{Ids, id_by_name, name};
use crate::engine::exchange::Response;

/// How long what was seen of a set of responders counts: not every alert is looked at.
const COUNTS_MS: i64 = 3_600_000;
/// How many sets are remembered.
const MOST: usize = 1_000;

/// What is known about responders.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// By a hash of what was asked for: when an alert was looked at, and what was wrong.
    seen: BTreeMap<u64, (i64, Option<String>)>,
    /// The verdicts on creates whose alert is being looked at.
    waiting: BTreeMap<Key, (String, Named)>,
}

/// What follows a create that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Follows {
    /// It is complete; what is wrong with the responders, as far as it is known.
    Complete(Option<String>),
    /// The alert is looked at first.
    Look,
}

impl Compared {
    /// What follows a create of these fields. An alert that was open before is looked at in any case.
    pub(super) fn follows(&self, fields: &Fields, was_open: bool, now: i64) -> Follows {
        if asked_for(fields).is_empty() {
            return Follows::Complete(None);
        }
        match self.seen.get(&hash_of(fields)) {
            Some((at, wrong)) if !was_open && now - at < COUNTS_MS => Follows::Complete(wrong.clone()),
            Some(_) | None => Follows::Look,
        }
    }

    /// The verdict on a create waits until its alert was looked at.
    pub(super) fn wait(&mut self, key: &Key, result: String, alert: Named) {
        self.waiting.insert(Key::clone(key), (result, alert));
    }

    /// The verdict that waited.
    pub(super) fn waited(&mut self, key: &str) -> (String, Named) {
        let waited = self.waiting.remove(key);
        waited.unwrap_or_else(|| ("done".to_owned(), Named::default()))
    }

    /// An alert with these fields was looked at.
    pub(super) fn saw(&mut self, fields: &Fields, wrong: Option<String>, now: i64) {
        if self.seen.len() >= MOST {
            self.seen.clear();
        }
        self.seen.insert(hash_of(fields), (now, wrong));
    }
}

/// What is wrong with the responders of an alert that was looked at; an answer without one says nothing.
pub(super) fn of_answer(fields: &Fields, ids: &Ids, response: &Response) -> Option<Option<String>> {
    let json = json_of(response).filter(|_| (200..300).contains(&response.status))?;
    let alert = json.get("data").unwrap_or(&json);
    let present = alert.get("responders")?.as_array()?;
    Some(wrong(asked_for(fields), present, ids))
}

/// The create is complete, whatever came of the look.
pub(super) fn completed(response: Option<&Response>, (result, alert): (String, Named), wrong: Option<&str>) -> Verdict {
    let result = wrong.map_or_else(|| result.clone(), |wrong| format!("{result}; {wrong}"));
    Verdict {
        next: Next::Complete { result, alert },
        platform: response.map_or(crate::connectors::opsgenie::hold::Platform::Answers, platform),
    }
}

fn asked_for(fields: &Fields) -> &[Json] {
    fields
        .get("responders")
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}

fn hash_of(fields: &Fields) -> u64 {
    fields
        .get("responders")
        .map_or(0, |responders| hash(&responders.to_string()))
}

/// Those that were asked for and are not there. Who is known by a name only is taken for one of that type who is there.
fn wrong(asked_for: &[Json], present: &[Json], ids: &Ids) -> Option<String> {
    let text = |json: &Json, field: &str| json.get(field).and_then(Json::as_str).map(str::to_owned);
    let mut left: Vec<&Json> = present.iter().collect();
    let mut take = |found: &dyn Fn(&Json) -> bool| {
        let place = left.iter().position(|responder| found(responder));
        place.map(|place| left.swap_remove(place)).is_some()
    };
    let id_of = |responder: &Json| text(responder, "id").or_else(|| id_by_name(responder, ids));
    let (known, unknown): (Vec<&Json>, Vec<&Json>) = asked_for.iter().partition(|responder| id_of(responder).is_some());
    let mut missing: Vec<String> = Vec::new();
    for responder in known.into_iter().chain(unknown) {
        let there = match id_of(responder) {
            Some(id) => take(&|other: &Json| text(other, "id").as_ref() == Some(&id)),
            None => take(&|other: &Json| {
                name(other).is_some() && name(other) == name(responder)
                    || text(other, "type").is_some() && text(other, "type") == text(responder, "type")
            }),
        };
        if !there {
            let kind = text(responder, "type").unwrap_or_default();
            let called = name(responder).map(str::to_owned).or_else(|| text(responder, "id"));
            missing.push(format!("{kind} {}", called.unwrap_or_default()).trim().to_owned());
        }
    }
    (!missing.is_empty()).then(|| {
        format!(
            "the platform gave the alert other responders: {} is missing",
            missing.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connectors::opsgenie::answer::tests::response;

    fn fields() -> Fields {
        let fields = json!({"responders": [{"type": "team", "name": "NOC"}, {"type": "user", "username": "a@b.c"}]});
        fields.as_object().unwrap().clone()
    }

    fn seen(present: &Json) -> Option<Option<String>> {
        let ids = [("noc".to_owned(), "7".to_owned())].into();
        of_answer(
            &fields(),
            &ids,
            &response(200, &[], &json!({"data": {"responders": present}}).to_string()),
        )
    }

    #[test]
    fn responders_that_are_not_there_are_missing() {
        let both = json!([{"type": "user", "id": "1"}, {"type": "team", "id": "7"}]);
        assert_eq!(seen(&both), Some(None));
        let missing = |who: &str| {
            Some(Some(format!(
                "the platform gave the alert other responders: {who} is missing"
            )))
        };
        assert_eq!(
            seen(&json!([{"type": "team", "id": "8"}, {"type": "user", "id": "1"}])),
            missing("team NOC")
        );
        assert_eq!(seen(&json!([])), missing("team NOC, user a@b.c"));
        assert_eq!(seen(&json!("none")), None);
        assert_eq!(of_answer(&fields(), &Ids::new(), &response(404, &[], "{}")), None);
    }

    #[test]
    fn what_was_seen_counts_for_an_hour_unless_the_alert_was_open() {
        let mut compared = Compared::default();
        assert_eq!(compared.follows(&Fields::new(), true, 0), Follows::Complete(None));
        assert_eq!(compared.follows(&fields(), false, 0), Follows::Look);
        compared.saw(&fields(), Some("wrong".to_owned()), 0);
        assert_eq!(
            compared.follows(&fields(), false, COUNTS_MS - 1),
            Follows::Complete(Some("wrong".to_owned()))
        );
        assert_eq!(compared.follows(&fields(), true, 1), Follows::Look);
        assert_eq!(compared.follows(&fields(), false, COUNTS_MS), Follows::Look);
    }
}
