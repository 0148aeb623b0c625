//! Table filters as DataMiner writes them: words with values, `;` between them, all of which must hold.
//!
//! ```text
//! pk=a    dk=North           the row with this primary key; the rows with this display key
//! value=PK == a              the same as a comparison; `DK`, or the id of a column
//! fk=2000 == a               rows whose foreign keys lead to row a of table 2000
//! fullFilter=((102 == 'Error') AND (103 > 2 OR 103 IN_RANGE 5/9))
//! ```
//!
//! AND binds closer than OR. What begins with none of these words is a filter of this API.
//!
//! Rules: TBL-140.

use crate::api::error::{Problem, Reason};
use crate::api::rest::filter::{Filter, Key, Operator};
use crate::api::rest::rows::Table;
use crate::model::id::ParamId;
use crate::model::relation::{Hop, Link};

/// Brackets within brackets at most.
const DEEPEST: usize = 64;

impl<'a> Filter<'a> {
    /// Reads a filter that begins with one of the words; none where it begins with no such word.
    pub(super) fn of_words(text: &str, table: &Table<'a>) -> Result<Option<Self>, Problem> {
        let Some(parts) = parts(text) else { return Ok(None) };
        let mut all = Vec::new();
        for (word, rest) in parts {
            all.push(match word {
                Word::Pk => Self::key(Key::Primary, Operator::Equal, rest),
                Word::Dk => Self::key(Key::Display, Operator::Equal, rest),
                Word::Value => Self::comparison(rest, table)?,
                Word::Fk => Self::linked(rest, table)?,
                Word::FullFilter => Self::full(rest, table)?,
            });
        }
        Ok(Some(Self::All(all)))
    }

    fn key(key: Key, operator: Operator, text: &str) -> Self {
        let wanted = unquoted(text).to_owned();
        Self::Key { key, operator, wanted }
    }

    /// `102 == Error`, `PK != a`, `103 IN_RANGE 5/9`.
    fn comparison(text: &str, table: &Table<'a>) -> Result<Self, Problem> {
        let mut words = text.trim().splitn(2, char::is_whitespace);
        let (name, rest) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default().trim(),
        );
        let (sign, wanted) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let wanted = unquoted(wanted.trim());
        let of = |operator, wanted: &str| match name.to_ascii_uppercase().as_str() {
            "PK" => Ok(Self::key(Key::Primary, operator, wanted)),
            "DK" => Ok(Self::key(Key::Display, operator, wanted)),
            _ => Self::column(name, operator, wanted, table),
        };
        let range = |inner: Operator, other: Operator| -> Result<(Self, Self), Problem> {
            let (low, high) = wanted.split_once('/').ok_or_else(|| unreadable(text))?;
            Ok((of(inner, low.trim())?, of(other, high.trim())?))
        };
        match sign.to_ascii_uppercase().as_str() {
            "==" | "=" | "===" | "IS" => of(Operator::Equal, wanted),
            "!=" => of(Operator::NotEqual, wanted),
            ">" => of(Operator::Greater, wanted),
            ">=" => of(Operator::GreaterOrEqual, wanted),
            "<" => of(Operator::Less, wanted),
            "<=" => of(Operator::LessOrEqual, wanted),
            "IN_RANGE" => {
                let (low, high) = range(Operator::GreaterOrEqual, Operator::LessOrEqual)?;
                Ok(Self::All(vec![low, high]))
            }
            "OUT_RANGE" => {
                let (low, high) = range(Operator::Less, Operator::Greater)?;
                Ok(Self::Any(vec![low, high]))
            }
            _ => Err(unreadable(text)),
        }
    }

    /// `2000 == a`: the id of a table, or of a column of it, and a primary key there.
    fn linked(text: &str, table: &Table<'a>) -> Result<Self, Problem> {
        let (target, key) = text.split_once("==").ok_or_else(|| unreadable(text))?;
        let target = target.trim().parse().map(ParamId).map_err(|_| unreadable(text))?;
        let target = table
            .protocol
            .param(target)
            .ok_or_else(|| Problem::new(Reason::BadQuery, format!("fk={target}: there is no such table")))?;
        let target = target.column_of.map_or(target.id, |place| place.table);
        let links = ways(table, target);
        if links.is_empty() {
            let detail = format!("no foreign key of {} leads to table {target}", table.param.name);
            return Err(Problem::new(Reason::BadQuery, detail));
        }
        Ok(Self::Linked {
            links,
            key: unquoted(key.trim()).to_owned(),
        })
    }

    fn full(text: &str, table: &Table<'a>) -> Result<Self, Problem> {
        let mut left = text;
        let filter = Self::any(&mut left, table, 0)?;
        match left.trim() {
            "" => Ok(filter),
            _ => Err(unreadable(text)),
        }
    }

    fn any(left: &mut &str, table: &Table<'a>, depth: usize) -> Result<Self, Problem> {
        let mut any = vec![Self::all(left, table, depth)?];
        while take(left, "OR") {
            any.push(Self::all(left, table, depth)?);
        }
        Ok(Self::Any(any))
    }

    fn all(left: &mut &str, table: &Table<'a>, depth: usize) -> Result<Self, Problem> {
        let mut all = vec![Self::member(left, table, depth)?];
        while take(left, "AND") {
            all.push(Self::member(left, table, depth)?);
        }
        Ok(Self::All(all))
    }

    fn member(left: &mut &str, table: &Table<'a>, depth: usize) -> Result<Self, Problem> {
        let Some(inner) = left.trim_start().strip_prefix('(').filter(|_| depth < DEEPEST) else {
            let text = left.trim_start();
            let end = end_of_comparison(text);
            *left = &text[end..];
            return Self::comparison(&text[..end], table);
        };
        *left = inner;
        let filter = Self::any(left, table, depth + 1)?;
        *left = left
            .trim_start()
            .strip_prefix(')')
            .ok_or_else(|| Problem::new(Reason::BadQuery, "a bracket of the filter is not closed".to_owned()))?;
        Ok(filter)
    }
}

