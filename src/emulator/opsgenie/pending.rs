//! How long an accepted request stays unprocessed, what its status is until then, and how lengths of time are written:
//! `0ms`, `500ms`, `10s`, `5m`, `24h`, `never`, and `1s..10s` for a random one between.

use std::fmt;
use std::str::FromStr;

use crate::emulator::opsgenie::ids::Ids;

/// How long an accepted request stays unprocessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// So many milliseconds.
    Millis(u64),
    /// At random between these, in milliseconds.
    Between(u64, u64),
    /// For ever: its status stays unknown, and it has no effect.
    Never,
}

/// What the status of a request is until it is processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PendingStyle {
    /// 404 with the header `X-Opsgenie-Errortype: RequestNotProcessed`, as the real platform has it.
    #[default]
    Header,
    /// 404 as for an unknown request.
    Bare,
    /// 200 with `isSuccess` false and nothing else filled in, as the Python client expects it.
    Python,
}

impl Default for Pending {
    fn default() -> Self {
        Self::Millis(200)
    }
}

impl Pending {
    /// The length of one wait; none for ever.
    pub(super) fn length(self, ids: &mut Ids) -> Option<u64> {
        match self {
            Self::Millis(millis) => Some(millis),
            Self::Between(least, most) => Some(ids.between(least, most)),
            Self::Never => None,
        }
    }
}

impl FromStr for Pending {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self::Never);
        }
        if let Some((least, most)) = text.split_once("..") {
            let (least, most) = (millis(least)?, millis(most)?);
            return match least <= most {
                true => Ok(Self::Between(least, most)),
                false => Err(format!("\"{text}\" ends before it begins")),
            };
        }
        millis(text)
            .map(Self::Millis)
            .map_err(|error| format!("{error}, 1s..10s for a random one, or never"))
    }
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Millis(millis) => write!(f, "{millis}ms"),
            Self::Between(least, most) => write!(f, "{least}ms..{most}ms"),
            Self::Never => f.write_str("never"),
        }
    }
}

impl FromStr for PendingStyle {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "header" => Ok(Self::Header),
            "bare" => Ok(Self::Bare),
            "python" => Ok(Self::Python),
            _ => Err(format!("\"{text}\" is neither header, bare nor python")),
        }
    }
}

impl fmt::Display for PendingStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Bare => "bare",
            Self::Python => "python",
        })
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
    use crate::emulator::opsgenie::ids::Ids;

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
        for text in ["2s..1s", "1s..", "..1s", "1s..2s..3s"] {
            assert!(text.parse::<Pending>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_request_can_stay_pending_for_ever_or_at_random() {
        assert_eq!("never".parse(), Ok(Pending::Never));
        assert_eq!("2s".parse(), Ok(Pending::Millis(2000)));
        assert_eq!("1s..2s".parse(), Ok(Pending::Between(1000, 2000)));
        assert_eq!(Pending::Never.to_string(), "never");
        let mut ids = Ids::new(1);
        let lengths: Vec<u64> = (0..100)
            .filter_map(|_| Pending::Between(5, 7).length(&mut ids))
            .collect();
        assert!(lengths.iter().all(|length| (5..=7).contains(length)));
        assert!([5, 6, 7].iter().all(|length| lengths.contains(length)));
    }
}
