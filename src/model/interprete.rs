//! `Interprete`: how a parameter is kept in memory.
//!
//! Rules: PAR-60 to PAR-78, ELM-4, ELM-6.

use crate::model::id::ParamId;
use crate::model::value::{Value, ValueKind};

/// How a parameter is kept in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Interprete {
    /// `Type`: number or text.
    pub kind: ValueKind,
    /// `Decimals` kept in memory, 6 unless given (PAR-66).
    pub decimals: u8,
    /// `Rounding` to those decimals.
    pub rounding: Rounding,
    /// `DefaultValue`, for a standalone read that is empty after start (PAR-68).
    pub default: Option<Value>,
    /// `Value`: the content of a fixed or fixed-length parameter (PAR-65).
    pub initial: Option<Value>,
    /// The length in bytes, when `LengthType` is `fixed`: such a parameter is never uninitialised (PAR-64).
    pub fixed_length: Option<u32>,
    /// `Exceptions`, in document order.
    pub exceptions: Vec<Exception>,
    /// `Others`: what an incoming text stands for that is no value of this type (PAR-76).
    pub others: Vec<Other>,
    /// `RawType` is `numeric text`: an incoming text with other characters is dropped (PAR-61, PAR-62).
    pub numeric_text: bool,
    /// `Type@filter`: what cannot be printed is left out when the value is shown (PAR-70).
    pub printable_only: bool,
    /// `Range`: an incoming value outside is dropped (PAR-77).
    pub range: Range,
    /// `Type@trim` of an incoming text.
    pub trim: Trim,
}

impl Interprete {
    /// What a parameter without an `Interprete` has: a text (PAR-60).
    #[must_use]
    pub const fn text() -> Self {
        Self {
            kind: ValueKind::Text,
            decimals: 6,
            rounding: Rounding::Down,
            default: None,
            initial: None,
            fixed_length: None,
            exceptions: Vec::new(),
            others: Vec::new(),
            numeric_text: false,
            printable_only: false,
            range: Range { low: None, high: None },
            trim: Trim {
                left: false,
                right: false,
            },
        }
    }
}

/// `Rounding` of a number to the decimals kept (PAR-67).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rounding {
    /// Toward negative infinity, the default.
    #[default]
    Down,
    /// Toward positive infinity.
    Up,
    /// Toward zero.
    ToZero,
    /// Away from zero.
    ToInfinity,
    /// To the nearest, ties toward negative infinity.
    HalfDown,
    /// To the nearest, ties toward positive infinity.
    HalfUp,
    /// To the nearest, ties toward zero.
    HalfToZero,
    /// To the nearest, ties away from zero.
    HalfToInfinity,
    /// To the nearest, ties to the even digit.
    HalfEven,
    /// To the nearest, ties to the odd digit.
    HalfOdd,
}

/// A value with a meaning of its own, such as -1 for `N/A` (PAR-73).
#[derive(Debug, Clone, PartialEq)]
pub struct Exception {
    /// `@value`: the value that comes in and stays in memory.
    pub value: Value,
    /// `Display`: what a person reads instead.
    pub display: String,
    /// `Display@state`: shown greyed.
    pub disabled: bool,
    /// `Value`: what alarm and trend records hold.
    pub mapped: Value,
}

/// An incoming text of another type, such as `N/A` among numbers (PAR-76).
#[derive(Debug, Clone, PartialEq)]
pub struct Other {
    /// `@id`: the parameter that holds the text.
    pub symbol: ParamId,
    /// `Value`: what is stored for it.
    pub value: Value,
    /// `Display`: what a person reads instead.
    pub display: String,
    /// `Display@state`: shown greyed.
    pub disabled: bool,
}

/// An inclusive range, open where a side is absent.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Range {
    /// The lowest value allowed.
    pub low: Option<f64>,
    /// The highest value allowed.
    pub high: Option<f64>,
}

impl Range {
    /// Whether the value lies within.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low.is_none_or(|low| low <= value) && self.high.is_none_or(|high| value <= high)
    }
}

/// Which outer blanks of an incoming text are dropped (PAR-70).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trim {
    /// Drop leading blanks.
    pub left: bool,
    /// Drop trailing blanks.
    pub right: bool,
}
