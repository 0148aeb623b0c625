//! Request limits: token buckets for each domain of requests, filled per minute and per second.
//!
//! A rule is `DOMAIN:N/s` or `DOMAIN:N/min`. The domains are `alert` (everything about single alerts, the status of
//! requests included), `search` (lists, counts, saved searches), `configuration` (teams, the account), `heartbeat`, and
//! `all`, which gives each of these a bucket of its own. Over the limit a request is refused with 429, or delayed.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::route::Operation;

/// A limit of one domain, or of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    domain: Option<Domain>,
    limit: u32,
    period: Period,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Domain {
    Alert,
    Search,
    Configuration,
    Heartbeat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Second,
    Minute,
}

/// What happens to a request over a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OverLimit {
    /// It is refused with 429.
    #[default]
    Reject,
    /// It waits until there is room.
    Delay,
}

const DOMAINS: [(&str, Domain); 4] = [
    ("alert", Domain::Alert),
    ("search", Domain::Search),
    ("configuration", Domain::Configuration),
    ("heartbeat", Domain::Heartbeat),
];

impl Domain {
    const fn of(operation: &Operation) -> Self {
        match operation {
            Operation::Account | Operation::RequestLimits | Operation::Tenant | Operation::Team(_) => {
                Self::Configuration
            }
            Operation::Heartbeat(_) => Self::Heartbeat,
            Operation::Saved(_) | Operation::List | Operation::Count => Self::Search,
            Operation::Status(_)
            | Operation::Get(_)
            | Operation::GetByAlias
            | Operation::Notes(_)
            | Operation::Logs(_)
            | Operation::Recipients(_)
            | Operation::Attachment(..)
            | Operation::Create
            | Operation::Write(..) => Self::Alert,
        }
    }
}

impl Period {
    const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = |why: &str| format!("\"{text}\" is no request limit: {why}");
        let (domain, rest) = text.split_once(':').ok_or_else(|| refused("write alert:150/min"))?;
        let domain = match domain {
            "all" => None,
            name => {
                let found = DOMAINS.iter().find(|(other, _)| *other == name);
                let why = "the domain is alert, search, configuration, heartbeat or all";
                Some(found.ok_or_else(|| refused(why))?.1)
            }
        };
        let (limit, period) = rest.split_once('/').ok_or_else(|| refused("write alert:150/min"))?;
        let limit = limit.parse().ok().filter(|limit| (1..=1_000_000).contains(limit));
        let limit = limit.ok_or_else(|| refused("the number is from 1 to 1000000"))?;
        let period = match period {
            "s" => Period::Second,
            "min" => Period::Minute,
            _ => return Err(refused("the period is s or min")),
        };
        Ok(Self { domain, limit, period })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = DOMAINS.iter().find(|(_, domain)| Some(*domain) == self.domain);
        let domain = named.map_or("all", |(name, _)| name);
        let period = match self.period {
            Period::Second => "s",
            Period::Minute => "min",
        };
        write!(f, "{domain}:{}/{period}", self.limit)
    }
}

impl FromStr for OverLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "reject" => Ok(Self::Reject),
            "delay" => Ok(Self::Delay),
            _ => Err(format!("\"{text}\" is neither reject nor delay")),
        }
    }
}

impl fmt::Display for OverLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reject => "reject",
            Self::Delay => "delay",
        })
    }
}

/// All buckets.
#[derive(Debug, Clone, Default)]
pub(super) struct Rates {
    rules: Vec<Rate>,
    buckets: Vec<Bucket>,
    over: OverLimit,
}

/// One bucket. What it holds is counted in thousandths of the period, so that nothing is rounded away.
#[derive(Debug, Clone)]
struct Bucket {
    domain: Domain,
    limit: u64,
    period: Period,
    /// Below zero while delayed requests are waiting.
    held: i64,
    filled_at: u64,
}

impl Bucket {
    /// What one request takes: the milliseconds of the period.
    fn price(&self) -> i64 {
        i64::try_from(self.period.seconds() * 1000).unwrap_or(i64::MAX)
    }

    /// What comes in a millisecond.
    fn flow(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX)
    }

    fn fill(&mut self, now: u64) {
        let most = self.flow().saturating_mul(self.price());
        let passed = i64::try_from(now.saturating_sub(self.filled_at)).unwrap_or(i64::MAX);
        self.held = self.held.saturating_add(passed.saturating_mul(self.flow())).min(most);
        self.filled_at = now.max(self.filled_at);
    }
}

impl Rates {
    /// Full buckets.
    pub(super) fn new(rules: &[Rate], over: OverLimit, now: u64) -> Self {
        let mut rates = Self {
            rules: rules.to_vec(),
            buckets: Vec::new(),
            over,
        };
        for rule in rules {
            for (_, domain) in DOMAINS {
                if rule.domain.is_none_or(|only| only == domain) {
                    let (limit, period) = (u64::from(rule.limit), rule.period);
                    let mut bucket = Bucket {
                        domain,
                        limit,
                        period,
                        held: 0,
                        filled_at: now,
                    };
                    bucket.held = bucket.flow().saturating_mul(bucket.price());
                    rates.buckets.push(bucket);
                }
            }
        }
        rates
    }

