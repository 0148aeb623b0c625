//! The severity of a DataMiner alarm, and the priority of its alert.
//!
//! A script tells it as an id of the list that severities, types and states share, or as a word.

use serde_json::Value as Json;

/// A severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Severity {
    /// Its name, or the text that is none.
    pub(super) name: String,
    pub(super) raises: Raises,
}

/// What an alarm of a severity becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raises {
    /// An alert of this priority.
    Alert(&'static str),
    /// An alert of the priority that an operator chose for timeouts.
    Timeout,
    /// The same for errors.
    Error,
    /// An alert of the lowest priority, where an operator wants these.
    Information,
    /// No alert: there is nothing wrong.
    Nothing,
    /// Nobody knows: an alert in the middle, with a tag that shows it.
    Unknown,
}

/// Id and name of each severity.
const TABLE: [(u32, &str, Raises); 12] = [
    (1, "Critical", Raises::Alert("P1")),
    (2, "Major", Raises::Alert("P2")),
    (3, "Minor", Raises::Alert("P3")),
    (4, "Warning", Raises::Alert("P4")),
    (5, "Normal", Raises::Nothing),
    (11, "Cleared", Raises::Nothing),
    (13, "Information", Raises::Information),
    (17, "Timeout", Raises::Timeout),
    (24, "Error", Raises::Error),
    (28, "Notice", Raises::Alert("P5")),
    (0, "Initial", Raises::Nothing),
    (0, "Suggestion", Raises::Information),
];

impl Severity {
    /// The severity that an alarm tells; none when it tells none.
    pub(super) fn of(alarm: &Json) -> Option<Self> {
        let told = match alarm.get("severity")? {
            Json::Number(number) => number.to_string(),
            Json::String(text) if !text.trim().is_empty() => text.trim().to_owned(),
            Json::Null | Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => return None,
        };
        let id = told.parse::<u32>().ok().filter(|id| *id > 0);
        let found = TABLE
            .iter()
            .find(|(other, name, _)| id == Some(*other) || name.eq_ignore_ascii_case(&told));
        Some(match found {
            Some((_, name, raises)) => Self {
                name: (*name).to_owned(),
                raises: *raises,
            },
            None => Self {
                name: told,
                raises: Raises::Unknown,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn raises(severity: &Json) -> Option<Raises> {
        Severity::of(&json!({ "severity": severity })).map(|severity| severity.raises)
    }

    #[test]
    fn every_id_of_the_shared_list_has_its_priority() {
        let expected = |id| match id {
            1 => Raises::Alert("P1"),
            2 => Raises::Alert("P2"),
            3 => Raises::Alert("P3"),
            4 => Raises::Alert("P4"),
            5 | 11 => Raises::Nothing,
            13 => Raises::Information,
            17 => Raises::Timeout,
            24 => Raises::Error,
            28 => Raises::Alert("P5"),
            _ => Raises::Unknown,
        };
        for id in 0..=54 {
            assert_eq!(raises(&json!(id)), Some(expected(id)), "{id}");
        }
    }

    #[test]
    fn a_severity_may_be_a_word() {
        assert_eq!(raises(&json!("critical")), Some(Raises::Alert("P1")));
        assert_eq!(raises(&json!(" 17 ")), Some(Raises::Timeout));
        assert_eq!(raises(&json!("Initial")), Some(Raises::Nothing));
        assert_eq!(raises(&json!("Bad")), Some(Raises::Unknown));
        assert_eq!(raises(&json!("")), None);
        assert_eq!(Severity::of(&json!({})), None);
    }
}
