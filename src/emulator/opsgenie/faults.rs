//! Faults on request: `OP:WHAT`, `OP:WHAT@PERCENT%`, `OP:WHAT@N` (the first N requests of that operation) or
//! `OP:WHAT@N-M` (the Nth to the Mth).
//!
//! `OP` is one of `create`, `close`, `acknowledge`, `note`, `update` (every other write on an alert), `attach`, `get` (an
//! alert, its notes, log, recipients and attachments), `list` (also count and saved searches), `status`, `teams`,
//! `account`, `heartbeat`, `any`. `WHAT` is
//!
//! | fault | what happens |
//! | --- | --- |
//! | a status from 300 to 599 | it is answered, instead of anything else; `429=60` and `503=30` tell seconds to wait |
//! | `reset` | the connection is closed before the request is processed |
//! | `lost` | the request is processed, and the connection closed without an answer |
//! | `swallow` | accepted with 202, and pending for ever |
//! | `vanish` | accepted with 202, and forgotten: its status is that of an unknown request |
//! | `fail`, `fail=TEXT` | accepted with 202, and processed without success, with this status text |
//! | `slow=5s` | the answer takes so long |
//! | `slowbody=5s` | the head of the answer comes at once, its body so slowly |
//! | `cut` | the connection is closed in the middle of the body |
//! | `notjson`, `empty` | the body of the answer is an HTML page, or is not there |
//! | `noid` | the answer has no request id |
//!
//! Rules are looked at in order. Delays add up; of the others the first that strikes counts. `swallow`, `vanish` and
//! `fail` strike writes that are processed later.

use std::fmt;
use std::str::FromStr;

use crate::emulator::opsgenie::ids::Ids;
use crate::emulator::opsgenie::pending::millis;
use crate::emulator::opsgenie::route::{AttachmentOperation, Operation, Verb};

/// One fault rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    text: String,
    kind: OperationKind,
    what: What,
    chance: Chance,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// With the seconds that it tells.
    Status(u16, Option<u64>),
    Reset,
    Lost,
    Swallow,
    Vanish,
    /// With the text of the verdict.
    Fail(String),
    /// Milliseconds.
    Slow(u64),
    Damage(Damage),
}

