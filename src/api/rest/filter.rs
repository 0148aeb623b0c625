//! The filter of a table: a text to find anywhere, or a comparison with one column.
//!
//! ```text
//! error              rows that show "error" in any column, in any casing
//! State=Error        rows whose column shows, or holds, exactly this, in any casing; `==` means the same
//! State!=Error       the others
//! Retries>2          by number in a column of numbers, else by text; also `<`, `<=`, `>=`
//! Alias~fan          rows whose column shows "fan" somewhere, in any casing
//! "a=b"              in quotes: the text itself, anywhere
//! value=1003 == b    as filters of DataMiner have it: a column by its id, and a value; further words in `filter_words`
//! ```
//!
//! Secrets match nothing: a filter must not be a way to guess them (DSP-60).
//!
//! Rules: TBL-140, TBL-141, DSP-60.

use std::cmp::Ordering;

use crate::api::error::{Problem, Reason};
use crate::api::find;
use crate::api::json::parameter::shown_text;
use crate::api::rest::rows::{Row, Table, is_numeric};
use crate::model::param::Param;
use crate::model::relation::Link;
use crate::model::value::{Value, parse_number};

/// Which rows are wanted.
pub(super) enum Filter<'a> {
    /// The lower-case text stands in some shown cell, or in the display key.
    Anywhere(String),
    /// A column compares with a value.
    Column {
        idx: usize,
        param: &'a Param,
        operator: Operator,
        wanted: Value,
    },
    /// A key compares with a text.
    Key {
        key: Key,
        operator: Operator,
        wanted: String,
    },
    /// Foreign keys lead to the row with this primary key, on one of these ways.
    Linked { links: Vec<Link>, key: String },
    /// All of these hold.
    All(Vec<Self>),
    /// One of these holds.
    Any(Vec<Self>),
}

/// Which key of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Primary,
    Display,
}

/// How a cell compares with the value of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
}

/// The operators as they are written; longer ones first.
const OPERATORS: [(&str, Operator); 8] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("~", Operator::Contains),
];

impl<'a> Filter<'a> {
    /// Reads a filter; blank means none.
    pub(super) fn parse(text: &str, table: &Table<'a>) -> Result<Option<Self>, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(quoted) = unquoted(text) {
            return Ok(Some(Self::Anywhere(quoted.to_lowercase())));
        }
        let first = split(text).map_or("", |(name, _, _)| name);
        // A column may be called as one of the words is.
        if find::column_by_any_name(table.protocol, table.param, first).is_err()
            && let Some(filter) = Self::of_words(text, table)?
        {
            return Ok(Some(filter));
        }
        let Some((name, operator, wanted)) = split(without_word(text)) else {
            return Ok(Some(Self::Anywhere(text.to_lowercase())));
        };
        let wanted = unquoted(wanted).unwrap_or(wanted);
        Self::column(name, operator, wanted, table).map(Some)
    }

    /// A comparison of a column with a value.
    pub(super) fn column(name: &str, operator: Operator, wanted: &str, table: &Table<'a>) -> Result<Self, Problem> {
        let (idx, param) = find::column_by_any_name(table.protocol, table.param, name).map_err(|_| {
            Problem::new(
                Reason::BadQuery,
                format!(
                    "{} has no shown column {name}; to look for the text itself, quote all of it",
                    table.param.name
                ),
            )
        })?;
        let by_number = is_numeric(param) && operator.is_order();
        let wanted = match parse_number(wanted) {
            Some(number) if by_number => Value::Number(number),
            None if by_number => {
                let detail = format!("{} holds numbers, and \"{wanted}\" is none", param.name);
                return Err(Problem::new(Reason::BadQuery, detail));
            }
            Some(_) | None => Value::from(wanted),
        };
        Ok(Self::Column {
            idx,
            param,
            operator,
            wanted,
        })
    }

    /// Whether a row is wanted.
    pub(super) fn matches(&self, row: Row<'_>) -> bool {
        match self {
            Self::Anywhere(text) => {
                let shows = |shown: &str| shown.to_lowercase().contains(text.as_str());
                shows(&row.display_key())
                    || row
                        .columns()
                        .iter()
                        .any(|(idx, param)| shown_text(param, &row.cell(*idx)).is_some_and(|shown| shows(&shown)))
            }
            Self::Column {
                idx,
                param,
                operator,
                wanted,
            } => !param.is_secret() && compare(param, &row.cell(*idx), *operator, wanted),
            Self::Key { key, operator, wanted } => match key {
                Key::Primary => compare_texts(&row.row.key, *operator, wanted),
                Key::Display => compare_texts(&row.display_key(), *operator, wanted),
            },
            Self::Linked { links, key } => links.iter().any(|link| row.leads_to(link, key)),
            Self::All(all) => all.iter().all(|filter| filter.matches(row)),
            Self::Any(any) => any.iter().any(|filter| filter.matches(row)),
        }
    }
}

