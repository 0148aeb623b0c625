//! The grammar of a condition: members, sides and brackets, with the kind of each value.
//!
//! Rules: CON-7, CON-9 to CON-11, CON-13 to CON-15, CON-20, CON-24 to CON-26. AND and OR bind equally, and so do the
//! arithmetic operators: everything folds from the left.

use std::ops::Range;

use crate::model::condition::{Arithmetic, Comparison, Condition, Expression};
use crate::model::id::ParamId;
use crate::model::value::ValueKind;
use crate::schema::lower::condition::token::{Token, Word, tokens};
use crate::schema::lower::general::{self, GENERAL_PARAMS};

/// What `id:n` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand {
    /// A single parameter of this kind (CON-13).
    Single(ValueKind),
    /// A table: only to be compared with `empty` (CON-24).
    Table,
    /// A column: no operand (CON-24).
    Column,
    /// No parameter of this definition.
    Missing,
}

/// A condition that could be read.
#[derive(Debug, PartialEq)]
pub(super) struct Read {
    /// The tree.
    pub(super) condition: Condition,
    /// The parameters that do not exist, and where they are named (CON-26).
    pub(super) missing: Vec<(ParamId, Range<usize>)>,
}

/// Why a condition could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The faulty bytes of the text.
    pub(super) at: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
        }
    }
}

/// Reads a condition that is not blank.
pub(super) fn read(text: &str, operand: &dyn Fn(ParamId) -> Operand) -> Result<Read, Fault> {
    let tokens = tokens(text)?;
    let mut reader = Reader {
        text,
        tokens: &tokens,
        next: 0,
        operand,
        missing: Vec::new(),
    };
    let part = reader.condition(0)?;
    if let Some(token) = reader.peek() {
        let message = if token.word == Word::Close {
            "this bracket was not opened"
        } else {
            "an operator is missing here"
        };
        return Err(Fault::new(token.at.clone(), message));
    }
    let condition = part.truth()?;
    Ok(Read {
        condition,
        missing: reader.missing,
    })
}

/// Brackets within brackets beyond any condition a person wrote; bounds the recursion.
pub(super) const DEEPEST_BRACKET: usize = 64;

/// What a piece of the text is: a value or a truth, and where it stands.
struct Part {
    what: What,
    at: Range<usize>,
}

enum What {
    Value(Expression, Kind),
    Truth(Condition),
}

/// What a value may be combined with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    /// A parameter whose kind is not known here: combines with both.
    Unknown,
    /// A table, `empty` or `emptystring`: stands alone on its side.
    Alone,
}

impl Part {
    fn truth(self) -> Result<Condition, Fault> {
        match self.what {
            What::Truth(condition) => Ok(condition),
            What::Value(..) => Err(Fault::new(self.at, "a comparison is missing")),
        }
    }

    fn value(self) -> Result<(Expression, Kind), Fault> {
        match self.what {
            What::Value(expression, kind) => Ok((expression, kind)),
            What::Truth(_) => Err(Fault::new(self.at, "a comparison can only be combined with AND and OR")),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    next: usize,
    operand: &'a dyn Fn(ParamId) -> Operand,
    missing: Vec<(ParamId, Range<usize>)>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.next)
    }

    /// Members joined by AND and OR, from the left.
    fn condition(&mut self, depth: usize) -> Result<Part, Fault> {
        let mut left = self.member(depth)?;
        while let Some(Token {
            word: join @ (Word::And | Word::Or),
            ..
        }) = self.peek()
        {
            self.next += 1;
            let right = self.member(depth)?;
            let at = left.at.start..right.at.end;
            let both = (Box::new(left.truth()?), Box::new(right.truth()?));
            let joined = if *join == Word::And {
                Condition::And(both.0, both.1)
            } else {
                Condition::Or(both.0, both.1)
            };
            left = Part {
                what: What::Truth(joined),
                at,
            };
        }
        Ok(left)
    }

    /// A side, or two sides with a comparison between them.
    fn member(&mut self, depth: usize) -> Result<Part, Fault> {
        let left = self.side(depth)?;
        let Some(&Token {
            word: Word::Compare(comparison),
            ..
        }) = self.peek()
        else {
            return Ok(left);
        };
        self.next += 1;
        let right = self.side(depth)?;
        if let Some(Token {
            word: Word::Compare(_),
            at,
        }) = self.peek()
        {
            return Err(Fault::new(
                at.clone(),
                "only one comparison may stand between AND and OR",
            ));
        }
        let at = left.at.start..right.at.end;
        let (left, right) = (left.value()?.0, right.value()?.0);
        let condition = compare(left, comparison, right)
            .ok_or_else(|| Fault::new(at.clone(), "a table can only be compared with `empty`"))?;
        Ok(Part {
            what: What::Truth(condition),
            at,
        })
    }

