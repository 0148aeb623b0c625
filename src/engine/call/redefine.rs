//! What QActions change of the definition while the element runs: descriptions, units, ranges, steps.
//!
//! The definition is that of all elements of the connector, so the element gets a copy of its own. What follows goes by
//! the copy, and so does what clients are told; the next start goes by the definition as it was loaded.
//!
//! Rules: QAP-27, DSP-96.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::effect::{Effect, LogLevel};
use crate::engine::port::Answer;
use crate::engine::qaction::{INVALID_VALUE, NOT_FOUND, Redefined, S_OK};
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::protocol::Protocol;

impl Engine {
    /// `GetParameterDescription` (QAP-27).
    pub(super) fn description(&mut self, id: ParamId) -> Answer {
        if let Some(param) = self.protocol.param(id) {
            return Answer::Key(Some(param.description.as_str().into()));
        }
        let text = format!("parameter {id} has no description: it does not exist. {NOT_FOUND:#x}");
        self.log(LogLevel::Error, text);
        Answer::Key(None)
    }

    /// `NT_UPDATE_DESCRIPTION_XML`: each update for itself, a result each.
    pub(super) fn redefine(&mut self, updates: &[(ParamId, Redefined)]) -> Answer {
        let mut protocol: Protocol = (**self.protocol).clone();
        let mut results = Vec::with_capacity(updates.len());
        for (id, update) in updates {
            let result = match protocol.param_mut(*id) {
                Some(param) => apply(param, update),
                None => NOT_FOUND,
            };
            if result != S_OK {
                let why = if result == NOT_FOUND {
                    "it does not exist"
                } else {
                    "that is no number"
                };
                let text = format!("parameter {id} cannot be given {update}: {why}. {result:#x}");
                self.log(LogLevel::Error, text);
            }
            results.push(result);
        }
        if results.contains(&S_OK) {
            let protocol = Arc::new(protocol);
            self.protocol = Arc::new(Arc::clone(&protocol));
            self.effects.push(Effect::Redefined(protocol));
        }
        Answer::Results(results)
    }
}

fn apply(param: &mut Param, update: &Redefined) -> u32 {
    let display = &mut param.display;
    match update {
        Redefined::Description(text) => param.description = text.to_string(),
        Redefined::Unit(unit) => display.units = unit.to_string(),
        Redefined::RangeLow(number) | Redefined::RangeHigh(number) | Redefined::Step(number) if !number.is_finite() => {
            return INVALID_VALUE;
        }
        Redefined::RangeLow(low) => display.range.low = Some(*low),
        Redefined::RangeHigh(high) => display.range.high = Some(*high),
        Redefined::Step(step) => display.step = Some(*step),
    }
    S_OK
}
