//! Placeholders in the values and texts of buttons and of the items of context menus: `{rowPK}`, `[value:1002]` …
//!
//! ```text
//! {pid:1004/{pid:102}}   the inner one is filled in first: it is the key of the row
//! {pid:1003}             a value with placeholders of its own is filled in again, at most five times
//! {sessionVar:x}         what cannot be resolved here becomes an empty text
//! {"a":1}                what is no placeholder stays
//! ```
//!
//! Rules: TBL-116, TBL-58 (a key is a display key unless `^pk^` stands before it).

use crate::model::id::ParamId;

/// How deep placeholders may stand in each other, and how often a value that holds some is filled in.
const LEVELS: u32 = 5;

/// How many placeholders of one text are filled in: each may bring others.
const AT_MOST: u32 = 1000;

/// Bytes of a placeholder at most: what is longer is none.
const LONGEST: usize = 1000;

/// Words in braces that end there.
const WORDS: &[&str] = &["rowPK", "rowDK", "elementName"];

/// Words in braces with something behind a colon.
const WITH_ARGUMENT: &[&str] = &[
    "pid",
    "fkPid",
    "extPID",
    "sessionVar",
    "pageVar",
    "cardVar",
    "elementProperty",
];

/// Words in square brackets that end there.
const BRACKET_WORDS: &[&str] = &[
    "tableindex",
    "primarykey",
    "displaytableindex",
    "displaykey",
    "this element",
];

/// Words in square brackets with something behind a colon.
const BRACKET_WITH_ARGUMENT: &[&str] = &["value", "param", "property", "var", "cardvar", "pagevar"];

/// How a row is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowName<'a> {
    /// The row at hand: the one that is set, or selected.
    Current,
    /// By its primary key.
    Primary(&'a str),
    /// By its display key.
    Display(&'a str),
}

/// Who knows what placeholders stand for. None where nothing is known: the placeholder becomes an empty text.
pub(crate) trait Placeholders {
    /// The element's name.
    fn element_name(&mut self) -> Option<String>;
    /// The element, as `agent/element`.
    fn element(&mut self) -> Option<String>;
    /// The primary key of the row at hand.
    fn primary_key(&mut self) -> Option<String>;
    /// The display key of the row at hand.
    fn display_key(&mut self) -> Option<String>;
    /// The value of a parameter; of a column in the row that is named.
    fn value(&mut self, param: ParamId, row: RowName<'_>) -> Option<String>;
    /// The value of a column in the first row whose foreign key names the row at hand.
    fn value_of_child(&mut self, column: ParamId) -> Option<String>;
}

/// The text with its placeholders filled in.
pub(crate) fn fill_in(text: &str, known: &mut impl Placeholders) -> String {
    Filling { known, left: AT_MOST }.filled(text, LEVELS)
}

/// A text at work.
struct Filling<'k, Known> {
    known: &'k mut Known,
    /// How many placeholders may still be filled in.
    left: u32,
}

impl<Known: Placeholders> Filling<'_, Known> {
    fn filled(&mut self, text: &str, levels: u32) -> String {
        let mut done = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['{', '[']) {
            let (before, from) = rest.split_at(at);
            done.push_str(before);
            match placeholder(from) {
                Some(inner) => {
                    done.push_str(&self.value(inner, levels).unwrap_or_default());
                    rest = &from[inner.len() + 2..];
                }
                None => {
                    done.push_str(&from[..1]);
                    rest = &from[1..];
                }
            }
        }
        done.push_str(rest);
        done
    }

    /// What a placeholder stands for.
    fn value(&mut self, inner: &str, levels: u32) -> Option<String> {
        let levels = levels.checked_sub(1)?;
        self.left = self.left.checked_sub(1)?;
        let name = self.filled(inner, levels);
        let value = resolved(&name, self.known)?;
        Some(self.filled(&value, levels))
    }
}

/// What stands in the brackets at the beginning, when that is a placeholder.
fn placeholder(text: &str) -> Option<&str> {
    if text.starts_with('{') {
        closed(text, '{', '}').filter(|inner| is_placeholder(inner, WORDS, WITH_ARGUMENT))
    } else {
        closed(text, '[', ']').filter(|inner| is_placeholder(inner, BRACKET_WORDS, BRACKET_WITH_ARGUMENT))
    }
}

/// What stands between the bracket at the beginning and the one that closes it.
fn closed(text: &str, open: char, close: char) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, char) in text.char_indices().take_while(|(at, _)| *at <= LONGEST) {
        if char == open {
            depth += 1;
        } else if char == close {
            depth -= 1;
            if depth == 0 {
                return text.get(1..at);
            }
        }
    }
    None
}

fn is_placeholder(inner: &str, words: &[&str], with_argument: &[&str]) -> bool {
    let is_one_of = |list: &[&str], word: &str| list.iter().any(|known| known.eq_ignore_ascii_case(word.trim()));
    match inner.split_once(':') {
        Some((word, _)) => is_one_of(with_argument, word),
        None => is_one_of(words, inner),
    }
}

