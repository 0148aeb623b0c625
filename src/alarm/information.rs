//! Information events: what is worth telling, and never an alarm. A stream of their own.
//!
//! Rules: ALM-24, ALM-50, DSP-95. The element raises those of sets, of its state and of its timeout; here are those of
//! `Info` values.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alarm::entries::Entries;
use crate::alarm::monitor::{Surroundings, row_name};
use crate::alarm::record::Cell;
use crate::alarm::threshold::{equals, is_text, number};
use crate::model::alarm::{InfoDef, Limit};
use crate::model::alarm_template::AlarmTemplate;
use crate::model::display_text::display_text;
use crate::model::id::ParamId;
use crate::model::moment::Moment;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// The general parameter of the communication state: 0 responding, 1 not responding (TMO-15).
pub const COMMUNICATION_STATE: ParamId = ParamId(64_501);

/// The general parameter of the element state.
pub const ELEMENT_STATE: ParamId = ParamId(64_502);

/// The general parameter of the alarm template that is assigned.
pub const ALARM_TEMPLATE: ParamId = ParamId(64_514);

/// What such a parameter is called; none for a parameter of the definition.
#[must_use]
pub const fn general_description(param: ParamId) -> Option<&'static str> {
    match param {
        COMMUNICATION_STATE => Some("Communication state"),
        ELEMENT_STATE => Some("Element state"),
        ALARM_TEMPLATE => Some("Alarm template assigned"),
        ParamId(_) => None,
    }
}

/// What an information event says, not in words yet: that is for whoever shows it, off the path of a set.
#[derive(Debug, Clone, PartialEq)]
pub enum Says {
    /// This.
    Text(Arc<str>),
    /// Who set the parameter, and to what value (DSP-95).
    SetTo(Arc<str>, Value),
}

/// What is worth telling, as the engine tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Information {
    /// The parameter or cell that it is about.
    pub cell: Cell,
    /// What people call the row.
    pub display_key: Option<Arc<str>>,
    /// The value that it is about; uninitialised where what it says is all.
    pub value: Value,
    /// What it says.
    pub says: Says,
    /// When.
    pub at: Moment,
}

/// Characters of an information event. A value can be many megabytes, and thousands of events are kept.
const LONGEST: usize = 4000;

impl Information {
    /// The event, in words.
    #[must_use]
    pub fn in_words(&self, protocol: &Protocol) -> InformationEvent {
        let text = match &self.says {
            Says::Text(text) => shortened(text),
            Says::SetTo(user, value) => {
                let param = protocol.param(self.cell.param);
                let shown = param.map_or_else(String::new, |param| display_text(param, value));
                shortened(&format!("Set by {user} to {shown}"))
            }
        };
        InformationEvent {
            cell: self.cell.clone(),
            display_key: self.display_key.clone(),
            value: self.value.clone(),
            text,
            at: self.at,
        }
    }
}

