//! What a set stores: a value converted to the in-memory kind of its parameter, and bytes as text.
//!
//! Rules: PAR-60, PAR-66, PAR-67, PAR-102, PAR-103. Sets of null, which keep the value, are decided by the caller.

use std::sync::Arc;

use crate::model::decimal::Decimal;
use crate::model::interprete::{Interprete, Rounding};
use crate::model::value::{Value, ValueKind, parse_number};

/// The value as the parameter stores it; none when it does not fit and the stored value must stay (PAR-103).
pub(crate) fn to_kind(interprete: &Interprete, value: &Value) -> Option<Value> {
    let number = match (interprete.kind, value) {
        (_, Value::Uninitialised) | (ValueKind::Text, Value::Text(_)) => return Some(value.clone()),
        (ValueKind::Text, Value::Number(number)) => return number.is_finite().then(|| Value::Text(value.to_text())),
        (ValueKind::Number, Value::Number(number)) => *number,
        (ValueKind::Number, Value::Text(text)) => parse_number(text)?,
    };
    number
        .is_finite()
        .then(|| Value::Number(kept(number, interprete.decimals, interprete.rounding)))
}

/// The number with the decimals that memory keeps (PAR-66).
fn kept(number: f64, decimals: u8, rounding: Rounding) -> f64 {
    if number.fract() == 0.0 {
        // Whole, and by far the most frequent; the sum takes the sign from a zero.
        return number + 0.0;
    }
    Decimal::shortest(number).rounded(decimals, rounding).to_number()
}

/// Bytes as text: UTF-8 where they are, else each byte as the Latin-1 character (HTTP-35).
pub(crate) fn text_of(bytes: &[u8]) -> Arc<str> {
    std::str::from_utf8(bytes).map_or_else(|_| latin_1(bytes), Arc::from)
}

/// Each byte as the Latin-1 character.
pub(crate) fn latin_1(bytes: &[u8]) -> Arc<str> {
    bytes.iter().map(|&byte| char::from(byte)).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::to_kind;
    use crate::model::interprete::{Interprete, Rounding};
    use crate::model::value::{Value, ValueKind};

    fn double() -> Interprete {
        Interprete {
            kind: ValueKind::Number,
            ..Interprete::text()
        }
    }

    fn rounded(decimals: u8, rounding: Rounding) -> Interprete {
        Interprete {
            decimals,
            rounding,
            ..double()
        }
    }

    fn number(interprete: &Interprete, number: f64) -> Option<f64> {
        to_kind(interprete, &number.into())?.as_number()
    }

    #[test]
    fn par_66_memory_keeps_six_decimals_unless_told_otherwise() {
        assert_eq!(number(&double(), 1.234_567_89), Some(1.234_567));
        assert_eq!(
            number(&rounded(8, Rounding::Down), 45_000.437_512_34),
            Some(45_000.437_512_34)
        );
    }

    #[test]
    fn par_67_rounding_works_on_the_decimal_text() {
        assert_eq!(number(&rounded(2, Rounding::Down), 0.29), Some(0.29));
        assert_eq!(number(&rounded(2, Rounding::Down), -0.291), Some(-0.30));
        assert_eq!(number(&rounded(0, Rounding::HalfToInfinity), 2.5), Some(3.0));
        assert_eq!(number(&rounded(0, Rounding::HalfToInfinity), -2.5), Some(-3.0));
    }

    #[test]
    fn par_102_a_number_parameter_reads_invariant_text() {
        let stored = ["1.5", " 2 ", "1,5", "abc", "", "-0"].map(|text| to_kind(&double(), &text.into()));
        let expected = [Some(1.5.into()), Some(2.0.into()), None, None, None, Some(0.0.into())];
        assert_eq!(stored, expected);
    }

    #[test]
    fn par_103_what_is_not_finite_is_refused_by_both_kinds() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(to_kind(&double(), &value.into()), None);
            assert_eq!(to_kind(&Interprete::text(), &value.into()), None);
        }
        assert_eq!(to_kind(&double(), &"1e999".into()), None);
    }

    #[test]
    fn par_102_a_text_parameter_stores_numbers_in_their_shortest_text() {
        let stored = [
            Value::from(5.0),
            Value::from(0.1),
            Value::from(" a "),
            Value::Uninitialised,
        ]
        .map(|value| to_kind(&Interprete::text(), &value));
        let expected = [
            Some("5".into()),
            Some("0.1".into()),
            Some(" a ".into()),
            Some(Value::Uninitialised),
        ];
        assert_eq!(stored, expected);
    }
}
