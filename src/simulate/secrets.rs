//! The secrets of an element, and a text without them.
//!
//! A secret is the value of a parameter or cell that is a password. It is found as it stands, and as URLs and JSON spell
//! it: `a b/c` also as `a%20b%2Fc`, `a+b%2fc` and `a b\/c`. What is learned late is masked from then on only: who keeps
//! texts has to mask them again.
//!
//! Rules: DSP-60, GOT-44.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::effect::Effect;
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// What stands for a secret.
pub const SECRET: &str = "***";

/// Headers whose values are credentials.
pub(super) const CREDENTIALS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];

/// Masking shorter values would only garble everything else.
const SHORTEST: usize = 4;

/// Secrets that are remembered; the oldest goes when there are more, since a definition may make new ones for ever.
const MOST: usize = 1000;

/// The secret values seen so far.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// Oldest first.
    values: VecDeque<Arc<str>>,
    /// The same, longest first, so that a secret within another is masked whole.
    by_length: Vec<Arc<str>>,
}

impl Secrets {
    /// Remembers the secrets that an effect brings; whether there was a new one.
    pub fn learn(&mut self, protocol: &Protocol, effect: &Effect) -> bool {
        match effect {
            Effect::Parameter(change) => self.remember(protocol, change.id, &change.value),
            Effect::Row(change) => {
                let mut is_new = false;
                for (id, value) in &change.cells {
                    is_new |= self.remember(protocol, *id, value);
                }
                is_new
            }
            Effect::Alarm(_)
            | Effect::Information(_)
            | Effect::Save(_)
            | Effect::Send(..)
            | Effect::ReadFile(..)
            | Effect::Cancel(_)
            | Effect::Close(_)
            | Effect::CloseTrend(..)
            | Effect::Tested(..)
            | Effect::Redefined(_)
            | Effect::ToElement(..)
            | Effect::Reply(..)
            | Effect::Timeout(_)
            | Effect::Log(_)
            | Effect::Trace(_) => false,
        }
    }

    fn remember(&mut self, protocol: &Protocol, id: ParamId, value: &Value) -> bool {
        protocol.param(id).is_some_and(Param::is_secret) && self.add(value.to_text())
    }

    /// Remembers a secret; whether it is new, and long enough to be masked.
    pub fn add(&mut self, secret: Arc<str>) -> bool {
        if secret.len() < SHORTEST || self.values.contains(&secret) {
            return false;
        }
        if self.values.len() == MOST {
            self.values.pop_front();
        }
        self.values.push_back(secret);
        self.by_length = self.values.iter().cloned().collect();
        self.by_length.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        true
    }

    /// A text without the secrets.
    #[must_use]
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.masked_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => {
                let text = String::from_utf8(bytes);
                Cow::Owned(text.expect("whole characters are replaced by ASCII"))
            }
        }
    }

    /// Bytes without the secrets.
    #[must_use]
    pub fn masked_bytes<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let mut masked = Vec::new();
        // Up to here the text is copied.
        let mut copied = 0;
        let mut at = 0;
        while at < text.len() {
            let found = self.by_length.iter().find_map(|secret| spelled_at(&text[at..], secret));

            match found {
                Some(length) => {
                    masked.extend_from_slice(&text[copied..at]);
                    masked.extend_from_slice(SECRET.as_bytes());
                    at += length;
                    copied = at;
                }
                None => at += 1,
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        masked.extend_from_slice(&text[copied..]);
        Cow::Owned(masked)
    }
}

/// How many bytes of the text spell the secret, when it begins with it.
fn spelled_at(text: &[u8], secret: &str) -> Option<usize> {
    let mut at = 0;
    for char in secret.chars() {
        at += char_at(&text[at..], char)?;
    }
    Some(at)
}

/// How many bytes spell the character: as it stands, percent-encoded, or as JSON escapes it.
fn char_at(text: &[u8], char: char) -> Option<usize> {
    let mut utf8 = [0; 4];
    let utf8 = char.encode_utf8(&mut utf8).as_bytes();
    if text.starts_with(b"\\") {
        // A backslash that begins an escape is never a character of its own.
        if let Some(length) = escaped_at(text, char) {
            return Some(length);
        }
    }
    if text.starts_with(utf8) {
        return Some(utf8.len());
    }
    if char == ' ' && text.starts_with(b"+") {
        return Some(1);
    }
    let is_encoded = |(index, byte): (usize, &u8)| {
        let encoded = text.get(index * 3..index * 3 + 3);
        encoded.is_some_and(|encoded| encoded[0] == b'%' && hex(&encoded[1..]) == Some(u32::from(*byte)))
    };
    utf8.iter().enumerate().all(is_encoded).then_some(utf8.len() * 3)
}

/// The length of the JSON escape of the character.
fn escaped_at(text: &[u8], char: char) -> Option<usize> {
    let short = match char {
        '"' => Some(b'"'),
        '\\' => Some(b'\\'),
        '/' => Some(b'/'),
        '\u{8}' => Some(b'b'),
        '\u{c}' => Some(b'f'),
        '\n' => Some(b'n'),
        '\r' => Some(b'r'),
        '\t' => Some(b't'),
        _ => None,
    };
    if short.is_some() && text.get(1).copied() == short {
        return Some(2);
    }
    let mut utf16 = [0; 2];
    let utf16 = char.encode_utf16(&mut utf16);
    let is_escaped = |(index, unit): (usize, &u16)| {
        let escape = text.get(index * 6..index * 6 + 6);
        escape.is_some_and(|escape| escape.starts_with(b"\\u") && hex(&escape[2..]) == Some(u32::from(*unit)))
    };
    let length = utf16.len() * 6;
    utf16.iter().enumerate().all(is_escaped).then_some(length)
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0, |number, &digit| Some(number * 16 + char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::{MOST, Secrets};

    fn secrets(values: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        for &value in values {
            secrets.add(value.into());
        }
        secrets
    }

    #[test]
    fn gop_44_a_secret_is_found_however_it_is_spelled() {
        let secrets = secrets(&["a b/c\"é\\😀"]);
        for spelled in [
            "a b/c\"é\\😀",
            "a%20b%2Fc%22%C3%A9%5C%F0%9F%98%80",
            "a+b%2fc%22%c3%a9%5c%f0%9f%98%80",
            "a b/c\\\"é\\\\😀",
            "a b\\/c\\\"\\u00e9\\\\\\uD83D\\uDE00",
            "\\u0061 b/c\\u0022é\\u005c😀",
        ] {
            assert_eq!(secrets.masked(&format!("<{spelled}>")), "<***>", "{spelled}");
        }
        for other in ["a b/c", "a%2", "\\u00", "a b/c\"é\\", "%", "\\"] {
            assert_eq!(secrets.masked(other), other);
        }
    }

    #[test]
    fn a_secret_within_another_is_masked_whole_and_short_ones_are_not() {
        let secrets = secrets(&["abcd", "xabcdx", "abc"]);
        assert_eq!(secrets.masked("abcd xabcdx xabcd abc"), "*** *** x*** abc");
        assert_eq!(secrets.masked_bytes(b"\xffabcd\xff").as_ref(), b"\xff***\xff");
    }

    #[test]
    fn the_latest_secrets_are_remembered() {
        let mut secrets = Secrets::default();
        for number in 0..=MOST {
            assert!(secrets.add(format!("secret-{number:05}").into()));
        }
        assert!(!secrets.add("secret-00001".into()));
        assert_eq!(secrets.masked("secret-00000 secret-00001"), "secret-00000 ***");
    }
}
