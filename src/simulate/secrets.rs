//! The secret values an element had so far, and texts without them, in whichever way a text spells them.
//!
//! A secret in a URL is percent-encoded, in a JSON body it is escaped; what is encoded and how differs from connector to
//! connector. So each character of a secret may stand in any of its spellings, mixed.
//!
//! Rules: LOG-2, DSP-60.

use std::sync::Arc;

use crate::simulate::trace::SECRET;

/// Masking very short values would only garble everything else.
const SHORTEST: usize = 4;

/// The secret values seen so far.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// Longest first, so that a secret that contains another is masked whole.
    values: Vec<Arc<str>>,
}

impl Secrets {
    /// Nothing yet.
    pub(super) const fn new() -> Self {
        Self { values: Vec::new() }
    }

    /// Takes a secret in.
    pub(super) fn remember(&mut self, value: Arc<str>) {
        if value.len() >= SHORTEST && !self.values.contains(&value) {
            self.values.push(value);
            self.values.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    /// A text with `***` for each secret.
    pub(super) fn masked(&self, text: &str) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some(after) = self.values.iter().find_map(|secret| after_secret(rest, secret)) {
                masked.push_str(SECRET);
                rest = after;
            } else {
                masked.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        masked
    }
}

/// What follows a secret at the beginning of a text; none when the text does not begin with it.
///
/// A `\\` may be two characters or one that is escaped, and so may a `%25`: all readings are followed side by side.
fn after_secret<'t>(text: &'t str, secret: &str) -> Option<&'t str> {
    let mut rests = vec![text];
    for wanted in secret.chars() {
        rests = rests.into_iter().flat_map(|rest| after_char(rest, wanted)).collect();
        rests.sort_unstable_by_key(|rest| rest.len());
        rests.dedup_by_key(|rest| rest.len());
        if rests.is_empty() {
            return None;
        }
    }
    rests.first().copied()
}

/// What follows a character: plain, percent-encoded, escaped.
fn after_char(text: &str, wanted: char) -> impl Iterator<Item = &str> {
    let spellings = [
        text.strip_prefix(wanted),
        after_percent_encoded(text, wanted),
        after_escaped(text, wanted),
    ];
    spellings.into_iter().flatten()
}

/// `%C3%A9`, in either case; `+` is a blank in forms.
fn after_percent_encoded(text: &str, wanted: char) -> Option<&str> {
    if wanted == ' '
        && let Some(after) = text.strip_prefix('+')
    {
        return Some(after);
    }
    let mut buffer = [0; 4];
    let bytes = wanted.encode_utf8(&mut buffer).bytes();
    bytes.map(u32::from).try_fold(text, |text, byte| {
        let (digits, after) = text.strip_prefix('%')?.split_at_checked(2)?;
        (u32::from_str_radix(digits, 16) == Ok(byte)).then_some(after)
    })
}

/// `\"`, `\n`, `\u00e9`, as JSON escapes.
fn after_escaped(text: &str, wanted: char) -> Option<&str> {
    let short = match wanted {
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        '"' | '\\' | '/' => Some(wanted),
        _ => None,
    };
    let escape = text.strip_prefix('\\')?;
    if let Some(after) = short.and_then(|short| escape.strip_prefix(short)) {
        return Some(after);
    }
    let mut buffer = [0; 2];
    let units = wanted.encode_utf16(&mut buffer).iter();
    units.map(|&unit| u32::from(unit)).try_fold(text, |text, unit| {
        let (digits, after) = text.strip_prefix("\\u")?.split_at_checked(4)?;
        (u32::from_str_radix(digits, 16) == Ok(unit)).then_some(after)
    })
}

#[cfg(test)]
mod tests {
    use super::Secrets;

    fn masked(secret: &str, text: &str) -> String {
        let mut secrets = Secrets::new();
        secrets.remember(secret.into());
        secrets.masked(text)
    }

    #[test]
    fn a_secret_is_masked_wherever_it_stands() {
        assert_eq!(masked("hunter22", "a hunter22 and hunter22!"), "a *** and ***!");
        assert_eq!(masked("hunter22", "hunter2"), "hunter2");
        assert_eq!(masked("hunter22", ""), "");
    }

    #[test]
    fn a_percent_encoded_secret_is_masked_in_either_case() {
        assert_eq!(masked("p/é w&", "/a?k=p%2F%C3%A9%20w%26&b"), "/a?k=***&b");
        assert_eq!(masked("p/é w&", "/a?k=p%2f%c3%a9+w%26&b"), "/a?k=***&b");
        assert_eq!(masked("p/é w&", "/a?k=p/%C3%A9%20w&&b"), "/a?k=***&b");
        assert_eq!(masked("p/é w&", "/a?k=p%2F%C3"), "/a?k=p%2F%C3");
    }

    #[test]
    fn a_secret_escaped_in_json_is_masked() {
        assert_eq!(masked("a\"b\\c\n", r#"{"k":"a\"b\\c\n"}"#), r#"{"k":"***"}"#);
        assert_eq!(masked("clé😀s", r#"{"k":"cl\u00E9\ud83d\ude00s"}"#), r#"{"k":"***"}"#);
        assert_eq!(masked("a/b/c", r#"{"k":"a\/b\/c"}"#), r#"{"k":"***"}"#);
    }

    #[test]
    fn what_reads_as_an_encoding_is_masked_plain_and_encoded() {
        for text in [r"a\\b%25", r"a\\\\b%2525", r"a%5C%5Cb%2525"] {
            assert_eq!(masked(r"a\\b%25", text), "***", "{text}");
        }
        let backslashes = r"\".repeat(200);
        assert_eq!(masked(&format!("{}x", &backslashes[..20]), &backslashes), backslashes);
    }

    #[test]
    fn the_longer_of_two_secrets_is_masked_whole() {
        let mut secrets = Secrets::new();
        secrets.remember("pass".into());
        secrets.remember("password".into());
        assert_eq!(secrets.masked("password pass"), "*** ***");
    }

    #[test]
    fn a_very_short_secret_is_not_looked_for() {
        assert_eq!(masked("abc", "abcdef"), "abcdef");
    }
}