/// What is wrong with the answer of a request that was processed like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    /// Its body takes so many milliseconds.
    Slow(u64),
    /// Its body ends in the middle, with the connection.
    Cut,
    NotJson,
    Empty,
    NoId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chance {
    Always,
    Percent(u8),
    /// The requests from one number to another, counted from 1.
    Numbers {
        from: u64,
        to: u64,
        seen: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OperationKind {
    Create,
    Close,
    Acknowledge,
    Note,
    Update,
    Attach,
    Get,
    List,
    Status,
    Teams,
    Account,
    Heartbeat,
    Any,
}

/// The names of the operations in rules.
const KINDS: [(&str, OperationKind); 13] = [
    ("create", OperationKind::Create),
    ("close", OperationKind::Close),
    ("acknowledge", OperationKind::Acknowledge),
    ("note", OperationKind::Note),
    ("update", OperationKind::Update),
    ("attach", OperationKind::Attach),
    ("get", OperationKind::Get),
    ("list", OperationKind::List),
    ("status", OperationKind::Status),
    ("teams", OperationKind::Teams),
    ("account", OperationKind::Account),
    ("heartbeat", OperationKind::Heartbeat),
    ("any", OperationKind::Any),
];

impl OperationKind {
    const fn of(operation: &Operation) -> Self {
        match operation {
            Operation::Account | Operation::RequestLimits | Operation::Tenant => Self::Account,
            Operation::Team(_) => Self::Teams,
            Operation::Heartbeat(_) => Self::Heartbeat,
            Operation::List | Operation::Count | Operation::Saved(_) => Self::List,
            Operation::Status(_) => Self::Status,
            Operation::Get(_)
            | Operation::GetByAlias
            | Operation::Notes(_)
            | Operation::Logs(_)
            | Operation::Recipients(_)
            | Operation::Attachment(_, AttachmentOperation::List | AttachmentOperation::Get(_)) => Self::Get,
            Operation::Attachment(..) => Self::Attach,
            Operation::Create => Self::Create,
            Operation::Write(_, Verb::Close) => Self::Close,
            Operation::Write(_, Verb::Acknowledge) => Self::Acknowledge,
            Operation::Write(_, Verb::AddNote) => Self::Note,
            Operation::Write(..) => Self::Update,
        }
    }

    /// Whether it is accepted first and processed later.
    const fn waits(self) -> bool {
        match self {
            Self::Create | Self::Close | Self::Acknowledge | Self::Note | Self::Update | Self::Any => true,
            Self::Attach | Self::Get | Self::List | Self::Status | Self::Teams | Self::Account | Self::Heartbeat => {
                false
            }
        }
    }
}

/// The name of an operation, as rules and the journal give it.
pub(super) fn operation_name(operation: &Operation) -> &'static str {
    let kind = OperationKind::of(operation);
    KINDS
        .iter()
        .find(|(_, other)| *other == kind)
        .map_or("any", |(name, _)| name)
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = |why: &str| format!("\"{text}\" is no fault rule: {why}");
        let (kind, rest) = text
            .split_once(':')
            .ok_or_else(|| refused("write OP:WHAT, such as create:503@20%"))?;
        let (what, chance) = rest.split_once('@').unwrap_or((rest, ""));
        let names = || KINDS.map(|(name, _)| name).join(", ");
        let kind = KINDS.iter().find(|(name, _)| *name == kind).map(|(_, kind)| *kind);
        let kind = kind.ok_or_else(|| refused(&format!("the operation is one of {}", names())))?;
        let what = what_of(what).map_err(|why| refused(&why))?;
        if what.needs_waiting() && !kind.waits() {
            return Err(refused("swallow, vanish and fail need an operation that writes"));
        }
        let chance = match chance {
            "" if !rest.contains('@') => Some(Chance::Always),
            _ => chance_of(chance),
        };
        let chance = chance.ok_or_else(|| {
            refused("after @ stands a percentage such as 20%, a number of requests, or a range such as 3-5")
        })?;
        Ok(Self {
            text: text.to_owned(),
            kind,
            what,
            chance,
        })
    }
}

fn what_of(text: &str) -> Result<What, String> {
    let (word, value) = match text.split_once('=') {
        Some((word, value)) => (word, Some(value)),
        None => (text, None),
    };
    let known = match (word, value) {
        ("reset", None) => What::Reset,
        ("lost", None) => What::Lost,
        ("swallow", None) => What::Swallow,
        ("vanish", None) => What::Vanish,
        ("fail", None) => What::Fail("Alert could not be processed".to_owned()),
        ("fail", Some(text)) => What::Fail(text.to_owned()),
        ("slow", Some(time)) => What::Slow(millis(time)?),
        ("slowbody", Some(time)) => What::Damage(Damage::Slow(millis(time)?)),
        ("cut", None) => What::Damage(Damage::Cut),
        ("notjson", None) => What::Damage(Damage::NotJson),
        ("empty", None) => What::Damage(Damage::Empty),
        ("noid", None) => What::Damage(Damage::NoId),
        _ => {
            let expected = "the fault is a status from 300 to 599, reset, lost, swallow, vanish, fail, slow=DURATION, \
                            slowbody=DURATION, cut, notjson, empty or noid";
            let status = word.parse().ok().filter(|status| (300..600).contains(status));
            let seconds = value
                .map(|value| value.parse().map_err(|_| expected.to_owned()))
                .transpose()?;
            What::Status(status.ok_or(expected)?, seconds)
        }
    };
    Ok(known)
}

fn chance_of(text: &str) -> Option<Chance> {
    if let Some(percent) = text.strip_suffix('%') {
        let percent = percent.parse().ok().filter(|percent| *percent <= 100);
        return percent.map(Chance::Percent);
    }
    let (from, to) = match text.split_once('-') {
        Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
        None => (1, text.parse().ok()?),
    };
    (from >= 1 && (from <= to || from == 1)).then_some(Chance::Numbers { from, to, seen: 0 })
}

