//! `Interprete`: how a parameter is kept in memory.
//!
//! Rules: PAR-60 to PAR-77, ELM-6, VAL-14, VAL-15, VAL-23.

use crate::model::interprete::{Interprete, Range, Rounding, Trim};
use crate::model::param::ParamKind;
use crate::model::value::{Value, ValueKind, parse_number};
use crate::schema::codes;
use crate::schema::declare;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::definition::bytes_text;
use crate::schema::lower::display::MOST_DECIMALS;
use crate::schema::lower::{exceptions, others};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The longest text a fixed length can ask for.
const LONGEST: u32 = 65_536;

const ROUNDINGS: &[(&str, Rounding)] = &[
    ("down", Rounding::Down),
    ("up", Rounding::Up),
    ("toZero", Rounding::ToZero),
    ("toInfinity", Rounding::ToInfinity),
    ("halfDown", Rounding::HalfDown),
    ("halfUp", Rounding::HalfUp),
    ("halfToZero", Rounding::HalfToZero),
    ("halfToInfinity", Rounding::HalfToInfinity),
    ("halfEven", Rounding::HalfEven),
    ("halfOdd", Rounding::HalfOdd),
];

/// `RawType` as far as it matters: what a fixed length is filled with at first (PAR-64).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RawType {
    /// Blanks.
    Text,
    /// Zeros.
    NumericText,
    /// Zero bytes.
    Number,
}

/// The flag tells what does not run.
const RAW_TYPES: &[(&str, (RawType, bool))] = &[
    ("other", (RawType::Text, true)),
    ("text", (RawType::Text, true)),
    ("numeric text", (RawType::NumericText, true)),
    ("double", (RawType::Number, true)),
    ("signed number", (RawType::Number, false)),
    ("unsigned number", (RawType::Number, false)),
    ("bcd", (RawType::Number, false)),
    ("only others", (RawType::Text, false)),
];

/// The value of `LengthType`: whether the length is fixed.
const LENGTH_TYPES: &[(&str, bool)] = &[
    ("next param", false),
    ("last next param", false),
    ("other param", false),
    ("fixed", true),
];

/// The `Interprete` of a parameter; a text when it has none (PAR-60).
pub(super) fn interprete(cx: &mut Lowering<'_>, param: Node<'_>, kind: ParamKind) -> Interprete {
    let Some(node) = param.child("Interprete") else {
        return Interprete::text();
    };
    let value_kind = declare::value_kind(param);
    check_type(cx, node);
    let raw_type = raw_type(cx, node, value_kind);
    let is_numeric_text = raw_type == RawType::NumericText && node.filled("RawType").is_some();
    // A bit of another parameter has the length that says how many.
    let is_bit = param.field("Type").is_some_and(|kind| kind.is("read bit"));
    let fixed_length = fixed_length(cx, node, kind, is_bit);
    Interprete {
        kind: value_kind,
        decimals: node
            .filled("Decimals")
            .and_then(|field| field.number(0..=MOST_DECIMALS, &mut cx.diagnostics))
            .unwrap_or(6),
        rounding: node
            .filled("Rounding")
            .and_then(|field| field.one_of(ROUNDINGS, &mut cx.diagnostics))
            .unwrap_or_default(),
        default: default_value(cx, node, kind, value_kind),
        initial: initial(cx, node, kind, value_kind, raw_type, fixed_length),
        fixed_length,
        exceptions: exceptions::exceptions(cx, node, kind, value_kind),
        others: others::others(cx, node, value_kind),
        numeric_text: is_numeric_text,
        printable_only: node
            .child("Type")
            .is_some_and(|tag| tag.flag("filter", &mut cx.diagnostics)),
        range: range(cx, node),
        trim: trim(cx, node),
    }
}

/// The value a text stands for: a number is trimmed and read, a text stays as it is (PAR-69).
pub(super) fn value(text: &str, kind: ValueKind) -> Option<Value> {
    match kind {
        ValueKind::Number => parse_number(text).map(Value::Number),
        ValueKind::Text => Some(Value::text(text)),
    }
}

