//! Actions on the bytes of a parameter: `append` in hexadecimal, `replace data`, `change length`.
//!
//! The bytes of a text are those of its UTF-8. Bytes that are no UTF-8 afterwards are read as Latin-1, as those of a
//! response are (OQ-35).
//!
//! Rules: table 8.3, ACT-14.

use crate::model::action::AppendHex;

/// The longest text that `change length` makes.
const LONGEST: usize = 1_048_576;

/// Where `replace data` works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    /// All but so many bytes at the start and at the end.
    Between(usize, usize),
    /// Only so many bytes at the start and at the end: `use_offset`.
    Ends(usize, usize),
}

/// The text with its bytes replaced, one replacement after the other; none when it is shorter than the two ends
/// (ACT-14).
pub(super) fn replaced(text: &str, replacements: &[(Vec<u8>, Vec<u8>)], area: Area) -> Option<String> {
    let bytes = text.as_bytes();
    let (Area::Between(start, end) | Area::Ends(start, end)) = area;
    let (head, rest) = bytes.split_at_checked(start)?;
    let (middle, tail) = rest.split_at_checked(rest.len().checked_sub(end)?)?;
    let replace = |part: &[u8]| {
        let replace = |part: Vec<u8>, (old, new): &(Vec<u8>, Vec<u8>)| replace_all(&part, old, new);
        replacements.iter().fold(part.to_vec(), replace)
    };
    let whole = match area {
        Area::Between(..) => [head.to_vec(), replace(middle), tail.to_vec()],
        Area::Ends(..) => [replace(head), middle.to_vec(), replace(tail)],
    };
    Some(text_of(whole.concat()))
}

fn replace_all(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, others)) = rest.split_first() {
        match rest.strip_prefix(old).filter(|_| !old.is_empty()) {
            Some(after) => {
                result.extend_from_slice(new);
                rest = after;
            }
            None => {
                result.push(first);
                rest = others;
            }
        }
    }
    result
}

/// The text with so many bytes: cut, or filled up with blanks as the content of a fixed length is (PAR-65).
pub(super) fn of_length(text: &str, length: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(length.min(LONGEST), b' ');
    text_of(bytes)
}

/// Bytes as a text.
pub(super) fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| error.as_bytes().iter().map(|&byte| char::from(byte)).collect())
}

/// The bytes of a text in hexadecimal, in groups when asked.
pub(super) fn in_hex(text: &str, hex: AppendHex) -> String {
    let digits: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
    match hex.group {
        Some(group) if group > 0 => {
            let digits: Vec<char> = digits.chars().collect();
            digits
                .chunks(group)
                .map(|chunk| chunk.iter().collect::<String>())
                .collect::<Vec<_>>()
                .join(" ")
        }
        Some(_) | None => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::{AppendHex, Area, LONGEST, in_hex, of_length, replaced};

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(Vec<u8>, Vec<u8>)> {
        pairs.iter().map(|&(old, new)| (old.into(), new.into())).collect()
    }

    fn changed(text: &str, replacements: &[(&str, &str)], area: Area) -> Option<String> {
        replaced(text, &pairs(replacements), area)
    }

    #[test]
    fn act_14_bytes_are_replaced_pair_by_pair() {
        let whole = Area::Between(0, 0);
        let of = |text, replacements: &[_]| changed(text, replacements, whole).unwrap_or_default();
        assert_eq!(of("a\r\nb\n", &[("\r\n", "-"), ("\n", "")]), "a-b");
        assert_eq!(of("aaa", &[("aa", "b")]), "ba");
        assert_eq!(of("abc", &[("", "x")]), "abc");
    }

    #[test]
    fn act_14_offsets_protect_or_select() {
        let of = |area| changed("..a..b..", &[(".", "")], area);
        assert_eq!(of(Area::Between(1, 1)).as_deref(), Some(".ab."));
        assert_eq!(of(Area::Ends(1, 1)).as_deref(), Some(".a..b."));
    }

    #[test]
    fn act_14_a_text_shorter_than_its_ends_is_left_alone() {
        for area in [Area::Between(2, 1), Area::Ends(2, 1), Area::Between(0, 3)] {
            assert_eq!(changed("..", &[(".", "")], area), None);
        }
    }

    #[test]
    fn act_14_what_is_no_utf_8_afterwards_is_latin_1() {
        let replacements = vec![(b"a".to_vec(), vec![0xE9])];
        let changed = replaced("ab", &replacements, Area::Between(0, 0));
        assert_eq!(changed.as_deref(), Some("éb"));
    }

    #[test]
    fn change_length_cuts_fills_and_has_a_limit() {
        assert_eq!(of_length("abcd", 2), "ab");
        assert_eq!(of_length("ab", 4), "ab  ");
        assert_eq!(of_length("", usize::MAX).len(), LONGEST);
    }

    #[test]
    fn append_writes_bytes_in_hexadecimal() {
        assert_eq!(in_hex("aé\0", AppendHex { group: None }), "61C3A900");
        assert_eq!(in_hex("abc", AppendHex { group: Some(4) }), "6162 63");
        assert_eq!(in_hex("abc", AppendHex { group: Some(0) }), "616263");
    }
}