/// The words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Pk,
    Dk,
    Value,
    Fk,
    FullFilter,
}

const WORDS: [(&str, Word); 5] = [
    ("pk", Word::Pk),
    ("dk", Word::Dk),
    ("value", Word::Value),
    ("fk", Word::Fk),
    ("fullfilter", Word::FullFilter),
];

/// The parts of a filter, each with its word; none where it is no such filter: a column may be called `value` too, so a
/// comparison has to follow there.
fn parts<'a>(text: &'a str) -> Option<Vec<(Word, &'a str)>> {
    let part = |part: &'a str| {
        let (name, rest) = part.split_once('=')?;
        let word = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(name.trim()))?.1;
        let follows = match word {
            Word::Pk | Word::Dk => !rest.starts_with('='),
            Word::Value | Word::Fk => rest.split_whitespace().nth(1).is_some() || rest.contains("=="),
            Word::FullFilter => true,
        };
        follows.then_some((word, rest.trim()))
    };
    let parts = split_unquoted(text).into_iter();
    let parts = parts.filter(|part| !part.trim().is_empty()).map(part);
    parts.collect::<Option<Vec<_>>>().filter(|parts| !parts.is_empty())
}

/// The parts between `;`, of which those within single quotes are text.
fn split_unquoted(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let separates = |char: char| {
        quoted ^= char == '\'';
        char == ';' && !quoted
    };
    text.split(separates).collect()
}

/// Where a comparison of a full filter ends: at a bracket, or before AND or OR, outside of quotes.
fn end_of_comparison(text: &str) -> usize {
    let mut quoted = false;
    for (at, char) in text.char_indices() {
        quoted ^= char == '\'';
        let rest = &text[at..];
        let is_joint = char.is_whitespace()
            && (starts_with_word(rest.trim_start(), "AND") || starts_with_word(rest.trim_start(), "OR"));
        if !quoted && (char == ')' || is_joint) {
            return at;
        }
    }
    text.len()
}

fn starts_with_word(text: &str, word: &str) -> bool {
    let begins = text
        .get(..word.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    begins && text[word.len()..].starts_with(|char: char| char.is_whitespace() || char == '(')
}

fn take(left: &mut &str, word: &str) -> bool {
    let text = left.trim_start();
    let found = starts_with_word(text, word);
    if found {
        *left = &text[word.len()..];
    }
    found
}

fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    inner.unwrap_or(text)
}

fn unreadable(text: &str) -> Problem {
    let detail = format!(
        "the filter cannot be read at \"{}\": write a parameter id, PK or DK, an operator and a value, with blanks between them",
        text.trim()
    );
    Problem::new(Reason::BadQuery, detail)
}

/// The ways on which foreign keys lead from the rows of a table to those of another one.
fn ways(table: &Table<'_>, target: ParamId) -> Vec<Link> {
    let protocol = table.protocol;
    let definition = |id: ParamId| protocol.param(id).and_then(|param| param.table.as_ref());
    let mut found = Vec::new();
    let mut open: Vec<(ParamId, Vec<Hop>)> = vec![(protocol.table_with_rows(table.param.id), Vec::new())];
    while let Some((at, hops)) = open.pop() {
        let columns = definition(at)
            .into_iter()
            .flat_map(|table| table.columns.iter().enumerate());
        for (idx, column) in columns {
            let Some(next) = column.foreign_key else { continue };
            let mut hops = hops.clone();
            hops.push(Hop {
                foreign_key: idx,
                table: next,
            });
            if next == target {
                let idx = definition(next).map_or(0, |table| table.index);
                found.push(Link { hops, table: next, idx });
            } else if hops.len() < 8 && next != at && !hops.iter().rev().skip(1).any(|hop| hop.table == next) {
                open.push((next, hops));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Word, end_of_comparison, parts};

    #[test]
    fn tbl_140_words_begin_the_parts_of_a_filter() {
        let found = parts("value=102 == 'a;b' ; PK=x;fullFilter=(1 == 2)");
        let expected = vec![
            (Word::Value, "102 == 'a;b'"),
            (Word::Pk, "x"),
            (Word::FullFilter, "(1 == 2)"),
        ];
        assert_eq!(found, Some(expected));
        for text in ["State=Error", "value=5", "value", "a;b", "pk==x", "", ";"] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn a_comparison_ends_at_a_bracket_or_a_joint_outside_of_quotes() {
        let ends = ["1 == a) AND", "1 == a AND 2", "1 == 'b OR c)' or 2", "1 == ANDY"]
            .map(|text| &text[..end_of_comparison(text)]);
        assert_eq!(ends, ["1 == a", "1 == a", "1 == 'b OR c)'", "1 == ANDY"]);
    }
}
