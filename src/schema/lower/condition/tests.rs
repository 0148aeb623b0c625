//! Conditions read from `fixtures/condition`: each line with the tree or the fault it gives.

use std::fmt::Write as _;

use super::grammar::{DEEPEST_BRACKET, Operand, read};
use crate::model::condition::{Arithmetic, Comparison, Condition, Expression};
use crate::model::id::ParamId;
use crate::model::value::ValueKind;

fn operand(id: ParamId) -> Operand {
    match id.0 {
        10 => Operand::Single(ValueKind::Number),
        12 => Operand::Single(ValueKind::Text),
        30 => Operand::Table,
        31 => Operand::Column,
        _ => Operand::Missing,
    }
}

/// The lines of a fixture, each with what it gives below it.
fn report(fixture: &str) -> String {
    let mut report = String::new();
    for line in fixture.lines() {
        let _ = writeln!(report, "{line}");
        if !line.starts_with('#') {
            let _ = writeln!(report, "    {}", outcome(line));
        }
    }
    report
}

fn outcome(text: &str) -> String {
    match read(text, &operand) {
        Ok(read) => {
            let mut outcome = format!("=> {}", tree(&read.condition));
            for (id, at) in read.missing {
                let _ = write!(outcome, ", {id} is missing at `{}`", &text[at]);
            }
            outcome
        }
        Err(fault) => format!(
            "error at {}: `{}` {}",
            fault.at.start,
            &text[fault.at.clone()],
            fault.message
        ),
    }
}

/// The tree with every bracket written out.
fn tree(condition: &Condition) -> String {
    match condition {
        Condition::Invalid => "invalid".to_owned(),
        Condition::And(left, right) => format!("[{} AND {}]", tree(left), tree(right)),
        Condition::Or(left, right) => format!("[{} OR {}]", tree(left), tree(right)),
        Condition::Compare(left, comparison, right) => {
            let sign = match comparison {
                Comparison::Equal => "==",
                Comparison::NotEqual => "!=",
                Comparison::Less => "<",
                Comparison::LessOrEqual => "<=",
                Comparison::Greater => ">",
                Comparison::GreaterOrEqual => ">=",
            };
            format!("[{} {sign} {}]", value(left), value(right))
        }
    }
}

fn value(expression: &Expression) -> String {
    match expression {
        Expression::Number(number) => number.to_string(),
        Expression::Text(text) => format!("{text:?}"),
        Expression::Param(id, ValueKind::Number) => format!("number {id}"),
        Expression::Param(id, ValueKind::Text) => format!("string {id}"),
        Expression::Table(id) => format!("table {id}"),
        Expression::Missing(id) => format!("missing {id}"),
        Expression::Empty => "empty".to_owned(),
        Expression::EmptyString => "emptystring".to_owned(),
        Expression::Arithmetic(left, operator, right) => {
            let sign = match operator {
                Arithmetic::Add => '+',
                Arithmetic::Subtract => '-',
                Arithmetic::Multiply => '*',
                Arithmetic::Divide => '/',
                Arithmetic::And => '&',
                Arithmetic::Or => '|',
                Arithmetic::Xor => '^',
            };
            format!("({} {sign} {})", value(left), value(right))
        }
    }
}

fn check(name: &str, fixture: &str) {
    insta::with_settings!({ snapshot_path => "../../../../tests/suite/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("condition_{name}"), report(fixture));
    });
}

#[test]
fn the_conformance_samples_are_read_or_refused_as_documented() {
    check("samples", include_str!("../../../../fixtures/condition/samples.txt"));
}

#[test]
fn con_1_to_con_11_the_grammar_holds_with_the_place_of_each_fault() {
    check("grammar", include_str!("../../../../fixtures/condition/grammar.txt"));
}

#[test]
fn con_13_to_con_26_operands_have_a_kind_and_faults_name_them() {
    check("operands", include_str!("../../../../fixtures/condition/operands.txt"));
}

#[test]
fn con_1_line_breaks_are_blanks() {
    assert_eq!(
        outcome("id:10 == 1\r\n\tOR\nid:12 == \"a\nb\""),
        r#"=> [[number 10 == 1] OR [string 12 == "a\nb"]]"#
    );
}

#[test]
fn brackets_nested_past_the_limit_are_a_fault_not_a_crash() {
    let nested = |depth: usize| format!("{}id:10 == 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(read(&nested(DEEPEST_BRACKET), &operand).is_ok());
    let fault = read(&nested(100_000), &operand).expect_err("too deep");
    assert_eq!(fault.at.start, 2000, "the number of words is bounded first");
    let fault = read(&nested(DEEPEST_BRACKET + 1), &operand).expect_err("too deep");
    assert_eq!(fault.at, DEEPEST_BRACKET..DEEPEST_BRACKET + 1);
}

#[test]
fn a_condition_of_any_length_is_a_fault_not_a_crash() {
    let long = vec!["id:10 == 1"; 100_000].join(" OR ");
    assert!(read(&long, &operand).is_err());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic_and_every_fault_lies_in_the_text(
        words in proptest::collection::vec(
            proptest::sample::select(vec!["(", ")", "id:10", "id:12", "id:30", "é", "\"", "\\", " ", "==", "AND", "+", "1", "empty"]), 0..24,
        )
    ) {
        let text = words.concat();
        if let Err(fault) = read(&text, &operand) {
            proptest::prop_assert!(text.get(fault.at.clone()).is_some(), "{:?} in {:?}", fault.at, text);
        }
    }
}
