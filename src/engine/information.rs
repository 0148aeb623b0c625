//! Information events of the element itself: sets from outside, its state, its timeout.
//!
//! Rules: ALM-50, DSP-95, TBL-114, TMO-15, GOT-44. They change nothing: no alarm state, no value, no line of the trace.

use std::sync::Arc;

use crate::alarm::{COMMUNICATION_STATE, Cell, ELEMENT_STATE, Information, Says, Surroundings};
use crate::engine::Engine;
use crate::engine::alarms::Around;
use crate::engine::effect::Effect;
use crate::model::id::ParamId;
use crate::model::value::Value;

impl Engine {
    /// Tells something about a parameter or a cell.
    pub(super) fn inform(&mut self, cell: Cell, value: Value, says: Says) {
        let around = Around {
            protocol: &self.protocol,
            tables: &self.tables,
            params: &self.params,
        };
        let information = Information {
            display_key: around.display_key(&cell),
            cell,
            value,
            says,
            at: self.now,
        };
        self.effects.push(Effect::Information(Box::new(information)));
    }

    /// Somebody outside set a parameter or a cell, or chose from a menu (DSP-95, TBL-114).
    pub(super) fn inform_set(&mut self, param: ParamId, key: Option<Arc<str>>, says: Says) {
        self.inform(Cell { param, key }, Value::Uninitialised, says);
    }

    /// The element started, paused, went on or stopped.
    pub(super) fn inform_state(&mut self, state: &str) {
        let cell = Cell {
            param: ELEMENT_STATE,
            key: None,
        };
        self.inform(cell, Value::Uninitialised, Says::Text(state.into()));
    }

    /// The element entered or left the timeout state (TMO-15).
    pub(super) fn inform_timeout(&mut self, timeout: bool) {
        let cell = Cell {
            param: COMMUNICATION_STATE,
            key: None,
        };
        let (value, text) = if timeout {
            (1.0, "Not Responding")
        } else {
            (0.0, "Responding")
        };
        self.inform(cell, Value::Number(value), Says::Text(text.into()));
    }
}