fn check_type(cx: &mut Lowering<'_>, node: Node<'_>) {
    let Some(field) = node.filled("Type") else {
        return;
    };
    let known = [("double", ()), ("string", ()), ("high nibble", ())];
    if field.one_of(&known, &mut cx.diagnostics).is_some() && field.is("high nibble") {
        let message = "`high nibble` belongs to serial devices; the parameter is a number";
        cx.report(Diagnostic::new(&codes::INTERPRETE_TYPE, field.span(), message).hint("write `double`"));
    }
}

/// Several `RawType` tags are an error; the last one counts (VAL-23).
fn raw_type(cx: &mut Lowering<'_>, node: Node<'_>, kind: ValueKind) -> RawType {
    let tags: Vec<Node<'_>> = node.children("RawType").collect();
    if let [first, .., last] = tags.as_slice() {
        let twice = Diagnostic::new(
            &codes::RAW_TYPE_DUPLICATE,
            last.name_span(),
            "a second `RawType`, which counts",
        );
        cx.report(
            twice
                .second(first.name_span(), "the first one")
                .hint("remove one of them"),
        );
    }
    let fallback = match kind {
        ValueKind::Number => RawType::NumericText,
        ValueKind::Text => RawType::Text,
    };
    let Some(field) = tags.last().map(|tag| tag.content()).filter(|field| !field.is_empty()) else {
        return fallback;
    };
    let Some((raw_type, runs)) = field.one_of(RAW_TYPES, &mut cx.diagnostics) else {
        return fallback;
    };
    if !runs {
        let message = format!(
            "`{}` belongs to serial devices; values are taken as they come",
            field.text()
        );
        let hint = "use `numeric text` for a number and `other` for a text";
        cx.report(Diagnostic::new(&codes::RAW_TYPE, field.span(), message).hint(hint));
    }
    raw_type
}

/// The length, when `LengthType` is `fixed`. A table's own `Interprete` has no effect (TBL-7).
fn fixed_length(cx: &mut Lowering<'_>, node: Node<'_>, kind: ParamKind, is_bit: bool) -> Option<u32> {
    if kind == ParamKind::Array {
        return None;
    }
    let hint = "write `<LengthType>next param</LengthType>`, which is assumed";
    let Some(field) = node.filled("LengthType") else {
        let message = "`LengthType` is missing";
        cx.report(Diagnostic::new(&codes::LENGTH_TYPE_MISSING, node.name_span(), message).hint(hint));
        return None;
    };
    let Some(fixed) = field.lookup(LENGTH_TYPES) else {
        let message = format!("`{}` is not a `LengthType`", field.text());
        cx.report(Diagnostic::new(&codes::LENGTH_TYPE_INVALID, field.span(), message).hint(hint));
        return None;
    };
    if !fixed {
        return None;
    }
    let Some(length) = node.filled("Length") else {
        if is_bit {
            return None;
        }
        let message = "a fixed length needs `Length`";
        cx.report(Diagnostic::new(&codes::LENGTH_MISSING, field.span(), message).hint("add `<Length>…</Length>`"));
        return None;
    };
    length.number(1..=LONGEST, &mut cx.diagnostics)
}

/// What the parameter holds before anything is set (PAR-64, PAR-65).
fn initial(
    cx: &mut Lowering<'_>,
    node: Node<'_>,
    kind: ParamKind,
    value_kind: ValueKind,
    raw_type: RawType,
    fixed_length: Option<u32>,
) -> Option<Value> {
    let given = node.field("Value");
    if fixed_length.is_none() && kind != ParamKind::Fixed {
        if let Some(field) = given.filter(|field| !field.is_empty()) {
            let message = "`Value` is for a fixed parameter or a fixed length; it is not used";
            let hint = "use `DefaultValue` to give a parameter a value at start";
            cx.report(Diagnostic::new(&codes::NOT_RUN, field.span(), message).hint(hint));
        }
        return None;
    }
    match value_kind {
        ValueKind::Number => {
            let number = given
                .filter(|field| !field.is_empty())
                .and_then(|field| number(cx, field));
            number.or(fixed_length.map(|_| 0.0)).map(Value::Number)
        }
        ValueKind::Text => {
            let text = given.map(|field| bytes_text(field.raw()).unwrap_or_else(|| field.raw().to_owned()));
            let Some(length) = fixed_length else {
                return text.map(Value::from);
            };
            let filler = match raw_type {
                RawType::Text => ' ',
                RawType::NumericText => '0',
                RawType::Number => '\0',
            };
            let text = text.unwrap_or_default();
            let filled = text.chars().chain(std::iter::repeat(filler));
            Some(Value::from(filled.take(length as usize).collect::<String>()))
        }
    }
}

