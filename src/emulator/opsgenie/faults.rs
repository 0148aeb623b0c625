//! Faults on request: `OP:WHAT`, `OP:WHAT@PERCENT%` or `OP:WHAT@N` (the first N requests).
//!
//! `OP` is one of `create`, `close`, `acknowledge`, `note`, `update` (every other write on an alert), `get` (an alert, its
//! notes, its log), `list` (and count), `status`, `teams`, `account`, `any`. `WHAT` is
//!
//! * an HTTP status from 400 to 599, instead of anything else;
//! * `reset`: the connection is closed before the request is processed;
//! * `lost`: the request is processed, and the connection closed without an answer;
//! * `swallow`: accepted with 202, and pending for ever;
//! * `fail`: accepted with 202, and processed without success;
//! * `slow=5s`: the answer takes so long.
//!
//! Rules are looked at in order. Delays add up; of the others the first that strikes counts. `swallow` and `fail` strike
//! writes only.

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Status(u16),
    Reset,
    Lost,
    Swallow,
    Fail,
    /// Milliseconds.
    Slow(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chance {
    Always,
    Percent(u8),
    /// So many requests are left to strike.
    First(u64),
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
        if matches!(what, What::Swallow | What::Fail) && !kind.waits() {
            return Err(refused("swallow and fail need an operation that writes"));
        }
        let chance = match chance {
            "" if !rest.contains('@') => Some(Chance::Always),
            _ => match chance.strip_suffix('%') {
                Some(percent) => percent
                    .parse()
                    .ok()
                    .filter(|percent| *percent <= 100)
                    .map(Chance::Percent),
                None => chance.parse().ok().map(Chance::First),
            },
        };
        let chance =
            chance.ok_or_else(|| refused("after @ stands a percentage such as 20%, or a number of requests"))?;
        Ok(Self {
            text: text.to_owned(),
            kind,
            what,
            chance,
        })
    }
}

fn what_of(text: &str) -> Result<What, String> {
    match text {
        "reset" => return Ok(What::Reset),
        "lost" => return Ok(What::Lost),
        "swallow" => return Ok(What::Swallow),
        "fail" => return Ok(What::Fail),
        _ => {}
    }
    if let Some(time) = text.strip_prefix("slow=") {
        return millis(time).map(What::Slow);
    }
    let status = text.parse().ok().filter(|status| (400..600).contains(status));
    let expected = "the fault is a status from 400 to 599, reset, lost, swallow, fail or slow=DURATION";
    status.map(What::Status).ok_or_else(|| expected.to_owned())
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

/// What strikes this request; rules for the first N requests count down.
pub(super) fn strike(faults: &mut [Fault], operation: &Operation, ids: &mut Ids) -> Strike {
    let kind = OperationKind::of(operation);
    let mut strike = Strike::default();
    for fault in faults {
        let applies = (fault.kind == OperationKind::Any || fault.kind == kind)
            && (kind.waits() || !matches!(fault.what, What::Swallow | What::Fail));
        let settled = strike.what.is_some() && !matches!(fault.what, What::Slow(_));
        if !applies || settled || !happens(&mut fault.chance, ids) {
            continue;
        }
        strike.rules.push(fault.text.clone());
        match fault.what {
            What::Slow(millis) => strike.delay = strike.delay.saturating_add(millis),
            what => strike.what = Some(what),
        }
    }
    strike
}

fn happens(chance: &mut Chance, ids: &mut Ids) -> bool {
    match chance {
        Chance::Always => true,
        Chance::Percent(percent) => ids.strikes(*percent),
        Chance::First(left) => {
            let happens = *left > 0;
            *left = left.saturating_sub(1);
            happens
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
            [Some(What::Status(429)), Some(What::Status(429)), None]
        );
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
