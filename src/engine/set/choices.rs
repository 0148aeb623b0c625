//! The choices that a discreet, a button or a toggle button offers at this moment.
//!
//! Rules: DSP-1, DSP-33 to DSP-36, DSP-70 to DSP-79.

use crate::engine::convert::to_kind;
use crate::engine::set::SetFacts;
use crate::model::display_text::display_text;
use crate::model::id::ParamId;
use crate::model::measurement::{Availability, ChoiceEffect, Discreet, Listed, Measurement};
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// A choice: what is set, and what a person reads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    pub(super) value: Value,
    pub(super) display: String,
    /// The parameter whose value forbids it now (DSP-78).
    pub(super) forbidden_by: Option<ParamId>,
}

impl From<&Discreet> for Choice {
    fn from(discreet: &Discreet) -> Self {
        Self {
            value: discreet.value.clone(),
            display: discreet.display.clone(),
            forbidden_by: None,
        }
    }
}

/// The choice of a discreet, with whether it is forbidden now.
fn choice(discreet: &Discreet, facts: &impl SetFacts) -> Choice {
    let forbids = |rule: &&Availability| {
        let is_listed = rule.values.contains(&facts.value(rule.param));
        match rule.listed {
            Listed::Enables => !is_listed,
            Listed::Disables => is_listed,
        }
    };
    let rule = discreet.availability.as_ref().filter(forbids);
    Choice {
        forbidden_by: rule.map(|rule| rule.param),
        ..Choice::from(discreet)
    }
}

/// The choices on offer, in order.
pub(super) fn offered(
    protocol: &Protocol,
    param: &Param,
    measurement: &Measurement,
    facts: &impl SetFacts,
) -> Vec<Choice> {
    // What opens a link is not set (DSP-79).
    let discreets = || {
        measurement
            .discreets
            .iter()
            .filter(|discreet| discreet.effect == ChoiceEffect::Set)
    };
    let choices = || discreets().map(|discreet| choice(discreet, facts));
    let Some(source) = measurement.dependency.and_then(|id| protocol.param(id)) else {
        return choices().collect();
    };
    // Of a parameter that is not displayed nobody outside knows a value (DSP-1, DSP-73).
    let value = match source.display.rtdisplay {
        true => facts.value(source.id),
        false => Value::Uninitialised,
    };
    if discreets().any(|discreet| discreet.dependency_values.is_some()) {
        // Only what is listed for the text that the other parameter shows now (DSP-72).
        let shown = display_text(source, &value);
        let is_offered = |discreet: &&Discreet| discreet.dependency_values.as_ref().is_some_and(|l| l.contains(&shown));
        let offered = discreets().filter(is_offered);
        return offered.map(|discreet| choice(discreet, facts)).collect();
    }
    // The other parameter holds further choices, each its own text (DSP-70, DSP-71).
    let list = value.to_text();
    let listed = list.split(';').filter(|item| !item.is_empty()).filter_map(|item| {
        Some(Choice {
            value: to_kind(&param.interprete, &item.into())?,
            display: item.to_owned(),
            forbidden_by: None,
        })
    });
    choices().chain(listed).collect()
}

/// A choice as a client shows it.
pub(crate) struct Offered<'d> {
    /// What is set.
    pub(crate) value: Value,
    /// What a person reads.
    pub(crate) display: String,
    /// Whether another parameter forbids it now (DSP-78).
    pub(crate) forbidden: bool,
    /// The discreet it comes from; none when another parameter lists it.
    pub(crate) discreet: Option<&'d Discreet>,
}

/// The choices on offer, those that open a link too, for a client to show.
pub(crate) fn shown<'d>(
    protocol: &Protocol,
    param: &Param,
    measurement: &'d Measurement,
    value: &dyn Fn(ParamId) -> Value,
) -> Vec<Offered<'d>> {
    let facts = Shown(value);
    let of_choice = |choice: Choice| {
        let mut discreets = measurement.discreets.iter();
        Offered {
            discreet: discreets.find(|discreet| discreet.value == choice.value && discreet.display == choice.display),
            forbidden: choice.forbidden_by.is_some(),
            value: choice.value,
            display: choice.display,
        }
    };
    let links = measurement
        .discreets
        .iter()
        .filter(|discreet| discreet.effect != ChoiceEffect::Set);
    let links = links.map(|discreet| choice(discreet, &facts));
    let set = offered(protocol, param, measurement, &facts);
    set.into_iter().chain(links).map(of_choice).collect()
}

/// What a client knows of other parameters.
struct Shown<'a>(&'a dyn Fn(ParamId) -> Value);

impl SetFacts for Shown<'_> {
    fn value(&self, id: ParamId) -> Value {
        self.0(id)
    }
}

/// The value that the input means: that of the choice with this value, else of the one with this text.
pub(super) fn chosen<'c>(param: &Param, choices: &'c [Choice], input: &Value) -> Option<&'c Choice> {
    let stored = to_kind(&param.interprete, input);
    let by_value = choices.iter().find(|choice| Some(&choice.value) == stored.as_ref());
    let by_text = || choices.iter().find(|choice| input.as_text() == Some(&choice.display));
    by_value.or_else(by_text)
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