    /// Operands joined by arithmetic, from the left.
    fn side(&mut self, depth: usize) -> Result<Part, Fault> {
        let mut left = self.operand(depth)?;
        while let Some(&Token {
            word: Word::Arithmetic(operator),
            ..
        }) = self.peek()
        {
            self.next += 1;
            let right = self.operand(depth)?;
            let at = left.at.start..right.at.end;
            let (left_value, left_kind) = left.value()?;
            let (right_value, right_kind) = right.value()?;
            let kind = result(left_kind, operator, right_kind).map_err(|message| Fault::new(at.clone(), message))?;
            let folded = Expression::Arithmetic(Box::new(left_value), operator, Box::new(right_value));
            left = Part {
                what: What::Value(folded, kind),
                at,
            };
        }
        Ok(left)
    }

    fn operand(&mut self, depth: usize) -> Result<Part, Fault> {
        let Some(token) = self.peek() else {
            return Err(Fault::new(
                self.text.trim_end().len()..self.text.len(),
                "an operand is missing at the end",
            ));
        };
        let at = token.at.clone();
        let (expression, kind) = match &token.word {
            Word::Open => return self.bracket(depth),
            Word::Close | Word::And | Word::Or | Word::Compare(_) | Word::Arithmetic(_) => {
                return Err(Fault::new(at, "an operand is missing before this"));
            }
            Word::Param(id) => self.param(*id, &at)?,
            Word::Text(text) => (Expression::Text(text.clone()), Kind::Text),
            Word::Number(number) => (Expression::Number(*number), Kind::Number),
            Word::Empty => (Expression::Empty, Kind::Alone),
            Word::EmptyString => (Expression::EmptyString, Kind::Alone),
        };
        self.next += 1;
        Ok(Part {
            what: What::Value(expression, kind),
            at,
        })
    }

    fn bracket(&mut self, depth: usize) -> Result<Part, Fault> {
        let open = self.tokens[self.next].at.clone();
        if depth == DEEPEST_BRACKET {
            return Err(Fault::new(open, "the brackets are nested too deeply to be read"));
        }
        self.next += 1;
        let inner = self.condition(depth + 1)?;
        match self.peek() {
            Some(Token { word: Word::Close, at }) => {
                self.next += 1;
                Ok(Part {
                    what: inner.what,
                    at: open.start..at.end,
                })
            }
            Some(token) => Err(Fault::new(token.at.clone(), "an operator is missing here")),
            None => Err(Fault::new(open, "this bracket is not closed")),
        }
    }

    fn param(&mut self, id: ParamId, at: &Range<usize>) -> Result<(Expression, Kind), Fault> {
        match (self.operand)(id) {
            Operand::Single(kind @ ValueKind::Number) => Ok((Expression::Param(id, kind), Kind::Number)),
            Operand::Single(kind @ ValueKind::Text) => Ok((Expression::Param(id, kind), Kind::Text)),
            Operand::Table => Ok((Expression::Table(id), Kind::Alone)),
            Operand::Column => Err(Fault::new(
                at.clone(),
                format!("parameter {id} is a column, which has no single value"),
            )),
            Operand::Missing if general::is_kept(id) => Ok((Expression::Param(id, ValueKind::Number), Kind::Number)),
            Operand::Missing => {
                if !GENERAL_PARAMS.contains(&id.0) {
                    self.missing.push((id, at.clone()));
                }
                Ok((Expression::Missing(id), Kind::Unknown))
            }
        }
    }
}

/// The comparison, unless a table is compared with anything but `empty` (CON-24).
fn compare(left: Expression, comparison: Comparison, right: Expression) -> Option<Condition> {
    let allowed = match (&left, &right) {
        (Expression::Table(_), other) | (other, Expression::Table(_)) => matches!(other, Expression::Empty),
        _ => true,
    };
    allowed.then_some(Condition::Compare(left, comparison, right))
}

/// The kind of `left operator right` (CON-14, CON-15).
fn result(left: Kind, operator: Arithmetic, right: Kind) -> Result<Kind, &'static str> {
    if left == Kind::Alone || right == Kind::Alone {
        return Err("tables, `empty` and `emptystring` have no arithmetic");
    }
    match operator {
        Arithmetic::Add => match (left, right) {
            (Kind::Unknown, kind) | (kind, Kind::Unknown) => Ok(kind),
            _ if left == right => Ok(left),
            _ => Err("a number and a text cannot be added"),
        },
        Arithmetic::Subtract
        | Arithmetic::Multiply
        | Arithmetic::Divide
        | Arithmetic::And
        | Arithmetic::Or
        | Arithmetic::Xor => {
            if left == Kind::Text || right == Kind::Text {
                return Err("this operator needs two numbers");
            }
            Ok(Kind::Number)
        }
    }
}
