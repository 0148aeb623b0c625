//! The evaluation of a condition against the values in memory at that moment.
//!
//! Rules: CON-7 to CON-27. What the loader could not read, and what proves invalid here, is false (CON-12).

use crate::engine::sl_protocol::lenient_number;
use crate::model::condition::{Arithmetic, Comparison, Condition, Expression};
use crate::model::id::ParamId;
use crate::model::value::{Value, ValueKind, parse_number};

/// Where the operands of a condition come from.
pub(crate) trait Operands {
    /// The value of a parameter in memory.
    fn value(&self, id: ParamId) -> Value;
    /// The number of rows of a table.
    fn row_count(&self, table: ParamId) -> usize;
    /// Whether the parameter is of fixed length, and therefore never uninitialised (PAR-64).
    fn fixed_length(&self, id: ParamId) -> bool;
}

/// Whether the condition holds now; none when it is invalid. An invalid member makes the whole invalid: both sides are always
/// evaluated (CON-8).
pub(crate) fn evaluate(condition: &Condition, operands: &impl Operands) -> Option<bool> {
    match condition {
        Condition::Invalid => None,
        Condition::And(left, right) => {
            let (left, right) = (evaluate(left, operands)?, evaluate(right, operands)?);
            Some(left && right)
        }
        Condition::Or(left, right) => {
            let (left, right) = (evaluate(left, operands)?, evaluate(right, operands)?);
            Some(left || right)
        }
        Condition::Compare(left, comparison, right) => compare(left, *comparison, right, operands),
    }
}

fn compare(left: &Expression, comparison: Comparison, right: &Expression, operands: &impl Operands) -> Option<bool> {
    match (left, right) {
        (Expression::Empty, other) | (other, Expression::Empty) => {
            Some(is_or_is_not(comparison, is_empty(first_operand(other), operands)))
        }
        (Expression::EmptyString, other) | (other, Expression::EmptyString) => {
            Some(is_or_is_not(comparison, is_empty_string(other, operands)?))
        }
        (left, right) => Some(compare_operands(
            comparison,
            &operand(left, operands)?,
            &operand(right, operands)?,
        )),
    }
}

/// With `empty` and `emptystring`, every operator but `!=` asks whether it is so (CON-19).
const fn is_or_is_not(comparison: Comparison, is: bool) -> bool {
    match comparison {
        Comparison::NotEqual => !is,
        Comparison::Equal
        | Comparison::Less
        | Comparison::LessOrEqual
        | Comparison::Greater
        | Comparison::GreaterOrEqual => is,
    }
}

/// The operand an emptiness test looks at: the first of its side (CON-20).
fn first_operand(mut expression: &Expression) -> &Expression {
    while let Expression::Arithmetic(left, _, _) = expression {
        expression = left;
    }
    expression
}

fn is_empty(operand: &Expression, operands: &impl Operands) -> bool {
    match operand {
        Expression::Empty | Expression::Missing(_) => true,
        Expression::Number(_) | Expression::Text(_) | Expression::EmptyString | Expression::Arithmetic(..) => false,
        Expression::Table(id) => operands.row_count(*id) == 0,
        Expression::Param(id, kind) => match operands.value(*id) {
            Value::Uninitialised => true,
            // A number of fixed length is never uninitialised: zero stands for it (CON-23).
            Value::Number(number) => *kind == ValueKind::Number && number == 0.0 && operands.fixed_length(*id),
            Value::Text(_) => false,
        },
    }
}

/// Whether an expression is `emptystring`; none when it cannot be asked (CON-21, CON-22).
fn is_empty_string(expression: &Expression, operands: &impl Operands) -> Option<bool> {
    match expression {
        Expression::Empty | Expression::EmptyString | Expression::Missing(_) => Some(true),
        Expression::Table(_) => None,
        Expression::Param(id, ValueKind::Number) => Some(!operands.value(*id).is_initialised()),
        Expression::Param(_, ValueKind::Text)
        | Expression::Number(_)
        | Expression::Text(_)
        | Expression::Arithmetic(..) => match operand(expression, operands)? {
            Operand::Number(_) => Some(false),
            Operand::Text(text) => Some(text.is_empty()),
        },
    }
}

/// One side of a comparison, evaluated.
enum Operand {
    Number(f64),
    Text(String),
}

