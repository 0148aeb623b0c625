//! How long an accepted request stays unprocessed, and how lengths of time are written: `0ms`, `500ms`, `10s`, `5m`,
//! `24h`, `never`.

use std::fmt;
use std::str::FromStr;

/// How long an accepted request stays unprocessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// So many milliseconds.
    Millis(u64),
    /// For ever: its status stays unknown, and it has no effect.
    Never,
}

impl Default for Pending {
    fn default() -> Self {
        Self::Millis(200)
    }
}

impl FromStr for Pending {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self::Never);
        }
        millis(text)
            .map(Self::Millis)
            .map_err(|error| format!("{error}, or never"))
    }
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Millis(millis) => write!(f, "{millis}ms"),
            Self::Never => f.write_str("never"),
        }
    }
}

/// Reads a length of time as milliseconds: a whole number and a unit.
pub(super) fn millis(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let number: Option<u64> = digits.parse().ok().filter(|_| !digits.starts_with('+'));
    factor
        .zip(number)
        .and_then(|(factor, number)| number.checked_mul(factor))
        .ok_or_else(|| format!("\"{text}\" is no length of time: write it like 500ms, 10s, 5m or 24h"))
}

#[cfg(test)]
mod tests {
    use super::{Pending, millis};

    #[test]
    fn lengths_of_time_have_a_unit() {
        let read = ["500ms", "10s", "5m", "24h", "0ms"].map(|text| millis(text).unwrap());
        assert_eq!(read, [500, 10_000, 300_000, 86_400_000, 0]);
    }

    #[test]
    fn err_anything_else_is_no_length_of_time() {
        for text in [
            "",
            "5",
            "s",
            "-1s",
            "+1s",
            "1.5s",
            "1d",
            "99999999999999999999ms",
            "18446744073709551615h",
            "5é",
        ] {
            assert!(millis(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_request_can_stay_pending_for_ever() {
        assert_eq!("never".parse(), Ok(Pending::Never));
        assert_eq!("2s".parse(), Ok(Pending::Millis(2000)));
        assert_eq!(Pending::Never.to_string(), "never");
    }
}
