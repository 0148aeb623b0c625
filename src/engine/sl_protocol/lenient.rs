//! Values as C#'s `Convert` reads them, which connectors rely on. The strict readings are those of
//! [`Value`]: [`as_number`](Value::as_number) and [`as_text`](Value::as_text).
//!
//! Rules: QAP-32.

use crate::model::value::{Value, parse_number};

/// A value as a number: null is 0, and so is what is no number.
#[must_use]
pub fn lenient_number(value: &Value) -> f64 {
    match value {
        Value::Uninitialised => 0.0,
        Value::Number(number) => *number,
        Value::Text(text) => parse_number(text).unwrap_or(0.0),
    }
}

/// A value as a truth: null is false, so are 0 and what is neither `True` nor a number.
#[must_use]
pub fn lenient_bool(value: &Value) -> bool {
    match value {
        Value::Uninitialised => false,
        Value::Number(number) => *number != 0.0,
        Value::Text(text) => {
            text.trim().eq_ignore_ascii_case("true") || parse_number(text).is_some_and(|number| number != 0.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{lenient_bool, lenient_number};
    use crate::model::value::Value;

    #[test]
    fn qap_32_null_is_zero_and_false() {
        let values = [Value::Uninitialised, "".into(), "abc".into(), 0.0.into(), "0".into()];
        for value in values {
            assert!(lenient_number(&value) == 0.0 && !lenient_bool(&value), "{value:?}");
        }
    }

    #[test]
    fn qap_32_texts_are_read() {
        assert!(lenient_number(&" 2.5 ".into()) == 2.5);
        for value in ["True", " true ", "1", "-2"] {
            assert!(lenient_bool(&value.into()), "{value}");
        }
    }
}