/// The value of one side; none when it is invalid.
fn operand(expression: &Expression, operands: &impl Operands) -> Option<Operand> {
    match expression {
        Expression::Number(number) => Some(Operand::Number(*number)),
        Expression::Text(text) => Some(Operand::Text(text.clone())),
        // An uninitialised parameter counts as zero or as an empty text (CON-18).
        Expression::Param(id, ValueKind::Number) => Some(Operand::Number(lenient_number(&operands.value(*id)))),
        Expression::Param(id, ValueKind::Text) => Some(Operand::Text(operands.value(*id).to_text().as_ref().into())),
        Expression::Missing(_) => Some(Operand::Text(String::new())),
        Expression::Table(_) | Expression::Empty | Expression::EmptyString => None,
        Expression::Arithmetic(left, arithmetic, right) => {
            calculate(operand(left, operands)?, *arithmetic, operand(right, operands)?)
        }
    }
}

/// CON-14, CON-15: texts can only be joined, and only with texts.
fn calculate(left: Operand, arithmetic: Arithmetic, right: Operand) -> Option<Operand> {
    let (left, right) = match (left, right) {
        (Operand::Number(left), Operand::Number(right)) => (left, right),
        (Operand::Text(left), Operand::Text(right)) => {
            return (arithmetic == Arithmetic::Add).then(|| Operand::Text(left + &right));
        }
        (Operand::Number(_), Operand::Text(_)) | (Operand::Text(_), Operand::Number(_)) => return None,
    };
    Some(Operand::Number(match arithmetic {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::And => f64::from(floored(left) & floored(right)),
        Arithmetic::Or => f64::from(floored(left) | floored(right)),
        Arithmetic::Xor => f64::from(floored(left) ^ floored(right)),
    }))
}

/// The signed 32-bit integer below; the nearest one there is for a number beyond.
fn floored(number: f64) -> i32 {
    // The cast saturates.
    number.floor() as i32
}

/// CON-16, CON-17: texts ignore case; of a text and a number, the text is read as a number.
fn compare_operands(comparison: Comparison, left: &Operand, right: &Operand) -> bool {
    match (left, right) {
        (Operand::Text(left), Operand::Text(right)) => {
            compare_ordered(comparison, &left.to_lowercase(), &right.to_lowercase())
        }
        (Operand::Number(left), Operand::Number(right)) => compare_ordered(comparison, left, right),
        (Operand::Text(left), Operand::Number(right)) => match parse_number(left) {
            Some(left) => compare_ordered(comparison, &left, right),
            None => comparison == Comparison::NotEqual,
        },
        (Operand::Number(left), Operand::Text(right)) => match parse_number(right) {
            Some(right) => compare_ordered(comparison, left, &right),
            None => comparison == Comparison::NotEqual,
        },
    }
}

fn compare_ordered<T: PartialOrd>(comparison: Comparison, left: &T, right: &T) -> bool {
    match comparison {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
    }
}

#[cfg(test)]
mod tests {
    use super::{Operands, evaluate};
    use crate::model::condition::{Arithmetic, Comparison, Condition, Expression};
    use crate::model::id::ParamId;
    use crate::model::value::{Value, ValueKind};

    /// An invalid condition is false.
    fn holds(condition: &Condition, operands: &Memory) -> bool {
        evaluate(condition, operands).unwrap_or_default()
    }

    /// Parameter 10 is a number, 12 a text, 13 a number of fixed length, 20 a table.
    struct Memory {
        number: Value,
        text: Value,
        fixed: Value,
        rows: usize,
    }

    impl Operands for Memory {
        fn value(&self, id: ParamId) -> Value {
            match id.0 {
                10 => self.number.clone(),
                12 => self.text.clone(),
                _ => self.fixed.clone(),
            }
        }

        fn row_count(&self, _: ParamId) -> usize {
            self.rows
        }

        fn fixed_length(&self, id: ParamId) -> bool {
            id == ParamId(13)
        }
    }

    fn memory(number: impl Into<Value>, text: impl Into<Value>) -> Memory {
        Memory {
            number: number.into(),
            text: text.into(),
            fixed: Value::Number(0.0),
            rows: 0,
        }
    }

