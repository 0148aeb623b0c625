//! Every pair of `On` and `Type` that exists, and whether it is run: tables 8.2 to 8.4 of engine-execution.md.

use crate::model::action::Execute;

/// `Action/On`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Group,
    Parameter,
    Protocol,
    Timer,
    /// `pair`, `command`, `response`.
    Serial,
}

/// What a pair does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Execute(Execute),
    RunActions,
    Copy,
    CopyReverse,
    Append,
    AppendData,
    Increment,
    Multiply,
    Pow,
    Clear,
    ClearOnDisplay,
    Save,
    Go,
    ChangeLength,
    ReplaceData,
    Sleep,
    ReadFile,
    SwapColumn,
    StartTimer,
    StopTimer,
    RestartTimer,
    RescheduleTimer,
    Aggregate,
    /// Reported and left out, for this reason.
    NotRun(&'static str),
}

impl Does {
    /// The attributes of `Type` that it takes.
    pub(super) const fn takes(self) -> &'static [&'static str] {
        match self {
            Self::Copy | Self::CopyReverse | Self::AppendData | Self::ChangeLength => &["id"],
            Self::Append => &["id", "options"],
            Self::Increment | Self::Multiply | Self::Pow => &["id", "value"],
            Self::ReplaceData => &["options", "startoffset", "endoffset"],
            Self::Aggregate => &["options", "regex"],
            Self::Sleep => &["value"],
            Self::ReadFile => &["id", "nr", "startoffset", "returnValue"],
            Self::SwapColumn => &["options"],
            Self::RestartTimer => &["reschedule"],
            Self::Execute(_)
            | Self::RunActions
            | Self::Clear
            | Self::ClearOnDisplay
            | Self::Save
            | Self::Go
            | Self::StartTimer
            | Self::StopTimer
            | Self::RescheduleTimer
            | Self::NotRun(_) => &[],
        }
    }
}

/// The attributes of `Type` that some action takes.
pub(super) const TAKEN: &[&str] = &[
    "id",
    "nr",
    "value",
    "options",
    "regex",
    "startoffset",
    "endoffset",
    "returnValue",
    "reschedule",
];

/// The words of `On`.
pub(super) const ON: &[(&str, On)] = &[
    ("group", On::Group),
    ("parameter", On::Parameter),
    ("protocol", On::Protocol),
    ("timer", On::Timer),
    ("pair", On::Serial),
    ("command", On::Serial),
    ("response", On::Serial),
];

const SNMP: &str = "SNMP sets are not supported";
const SERIAL: &str = "serial commands and responses are not supported";
const PORT: &str = "only serial and SNMP connections have a port to itself";

/// The pairs.
pub(super) const PAIRS: &[(On, &str, Does)] = &[
    (On::Group, "add to execute", Does::Execute(Execute::AddToExecute)),
    (On::Group, "execute", Does::Execute(Execute::Execute)),
    (On::Group, "execute next", Does::Execute(Execute::ExecuteNext)),
    (On::Group, "execute one", Does::Execute(Execute::ExecuteOne)),
    (On::Group, "execute one now", Does::Execute(Execute::ExecuteOneNow)),
    (On::Group, "execute one top", Does::Execute(Execute::ExecuteOneTop)),
    (On::Group, "force execute", Does::Execute(Execute::ForceExecute)),
    (On::Group, "set", Does::NotRun(SNMP)),
    (On::Group, "set with wait", Does::NotRun(SNMP)),
    (On::Parameter, "run actions", Does::RunActions),
    (On::Parameter, "copy", Does::Copy),
    (On::Parameter, "copy reverse", Does::CopyReverse),
    (On::Parameter, "append", Does::Append),
    (On::Parameter, "append data", Does::AppendData),
    (On::Parameter, "increment", Does::Increment),
    (On::Parameter, "multiply", Does::Multiply),
    (On::Parameter, "pow", Does::Pow),
    (On::Parameter, "clear", Does::Clear),
    (On::Parameter, "clear on display", Does::ClearOnDisplay),
    (On::Parameter, "save", Does::Save),
    (On::Parameter, "go", Does::Go),
    (On::Parameter, "change length", Does::ChangeLength),
    (On::Parameter, "replace data", Does::ReplaceData),
    (On::Parameter, "aggregate", Does::Aggregate),
    (On::Parameter, "normalize", Does::NotRun("alarms are not normalized")),
    (
        On::Parameter,
        "set info",
        Does::NotRun("a scale cannot be changed while the element runs"),
    ),
    (On::Parameter, "read", Does::NotRun(SERIAL)),
    (On::Parameter, "reverse", Does::NotRun(SERIAL)),
    (On::Parameter, "set", Does::NotRun(SNMP)),
    (On::Parameter, "set with wait", Does::NotRun(SNMP)),
    (On::Parameter, "set and get with wait", Does::NotRun(SNMP)),
    (On::Protocol, "sleep", Does::Sleep),
    (On::Protocol, "read file", Does::ReadFile),
    (On::Protocol, "swap column", Does::SwapColumn),
    (
        On::Protocol,
        "stop current group",
        Does::NotRun("only groups of pairs can be stopped"),
    ),
    (On::Protocol, "lock", Does::NotRun(PORT)),
    (On::Protocol, "unlock", Does::NotRun(PORT)),
    (On::Protocol, "priority lock", Does::NotRun(PORT)),
    (On::Protocol, "priority unlock", Does::NotRun(PORT)),
    (On::Protocol, "open", Does::NotRun(PORT)),
    (On::Protocol, "close", Does::NotRun(PORT)),
    (
        On::Protocol,
        "merge",
        Does::NotRun("tables of other elements are not merged"),
    ),
    (On::Protocol, "wmi", Does::NotRun("WMI is not supported")),
    (
        On::Protocol,
        "create element",
        Does::NotRun("a connector cannot create elements"),
    ),
    (On::Timer, "start", Does::StartTimer),
    (On::Timer, "stop", Does::StopTimer),
    (On::Timer, "restart timer", Does::RestartTimer),
    (On::Timer, "reschedule", Does::RescheduleTimer),
    (On::Serial, "timeout", Does::NotRun(SERIAL)),
    (On::Serial, "set next", Does::NotRun(SERIAL)),
    (On::Serial, "clear", Does::NotRun(SERIAL)),
    (On::Serial, "clear length info", Does::NotRun(SERIAL)),
    (On::Serial, "crc", Does::NotRun(SERIAL)),
    (On::Serial, "length", Does::NotRun(SERIAL)),
    (On::Serial, "make", Does::NotRun(SERIAL)),
    (On::Serial, "read", Does::NotRun(SERIAL)),
    (On::Serial, "read stuffing", Does::NotRun(SERIAL)),
    (On::Serial, "replace", Does::NotRun(SERIAL)),
    (On::Serial, "replace data", Does::NotRun(SERIAL)),
    (On::Serial, "reverse", Does::NotRun(SERIAL)),
    (On::Serial, "stuffing", Does::NotRun(SERIAL)),
];

#[cfg(test)]
mod tests {
    use super::PAIRS;

    #[test]
    fn every_pair_stands_once() {
        for (index, (on, text, _)) in PAIRS.iter().enumerate() {
            let earlier = PAIRS[..index]
                .iter()
                .any(|(other, word, _)| other == on && word == text);
            assert!(!earlier, "{on:?} {text}");
        }
    }
}
