//! The value of a parameter or of a cell: not initialized, a number or a text.
//!
//! Rules: PAR-60, PAR-100 (`""` is not the same as uninitialised), PAR-102 (number to text).

use std::fmt;
use std::sync::Arc;

/// What a parameter or a cell holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Never filled, or cleared. Shown as `Not initialized`.
    #[default]
    Uninitialised,
    /// A 64-bit float, always finite (PAR-103).
    Number(f64),
    /// A text, possibly empty. Shared: an HTTP body is stored once, however many readers it has.
    Text(Arc<str>),
}

/// The in-memory kind of a parameter: `Interprete/Type` (PAR-60).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// `double` (and `high nibble`).
    Number,
    /// `string`.
    Text,
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// Whether the value was ever filled.
    #[must_use]
    pub const fn is_initialised(&self) -> bool {
        !matches!(self, Self::Uninitialised)
    }

    /// The number, when this is one.
    #[must_use]
    pub const fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Uninitialised | Self::Text(_) => None,
        }
    }

    /// The text, when this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Uninitialised | Self::Number(_) => None,
        }
    }

    /// The raw value as text: a number in its shortest invariant form, nothing for an uninitialised value.
    #[must_use]
    pub fn to_text(&self) -> Arc<str> {
        match self {
            Self::Uninitialised => Arc::from(""),
            Self::Number(number) => number_text(*number).into(),
            Self::Text(text) => Arc::clone(text),
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// A number in its shortest invariant form: no exponent up to 15 digits before or behind the point, `-0` is `0` (PAR-102).
#[must_use]
pub fn number_text(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let magnitude = number.abs();
    if (1e-15..1e15).contains(&magnitude) {
        format!("{number}")
    } else {
        exponent_text(number)
    }
}

/// `1.5E+20`, `1E-07`: as .NET prints a double outside the plain range.
fn exponent_text(number: f64) -> String {
    let text = format!("{number:E}");
    let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}E{sign}{digits:0>2}")
}

/// Reads a number as a set does: invariant culture, one optional sign, `.`, an exponent, outer blanks (PAR-102).
/// Anything else, and what is not finite, is no number (PAR-103).
#[must_use]
pub fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text.strip_prefix(['+', '-']).unwrap_or(text);
    let first = plain.chars().next()?;
    if !(first.is_ascii_digit() || first == '.') {
        return None;
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::{number_text, parse_number};

    #[test]
    fn par_102_numbers_become_their_shortest_text() {
        let shown: Vec<String> = [5.0, 0.1, -0.0, 1e14, 1e20, 1e-6, 1e-16, -12.5]
            .map(number_text)
            .to_vec();
        assert_eq!(
            shown,
            [
                "5",
                "0.1",
                "0",
                "100000000000000",
                "1E+20",
                "0.000001",
                "1E-16",
                "-12.5"
            ]
        );
    }

    #[test]
    fn par_102_par_103_only_invariant_finite_numbers_are_read() {
        let read = ["1.5", " 2 ", "+3", "1e3", "1,5", "abc", "NaN", "inf", "1e999", ""].map(parse_number);
        let expected = [
            Some(1.5),
            Some(2.0),
            Some(3.0),
            Some(1000.0),
            None,
            None,
            None,
            None,
            None,
            None,
        ];
        assert_eq!(read, expected);
    }
}
