//! What comes over a connection, before it is stored: trimmed, filtered by `RawType` and `Range`, translated by `Others`.
//!
//! A set of a QAction, an action or a user goes past all this. What does not pass leaves the old value in place.
//!
//! Rules: PAR-61, PAR-62, PAR-70, PAR-73, PAR-76, PAR-77.

use crate::engine::convert::to_kind;
use crate::model::id::ParamId;
use crate::model::interprete::Interprete;
use crate::model::value::Value;

/// The value to store; none when it is dropped. `value` tells what other parameters hold.
pub(super) fn incoming<'p>(
    interprete: &Interprete,
    arrived: &Value,
    value: impl Fn(ParamId) -> &'p Value,
) -> Result<Value, Dropped> {
    let arrived = trimmed(interprete, arrived);
    let text = arrived.to_text();
    let fits = !interprete.numeric_text || text.chars().all(is_numeric_text);
    let stored = to_kind(interprete, &arrived).filter(|_| fits);
    let Some(stored) = stored else {
        let mut others = interprete.others.iter();
        let other = others.find(|other| *value(other.symbol).to_text() == *text);
        return other.map(|other| other.value.clone()).ok_or(Dropped::NotOfItsType);
    };
    // An exception is no measured value: it comes from outside the range of those (PAR-73).
    let is_exception = || interprete.exceptions.iter().any(|exception| exception.value == stored);
    match stored.as_number() {
        Some(number) if !interprete.range.contains(number) && !is_exception() => Err(Dropped::OutOfRange),
        Some(_) | None => Ok(stored),
    }
}

/// Why a value is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dropped {
    /// It does not fit `RawType` or `Type`.
    NotOfItsType,
    /// It is outside `Range`.
    OutOfRange,
}

/// The text without the outer blanks that `Type@trim` names.
fn trimmed(interprete: &Interprete, arrived: &Value) -> Value {
    let Value::Text(text) = arrived else {
        return arrived.clone();
    };
    match (interprete.trim.left, interprete.trim.right) {
        (false, false) => arrived.clone(),
        (true, false) => text.trim_start().into(),
        (false, true) => text.trim_end().into(),
        (true, true) => text.trim().into(),
    }
}

/// What a `numeric text` is made of (PAR-62).
const fn is_numeric_text(character: char) -> bool {
    matches!(character, '0'..='9' | '+' | '-' | '.' | ',' | 'e' | 'E' | ' ')
}

#[cfg(test)]
mod tests {
    use super::{Dropped, incoming};
    use crate::model::id::ParamId;
    use crate::model::interprete::{Exception, Interprete, Other, Range, Trim};
    use crate::model::value::{Value, ValueKind};

    /// What is stored of a text; parameter 9 holds `N/A`.
    fn stored(interprete: &Interprete, text: &str) -> Result<Value, Dropped> {
        let symbol = Value::from("N/A");
        incoming(interprete, &text.into(), |_| &symbol)
    }

    fn number() -> Interprete {
        Interprete {
            kind: ValueKind::Number,
            numeric_text: true,
            ..Interprete::text()
        }
    }

    #[test]
    fn par_61_par_62_numeric_text_is_a_filter() {
        let digits = Interprete {
            numeric_text: true,
            ..Interprete::text()
        };
        assert_eq!(stored(&digits, "-1.5e3 + 2,0"), Ok("-1.5e3 + 2,0".into()));
        assert_eq!(stored(&digits, "12 dB"), Err(Dropped::NotOfItsType));
        assert_eq!(stored(&Interprete::text(), "12 dB"), Ok("12 dB".into()));
        assert_eq!(stored(&number(), " 12 "), Ok(12.0.into()));
        for text in ["1,5", "abc", ""] {
            assert_eq!(stored(&number(), text), Err(Dropped::NotOfItsType), "{text}");
        }
    }

    #[test]
    fn par_70_an_incoming_text_is_trimmed_on_the_sides_named() {
        let trim = |left, right| Interprete {
            trim: Trim { left, right },
            ..Interprete::text()
        };
        let texts = [(false, false), (true, false), (false, true), (true, true)]
            .map(|(left, right)| stored(&trim(left, right), " a\r\n"));
        assert_eq!(texts, [" a\r\n", "a\r\n", " a", "a"].map(|text| Ok(text.into())));
    }

    #[test]
    fn par_76_another_text_stands_for_its_value() {
        let other = Other {
            symbol: ParamId(9),
            value: (-1.0).into(),
            display: "Not available".to_owned(),
            disabled: true,
        };
        let interprete = Interprete {
            others: vec![other],
            range: Range {
                low: Some(0.0),
                high: None,
            },
            ..number()
        };
        assert_eq!(
            stored(&interprete, "N/A"),
            Ok((-1.0).into()),
            "the range is for values of the type"
        );
        assert_eq!(stored(&interprete, "n/a"), Err(Dropped::NotOfItsType));
    }

    #[test]
    fn par_77_a_value_out_of_range_is_dropped() {
        let interprete = Interprete {
            range: Range {
                low: Some(0.0),
                high: Some(10.0),
            },
            ..number()
        };
        let texts = ["0", "10", "-1", "10.5"].map(|text| stored(&interprete, text));
        let out = Err(Dropped::OutOfRange);
        assert_eq!(texts, [Ok(0.0.into()), Ok(10.0.into()), out.clone(), out]);
    }

    #[test]
    fn par_73_par_77_an_exception_is_outside_the_range_and_stored() {
        let interprete = Interprete {
            range: Range {
                low: Some(0.0),
                high: Some(10.0),
            },
            exceptions: vec![Exception {
                value: (-1.0).into(),
                display: "N/A".to_owned(),
                disabled: true,
                mapped: (-100.0).into(),
            }],
            ..number()
        };
        assert_eq!(stored(&interprete, "-1"), Ok((-1.0).into()));
        assert_eq!(stored(&interprete, "-100"), Err(Dropped::OutOfRange));
    }
}
