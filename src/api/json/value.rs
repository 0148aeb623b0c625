//! The JSON of a value, and of a set.
//!
//! Rules: API-2, PAR-100.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::value::Value;

/// A value: a number, a text, or null when it is not initialized.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "a value is a number, a string or null")]
#[schema(as = Value)]
pub(in crate::api) enum ValueJson {
    Whole(i64),
    Number(f64),
    Text(String),
    Null,
}

/// Numbers up to here are whole without loss in a 64-bit float.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

impl From<&Value> for ValueJson {
    fn from(value: &Value) -> Self {
        match value {
            Value::Uninitialised => Self::Null,
            Value::Number(number) if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE => {
                Self::Whole(*number as i64)
            }
            Value::Number(number) => Self::Number(*number),
            Value::Text(text) => Self::Text(text.to_string()),
        }
    }
}

impl From<ValueJson> for Value {
    fn from(value: ValueJson) -> Self {
        match value {
            ValueJson::Whole(number) => Self::Number(number as f64),
            ValueJson::Number(number) => Self::Number(number),
            ValueJson::Text(text) => Self::from(text),
            ValueJson::Null => Self::Uninitialised,
        }
    }
}

/// What is set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(expecting = "an object with a value")]
#[schema(as = Set)]
pub(in crate::api) struct SetJson {
    /// The value: of a discreet or a button its value, not its text.
    pub(in crate::api) value: ValueJson,
    /// Of a context menu: what is entered for the parameters that the item asks for, in its order.
    #[serde(default)]
    pub(in crate::api) dependencies: Vec<String>,
    /// Of a context menu: the primary keys of the selected rows.
    #[serde(default)]
    pub(in crate::api) rows: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::ValueJson;
    use crate::model::value::Value;

    #[test]
    fn whole_numbers_have_no_decimals_in_json() {
        let values = [
            Value::Number(5.0),
            Value::Number(-0.5),
            Value::Number(1e300),
            "5".into(),
            Value::Uninitialised,
        ];
        let json = values.map(|value| serde_json::to_string(&ValueJson::from(&value)).expect("JSON"));
        assert_eq!(json, ["5", "-0.5", "1e+300", "\"5\"", "null"]);
    }

    #[test]
    fn only_numbers_strings_and_null_are_values() {
        let read = |text| serde_json::from_str::<ValueJson>(text).ok().map(Value::from);
        let values = ["5", "5.5", "18446744073709551615", "\"a\"", "null", "true", "[]"].map(read);
        let expected = [
            Some(Value::Number(5.0)),
            Some(Value::Number(5.5)),
            Some(Value::Number(18_446_744_073_709_551_615.0)),
            Some("a".into()),
            Some(Value::Uninitialised),
            None,
            None,
        ];
        assert_eq!(values, expected);
    }
}