    const UNINITIALISED: Value = Value::Uninitialised;
    const P10: Expression = Expression::Param(ParamId(10), ValueKind::Number);
    const P12: Expression = Expression::Param(ParamId(12), ValueKind::Text);
    const P13: Expression = Expression::Param(ParamId(13), ValueKind::Number);
    const TABLE: Expression = Expression::Table(ParamId(20));

    fn number(number: f64) -> Expression {
        Expression::Number(number)
    }

    fn text(text: &str) -> Expression {
        Expression::Text(text.to_owned())
    }

    fn calculated(left: Expression, arithmetic: Arithmetic, right: Expression) -> Expression {
        Expression::Arithmetic(Box::new(left), arithmetic, Box::new(right))
    }

    fn and(left: Condition, right: Condition) -> Condition {
        Condition::And(Box::new(left), Box::new(right))
    }

    fn or(left: Condition, right: Condition) -> Condition {
        Condition::Or(Box::new(left), Box::new(right))
    }

    use Arithmetic::{Add, Multiply};
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    use Condition::Compare;

    #[test]
    fn conformance_samples_that_are_valid() {
        let sum = || Compare(calculated(P10, Add, number(10.0)), Greater, number(20.0));
        assert!(holds(&sum(), &memory(10.5, "def")));
        assert!(!holds(&sum(), &memory(10.0, "def")));

        let product = Compare(calculated(P10, Multiply, number(20.0)), Greater, number(100.0));
        let both = and(product, Compare(text("defefgabc"), Greater, P12));
        assert!(holds(&both, &memory(6.0, "def")));
        assert!(!holds(&both, &memory(6.0, "defg")));

        let twice = calculated(calculated(P10, Add, number(20.0)), Add, number(20.0));
        let mixed = and(
            Compare(number(-10.0), Greater, P12),
            Compare(twice, Greater, number(100.0)),
        );
        assert!(
            !holds(&mixed, &memory(70.0, "def")),
            "a text that is no number is not below -10"
        );
        assert!(holds(&mixed, &memory(70.0, "-11")));

        let joined = Compare(calculated(P12, Add, text("efg")), Equal, text("defefg"));
        assert!(holds(&joined, &memory(0.0, "def")));
    }

    #[test]
    fn con_12_con_14_invalid_conditions_are_false_whatever_else_holds() {
        let joined = calculated(P12, Add, text("efg"));
        let mixed = || Compare(calculated(joined.clone(), Add, number(10.0)), NotEqual, text("x"));
        let memory = memory(0.0, "def");
        assert!(!holds(&mixed(), &memory));
        assert!(!holds(&Condition::Invalid, &memory));
        let fine = || Compare(number(1.0), Equal, number(1.0));
        assert!(holds(&fine(), &memory));
        assert!(
            !holds(&or(fine(), mixed()), &memory),
            "con_8: every member is evaluated"
        );
        assert!(!holds(&or(Condition::Invalid, fine()), &memory));
        let subtracted = calculated(text("b"), Arithmetic::Subtract, text("a"));
        assert!(!holds(&Compare(subtracted, Equal, text("b")), &memory));
    }

    #[test]
    fn con_9_con_14_con_15_arithmetic() {
        let memory = memory(0.0, "");
        let equals = |left, arithmetic, right, result| {
            let calculated = calculated(number(left), arithmetic, number(right));
            holds(&Compare(calculated, Equal, number(result)), &memory)
        };
        assert!(equals(7.0, Arithmetic::Subtract, 2.0, 5.0));
        assert!(equals(7.0, Arithmetic::Divide, 2.0, 3.5));
        assert!(equals(1.0, Arithmetic::Divide, 0.0, f64::INFINITY));
        assert!(equals(6.9, Arithmetic::And, 3.9, 2.0));
        assert!(equals(6.0, Arithmetic::Or, 3.0, 7.0));
        assert!(equals(6.0, Arithmetic::Xor, 3.0, 5.0));
        assert!(equals(-0.5, Arithmetic::And, 255.0, 255.0), "floored to -1");
        let nan = || calculated(number(0.0), Arithmetic::Divide, number(0.0));
        assert!(!holds(&Compare(nan(), Equal, nan()), &memory));
        assert!(holds(&Compare(nan(), NotEqual, nan()), &memory));
        let leaning_left = calculated(calculated(number(2.0), Add, number(3.0)), Multiply, number(4.0));
        assert!(holds(&Compare(leaning_left, Equal, number(20.0)), &memory));
    }