fn shortened(text: &str) -> Arc<str> {
    // A character has a byte at least.
    let end = (text.len() > LONGEST)
        .then(|| text.char_indices().nth(LONGEST))
        .flatten();
    match end {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// An information event.
#[derive(Debug, Clone, PartialEq)]
pub struct InformationEvent {
    /// The parameter or cell that it is about.
    pub cell: Cell,
    /// What people call the row.
    pub display_key: Option<Arc<str>>,
    /// The value that it is about; uninitialised where the text says all.
    pub value: Value,
    /// What it says.
    pub text: Arc<str>,
    /// When.
    pub at: Moment,
}

/// The values that `Info` looks at, in one run of an element.
#[derive(Debug)]
pub struct InformationWatch {
    protocol: Arc<Protocol>,
    entries: Entries,
    /// The last value of each.
    values: BTreeMap<Cell, Value>,
}

impl InformationWatch {
    /// None without a template, and when it has no `Info`.
    #[must_use]
    pub fn new(protocol: &Arc<Protocol>, template: &AlarmTemplate) -> Option<Self> {
        let entries = Entries::new(protocol, template)?;
        entries.has_info().then(|| Self {
            protocol: Arc::clone(protocol),
            entries,
            values: BTreeMap::new(),
        })
    }

    /// A parameter or a cell has this value: what that is worth telling.
    pub fn set(&mut self, cell: &Cell, value: &Value, around: &impl Surroundings) -> Vec<String> {
        let name = || row_name(cell, around);
        let Some(def) = self.entries.info(cell.param, name) else {
            return Vec::new();
        };
        let before = self.values.insert(cell.clone(), value.clone()).unwrap_or_default();
        let Some(param) = self.protocol.param(cell.param) else {
            return Vec::new();
        };
        if before == *value || !value.is_initialised() {
            return Vec::new();
        }
        let mut texts = crossed(def, &before, value)
            .into_iter()
            .map(|(how, limit)| format!("{how} {}", display_text(param, &Value::Number(limit))))
            .collect::<Vec<_>>();
        if is_listed(def, value) {
            texts.push(display_text(param, value));
        }
        texts
    }

    /// A row is gone.
    pub fn remove_row(&mut self, columns: impl Iterator<Item = ParamId>, key: &Arc<str>) {
        for param in columns {
            let key = Some(Arc::clone(key));
            self.values.remove(&Cell { param, key });
        }
    }
}

/// The numbers that a change crosses, in the order in which it meets them.
fn crossed(def: &InfoDef, before: &Value, now: &Value) -> Vec<(&'static str, f64)> {
    let plain = |value: &Value| number(value).filter(|_| mapped(def, value).is_none());
    let (Some(before), Some(now)) = (plain(before), plain(now)) else {
        return Vec::new();
    };
    let limits = def.limits.iter().filter_map(|limit| match limit {
        Limit::Number(limit) => Some(*limit),
        Limit::Text(_) | Limit::Exception(_) => None,
    });
    let mut crossed: Vec<(&'static str, f64)> = limits
        .filter_map(|limit| match (before < limit, now < limit) {
            (true, false) => Some(("Escalated above", limit)),
            (false, true) => Some(("Dropped below", limit)),
            (true, true) | (false, false) => None,
        })
        .collect();
    if now < before {
        crossed.reverse();
    }
    crossed
}

/// Whether a value is one of those that are listed.
fn is_listed(def: &InfoDef, value: &Value) -> bool {
    let mapped = mapped(def, value);
    def.limits.iter().any(|limit| match (limit, mapped) {
        (Limit::Exception(exception), Some(mapped)) => equals(mapped, exception),
        (Limit::Text(pattern), None) => is_text(pattern, value),
        (Limit::Number(_) | Limit::Text(_) | Limit::Exception(_), _) => false,
    })
}

/// What stands for a value that is an exception.
fn mapped<'d>(def: &'d InfoDef, value: &Value) -> Option<&'d Value> {
    let exception = def.exceptions.iter().find(|(exception, _)| equals(value, exception));
    exception.map(|(_, mapped)| mapped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::protocol::Parts;

    fn said(says: Says) -> String {
        let information = Information {
            cell: Cell {
                param: ELEMENT_STATE,
                key: None,
            },
            display_key: None,
            value: Value::Uninitialised,
            says,
            at: Moment::START,
        };
        information
            .in_words(&Protocol::build(Parts::default()))
            .text
            .to_string()
    }

    #[test]
    fn alm_50_what_an_event_says_is_cut_at_four_thousand_characters() {
        assert_eq!(said(Says::Text("Paused".into())), "Paused");
        let longest = "ü".repeat(LONGEST);
        assert_eq!(said(Says::Text(longest.as_str().into())), longest);
        let longer = "ü".repeat(LONGEST + 1);
        assert_eq!(said(Says::Text(longer.into())), format!("{longest}…"));
    }
}
