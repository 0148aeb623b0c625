//! How many requests a second the platform takes: nobody knows until it says that there were too many.
//!
//! Without a limit everything goes that may. "Too many requests" halves what went through before, and each quiet minute
//! raises it again by a quarter, until it no longer matters. Rare complaints among many answers, as others who share the
//! account may cause them, are no reason: going slower would not end them, and they only pause. Under a limit messages go
//! first, but every third request is a question while there are some: a message that is not confirmed holds up those
//! behind it.

use std::collections::VecDeque;

/// The least requests a second.
const LEAST: f64 = 1.0;
/// A limit above this one is none.
const MOST: f64 = 50.0;
/// A minute without complaint raises the limit.
const QUIET_MS: i64 = 60_000;
/// How many answers are looked at.
const ANSWERS: usize = 60;
/// So many complaints among them lower the limit …
const COMPLAINTS: usize = 6;
/// … where they are at least one in so many.
const SHARE: usize = 8;
/// How much may be made up for when time has passed unused, in milliseconds: the queue is looked at five times a second.
const SLACK_MS: f64 = 200.0;

/// The rate of one element.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// Requests a second; none while the platform has not complained.
    limit: Option<f64>,
    /// When the next request may go, in milliseconds since 1970.
    next_at: f64,
    /// When requests began in the last minute.
    begun: VecDeque<i64>,
    /// Until when complaints are about what was sent before the last cut.
    settled_at: i64,
    raised_at: i64,
    /// Messages since the last question.
    messages: u32,
    /// Of the last answers, whether each was a complaint.
    answers: VecDeque<bool>,
}

impl Rate {
    /// No limit yet.
    pub(super) const fn new() -> Self {
        Self {
            limit: None,
            next_at: 0.0,
            begun: VecDeque::new(),
            settled_at: i64::MIN,
            raised_at: 0,
            messages: 0,
            answers: VecDeque::new(),
        }
    }

    /// Requests a second, if they are limited.
    pub(super) const fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// The platform took a request.
    pub(super) fn answered(&mut self) {
        self.note(false);
    }

    fn note(&mut self, complaint: bool) {
        if self.answers.len() >= ANSWERS {
            self.answers.pop_front();
        }
        self.answers.push_back(complaint);
    }

    /// When the next request may go; none when at any time.
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    pub(super) fn next_at(&self) -> Option<i64> {
        self.limit.map(|_| self.next_at.ceil() as i64)
    }

    /// Whether a request may go now.
    pub(super) fn allows(&self, now: i64) -> bool {
        self.next_at().is_none_or(|at| at <= now)
    }

    /// Whether it is a question's turn.
    pub(super) const fn is_turn_of_question(&self) -> bool {
        self.limit.is_some() && self.messages >= 2
    }

    /// A request begins.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    pub(super) fn begin(&mut self, now: i64, is_question: bool) {
        self.messages = if is_question {
            0
        } else {
            self.messages.saturating_add(1)
        };
        self.begun.push_back(now);
        while self.begun.front().is_some_and(|begun| now - begun >= QUIET_MS) {
            self.begun.pop_front();
        }
        if let Some(limit) = self.limit {
            self.next_at = self.next_at.max(now as f64 - SLACK_MS) + 1_000.0 / limit;
        }
    }

    /// The platform complains, and wants a pause: half of what went through, unless it complains rarely.
    #[expect(clippy::cast_precision_loss, reason = "counts and spans are far below 2^53")]
    pub(super) fn cut(&mut self, now: i64, pause_ms: i64) {
        self.note(true);
        let complaints = self.answers.iter().filter(|complaint| **complaint).count();
        if now < self.settled_at || complaints < COMPLAINTS || complaints * SHARE < self.answers.len() {
            return;
        }
        self.answers.clear();
        // The pause tells over which time the platform counts.
        let window = if pause_ms > 5_000 { QUIET_MS } else { 1_000 };
        let recent = self
            .begun
            .iter()
            .rev()
            .take_while(|begun| now - **begun < window)
            .count();
        let base = self.limit.unwrap_or(recent as f64 * 1_000.0 / window as f64);
        self.limit = Some((base / 2.0).max(LEAST));
        self.next_at = (now + pause_ms) as f64;
        self.settled_at = now + pause_ms;
        self.raised_at = now + pause_ms;
    }

    /// Time has passed.
    pub(super) fn creep(&mut self, now: i64) {
        if let Some(limit) = self.limit
            && now - self.raised_at >= QUIET_MS
        {
            let raised = limit * 1.25;
            self.limit = (raised <= MOST).then_some(raised);
            self.raised_at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many requests go in a second that begins at `from`, looked at every 200 ms.
    fn in_a_second(rate: &mut Rate, from: i64) -> usize {
        let mut count = 0;
        for now in (from..from + 1_000).step_by(200) {
            while rate.allows(now) && count < 1_000 {
                rate.begin(now, false);
                count += 1;
            }
        }
        count
    }

    fn complain(rate: &mut Rate, now: i64, pause_ms: i64) {
        for _ in 0..COMPLAINTS {
            rate.cut(now, pause_ms);
        }
    }

    #[test]
    fn rare_complaints_are_no_reason_for_a_limit() {
        let mut rate = Rate::new();
        for round in 0..1_000 {
            (0..SHARE).for_each(|_| rate.answered());
            rate.cut(round * 10_000, 1_000);
        }
        assert_eq!(rate.limit, None);
        (1..SHARE).for_each(|_| rate.answered());
        complain(&mut rate, 10_000_000, 1_000);
        assert_eq!(rate.limit, Some(LEAST));
    }

    #[test]
    fn too_many_requests_halve_what_went_through() {
        let mut rate = Rate::new();
        assert!(rate.allows(0) && rate.next_at().is_none());
        for _ in 0..10 {
            rate.begin(0, false);
        }
        for refused in 10..10 + i64::try_from(COMPLAINTS).unwrap() {
            rate.cut(refused, 1_000);
        }
        // The others of the same burst are refused as well.
        complain(&mut rate, 20, 1_000);
        assert!(!rate.allows(1_009));
        assert!((4..=6).contains(&in_a_second(&mut rate, 2_000)));
        complain(&mut rate, 3_000, 1_000);
        assert!((2..=3).contains(&in_a_second(&mut rate, 5_000)));
    }

    #[test]
    fn a_limit_a_minute_is_measured_over_a_minute() {
        let mut rate = Rate::new();
        for _ in 0..600 {
            rate.begin(0, false);
        }
        complain(&mut rate, 10, 60_000);
        assert!((5..=6).contains(&in_a_second(&mut rate, 61_000)));
    }

    #[test]
    fn quiet_minutes_raise_it_until_it_no_longer_matters() {
        let mut rate = Rate::new();
        complain(&mut rate, 0, 1_000);
        rate.creep(60_999);
        assert_eq!(rate.limit, Some(1.0));
        rate.creep(61_000);
        assert_eq!(rate.limit, Some(1.25));
        for minute in 2..40 {
            rate.creep(minute * 61_000);
        }
        assert_eq!(rate.limit, None);
    }

    #[test]
    fn under_a_limit_every_third_request_is_a_question() {
        let mut rate = Rate::new();
        rate.begin(0, false);
        rate.begin(0, false);
        assert!(!rate.is_turn_of_question());
        complain(&mut rate, 0, 1_000);
        assert!(rate.is_turn_of_question());
        rate.begin(2_000, true);
        assert!(!rate.is_turn_of_question());
    }
}
