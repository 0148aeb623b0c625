//! Requests: accepted now, processed later, and asked for in between.
//!
//! ```text
//! accepted ──(due)──▶ processed: 200 with the result
//!     │
//!     └─ until then, or for ever when swallowed: 404 with X-Opsgenie-Errortype: RequestNotProcessed
//! ```
//! The requests of one key are processed in order of arrival, whatever the pending time was when each arrived. The newest
//! 100,000 are remembered; the results of older ones are forgotten.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::emulator::opsgenie::alert::{INTEGRATION, iso};
use crate::emulator::opsgenie::alerts::{Verdict, Work};
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::pending::PendingStyle;

/// How many requests are remembered, and how many may wait.
const KEPT: usize = 100_000;

/// A request that was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Accepted {
    id: String,
    due: Option<u64>,
    outcome: Option<Outcome>,
}

/// What a request has become.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Outcome {
    action: Cow<'static, str>,
    at: u64,
    verdict: Verdict,
}

/// A request that waits to be processed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Job {
    /// When it is processed.
    pub(super) due: u64,
    /// Whose request it is.
    pub(super) key: String,
    /// What to do.
    pub(super) work: Work,
    /// Why it is made to fail, if it is.
    pub(super) fails: Option<String>,
}

/// Every request that is remembered.
#[derive(Debug, Clone, Default)]
pub(super) struct Requests {
    /// With their numbers, oldest first.
    accepted: VecDeque<(u64, Accepted)>,
    ids: HashMap<String, u64>,
    /// By when they are due, then by number.
    jobs: BTreeMap<(u64, u64), Job>,
    last: u64,
    /// When the last request of each key is due.
    last_due: HashMap<String, u64>,
    /// The numbers of those that changed since this was last asked for, and when their jobs were due; some twice.
    touched: Vec<(u64, Option<u64>)>,
}

/// A request as a store keeps it: its number, what is remembered of it, the job that waits.
pub(super) type Stored<'a> = (u64, Option<&'a Accepted>, Option<&'a Job>);

impl Requests {
    /// The requests of a store, and the last number that was given.
    pub(super) fn stored(accepted: Vec<(u64, Accepted)>, jobs: Vec<(u64, Job)>, last: u64) -> Self {
        let mut requests = Self {
            last,
            ..Self::default()
        };
        for (number, accepted) in &accepted {
            requests.ids.insert(accepted.id.clone(), *number);
        }
        requests.accepted = accepted.into();
        requests.accepted.make_contiguous().sort_by_key(|&(number, _)| number);
        for (number, job) in jobs {
            let last_due = requests.last_due.entry(job.key.clone()).or_default();
            *last_due = job.due.max(*last_due);
            requests.jobs.insert((job.due, number), job);
        }
        requests
    }

    /// Whether no further request can wait.
    pub(super) fn is_full(&self) -> bool {
        self.jobs.len() >= KEPT
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.jobs.len()
    }

