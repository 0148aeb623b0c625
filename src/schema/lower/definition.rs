//! What a definition says about itself: `Name`, `Version`, and the texts of `NoTimeouts`.
//!
//! Rules: VAL-1, TMO-11.

use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// `Name`; without one there is no protocol.
pub(super) fn name(cx: &mut Lowering<'_>, protocol: Node<'_>) -> String {
    required(
        cx,
        protocol,
        "Name",
        &codes::PROTOCOL_NAME_MISSING,
        &codes::PROTOCOL_NAME_EMPTY,
    )
}

/// `Version`; without one there is no protocol.
pub(super) fn version(cx: &mut Lowering<'_>, protocol: Node<'_>) -> String {
    required(
        cx,
        protocol,
        "Version",
        &codes::PROTOCOL_VERSION_MISSING,
        &codes::PROTOCOL_VERSION_EMPTY,
    )
}

fn required(
    cx: &mut Lowering<'_>,
    protocol: Node<'_>,
    tag: &str,
    missing: &'static Code,
    empty: &'static Code,
) -> String {
    let hint = format!("write `<{tag}>…</{tag}>` directly inside `Protocol`");
    match protocol.field(tag) {
        None => cx.report(Diagnostic::new(missing, protocol.name_span(), format!("`{tag}` is missing")).hint(hint)),
        Some(field) if field.is_empty() => {
            cx.report(Diagnostic::new(empty, field.span(), format!("`{tag}` is empty")).hint(hint));
        }
        Some(field) => return field.text().to_owned(),
    }
    String::new()
}

/// The error texts whose failures do not count (TMO-11), wherever they are written.
pub(super) fn no_timeouts(protocol: Node<'_>) -> Vec<String> {
    let inside = |parent: Option<Node<'_>>| parent.and_then(|parent| parent.child("NoTimeouts")).map(entries);
    let mut texts = entries(protocol);
    texts.extend(inside(Some(protocol)).into_iter().flatten());
    texts.extend(inside(protocol.child("Options")).into_iter().flatten());
    texts
}

fn entries(parent: Node<'_>) -> Vec<String> {
    let entries = parent.children("NoTimeout").map(Node::content);
    entries
        .filter(|entry| !entry.is_empty())
        .map(|entry| bytes_text(entry.text()).unwrap_or_else(|| entry.text().to_owned()))
        .collect()
}

/// The text that `0x41 0x42` or `0x410x42` stands for, one character a byte; none when the text is not of that form.
pub(super) fn bytes_text(text: &str) -> Option<String> {
    let mut decoded = String::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X"))?;
        let pair = digits
            .get(..2)
            .filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let byte = u8::from_str_radix(pair, 16).ok()?;
        decoded.push(char::from(byte));
        rest = digits[2..].trim_start();
    }
    (!decoded.is_empty()).then_some(decoded)
}

/// The bytes that pairs of hexadecimal digits stand for.
pub(super) fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::bytes_text;

    #[test]
    fn par_65_tmo_11_hexadecimal_bytes_become_characters() {
        assert_eq!(bytes_text("0x41 0x42").as_deref(), Some("AB"));
        assert_eq!(bytes_text("0x0D0x0A").as_deref(), Some("\r\n"));
        assert_eq!(bytes_text("0xFF").as_deref(), Some("\u{ff}"));
        for plain in ["", "0x", "0x4", "A0x41", "0xé1", "0x+1"] {
            assert_eq!(bytes_text(plain), None, "{plain}");
        }
    }
}
