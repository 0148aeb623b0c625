//! The ranges of what an operator may choose for an element.
//!
//! Rules: PRT-8, TMO-6, TMO-19.

use std::ops::RangeInclusive;

use serde::{Deserialize, Deserializer};

use crate::model::connection::SlowPollBegin;
use crate::model::moment::Span;

/// The time limits of one attempt.
const TIMEOUTS: RangeInclusive<Span> = Span(10)..=Span(120_000);

/// The most retries.
const MOST_RETRIES: u8 = 10;

/// How long without success until an element is in timeout.
const ELEMENT_TIMEOUTS: RangeInclusive<Span> = Span::ZERO..=Span::seconds(86_400);

/// How long in timeout until slow poll, and how long between two pings.
const SLOW_POLLS: RangeInclusive<Span> = Span::seconds(1)..=Span::seconds(300);

/// The most timeouts until slow poll.
const MOST_TIMEOUTS: u32 = 500;

/// A time limit that is allowed.
///
/// # Errors
/// It is no duration, or is not allowed.
pub fn allowed_timeout(text: &str) -> Result<Span, String> {
    within(text, &TIMEOUTS).ok_or_else(|| format!("a timeout of {text} is not allowed: from 10ms to 120s"))
}

/// A number of retries that is allowed.
///
/// # Errors
/// It is too large.
pub fn allowed_retries(retries: u8) -> Result<u8, String> {
    if retries <= MOST_RETRIES {
        return Ok(retries);
    }
    Err(format!("{retries} retries are not allowed: from 0 to {MOST_RETRIES}"))
}

/// An element timeout that is allowed.
///
/// # Errors
/// It is no duration, or is not allowed.
pub fn allowed_element_timeout(text: &str) -> Result<Span, String> {
    within(text, &ELEMENT_TIMEOUTS).ok_or_else(|| format!("an element timeout of {text} is not allowed: up to 24h"))
}

/// A ping interval that is allowed.
///
/// # Errors
/// It is no duration, or is not allowed.
pub fn allowed_ping_interval(text: &str) -> Result<Span, String> {
    within(text, &SLOW_POLLS).ok_or_else(|| format!("a ping interval of {text} is not allowed: from 1s to 300s"))
}

/// When slow poll begins, as an operator chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlowPollChoice {
    /// Never.
    Off,
    /// Then.
    On(SlowPollBegin),
}

/// When slow poll may begin: `off`, after a time in timeout as `30s`, or with the n-th timeout as `3`.
///
/// # Errors
/// It is none of these, or is not allowed.
pub fn allowed_slow_poll(text: &str) -> Result<SlowPollChoice, String> {
    if text == "off" {
        return Ok(SlowPollChoice::Off);
    }
    let times = text.parse().ok().filter(|times| (1..=MOST_TIMEOUTS).contains(times));
    let begin = times.map(SlowPollBegin::Times);
    begin
        .or_else(|| within(text, &SLOW_POLLS).map(SlowPollBegin::After))
        .map(SlowPollChoice::On)
        .ok_or_else(|| format!("a slow poll of {text} is not allowed: off, from 1s to 300s, or from 1 to 500 timeouts"))
}

fn within(text: &str, range: &RangeInclusive<Span>) -> Option<Span> {
    let span: Span = text.parse().ok()?;
    range.contains(&span).then_some(span)
}

/// Reads a text that one of these functions allows.
pub(super) fn read<'de, D, T>(deserializer: D, allowed: fn(&str) -> Result<T, String>) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    allowed(&text).map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::{SlowPollChoice, allowed_element_timeout, allowed_ping_interval, allowed_slow_poll};
    use crate::model::connection::SlowPollBegin;
    use crate::model::moment::Span;

    #[test]
    fn prt_8_slow_poll_is_a_time_or_a_number_of_timeouts() {
        let on = |begin| Ok(SlowPollChoice::On(begin));
        assert_eq!(allowed_slow_poll("off"), Ok(SlowPollChoice::Off));
        assert_eq!(allowed_slow_poll("30s"), on(SlowPollBegin::After(Span::seconds(30))));
        assert_eq!(allowed_slow_poll("500"), on(SlowPollBegin::Times(500)));
        for refused in ["0", "501", "301s", "999ms", "often", ""] {
            assert!(allowed_slow_poll(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn prt_8_the_times_of_an_element_have_their_ranges() {
        assert_eq!(allowed_element_timeout("0s"), Ok(Span::ZERO));
        assert_eq!(allowed_element_timeout("24h"), Ok(Span::seconds(86_400)));
        assert!(allowed_element_timeout("25h").is_err());
        assert_eq!(allowed_ping_interval("1s"), Ok(Span::seconds(1)));
        assert!(allowed_ping_interval("301s").is_err() && allowed_ping_interval("now").is_err());
    }
}