    /// The rules, and what happens over a limit.
    pub(super) fn rules(&self) -> (&[Rate], OverLimit) {
        (&self.rules, self.over)
    }

    /// How many milliseconds a request has to wait; refuses it instead, where that is the rule. A refused request takes
    /// nothing.
    pub(super) fn take(&mut self, operation: &Operation, now: u64) -> Result<u64, Answer> {
        let domain = Domain::of(operation);
        let mut wait = 0;
        let mut broken = None;
        for bucket in self.buckets.iter_mut().filter(|bucket| bucket.domain == domain) {
            bucket.fill(now);
            let missing = bucket.price() - bucket.held;
            if missing > 0 {
                // Rounded up.
                wait = wait.max((missing + bucket.flow() - 1) / bucket.flow());
                broken = broken.max(Some(bucket.period.seconds()));
            }
        }
        if let (Some(seconds), OverLimit::Reject) = (broken, self.over) {
            return Err(Answer::throttled(seconds));
        }
        for bucket in self.buckets.iter_mut().filter(|bucket| bucket.domain == domain) {
            bucket.held -= bucket.price();
        }
        Ok(u64::try_from(wait).unwrap_or(0))
    }

    /// `GET /v2/request-limits`.
    pub(super) fn answer(&self) -> Answer {
        let limits = |domain: Domain| -> Vec<Value> {
            let of_domain = self.buckets.iter().filter(|bucket| bucket.domain == domain);
            let shown = |bucket: &Bucket| json!({ "limit": bucket.limit, "periodInSeconds": bucket.period.seconds() });
            of_domain.map(shown).collect()
        };
        let shown = |(name, domain): (&str, Domain)| json!({ "domain": name, "limits": limits(domain) });
        let domains: Vec<Value> = DOMAINS.into_iter().map(shown).collect();
        Answer::data(json!({ "rateLimits": domains }))
    }
}

#[cfg(test)]
mod tests {
    use super::{OverLimit, Rate, Rates};
    use crate::emulator::opsgenie::route::Operation;

    fn rates(rules: &[&str], over: OverLimit) -> Rates {
        let rules: Vec<Rate> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        Rates::new(&rules, over, 0)
    }

    /// The period of the bucket that broke, or the wait.
    fn take(rates: &mut Rates, operation: &Operation, now: u64) -> Result<u64, String> {
        let taken = rates.take(operation, now);
        taken.map_err(|answer| {
            answer
                .headers
                .iter()
                .map(|(_, value)| value.as_ref())
                .collect::<Vec<_>>()
                .join(" ")
        })
    }

    #[test]
    fn a_bucket_empties_and_fills() {
        let mut rates = rates(&["alert:2/s"], OverLimit::Reject);
        assert_eq!(
            [0; 2].map(|now| take(&mut rates, &Operation::Create, now)),
            [Ok(0), Ok(0)]
        );
        assert_eq!(take(&mut rates, &Operation::Create, 499), Err("ACCOUNT 1".into()));
        assert_eq!(take(&mut rates, &Operation::Create, 500), Ok(0));
        assert_eq!(take(&mut rates, &Operation::Create, 501), Err("ACCOUNT 1".into()));
    }

    #[test]
    fn domains_have_buckets_of_their_own_and_the_longer_period_is_told() {
        let mut rates = rates(&["all:1/min", "alert:1/s"], OverLimit::Reject);
        assert_eq!(take(&mut rates, &Operation::Create, 0), Ok(0));
        assert_eq!(
            take(&mut rates, &Operation::Status(String::new()), 0),
            Err("ACCOUNT 60".into())
        );
        assert_eq!(take(&mut rates, &Operation::List, 0), Ok(0));
        assert_eq!(take(&mut rates, &Operation::Account, 0), Ok(0));
        assert_eq!(take(&mut rates, &Operation::Create, 60_000), Ok(0));
    }

    #[test]
    fn requests_can_wait_instead() {
        let mut rates = rates(&["alert:2/s"], OverLimit::Delay);
        let waits = [0; 5].map(|now| take(&mut rates, &Operation::Create, now));
        assert_eq!(waits, [Ok(0), Ok(0), Ok(500), Ok(1000), Ok(1500)]);
    }

    #[test]
    fn err_a_rule_that_cannot_be_read_says_why() {
        assert_eq!(
            "alert:5/s".parse::<Rate>().map(|rate| rate.to_string()),
            Ok("alert:5/s".into())
        );
        for text in [
            "",
            "alert",
            "alerts:5/s",
            "alert:0/s",
            "alert:5",
            "alert:5/h",
            "alert:x/min",
        ] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
