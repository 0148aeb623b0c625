//! Calls in the C# of QActions that name parameters by a number: the parameters exist.
//!
//! The code is not run here; whoever writes it in Rust, or runs it in DataMiner, meets the same parameters. Only calls of
//! `protocol` with a number written out are looked at. Rules: VAL-24, QAP-1, QAP-2.

use crate::model::id::ParamId;
use crate::model::protocol::Protocol;
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::reader::Field;

/// The calls, with the finding for their first argument, and that for their second when it is a parameter too.
const CALLS: &[(&str, &Code, Option<&Code>)] = &[
    ("GetParameter", &codes::GET_PARAMETER_UNKNOWN, None),
    ("GetParameters", &codes::GET_PARAMETERS_UNKNOWN, None),
    ("SetParameter", &codes::SET_PARAMETER_UNKNOWN, None),
    ("SetRow", &codes::SET_ROW_UNKNOWN, None),
    ("FillArray", &codes::FILL_ARRAY_UNKNOWN, None),
    ("FillArrayNoDelete", &codes::FILL_NO_DELETE_UNKNOWN, None),
    (
        "FillArrayWithColumn",
        &codes::FILL_COLUMN_TABLE,
        Some(&codes::FILL_COLUMN_UNKNOWN),
    ),
];

/// The ids that DataMiner keeps for itself: code may use them, and no definition declares them.
const OF_DATAMINER: std::ops::RangeInclusive<u32> = 64_000..=99_999;

/// Reports each call with a parameter that does not exist.
pub(super) fn check(cx: &mut Lowering<'_>, _: &Protocol) {
    let declared = cx.declared;
    for (_, node) in declared.qactions.iter() {
        let code = node.content();
        let text = without_comments(code.raw());
        for (at, _) in text.match_indices("protocol.") {
            check_call(cx, code, &text, at + "protocol.".len());
        }
    }
}

/// The call that begins here, when it is one of those.
fn check_call(cx: &mut Lowering<'_>, code: Field<'_>, text: &str, at: usize) {
    let Some((name, arguments)) = text[at..].split_once('(') else {
        return;
    };
    let Some((_, first, second)) = CALLS.iter().find(|(call, _, _)| *call == name.trim()) else {
        return;
    };
    let arguments_at = at + name.len() + 1;
    let numbers = match name.trim() {
        // A list: `new uint[] { 1, 2 }`.
        "GetParameters" => listed(arguments, arguments_at),
        _ => arguments_of(arguments, arguments_at),
    };
    for (position, (number_at, digits)) in numbers.into_iter().enumerate() {
        let kind = match (name.trim(), position) {
            ("GetParameters", _) | (_, 0) => Some(*first),
            (_, 1) => *second,
            (_, _) => None,
        };
        let (Some(kind), Ok(id)) = (kind, digits.parse()) else {
            continue;
        };
        if OF_DATAMINER.contains(&id) || cx.declared.params.contains(ParamId(id)) {
            continue;
        }
        let message = format!("`{}` names parameter {id}, which does not exist", name.trim());
        let place = code.raw().get(number_at..number_at + digits.len());
        let span = place.map_or(code.span(), |place| code.part(place).span());
        cx.report(Diagnostic::new(kind, span, message).hint("name a parameter that the definition declares"));
    }
}

/// The numbers that are the first arguments, up to the first that is none: where each stands, and its digits.
fn arguments_of(arguments: &str, at: usize) -> Vec<(usize, &str)> {
    let mut numbers = Vec::new();
    let mut begin = 0;
    for part in arguments.split_inclusive([',', ')']) {
        let argument = part.trim_end_matches([',', ')']);
        let Some(digits) = number(argument) else { break };
        let blanks = argument.len() - argument.trim_start().len();
        numbers.push((at + begin + blanks, digits));
        begin += part.len();
        if part.ends_with(')') {
            break;
        }
    }
    numbers
}

/// The numbers between the first braces, when nothing else is there.
fn listed(arguments: &str, at: usize) -> Vec<(usize, &str)> {
    let end = arguments.find(')').unwrap_or(arguments.len());
    let braces = arguments[..end].find('{').zip(arguments[..end].find('}'));
    let Some((open, close)) = braces.filter(|(open, close)| open < close) else {
        return Vec::new();
    };
    let mut numbers = Vec::new();
    let mut begin = open + 1;
    for part in arguments[open + 1..close].split(',') {
        if let Some(digits) = number(part) {
            numbers.push((at + begin + part.len() - part.trim_start().len(), digits));
        }
        begin += part.len() + 1;
    }
    numbers
}

/// Digits and nothing else.
fn number(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(text)
}

/// The code with blanks in place of comments and texts, byte for byte.
fn without_comments(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let end = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(verbatim) = rest.strip_prefix("@\"") {
            2 + text_end(verbatim, None)
        } else if let Some(text) = rest.strip_prefix('"') {
            1 + text_end(text, Some('\\'))
        } else {
            0
        };
        let (gone, after) = rest.split_at(end);
        kept.extend(gone.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        rest = after;
        if end == 0 {
            kept.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    kept
}

/// Where a text ends, behind its closing quote. Without an escape two quotes stand for one.
fn text_end(text: &str, escape: Option<char>) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, character)) = chars.next() {
        if Some(character) == escape {
            chars.next();
        } else if character == '"' {
            let doubled = escape.is_none() && chars.peek().is_some_and(|(_, next)| *next == '"');
            if !doubled {
                return at + 1;
            }
            chars.next();
        } else if character == '\n' && escape.is_some() {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{arguments_of, listed, without_comments};

    #[test]
    fn comments_and_texts_become_blanks_of_the_same_length() {
        let blanked = [
            ("a // b\nc", "a     \nc"),
            ("a /* b\n*/ c", "a     \n   c"),
            ("f(\"a\\\"b\", ä)", "f(      , ä)"),
            ("f(@\"a\\\", 1)", "f(     , 1)"),
            ("f(@\"a\"\"b\")", "f(       )"),
            ("\"open\nc", "     \nc"),
        ];
        for (code, expected) in blanked {
            assert_eq!(without_comments(code), expected, "{code}");
        }
    }

    #[test]
    fn numbers_are_read_up_to_the_first_argument_that_is_none() {
        assert_eq!(arguments_of(" 10, 20 , keys, 30)", 5), [(6, "10"), (10, "20")]);
        assert_eq!(arguments_of("Parameter.x, 5)", 0), []);
        assert_eq!(arguments_of("7)", 0), [(0, "7")]);
        assert_eq!(listed("new uint[] { 1, x, 30 })", 0), [(13, "1"), (19, "30")]);
        assert_eq!(listed("ids); int[] y = { 1 }", 0), []);
    }
}