impl Operator {
    const fn is_order(self) -> bool {
        match self {
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => true,
            Self::Equal | Self::NotEqual | Self::Contains => false,
        }
    }
}

fn compare(param: &Param, value: &Value, operator: Operator, wanted: &Value) -> bool {
    let text = || wanted.to_text().to_lowercase();
    let shown = || shown_text(param, value).unwrap_or_default().to_lowercase();
    let is_equal = || shown() == text() || value.is_initialised() && value.to_text().to_lowercase() == text();
    match operator {
        Operator::Equal => is_equal(),
        Operator::NotEqual => !is_equal(),
        Operator::Contains => shown().contains(&text()),
        Operator::Less => order(value, wanted).is_some_and(Ordering::is_lt),
        Operator::LessOrEqual => order(value, wanted).is_some_and(Ordering::is_le),
        Operator::Greater => order(value, wanted).is_some_and(Ordering::is_gt),
        Operator::GreaterOrEqual => order(value, wanted).is_some_and(Ordering::is_ge),
    }
}

/// Keys compare as texts, in their own casing (TBL-51).
fn compare_texts(text: &str, operator: Operator, wanted: &str) -> bool {
    match operator {
        Operator::Equal => text == wanted,
        Operator::NotEqual => text != wanted,
        Operator::Contains => text.contains(wanted),
        Operator::Less => text < wanted,
        Operator::LessOrEqual => text <= wanted,
        Operator::Greater => text > wanted,
        Operator::GreaterOrEqual => text >= wanted,
    }
}

/// By number where the filter has a number, else by text; what is not initialized has no order.
fn order(value: &Value, wanted: &Value) -> Option<Ordering> {
    match (value, wanted) {
        (Value::Uninitialised, _) => None,
        (_, Value::Number(wanted)) => value.as_number()?.partial_cmp(wanted),
        (_, Value::Text(_) | Value::Uninitialised) => {
            Some(value.to_text().to_lowercase().cmp(&wanted.to_text().to_lowercase()))
        }
    }
}

fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

/// `value=1003 == Error` without the word before the id (TBL-140); a column may be called `value` too.
fn without_word(text: &str) -> &str {
    let rest = text
        .get(..6)
        .filter(|word| word.eq_ignore_ascii_case("value="))
        .map(|_| text[6..].trim());
    let is_of_a_column = |rest: &&str| {
        let named = split(rest).map_or("", |(name, _, _)| name);
        !named.is_empty() && named.bytes().all(|byte| byte.is_ascii_digit())
    };
    rest.filter(is_of_a_column).unwrap_or(text)
}

/// `State = Error` as its name, operator and value; nothing where there is no operator.
fn split(text: &str) -> Option<(&str, Operator, &str)> {
    let at = text.char_indices().map(|(at, _)| at);
    let (at, (sign, operator)) = at
        .filter_map(|at| Some((at, OPERATORS.iter().find(|(sign, _)| text[at..].starts_with(sign))?)))
        .next()?;
    Some((text[..at].trim(), *operator, text[at + sign.len()..].trim()))
}

#[cfg(test)]
mod tests {
    use super::{Operator, split, without_word};

    #[test]
    fn tbl_140_the_word_of_dataminer_filters_stands_before_the_id_of_a_column() {
        let read = [
            "value=1003 == a",
            "VALUE=1003>2",
            "value=5",
            "value=a == b",
            "value",
            "välue=1",
        ]
        .map(without_word);
        let expected = ["1003 == a", "1003>2", "value=5", "value=a == b", "value", "välue=1"];
        assert_eq!(read, expected);
    }

    #[test]
    fn the_first_and_longest_operator_counts() {
        let found = ["a=b", "a == b=c", "a!=", "a<=1", "a>1", "a ~ <b>", "!a", "a"].map(split);
        let expected = [
            Some(("a", Operator::Equal, "b")),
            Some(("a", Operator::Equal, "b=c")),
            Some(("a", Operator::NotEqual, "")),
            Some(("a", Operator::LessOrEqual, "1")),
            Some(("a", Operator::Greater, "1")),
            Some(("a", Operator::Contains, "<b>")),
            None,
            None,
        ];
        assert_eq!(found, expected);
    }
}
