//! The characters of XML 1.0: which are legal, what a name is, what a reference stands for, how an attribute's value is
//! normalized.

use std::borrow::Cow;

/// What may be wrong inside a text or a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// `&name;` of an entity nobody declared.
    Entity(String),
    /// `&#…;` that is no legal character.
    Character(String),
    /// `&` that starts no reference.
    Ampersand,
    /// `<` in an attribute.
    LessThan,
}

/// Whether a character may stand in a document at all.
pub(super) const fn is_legal(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// How many bytes are looked at together for one that may not be there.
const LOOK: usize = 256;

/// The first character that may not stand in a document, and where. Hardly any text has one.
pub(super) fn first_illegal(text: &str) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    // Of the characters beyond ASCII those that are not legal begin with this byte.
    let may_be = |byte: u8| (byte < b' ') & !matches!(byte, b'\t' | b'\n' | b'\r') | (byte == 0xef);
    let is = |at: usize| match bytes[at] {
        0xef => matches!(bytes[at..], [_, 0xbf, 0xbe..=0xbf, ..]),
        byte => may_be(byte),
    };
    let suspects = bytes.chunks(LOOK).enumerate();
    let mut suspects = suspects.filter(|(_, chunk)| chunk.iter().fold(false, |found, &byte| found | may_be(byte)));
    let at = suspects.find_map(|(index, chunk)| (index * LOOK..index * LOOK + chunk.len()).find(|&at| is(at)))?;
    Some((at, text[at..].chars().next()?))
}

/// Whether a text is a name of an element or an attribute.
pub(super) fn is_name(text: &str) -> bool {
    match text.as_bytes() {
        [b'A'..=b'Z' | b'a'..=b'z' | b':' | b'_', rest @ ..] if rest.iter().all(|&byte| PLAIN[usize::from(byte)]) => {
            true
        }
        _ => is_any_name(text),
    }
}

/// The bytes beyond the first that make a name without further look.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < plain.len() {
        plain[byte] = matches!(byte as u8, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b':' | b'_' | b'-' | b'.');
        byte += 1;
    }
    plain
};

fn is_any_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(is_name_start)
        && chars.all(|char| {
            is_name_start(char)
                || matches!(char, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
        })
}

const fn is_name_start(char: char) -> bool {
    matches!(char,
        ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

/// What `&name;` stands for.
pub(super) fn resolve(name: &str) -> Result<char, Fault> {
    let number = match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => name.strip_prefix('#').ok_or_else(|| Fault::Entity(name.to_owned()))?,
    };
    let code = match number.strip_prefix('x') {
        Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok(),
        None if number.bytes().all(|byte| byte.is_ascii_digit()) => number.parse().ok(),
        Some(_) | None => None,
    };
    code.and_then(char::from_u32)
        .filter(|&char| is_legal(char))
        .ok_or_else(|| Fault::Character(name.to_owned()))
}

/// Adds a text with every line end as one line feed.
pub(super) fn push_lines(text: &str, to: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\r', rest.as_bytes()) {
        to.push_str(&rest[..at]);
        to.push('\n');
        rest = rest[at + 1..].strip_prefix('\n').unwrap_or(&rest[at + 1..]);
    }
    to.push_str(rest);
}

/// The value of an attribute: references resolved, line ends and tabs as blanks. A fault comes with its offset.
pub(super) fn attribute_value(raw: &str) -> Result<Cow<'_, str>, (usize, Fault)> {
    if !raw.contains(['&', '<', '\t', '\r', '\n']) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(char) = rest.chars().next() {
        let at = raw.len() - rest.len();
        rest = &rest[char.len_utf8()..];
        match char {
            '<' => return Err((at, Fault::LessThan)),
            '&' => {
                let (name, after) = rest.split_once(';').ok_or((at, Fault::Ampersand))?;
                if name.is_empty() || name.contains(|char: char| char.is_whitespace() || "&<=\"'".contains(char)) {
                    return Err((at, Fault::Ampersand));
                }
                value.push(resolve(name).map_err(|fault| (at, fault))?);
                rest = after;
            }
            '\r' => {
                rest = rest.strip_prefix('\n').unwrap_or(rest);
                value.push(' ');
            }
            '\t' | '\n' => value.push(' '),
            _ => value.push(char),
        }
    }
    Ok(Cow::Owned(value))
}

#[cfg(test)]
mod tests {
    use super::{Fault, LOOK, attribute_value, first_illegal, is_legal, is_name, push_lines, resolve};

    #[test]
    fn the_first_illegal_character_is_the_one_that_looking_at_each_gives() {
        let hidden = [
            "\0", "\u{1f}", "\u{fffe}", "\u{ffff}", "\u{fffd}", "\u{feff}", "\u{7f}", "\t\r\n", "",
        ];
        for illegal in hidden {
            for before in [0, 1, LOOK - 2, LOOK - 1, LOOK, 3 * LOOK] {
                let text = "é".repeat(before / 2) + &"a".repeat(before % 2) + illegal + "日\u{1}";
                let one_by_one = text.char_indices().find(|&(_, char)| !is_legal(char));
                assert_eq!(first_illegal(&text), one_by_one, "{illegal:?} behind {before}");
            }
        }
        assert_eq!(first_illegal("a\tb\r\nß日😀"), None);
    }

    #[test]
    fn every_line_end_becomes_one_line_feed() {
        let mut text = String::from("x");
        push_lines("a\r\nb\rc\n\r\r\nd\r", &mut text);
        assert_eq!(text, "xa\nb\nc\n\n\nd\n");
    }

    #[test]
    fn references_resolve_to_legal_characters_only() {
        assert_eq!(resolve("amp"), Ok('&'));
        assert_eq!(resolve("#65"), Ok('A'));
        assert_eq!(resolve("#x41"), Ok('A'));
        for illegal in ["#0", "#x1F", "#xD800", "#xFFFFFFFFF", "#", "#x", "#+65"] {
            assert_eq!(resolve(illegal), Err(Fault::Character(illegal.to_owned())), "{illegal}");
        }
        assert_eq!(resolve("nbsp"), Err(Fault::Entity("nbsp".to_owned())));
    }

    #[test]
    fn values_are_normalized_and_faults_have_their_place() {
        assert_eq!(attribute_value("a&lt;b\r\nc\td").as_deref(), Ok("a<b c d"));
        assert_eq!(attribute_value("a&b"), Err((1, Fault::Ampersand)));
        assert_eq!(attribute_value("a & b;"), Err((2, Fault::Ampersand)));
        assert_eq!(attribute_value("é<"), Err((2, Fault::LessThan)));
    }

    #[test]
    fn names_begin_with_a_letter() {
        assert!(["Param", "ds:Signature", "_a-1.b", "é"].into_iter().all(is_name));
        assert!(!["", "1a", "-a", "a b", "a<", "a\"b"].into_iter().any(is_name));
    }
}