fn number(cx: &mut Lowering<'_>, field: Field<'_>) -> Option<f64> {
    let number = parse_number(field.text());
    if number.is_none() {
        let message = format!("`{}` is not a number, but the parameter is one", field.text());
        cx.report(Diagnostic::new(&codes::VALUE_INVALID, field.span(), message).hint("write a number"));
    }
    number
}

/// `DefaultValue` (PAR-68). That a column has none is checked once the columns are known.
fn default_value(cx: &mut Lowering<'_>, node: Node<'_>, kind: ParamKind, value_kind: ValueKind) -> Option<Value> {
    let field = node.field("DefaultValue")?;
    if kind != ParamKind::Read {
        let message = "only a `read` has a default value";
        let hint = "set the value in the after-startup flow; the default is not used";
        cx.report(Diagnostic::new(&codes::DEFAULT_UNSUPPORTED, field.span(), message).hint(hint));
        return None;
    }
    let value = match value_kind {
        ValueKind::Number => plain_number(field.text()).map(Value::Number),
        ValueKind::Text => Some(Value::text(without_editor_blanks(field.raw()))),
    };
    if value.is_none() {
        let message = format!("`{}` is not a number, but the parameter is one", field.text());
        let hint = "write it as `-12.5`: digits, a point, no exponent";
        cx.report(Diagnostic::new(&codes::DEFAULT_INVALID, field.span(), message).hint(hint));
    }
    value
}

/// `[-]digits[.digits]` (PAR-68).
fn plain_number(text: &str) -> Option<f64> {
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(fraction))
        .then(|| parse_number(text))
        .flatten()
}

/// A text without the line breaks and tabs an editor put around it, and the blanks that go with them (PAR-69).
fn without_editor_blanks(text: &str) -> &str {
    let by_editor = |blanks: &str| blanks.contains(['\n', '\t']);
    let start = text.len() - text.trim_start().len();
    let text = if by_editor(&text[..start]) {
        &text[start..]
    } else {
        text
    };
    let end = text.trim_end().len();
    if by_editor(&text[end..]) { &text[..end] } else { text }
}

fn range(cx: &mut Lowering<'_>, node: Node<'_>) -> Range {
    let Some(node) = node.child("Range") else {
        return Range::default();
    };
    let mut end = |tag| {
        let field: Option<Field<'_>> = node.filled(tag);
        field.and_then(|field| field.number(f64::MIN..=f64::MAX, &mut cx.diagnostics))
    };
    Range {
        low: end("Low"),
        high: end("High"),
    }
}

/// `Type@trim`: `left`, `right` or both.
fn trim(cx: &mut Lowering<'_>, node: Node<'_>) -> Trim {
    let mut trim = Trim::default();
    let Some(field) = node.child("Type").and_then(|kind| kind.attribute("trim")) else {
        return trim;
    };
    let sides = [("left", true), ("right", false)];
    for part in field.parts(';').filter(|part| !part.is_empty()) {
        match part.one_of(&sides, &mut cx.diagnostics) {
            Some(true) => trim.left = true,
            Some(false) => trim.right = true,
            None => {}
        }
    }
    trim
}

#[cfg(test)]
mod tests {
    use super::{plain_number, without_editor_blanks};

    #[test]
    fn par_68_a_default_number_has_no_exponent_and_no_plus() {
        assert_eq!(
            ["-12.5", "7", "0.1"].map(plain_number),
            [Some(-12.5), Some(7.0), Some(0.1)]
        );
        assert_eq!(
            ["1e3", "+1", "1,5", "", "--1", "NaN", ".5", "5."].map(plain_number),
            [None; 8]
        );
    }

    #[test]
    fn par_69_only_the_blanks_of_an_editor_go() {
        assert_eq!(without_editor_blanks("\n\t\ttext here\n  "), "text here");
        assert_eq!(without_editor_blanks(" text "), " text ");
        assert_eq!(without_editor_blanks("\n"), "");
    }
}
