//! Requests: accepted now, processed later, and asked for in between.
//!
//! ```text
//! accepted ──(due)──▶ processed: 200 with the result
//!     │
//!     └─ until then, or for ever when swallowed: 404 with X-Opsgenie-Errortype: RequestNotProcessed
//! ```
//! Requests are processed in order of arrival, whatever the pending time was when each arrived.

use std::collections::{HashMap, VecDeque};

use serde_json::json;

use crate::emulator::opsgenie::alert::{INTEGRATION, iso};
use crate::emulator::opsgenie::alerts::{Verdict, Work};
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::pending::Pending;

/// How many requests are remembered, and how many may wait.
const KEPT: usize = 100_000;

/// What a request that was accepted has become.
#[derive(Debug, Clone, PartialEq)]
enum Entry {
    Pending,
    Processed {
        action: &'static str,
        at: u64,
        verdict: Verdict,
    },
}

/// A request that waits to be processed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Job {
    /// When it is processed.
    pub(super) due: u64,
    /// Its request id.
    pub(super) request: String,
    /// What to do; nothing for one that is made to fail.
    pub(super) work: Work,
    /// Whether it is made to fail.
    pub(super) fails: bool,
}

/// Every request that is remembered.
#[derive(Debug, Clone, Default)]
pub(super) struct Requests {
    entries: HashMap<String, Entry>,
    /// The remembered ones, oldest first.
    order: VecDeque<String>,
    queue: VecDeque<Job>,
    last_due: u64,
}

impl Requests {
    /// Whether no further request can wait.
    pub(super) fn is_full(&self) -> bool {
        self.queue.len() >= KEPT
    }

    /// Queues an accepted request; one that is pending for ever is only remembered.
    pub(super) fn accept(&mut self, request: &str, work: Work, fails: bool, now: u64, pending: Pending) {
        if self.order.len() >= KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(request.to_owned());
        self.entries.insert(request.to_owned(), Entry::Pending);
        if let Pending::Millis(millis) = pending {
            self.last_due = self.last_due.max(now.saturating_add(millis));
            let (due, request) = (self.last_due, request.to_owned());
            self.queue.push_back(Job {
                due,
                request,
                work,
                fails,
            });
        }
    }

    /// The next request to process, if one is due.
    pub(super) fn due(&mut self, now: u64) -> Option<Job> {
        self.queue.pop_front_if(|job| job.due <= now)
    }

    /// Remembers what came of a request.
    pub(super) fn processed(&mut self, request: &str, action: &'static str, at: u64, verdict: Verdict) {
        if let Some(entry) = self.entries.get_mut(request) {
            *entry = Entry::Processed { action, at, verdict };
        }
    }

    /// `GET /v2/alerts/requests/{requestId}`.
    pub(super) fn status(&self, request: &str) -> Answer {
        let not_found = Answer::error(404, "Request not found. It might not be processed, yet.");
        match self.entries.get(request) {
            None => not_found,
            Some(Entry::Pending) => not_found.with_header("X-Opsgenie-Errortype", "RequestNotProcessed"),
            Some(Entry::Processed { action, at, verdict }) => Answer::data(json!({
                "success": verdict.success,
                "action": action,
                "processedAt": iso(*at),
                "integrationId": INTEGRATION,
                "isSuccess": verdict.success,
                "status": verdict.status,
                "alertId": verdict.alert_id,
                "alias": verdict.alias,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Requests};
    use crate::emulator::opsgenie::action::{Action, By};
    use crate::emulator::opsgenie::alerts::{Target, Work};
    use crate::emulator::opsgenie::pending::Pending;

    fn accept(requests: &mut Requests, id: &str, now: u64, pending: Pending) {
        let work = Work::Change(Target::Tiny("1".into()), Action::Close, By::default());
        requests.accept(id, work, false, now, pending);
    }

    #[test]
    fn requests_are_processed_in_order_of_arrival() {
        let mut requests = Requests::default();
        accept(&mut requests, "slow", 0, Pending::Millis(1000));
        accept(&mut requests, "never", 0, Pending::Never);
        accept(&mut requests, "fast", 0, Pending::Millis(0));
        assert_eq!(requests.due(999), None);
        let order: Vec<String> = std::iter::from_fn(|| requests.due(1000))
            .map(|job| job.request)
            .collect();
        assert_eq!(order, ["slow", "fast"]);
    }

    #[test]
    fn the_oldest_requests_are_forgotten() {
        let mut requests = Requests::default();
        for id in 0..=KEPT {
            accept(&mut requests, &id.to_string(), 0, Pending::Never);
        }
        let pending = |id: &str| !requests.status(id).headers.is_empty();
        assert_eq!(
            (pending("0"), pending("1"), pending(&KEPT.to_string())),
            (false, true, true)
        );
        assert_eq!(requests.entries.len(), KEPT);
    }
}