    #[test]
    fn con_16_con_17_texts_ignore_case_and_are_read_as_numbers_beside_one() {
        let memory = memory(5.0, "DEF");
        assert!(holds(&Compare(P12, Equal, text("def")), &memory));
        assert!(!holds(&Compare(P12, NotEqual, text("def")), &memory));
        assert!(holds(&Compare(P12, GreaterOrEqual, text("Abc")), &memory));
        assert!(holds(&Compare(text("5.0"), Equal, P10), &memory));
        assert!(holds(&Compare(P10, LessOrEqual, text(" 5 ")), &memory));
        let outcomes = [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual]
            .map(|comparison| holds(&Compare(P12, comparison, number(5.0)), &memory));
        assert_eq!(outcomes, [false, true, false, false, false, false]);
    }

    #[test]
    fn con_18_an_uninitialised_parameter_counts_as_zero_or_as_an_empty_text() {
        let memory = memory(UNINITIALISED, UNINITIALISED);
        assert!(holds(&Compare(P10, Equal, number(0.0)), &memory));
        assert!(holds(&Compare(P12, Equal, text("")), &memory));
    }

    #[test]
    fn con_19_con_20_empty_means_uninitialised() {
        let unset = memory(UNINITIALISED, UNINITIALISED);
        let set = memory(0.0, "");
        for (comparison, when_unset) in [(Equal, true), (NotEqual, false), (Less, true), (Greater, true)] {
            for param in [P10, P12] {
                let condition = Compare(param, comparison, Expression::Empty);
                assert_eq!(holds(&condition, &unset), when_unset, "{condition:?}");
                assert_eq!(holds(&condition, &set), !when_unset, "{condition:?}");
            }
        }
        assert!(holds(&Compare(Expression::Empty, Equal, Expression::Empty), &set));
        assert!(!holds(&Compare(text(""), Equal, Expression::Empty), &set));
        let sum = calculated(P12, Add, P10);
        assert!(
            holds(&Compare(Expression::Empty, Equal, sum), &unset),
            "con_20: only the first operand counts"
        );
    }

    #[test]
    fn con_21_con_22_emptystring_is_also_the_text_without_characters() {
        let is = |param, memory: &Memory| holds(&Compare(param, Equal, Expression::EmptyString), memory);
        let is_not = |param, memory: &Memory| holds(&Compare(param, NotEqual, Expression::EmptyString), memory);
        let unset = memory(UNINITIALISED, UNINITIALISED);
        let set = memory(0.0, "");
        let filled = memory(0.0, "x");
        assert!(is(P12, &unset) && is(P12, &set) && !is(P12, &filled) && is_not(P12, &filled));
        assert!(is(P10, &unset) && !is(P10, &set));
    }

    #[test]
    fn con_23_a_number_of_fixed_length_is_empty_when_it_is_zero() {
        let mut memory = memory(0.0, "");
        let condition = Compare(P13, Equal, Expression::Empty);
        assert!(holds(&condition, &memory));
        memory.fixed = Value::Number(1.0);
        assert!(!holds(&condition, &memory));
    }

    #[test]
    fn con_24_a_table_is_only_compared_with_empty() {
        let mut memory = memory(0.0, "");
        assert!(holds(&Compare(TABLE, Equal, Expression::Empty), &memory));
        assert!(!holds(&Compare(TABLE, NotEqual, number(1.0)), &memory));
        memory.rows = 1;
        assert!(!holds(&Compare(TABLE, Equal, Expression::Empty), &memory));
        assert!(holds(&Compare(TABLE, NotEqual, Expression::Empty), &memory));
        assert!(!holds(&Compare(TABLE, NotEqual, Expression::EmptyString), &memory));
    }

    #[test]
    fn con_26_a_missing_parameter_is_an_uninitialised_text() {
        let memory = memory(1.0, "x");
        let missing = || Expression::Missing(ParamId(999));
        assert!(holds(&Compare(missing(), Equal, Expression::Empty), &memory));
        assert!(holds(&Compare(missing(), Equal, text("")), &memory));
        assert!(!holds(&Compare(missing(), Equal, number(0.0)), &memory));
    }
}
