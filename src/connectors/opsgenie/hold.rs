//! Queue Status: whether messages may go, and why not.
//!
//! ```text
//!            refused (401, 402, 403, key format)            one message a minute
//!   Running ────────────────────────────────────▶ Held ───────────────────────────▶ answered: Running
//!            429                                            after the pause
//!   Running ────────────────────────────────────▶ Throttled ──────────────────────▶ Running
//!            no answer                                      one message, ever later
//!   Running ────────────────────────────────────▶ Offline ────────────────────────▶ answered: Running
//!            the key is taken away                          a new key
//!   any     ────────────────────────────────────▶ NoKey ──────────────────────────▶ Running
//! ```
//!
//! A refusal says nothing about the message: it stays queued, or one expired key would turn every alert into an error.

use crate::connectors::opsgenie::backoff::before_resend;

/// How often a held queue tries one message.
const PROBE_MS: i64 = 60_000;

/// What an exchange says about the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Platform {
    /// It answers, and does what it is asked or says why not.
    Answers,
    /// It refuses the key or the plan.
    Refuses(String),
    /// Too many requests: it wants a pause.
    Busy {
        /// How long.
        ms: i64,
    },
    /// It did not answer.
    Gone {
        /// What happened.
        detail: String,
        /// Whether the request may have reached it.
        sent: bool,
    },
}

/// Whether messages may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flow {
    /// They may.
    Running,
    /// There is no key to go with.
    NoKey,
    /// The platform refuses the key or the plan.
    Held { reason: String, probe_at: i64 },
    /// The platform wants a pause.
    Throttled { until: i64 },
    /// The platform does not answer.
    Offline {
        detail: String,
        probe_at: i64,
        failures: u32,
    },
}

/// How many requests may begin now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowance {
    /// None.
    Nothing,
    /// One, when none is under way: to see whether the platform is back.
    Probe,
    /// As many as may be under way at the same time.
    All,
}

impl Flow {
    /// The flow of an element that starts, and of one that gets a key.
    pub(super) const fn at_start(has_key: bool) -> Self {
        if has_key { Self::Running } else { Self::NoKey }
    }

    /// The flow after an exchange.
    pub(super) fn after(&self, platform: &Platform, now: i64) -> Self {
        match (self, platform) {
            (Self::NoKey, _) => Self::NoKey,
            // What becomes of requests that were under way before the pause does not end it.
            (Self::Throttled { until }, Platform::Answers | Platform::Gone { .. }) if *until > now => self.clone(),
            (_, Platform::Answers) => Self::Running,
            (_, Platform::Refuses(reason)) => Self::Held {
                reason: reason.clone(),
                probe_at: self.paused_until(now + PROBE_MS),
            },
            (_, Platform::Busy { ms }) => Self::Throttled {
                until: self.paused_until(now + ms),
            },
            (Self::Offline { probe_at, failures, .. }, Platform::Gone { detail, .. }) if *probe_at > now => {
                Self::Offline {
                    detail: detail.clone(),
                    probe_at: *probe_at,
                    failures: *failures,
                }
            }
            (_, Platform::Gone { detail, .. }) => {
                let failures = 1 + self.failures();
                Self::Offline {
                    detail: detail.clone(),
                    probe_at: now + before_resend("offline", failures),
                    failures,
                }
            }
        }
    }

    /// The end of the present pause, and at the least this moment.
    fn paused_until(&self, least: i64) -> i64 {
        match self {
            Self::Throttled { until } => least.max(*until),
            Self::Running | Self::NoKey | Self::Held { .. } | Self::Offline { .. } => least,
        }
    }

