//! `Type@options` of the action `aggregate`: `name:value;name:value`, names in any casing.
//!
//! Rules: ACT-20 to ACT-23.

use regex::Regex;

use crate::model::aggregate::{Aggregate, AggregateFunction, Equation, GroupBy, Relation, Subject, ValueTest, With};
use crate::model::condition::Comparison;
use crate::model::id::ParamId;
use crate::model::value::{Value, parse_number};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

const FUNCTIONS: &[(&str, AggregateFunction)] = &[
    ("pct", AggregateFunction::Percentage),
    ("pct total", AggregateFunction::PercentageOfTotal),
    ("avg", AggregateFunction::Average),
    ("avg extended", AggregateFunction::AverageExtended),
    ("max", AggregateFunction::Maximum),
    ("min", AggregateFunction::Minimum),
    ("count", AggregateFunction::Count),
    ("sum", AggregateFunction::Sum),
];

const RELATIONS: &[(&str, Relation)] = &[
    ("==", Relation::Is(Comparison::Equal)),
    ("!=", Relation::Is(Comparison::NotEqual)),
    ("<", Relation::Is(Comparison::Less)),
    ("<=", Relation::Is(Comparison::LessOrEqual)),
    (">", Relation::Is(Comparison::Greater)),
    (">=", Relation::Is(Comparison::GreaterOrEqual)),
    ("regex", Relation::Matches),
];

/// What is aggregated; none when it cannot be read, which is reported.
pub(super) fn aggregate(cx: &mut Lowering<'_>, of_type: Node<'_>) -> Option<Aggregate> {
    let mut reading = Reading {
        pattern: pattern(cx, of_type)?,
        function: None,
        aggregate: Aggregate {
            group_by: GroupBy::Returned,
            function: AggregateFunction::Count,
            weight: None,
            returns: Vec::new(),
            allow: Vec::new(),
            ignore: Vec::new(),
            equations: Vec::new(),
            avoid_zero: false,
            limit_result: false,
            defaults: Vec::new(),
            default_if: None,
            status: None,
            threaded: false,
        },
    };
    let options = of_type.attribute("options");
    for option in options
        .iter()
        .flat_map(|field| field.parts(';'))
        .filter(|option| !option.is_empty())
    {
        let (name, value) = option
            .split_once(':')
            .map_or((option, None), |(name, value)| (name, Some(value)));
        reading.option(cx, name, value)?;
    }
    let span = options.map_or(of_type.name_span(), Field::span);
    let Some(function) = reading.function else {
        let message = "how it is aggregated is not said; the action is left out";
        cx.report(Diagnostic::new(&codes::ACTION_OPTIONS, span, message).hint("write `type:sum`, or another function"));
        return None;
    };
    if reading.aggregate.returns.is_empty() {
        let message = "where the results go is not said; the action is left out";
        cx.report(Diagnostic::new(&codes::ACTION_OPTIONS, span, message).hint("write `return:1005`"));
        return None;
    }
    Some(Aggregate {
        function,
        ..reading.aggregate
    })
}

/// `Type@regex`, when it can be read; the outer none when it cannot.
#[expect(
    clippy::option_option,
    reason = "the outer one ends the action, the inner one is an attribute not given"
)]
fn pattern(cx: &mut Lowering<'_>, of_type: Node<'_>) -> Option<Option<String>> {
    let Some(field) = of_type.attribute("regex").filter(|field| !field.is_empty()) else {
        return Some(None);
    };
    match Regex::new(field.raw()) {
        Ok(_) => Some(Some(field.raw().to_owned())),
        Err(_) => unreadable(cx, field, "^[a-z]+$"),
    }
}

struct Reading {
    pattern: Option<String>,
    function: Option<AggregateFunction>,
    aggregate: Aggregate,
}

impl Reading {
    /// One option; none ends the action.
    fn option(&mut self, cx: &mut Lowering<'_>, name: Field<'_>, value: Option<Field<'_>>) -> Option<()> {
        let aggregate = &mut self.aggregate;
        let text = name.text().to_ascii_lowercase();
        match (text.as_str(), value) {
            ("avoidzeroinresult", _) => aggregate.avoid_zero = true,
            ("limitresult", _) => aggregate.limit_result = true,
            ("threaded", _) => aggregate.threaded = true,
            ("type", Some(value)) => {
                self.function = Some(value.lookup(FUNCTIONS).or_else(|| unreadable(cx, value, "type:sum"))?)
            }
            ("groupby", Some(value)) => aggregate.group_by = GroupBy::Columns(group_columns(cx, value)?),
            ("groupbytable", Some(value)) => {
                aggregate.group_by = GroupBy::Table(cx.param(value, &codes::ACTION_TYPE_ID)?)
            }
            ("return", Some(value)) => {
                let params = value.parts(',').filter(|part| !part.is_empty());
                aggregate.returns = params
                    .map(|part| cx.param(part, &codes::ACTION_TYPE_ID))
                    .collect::<Option<_>>()?;
            }
            ("weight", Some(value)) => aggregate.weight = Some(cx.param(value, &codes::ACTION_TYPE_ID)?),
            ("status", Some(value)) => aggregate.status = Some(cx.param(value, &codes::ACTION_TYPE_ID)?),
            ("allowvalues", Some(value)) => aggregate.allow = tests(value),
            ("ignorevalues", Some(value)) => aggregate.ignore = tests(value),
            ("defaultvalue", Some(value)) => {
                let (param, default) = value
                    .split_once(',')
                    .or_else(|| unreadable(cx, value, "defaultValue:1002,0"))?;
                let param = cx.param(param, &codes::ACTION_TYPE_ID)?;
                let number = parse_number(default.text()).map(Value::Number);
                aggregate
                    .defaults
                    .push((param, number.unwrap_or_else(|| default.text().into())));
            }
            ("defaultif", Some(value)) => {
                let parts = value
                    .split_once(',')
                    .and_then(|(idx, equals)| Some((idx.digits()?, equals)));
                let (idx, equals) = parts.or_else(|| unreadable(cx, value, "defaultIf:3,1"))?;
                aggregate.default_if = Some((idx, equals.text().to_owned()));
            }
            ("equation", Some(value)) => {
                let equation = self.equation(cx, value)?;
                self.aggregate.equations.push(equation);
            }
            ("equationvalue", Some(value)) => {
                let equation = self.equation_value(cx, value)?;
                self.aggregate.equations.push(equation);
            }
            ("filter" | "join", _) => {
                let message = format!("the option `{}` of `aggregate` is not run here", name.text());
                cx.report(Diagnostic::new(&codes::NOT_RUN, name.span(), message));
            }
            _ => {
                let message = format!("`{}` is no option of `aggregate`; it is ignored", name.text());
                let hint = "the options are those of `aggregate` in the documentation, such as `groupby:1`";
                cx.report(Diagnostic::new(&codes::ACTION_OPTIONS, name.span(), message).hint(hint));
            }
        }
        Some(())
    }

