//! Which entry of the template decides about a cell: the first one, from the top, that fits its row and whose condition is
//! false.
//!
//! Rules: ALM-2, ALM-30, ALM-31. Without a template of its own, an element has the thresholds of the definition.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::alarm::threshold::{is_text, matches, number};
use crate::model::alarm::{AlarmDef, InfoDef, Severity};
use crate::model::alarm_template::{
    AlarmTemplate, ComparedWith, ConditionTest, Hysteresis, Operator, OwnTemplate, TemplateEntry,
};
use crate::model::id::ParamId;
use crate::model::protocol::Protocol;
use crate::model::value::{Value, parse_number};

/// The entries that an element has.
#[derive(Debug)]
pub(super) enum Entries {
    /// Those of the definition.
    Defaults(Arc<Protocol>),
    /// Those of a template.
    Own(Arc<OwnTemplate>),
}

/// What the entry that decides says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decided<'a> {
    /// Which one of its parameter.
    pub(super) entry: usize,
    pub(super) alarm: &'a AlarmDef,
    pub(super) hysteresis: Option<&'a Hysteresis>,
    pub(super) auto_clear: bool,
}

/// What a condition asks.
pub(super) trait Facts {
    /// The value of a parameter, or of the column in the row that is looked at.
    fn value(&self, param: ParamId) -> Value;
    /// Its severity; none when that is undefined.
    fn severity(&self, param: ParamId) -> Option<Severity>;
}

impl Entries {
    /// Those of a template; none without one.
    pub(super) fn new(protocol: &Arc<Protocol>, template: &AlarmTemplate) -> Option<Self> {
        match template {
            AlarmTemplate::ProtocolDefaults => Some(Self::Defaults(Arc::clone(protocol))),
            AlarmTemplate::None => None,
            AlarmTemplate::Own(own) => Some(Self::Own(Arc::clone(own))),
        }
    }

    /// The parameters that may alarm.
    pub(super) fn monitored(&self) -> BTreeSet<ParamId> {
        match self {
            Self::Defaults(protocol) => protocol.parts().alarms.keys().copied().collect(),
            Self::Own(own) => {
                let entries = own.entries.iter();
                let ticked = entries.filter(|(_, entries)| entries.iter().any(|entry| entry.monitored));
                ticked.map(|(param, _)| *param).collect()
            }
        }
    }

    /// Whether a parameter may alarm.
    pub(super) fn is_monitored(&self, param: ParamId) -> bool {
        match self {
            Self::Defaults(protocol) => protocol.parts().alarms.contains_key(&param),
            Self::Own(own) => own.entries.get(&param).is_some_and(|entries| !entries.is_empty()),
        }
    }

    /// Which parameters decide together with a monitored one.
    pub(super) fn inputs(&self, param: ParamId) -> BTreeSet<ParamId> {
        match self {
            Self::Defaults(protocol) => {
                let def = protocol.parts().alarms.get(&param);
                def.into_iter().flat_map(AlarmDef::inputs).collect()
            }
            Self::Own(own) => {
                let entries = own.entries.get(&param).into_iter().flatten();
                entries.flat_map(TemplateEntry::inputs).collect()
            }
        }
    }

    /// What an entry says, when it is there.
    pub(super) fn get(&self, param: ParamId, entry: usize) -> Option<&AlarmDef> {
        match self {
            Self::Defaults(protocol) => protocol.parts().alarms.get(&param),
            Self::Own(own) => Some(&own.entries.get(&param)?.get(entry)?.alarm),
        }
    }

    /// What decides about a cell; none when it does not alarm. `name` is what the filters look at.
    pub(super) fn decide(
        &self,
        param: ParamId,
        name: impl Fn() -> Arc<str>,
        facts: &impl Facts,
    ) -> Option<Decided<'_>> {
        let own = match self {
            Self::Defaults(protocol) => {
                return Some(Decided {
                    entry: 0,
                    alarm: protocol.parts().alarms.get(&param)?,
                    hysteresis: None,
                    auto_clear: true,
                });
            }
            Self::Own(own) => own,
        };
        let mut entries = own.entries.get(&param)?.iter().enumerate();
        let (entry, deciding) = entries.find(|(_, entry)| fits(entry, &name) && is_in_force(entry, facts))?;
        deciding.monitored.then_some(Decided {
            entry,
            alarm: &deciding.alarm,
            hysteresis: deciding.hysteresis.as_ref(),
            auto_clear: deciding.auto_clear,
        })
    }

    /// What is worth an information event of a cell.
    pub(super) fn info(&self, param: ParamId, name: impl Fn() -> Arc<str>) -> Option<&InfoDef> {
        match self {
            Self::Defaults(protocol) => protocol.parts().information.get(&param),
            Self::Own(own) => {
                let mut entries = own.entries.get(&param)?.iter();
                entries.find(|entry| fits(entry, &name))?.info.as_ref()
            }
        }
    }

    /// Whether anything is worth an information event.
    pub(super) fn has_info(&self) -> bool {
        match self {
            Self::Defaults(protocol) => !protocol.parts().information.is_empty(),
            Self::Own(own) => own.entries.values().flatten().any(|entry| entry.info.is_some()),
        }
    }
}

/// Whether an entry is for this row.
fn fits(entry: &TemplateEntry, name: impl Fn() -> Arc<str>) -> bool {
    entry.filter.as_ref().is_none_or(|filter| matches(filter, &name()))
}

/// Whether the condition of an entry is false, or there is none.
fn is_in_force(entry: &TemplateEntry, facts: &impl Facts) -> bool {
    let Some(condition) = &entry.condition else { return true };
    !condition
        .0
        .iter()
        .any(|tests| tests.iter().all(|test| holds(test, facts)))
}

/// Whether a test of a condition holds. What is not initialized is neither equal nor unequal to a value, nor more or less.
fn holds(test: &ConditionTest, facts: &impl Facts) -> bool {
    use Operator::{Equal, Greater, Less, Unequal};
    match &test.with {
        ComparedWith::NotInitialized => {
            let is_initialised = facts.value(test.param).is_initialised();
            match test.operator {
                Equal => !is_initialised,
                Unequal => is_initialised,
                Greater | Less => false,
            }
        }
        ComparedWith::Severity(wanted) => {
            let found = facts.severity(test.param);
            match test.operator {
                Equal => found == *wanted,
                Unequal => found != *wanted,
                Greater => found > *wanted,
                Less => found < *wanted,
            }
        }
        ComparedWith::Value(wanted) => {
            let found = facts.value(test.param);
            if !found.is_initialised() {
                return false;
            }
            let numbers = number(&found).zip(parse_number(wanted));
            match test.operator {
                Equal => is_text(wanted, &found),
                Unequal => !is_text(wanted, &found),
                Greater => numbers.is_some_and(|(found, wanted)| found > wanted),
                Less => numbers.is_some_and(|(found, wanted)| found < wanted),
            }
        }
    }
}
