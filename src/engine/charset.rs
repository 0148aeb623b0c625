//! Bodies as bytes and as text: the charset that a `Content-Type` names, else UTF-8, else a byte a character.
//!
//! Rules: HTTP-28, HTTP-35.

use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::engine::convert::{latin_1, text_of};

/// The names of the charset whose bytes are the first 256 characters. The Web takes it for another one, but devices that
/// name it mean it.
const LATIN_1: [&str; 8] = [
    "iso-8859-1",
    "iso8859-1",
    "iso_8859-1",
    "latin1",
    "latin-1",
    "l1",
    "us-ascii",
    "ascii",
];

/// What a `Content-Type` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charset {
    Latin1,
    Other(&'static Encoding),
}

impl Charset {
    /// None when no charset is named, or one that is unknown.
    fn of(content_type: &str) -> Option<Self> {
        let mut parameters = content_type.split(';').skip(1).filter_map(|part| part.split_once('='));
        let (_, label) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
        let label = label.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
        if LATIN_1.contains(&label.as_str()) {
            return Some(Self::Latin1);
        }
        Encoding::for_label_no_replacement(label.as_bytes()).map(Self::Other)
    }

    /// None when the bytes are not of this charset.
    fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Latin1 => Some(latin_1(bytes).to_string()),
            Self::Other(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
                // A mark at the beginning knows the order of the bytes best, and is no part of the text.
                let marked = Encoding::for_bom(bytes).filter(|(marked, _)| *marked != UTF_8);
                let (encoding, mark) = marked.unwrap_or((encoding, 0));
                let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
                text.map(std::borrow::Cow::into_owned)
            }
            Self::Other(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(std::borrow::Cow::into_owned),
        }
    }

    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Latin1 => text
                .chars()
                .map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?'))
                .collect(),
            Self::Other(encoding) if encoding == UTF_16LE => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Other(encoding) if encoding == UTF_16BE => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Other(encoding) => {
                let (bytes, _, has_unknown) = encoding.encode(text);
                if !has_unknown {
                    return bytes.into_owned();
                }
                // The library would write a character that the charset lacks as HTML does.
                let one = |character: char| match encoding.encode(character.encode_utf8(&mut [0; 4])) {
                    (bytes, _, false) => bytes.into_owned(),
                    (_, _, true) => vec![b'?'],
                };
                text.chars().flat_map(one).collect()
            }
        }
    }
}

/// A body as text (HTTP-35).
pub(crate) fn decode(body: &[u8], content_type: Option<&str>) -> Arc<str> {
    let named = content_type.and_then(Charset::of);
    let text = named.and_then(|charset| charset.decode(body));
    text.map_or_else(|| text_of(body), Arc::from)
}

/// A text as the bytes of a body (HTTP-28).
pub(crate) fn encode(text: &str, content_type: Option<&str>) -> Vec<u8> {
    match content_type.and_then(Charset::of) {
        Some(charset) => charset.encode(text),
        None => text.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    fn named(charset: &str) -> String {
        format!("text/plain; charset={charset}")
    }

    #[test]
    fn http_35_the_named_charset_then_utf_8_then_a_byte_a_character() {
        let read = |bytes: &[u8], charset| decode(bytes, Some(&named(charset)));
        assert_eq!(&*read(b"\xe9\x80", "ISO-8859-1"), "\u{e9}\u{80}");
        assert_eq!(&*read(b"\xe9\x80", "\"windows-1252\""), "\u{e9}\u{20ac}");
        assert_eq!(&*read(b"\xff\xfea\0", "utf-16"), "a");
        assert_eq!(&*read(b"\xfe\xff\0a", "UTF-16"), "a");
        assert_eq!(&*read(b"\0a", "utf-16be"), "a");
        assert_eq!(&*read(b"\x82\xa0", "shift_jis"), "あ");
        // Bytes that are not of the charset, an unknown one, none.
        assert_eq!(&*read(b"a\xe9", "utf-8"), "aé");
        assert_eq!(&*read("é".as_bytes(), "no-such"), "é");
        assert_eq!(&*decode("é".as_bytes(), Some("text/plain")), "é");
        assert_eq!(&*decode(b"\xe9", None), "é");
    }

    #[test]
    fn http_28_a_body_is_utf_8_unless_a_charset_is_named() {
        let written = |text, charset| encode(text, Some(&named(charset)));
        assert_eq!(encode("é", None), "é".as_bytes());
        assert_eq!(encode("é", Some("application/json")), "é".as_bytes());
        assert_eq!(written("é", "UTF-8"), "é".as_bytes());
        assert_eq!(written("é€", "iso-8859-1"), b"\xe9?");
        assert_eq!(written("é€あ", "windows-1252"), b"\xe9\x80?");
        assert_eq!(written("a", "utf-16le"), b"a\0");
        assert_eq!(written("é", "no-such"), "é".as_bytes());
    }

    #[test]
    fn http_28_every_byte_of_a_binary_text_goes_out_unchanged() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = decode(&bytes, None);
        assert_eq!(encode(&text, Some(&named("iso-8859-1"))), bytes);
    }
}