    /// `<operator>,<parameter>`; the pattern of `regex` may stand in the attribute (ACT-23).
    fn equation(&self, cx: &mut Lowering<'_>, field: Field<'_>) -> Option<Equation> {
        const EXAMPLE: &str = "equation:>,1250";
        let (relation, with) = field.split_once(',').or_else(|| unreadable(cx, field, EXAMPLE))?;
        let relation = relation.lookup(RELATIONS).or_else(|| unreadable(cx, field, EXAMPLE))?;
        let with = match (&self.pattern, with.is_empty()) {
            (Some(pattern), true) => With::Literal(pattern.clone()),
            (None | Some(_), _) => With::Param(cx.param(with, &codes::ACTION_TYPE_ID)?),
        };
        Some(Equation {
            subject: Subject::Value,
            relation,
            with,
        })
    }

    /// `<operator>,<value>,<parameter>,<row>`; of `regex` the second is the parameter with the pattern (ACT-23).
    fn equation_value(&self, cx: &mut Lowering<'_>, field: Field<'_>) -> Option<Equation> {
        const EXAMPLE: &str = "equationvalue:>,5,1003,";
        let parts: Vec<Field<'_>> = field.parts(',').collect();
        let relation = parts
            .first()
            .and_then(|relation| relation.lookup(RELATIONS))
            .or_else(|| unreadable(cx, field, EXAMPLE))?;
        let value = *parts.get(1)?;
        let with = match (relation, &self.pattern) {
            (Relation::Matches, Some(pattern)) if value.is_empty() => With::Literal(pattern.clone()),
            (Relation::Matches, None | Some(_)) => With::Param(cx.param(value, &codes::ACTION_TYPE_ID)?),
            (Relation::Is(_), _) => With::Literal(value.text().to_owned()),
        };
        let param = match parts.get(2).filter(|part| !part.is_empty()) {
            Some(&part) => Some(cx.param(part, &codes::ACTION_TYPE_ID)?),
            None => None,
        };
        let row = parts.get(3).filter(|part| !part.is_empty());
        let subject = match (param, row) {
            (None, _) => Subject::Value,
            (Some(param), Some(row)) => Subject::Cell(param, row.text().to_owned()),
            (Some(param), None) if is_column(cx, param) => Subject::Column(param),
            (Some(param), None) => Subject::Param(param),
        };
        Some(Equation {
            subject,
            relation,
            with,
        })
    }
}

fn is_column(cx: &Lowering<'_>, param: ParamId) -> bool {
    cx.columns.contains_key(&param)
}

/// `3:1103,2:1104`, or without the columns they are written to (ACT-20).
fn group_columns(cx: &mut Lowering<'_>, field: Field<'_>) -> Option<Vec<(usize, Option<ParamId>)>> {
    let mut columns = Vec::new();
    for part in field.parts(',').filter(|part| !part.is_empty()) {
        let (idx, to) = part.split_once(':').map_or((part, None), |(idx, to)| (idx, Some(to)));
        let idx = idx.digits().or_else(|| unreadable(cx, part, "groupby:1"))?;
        let to = match to {
            Some(to) => Some(cx.param(to, &codes::ACTION_TYPE_ID)?),
            None => None,
        };
        columns.push((idx, to));
    }
    if columns.is_empty() {
        return unreadable(cx, field, "groupby:1");
    }
    Some(columns)
}

/// `-1`, or `2/4`: the column and the value (ACT-22).
fn tests(field: Field<'_>) -> Vec<ValueTest> {
    let test = |part: Field<'_>| {
        let of_column = part
            .split_once('/')
            .and_then(|(idx, value)| Some((idx.digits()?, value)));
        match of_column {
            Some((column, value)) => ValueTest {
                column: Some(column),
                value: value.text().to_owned(),
            },
            None => ValueTest {
                column: None,
                value: part.text().to_owned(),
            },
        }
    };
    field.parts(',').filter(|part| !part.is_empty()).map(test).collect()
}

fn unreadable<T>(cx: &mut Lowering<'_>, field: Field<'_>, example: &str) -> Option<T> {
    let message = format!("`{}` cannot be read here; the action is left out", field.text());
    let hint = format!("write it like `{example}`");
    cx.report(Diagnostic::new(&codes::ACTION_OPTIONS, field.span(), message).hint(hint));
    None
}