    /// What it is, in a word.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::NoKey => "NoKey",
            Self::Held { .. } => "Held",
            Self::Throttled { .. } => "Throttled",
            Self::Offline { .. } => "Offline",
        }
    }

    /// Whether it may be another one in a moment.
    pub(super) const fn is_passing(&self) -> bool {
        match self {
            Self::Running | Self::Throttled { .. } | Self::Offline { .. } => true,
            Self::NoKey | Self::Held { .. } => false,
        }
    }

    /// How many requests may begin.
    pub(super) const fn allowance(&self, now: i64) -> Allowance {
        match self {
            Self::Running => Allowance::All,
            Self::NoKey => Allowance::Nothing,
            Self::Held { probe_at, .. } | Self::Offline { probe_at, .. } => {
                if now >= *probe_at {
                    Allowance::Probe
                } else {
                    Allowance::Nothing
                }
            }
            Self::Throttled { until } => {
                if now >= *until {
                    Allowance::All
                } else {
                    Allowance::Nothing
                }
            }
        }
    }

    /// From when on requests may begin; none when not by time alone.
    pub(super) fn opens_at(&self, now: i64) -> Option<i64> {
        match self {
            Self::Running => Some(now),
            Self::NoKey => None,
            Self::Held { probe_at: at, .. } | Self::Offline { probe_at: at, .. } | Self::Throttled { until: at } => {
                Some(*at.max(&now))
            }
        }
    }

    /// Whether the platform has been away for so long that a few seconds do not matter.
    pub(super) const fn is_long_gone(&self) -> bool {
        self.failures() > 8
    }

    /// The flow when time has passed: a pause is over by itself.
    pub(super) fn at(&self, now: i64) -> Self {
        match self {
            Self::Throttled { until } if now >= *until => Self::Running,
            Self::Running | Self::NoKey | Self::Held { .. } | Self::Throttled { .. } | Self::Offline { .. } => {
                self.clone()
            }
        }
    }

    /// Queue Status.
    pub(super) fn status(&self) -> String {
        match self {
            Self::Running => "Running".to_owned(),
            Self::NoKey => "Held: no API key".to_owned(),
            Self::Held { reason, .. } => format!("Held: {reason}"),
            Self::Throttled { .. } => "Throttled: too many requests".to_owned(),
            Self::Offline { detail, .. } => format!("Offline: {detail}"),
        }
    }

    const fn failures(&self) -> u32 {
        match self {
            Self::Offline { failures, .. } => *failures,
            Self::Running | Self::NoKey | Self::Held { .. } | Self::Throttled { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone() -> Platform {
        Platform::Gone {
            detail: "refused".to_owned(),
            sent: false,
        }
    }

    #[test]
    fn a_refusal_holds_the_queue_and_tries_once_a_minute() {
        let held = Flow::Running.after(&Platform::Refuses("authentication (401)".to_owned()), 1_000);
        assert_eq!(held.status(), "Held: authentication (401)");
        assert_eq!(held.allowance(60_999), Allowance::Nothing);
        assert_eq!(held.allowance(61_000), Allowance::Probe);
        assert_eq!(held.after(&Platform::Answers, 61_100), Flow::Running);
    }

    #[test]
    fn a_pause_lasts_as_long_as_asked_whatever_else_comes_back() {
        let throttled = Flow::Running.after(&Platform::Busy { ms: 60_000 }, 0);
        let still = throttled
            .after(&Platform::Answers, 10)
            .after(&gone(), 20)
            .after(&Platform::Busy { ms: 1_000 }, 30);
        assert_eq!(still.allowance(59_999), Allowance::Nothing);
        assert_eq!(still.allowance(60_000), Allowance::All);
        assert_eq!(still.at(60_000), Flow::Running);
        assert_eq!(still.status(), "Throttled: too many requests");
        let refused = Flow::Throttled { until: 90_000 }.after(&Platform::Refuses("plan".to_owned()), 0);
        assert_eq!(refused.allowance(89_999), Allowance::Nothing);
    }

    #[test]
    fn an_absent_platform_is_tried_ever_later() {
        let mut flow = Flow::Running;
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..12 {
            flow = flow.after(&gone(), now);
            let Flow::Offline { probe_at, .. } = flow else {
                panic!("offline")
            };
            waits.push(probe_at - now);
            now = probe_at;
        }
        assert!(
            waits[0] <= 1_000 && waits[11] > 29_000 && waits[11] <= 60_000,
            "{waits:?}"
        );
        assert_eq!(flow.status(), "Offline: refused");
        assert_eq!(flow.after(&Platform::Answers, now), Flow::Running);
    }

    #[test]
    fn requests_that_fail_together_count_once() {
        let first = Flow::Running.after(&gone(), 0);
        assert_eq!(first.after(&gone(), 1), first);
    }

    #[test]
    fn without_a_key_nothing_goes() {
        let flow = Flow::at_start(false);
        assert_eq!(flow.after(&Platform::Answers, 0), Flow::NoKey);
        assert_eq!(flow.allowance(i64::MAX), Allowance::Nothing);
        assert_eq!(flow.status(), "Held: no API key");
    }
}
