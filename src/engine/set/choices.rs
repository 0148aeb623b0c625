//! The choices that a discreet, a button or a toggle button offers at this moment.
//!
//! Rules: DSP-33 to DSP-36, DSP-70 to DSP-76.

use crate::engine::convert::to_kind;
use crate::engine::set::SetFacts;
use crate::model::display_text::display_text;
use crate::model::measurement::{Discreet, Measurement};
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// A choice: what is set, and what a person reads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    pub(super) value: Value,
    pub(super) display: String,
}

impl From<&Discreet> for Choice {
    fn from(discreet: &Discreet) -> Self {
        Self {
            value: discreet.value.clone(),
            display: discreet.display.clone(),
        }
    }
}

/// The choices on offer, in order.
pub(super) fn offered(
    protocol: &Protocol,
    param: &Param,
    measurement: &Measurement,
    facts: &impl SetFacts,
) -> Vec<Choice> {
    let discreets = || measurement.discreets.iter();
    let Some(source) = measurement.dependency.and_then(|id| protocol.param(id)) else {
        return discreets().map(Choice::from).collect();
    };
    let value = facts.value(source.id);
    if discreets().any(|discreet| discreet.dependency_values.is_some()) {
        // Only what is listed for the text that the other parameter shows now (DSP-72).
        let shown = display_text(source, &value);
        let is_offered = |discreet: &&Discreet| discreet.dependency_values.as_ref().is_some_and(|l| l.contains(&shown));
        return discreets().filter(is_offered).map(Choice::from).collect();
    }
    // The other parameter holds further choices, each its own text (DSP-70, DSP-71).
    let list = value.to_text();
    let listed = list.split(';').filter(|item| !item.is_empty()).filter_map(|item| {
        let value = to_kind(&param.interprete, &item.into())?;
        let display = item.to_owned();
        Some(Choice { value, display })
    });
    discreets().map(Choice::from).chain(listed).collect()
}

/// The value that the input means: that of the choice with this value, else of the one with this text.
pub(super) fn chosen(param: &Param, choices: &[Choice], input: &Value) -> Option<Value> {
    let stored = to_kind(&param.interprete, input);
    let by_value = choices.iter().find(|choice| Some(&choice.value) == stored.as_ref());
    let by_text = || choices.iter().find(|choice| input.as_text() == Some(&choice.display));
    by_value.or_else(by_text).map(|choice| choice.value.clone())
}

/// The choices for a message: `Off (0), On (1)`, the first ten of many.
pub(super) fn listed(choices: &[Choice]) -> String {
    const SHOWN: usize = 10;
    let name = |choice: &Choice| {
        let value = choice.value.to_text();
        if choice.display == *value {
            choice.display.clone()
        } else {
            format!("{} ({value})", choice.display)
        }
    };
    let names: Vec<String> = choices.iter().take(SHOWN).map(name).collect();
    let more = match choices.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.join(", ") + &more
}
