//! `Condition`: an expression tree. The text is parsed by `schema`, the tree is evaluated by `engine::condition`.
//!
//! Rules: CON-1 to CON-27. Equal precedence and the missing short circuit are in the shape of the tree: it leans left.

use crate::model::id::ParamId;
use crate::model::value::ValueKind;

/// A condition as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Could not be read: false at run time, with one log line (CON-12).
    Invalid,
    /// Both.
    And(Box<Condition>, Box<Condition>),
    /// At least one.
    Or(Box<Condition>, Box<Condition>),
    /// `left op right`.
    Compare(Expression, Comparison, Expression),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A number.
    Number(f64),
    /// A quoted text.
    Text(String),
    /// `id:n` of a single parameter, with the kind it is compared as (CON-13).
    Param(ParamId, ValueKind),
    /// `id:n` of a table: may only be compared with `empty` (CON-24).
    Table(ParamId),
    /// `id:n` of a parameter that does not exist: an uninitialised text (CON-26).
    Missing(ParamId),
    /// `empty`.
    Empty,
    /// `emptystring`.
    EmptyString,
    /// `left op right`, folded from the left (CON-9).
    Arithmetic(Box<Expression>, Arithmetic, Box<Expression>),
}

/// An arithmetic operator (CON-14, CON-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`: adds numbers, joins texts.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `&`.
    And,
    /// `|`.
    Or,
    /// `^`.
    Xor,
}