    /// The last number that was given.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// The requests that changed since this was last asked for.
    pub(super) fn changed(&mut self) -> Vec<Stored<'_>> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        let stored = |(number, due): (u64, Option<u64>)| {
            let job = due.and_then(|due| self.jobs.get(&(due, number)));
            (number, self.accepted(number), job)
        };
        touched.into_iter().map(stored).collect()
    }

    /// Forgets which changed.
    pub(super) fn forget_changes(&mut self) {
        self.touched.clear();
    }

    /// Queues an accepted request, due after a while; one that is never due is only remembered.
    pub(super) fn accept(&mut self, request: &str, work: Work, fails: Option<String>, key: &str, due: Option<u64>) {
        if self.accepted.len() >= KEPT
            && let Some((oldest, accepted)) = self.accepted.pop_front()
        {
            self.ids.remove(&accepted.id);
            // Its job, if it still waits, is done all the same.
            self.touched.push((oldest, accepted.due));
        }
        self.last += 1;
        let number = self.last;
        let id = request.to_owned();
        self.ids.insert(id.clone(), number);
        let due = due.map(|due| {
            let last_due = self.last_due.entry(key.to_owned()).or_default();
            *last_due = due.max(*last_due);
            *last_due
        });
        if let Some(due) = due {
            let key = key.to_owned();
            self.jobs.insert((due, number), Job { due, key, work, fails });
        }
        let outcome = None;
        self.accepted.push_back((number, Accepted { id, due, outcome }));
        self.touched.push((number, due));
    }

    /// The next request to process and its number, if one is due.
    pub(super) fn due(&mut self, now: u64) -> Option<(u64, Job)> {
        let entry = self.jobs.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((_, number), job) = entry.remove_entry();
        Some((number, job))
    }

    /// Remembers what came of a request.
    pub(super) fn processed(&mut self, number: u64, action: &'static str, at: u64, verdict: Verdict) {
        self.touched.push((number, None));
        if let Some((_, accepted)) = self.place(number).and_then(|place| self.accepted.get_mut(place)) {
            let action = action.into();
            accepted.outcome = Some(Outcome { action, at, verdict });
        }
    }

    fn accepted(&self, number: u64) -> Option<&Accepted> {
        let (_, accepted) = self.accepted.get(self.place(number)?)?;
        Some(accepted)
    }

    /// Where the one with this number stands.
    fn place(&self, number: u64) -> Option<usize> {
        self.accepted.binary_search_by_key(&number, |&(number, _)| number).ok()
    }

    /// `GET /v2/alerts/requests/{requestId}`.
    pub(super) fn status(&self, request: &str, style: PendingStyle) -> Answer {
        let not_found = Answer::error(404, "Request not found. It might not be processed, yet.");
        let accepted = self.ids.get(request).and_then(|number| self.accepted(*number));
        let Some(accepted) = accepted else {
            return not_found;
        };
        let shown = |outcome: &Outcome| {
            json!({
                "success": outcome.verdict.success,
                "action": outcome.action,
                "processedAt": iso(outcome.at),
                "integrationId": INTEGRATION,
                "isSuccess": outcome.verdict.success,
                "status": outcome.verdict.status,
                "alertId": outcome.verdict.alert_id,
                "alias": outcome.verdict.alias,
            })
        };
        match (&accepted.outcome, style) {
            (Some(outcome), _) => Answer::data(shown(outcome)),
            (None, PendingStyle::Header) => not_found.with_header("x-opsgenie-errortype", "RequestNotProcessed"),
            (None, PendingStyle::Bare) => not_found,
            (None, PendingStyle::Python) => Answer::data(json!({
                "success": false,
                "action": "",
                "processedAt": null,
                "integrationId": "",
                "isSuccess": false,
                "status": "",
                "alertId": "",
                "alias": "",
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, PendingStyle, Requests};
    use crate::emulator::opsgenie::action::{Action, By};
    use crate::emulator::opsgenie::alerts::{Target, Work};

    fn accept(requests: &mut Requests, id: &str, key: &str, due: Option<u64>) {
        let work = Work::Change(Target::Tiny("1".into()), Action::Close, By::default());
        requests.accept(id, work, None, key, due);
    }

    #[test]
    fn the_requests_of_a_key_are_processed_in_order_of_arrival() {
        let mut requests = Requests::default();
        accept(&mut requests, "1", "a", Some(1000));
        accept(&mut requests, "2", "a", None);
        accept(&mut requests, "3", "a", Some(0));
        accept(&mut requests, "4", "b", Some(10));
        let due = |requests: &mut Requests, now| -> Vec<u64> {
            std::iter::from_fn(|| requests.due(now))
                .map(|(number, _)| number)
                .collect()
        };
        assert_eq!(due(&mut requests, 999), [4]);
        assert_eq!(due(&mut requests, 1000), [1, 3]);
    }

    #[test]
    fn the_oldest_requests_are_forgotten() {
        let mut requests = Requests::default();
        for id in 0..=KEPT {
            accept(&mut requests, &id.to_string(), "a", None);
        }
        let pending = |id: &str| !requests.status(id, PendingStyle::Header).headers.is_empty();
        assert_eq!(
            (pending("0"), pending("1"), pending(&KEPT.to_string())),
            (false, true, true)
        );
        assert_eq!((requests.accepted.len(), requests.ids.len()), (KEPT, KEPT));
    }
}