impl What {
    /// Whether it happens to requests that are accepted first and processed later.
    const fn needs_waiting(&self) -> bool {
        matches!(self, Self::Swallow | Self::Vanish | Self::Fail(_))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What strikes one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Strike {
    /// How long the answer takes longer, in milliseconds.
    pub(super) delay: u64,
    /// What goes wrong.
    pub(super) what: Option<What>,
    /// The rules that struck.
    pub(super) rules: Vec<String>,
}

/// What strikes this request; rules for certain requests count it.
pub(super) fn strike(faults: &mut [Fault], operation: &Operation, ids: &mut Ids) -> Strike {
    let kind = OperationKind::of(operation);
    let mut strike = Strike::default();
    for fault in faults {
        let applies =
            (fault.kind == OperationKind::Any || fault.kind == kind) && (kind.waits() || !fault.what.needs_waiting());
        let settled = strike.what.is_some() && !matches!(fault.what, What::Slow(_));
        if !applies || settled || !happens(&mut fault.chance, ids) {
            continue;
        }
        strike.rules.push(fault.text.clone());
        match &fault.what {
            What::Slow(millis) => strike.delay = strike.delay.saturating_add(*millis),
            what => strike.what = Some(what.clone()),
        }
    }
    strike
}

fn happens(chance: &mut Chance, ids: &mut Ids) -> bool {
    match chance {
        Chance::Always => true,
        Chance::Percent(percent) => ids.strikes(*percent),
        Chance::Numbers { from, to, seen } => {
            *seen = seen.saturating_add(1);
            (*from..=*to).contains(seen)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Strike, What, strike};
    use crate::emulator::opsgenie::ids::Ids;
    use crate::emulator::opsgenie::route::{Operation, Verb};

    fn rules(texts: &[&str]) -> Vec<Fault> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_rule_is_an_operation_a_fault_and_a_chance() {
        for text in [
            "create:503@20%",
            "any:reset",
            "close:lost@1",
            "status:slow=5s",
            "note:swallow",
            "update:fail@0%",
            "create:fail=Not now",
            "any:429=60@3-5",
            "get:slowbody=1s",
            "list:cut",
            "teams:notjson@0",
            "create:noid",
            "create:vanish",
            "account:302",
        ] {
            assert_eq!(
                text.parse::<Fault>().map(|fault| fault.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn err_a_rule_that_cannot_be_read_says_why() {
        let why = |text: &str| text.parse::<Fault>().unwrap_err();
        insta::assert_snapshot!(
            [
                "",
                "create",
                "make:503",
                "create:200",
                "create:503=soon",
                "create:reset=1",
                "create:503@5-3",
                "create:503@0-3",
                "create:slow=5",
                "create:503@101%",
                "create:503@",
                "list:fail",
            ]
            .map(why)
            .join("\n")
        );
    }

    #[test]
    fn the_first_requests_only_and_only_of_that_operation() {
        let mut faults = rules(&["create:429@2"]);
        let mut struck = |operation: &Operation| strike(&mut faults, operation, &mut Ids::new(1)).what;
        assert_eq!(struck(&Operation::List), None);
        assert_eq!(
            [0; 3].map(|_| struck(&Operation::Create)),
            [Some(What::Status(429, None)), Some(What::Status(429, None)), None]
        );
    }

    #[test]
    fn a_range_strikes_what_lies_in_it() {
        let mut faults = rules(&["list:500@2-3"]);
        let mut struck = || strike(&mut faults, &Operation::List, &mut Ids::new(1)).what.is_some();
        assert_eq!([0; 4].map(|_| struck()), [false, true, true, false]);
    }

    #[test]
    fn delays_add_up_and_the_first_fault_counts() {
        let mut faults = rules(&["any:slow=1s", "close:lost", "any:500", "close:slow=2s"]);
        let close = Operation::Write("1".into(), Verb::Close);
        let expected = Strike {
            delay: 3000,
            what: Some(What::Lost),
            rules: vec!["any:slow=1s".into(), "close:lost".into(), "close:slow=2s".into()],
        };
        assert_eq!(strike(&mut faults, &close, &mut Ids::new(1)), expected);
    }

    #[test]
    fn a_percentage_strikes_about_so_often() {
        let (mut faults, mut ids) = (rules(&["any:500@20%"]), Ids::new(7));
        let struck = (0..1000)
            .filter(|_| strike(&mut faults, &Operation::List, &mut ids).what.is_some())
            .count();
        assert!((150..250).contains(&struck), "{struck}");
    }
}