fn resolved(name: &str, known: &mut impl Placeholders) -> Option<String> {
    let (word, argument) = name.split_once(':').unwrap_or((name, ""));
    let id = |text: &str| text.trim().parse().ok().map(ParamId);
    match word.trim().to_ascii_lowercase().as_str() {
        "rowpk" | "tableindex" | "primarykey" => known.primary_key(),
        "rowdk" | "displaytableindex" | "displaykey" => known.display_key(),
        "elementname" => known.element_name(),
        "this element" => known.element(),
        "value" => known.value(id(argument)?, RowName::Current),
        "pid" => match argument.split_once('/') {
            Some((param, key)) => known.value(id(param)?, row_name(key)),
            None => known.value(id(argument)?, RowName::Current),
        },
        "param" => {
            // `agent/element,parameter:key`: of another element nothing is known here.
            let here = known.element();
            let own = match argument.split_once(',') {
                Some((element, own)) => (here.as_deref() == Some(element.trim())).then_some(own)?,
                None => argument,
            };
            match own.split_once(':') {
                Some((param, key)) => known.value(id(param)?, row_name(key)),
                None => known.value(id(own)?, RowName::Current),
            }
        }
        "fkpid" => known.value_of_child(id(argument)?),
        _ => None,
    }
}

fn row_name(key: &str) -> RowName<'_> {
    match key.strip_prefix("^pk^") {
        Some(key) => RowName::Primary(key),
        None => RowName::Display(key),
    }
}

#[cfg(test)]
mod tests {
    use super::{Placeholders, RowName, fill_in};
    use crate::model::id::ParamId;

    /// Parameter 102 names the row "b", 1003 refers to 1004, 8 and 9 refer to themselves.
    struct Known;

    impl Placeholders for Known {
        fn element_name(&mut self) -> Option<String> {
            Some("Rack".to_owned())
        }

        fn element(&mut self) -> Option<String> {
            Some("1/7".to_owned())
        }

        fn primary_key(&mut self) -> Option<String> {
            Some("a".to_owned())
        }

        fn display_key(&mut self) -> Option<String> {
            Some("Port a".to_owned())
        }

        fn value(&mut self, param: ParamId, row: RowName<'_>) -> Option<String> {
            let value = match (param.0, row) {
                (102, _) => "Port b",
                (1003, RowName::Current) => "{pid:1004}",
                (1004, RowName::Current) => "of a",
                (1004, RowName::Display("Port b") | RowName::Primary("b")) => "of b",
                (8, _) => "{pid:8}{pid:8}{pid:8}{pid:8}{pid:8}{pid:8}{pid:8}{pid:8}",
                (9, _) => "x{pid:9}",
                _ => return None,
            };
            Some(value.to_owned())
        }

        fn value_of_child(&mut self, column: ParamId) -> Option<String> {
            (column.0 == 2002).then(|| "child".to_owned())
        }
    }

    fn filled(text: &str) -> String {
        fill_in(text, &mut Known)
    }

    #[test]
    fn tbl_116_placeholders_are_filled_in() {
        assert_eq!(filled("{rowPK}/{rowDK} on {elementName}"), "a/Port a on Rack");
        assert_eq!(filled("[primarykey] [displaykey] [this element]"), "a Port a 1/7");
        assert_eq!(filled("{pid:1004}, [value:1004], {PID:1004/^pk^b}"), "of a, of a, of b");
        assert_eq!(
            filled("[param:1/7,1004:Port b] [param:1004:^pk^b] [param:2/7,1004:Port b]"),
            "of b of b "
        );
        assert_eq!(filled("{fkPid:2002}{fkPid:2003}"), "child");
    }

    #[test]
    fn tbl_116_a_placeholder_may_stand_in_another_and_in_a_value() {
        assert_eq!(filled("{pid:1004/{pid:102}}"), "of b");
        assert_eq!(filled("{pid:1003}"), "of a");
    }

    #[test]
    fn tbl_116_five_levels_and_no_more() {
        assert_eq!(filled("{pid:9}"), "xxxxx");
    }

    #[test]
    fn tbl_116_a_text_of_many_placeholders_has_an_end() {
        let many = "{pid:8}".repeat(400);
        assert_eq!(filled(&many), "");
        assert_eq!(filled(&"{".repeat(5000)).len(), 5000);
        assert_eq!(filled(&("{pid:".repeat(100) + "1" + &"}".repeat(100))), "");
    }

    #[test]
    fn tbl_116_what_is_unknown_is_empty_and_what_is_no_placeholder_stays() {
        assert_eq!(filled("a{sessionVar:x}b{pid:77}c{pid:}[property:y]d"), "abcd");
        assert_eq!(
            filled(r#"{"key":"{rowPK}"} [x] { } [1] ü{"#),
            r#"{"key":"a"} [x] { } [1] ü{"#
        );
    }
}
