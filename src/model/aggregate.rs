//! The action `aggregate`: values of one table, grouped and counted up into another.
//!
//! Rules: ACT-20 to ACT-23.

use crate::model::condition::Comparison;
use crate::model::id::ParamId;
use crate::model::value::Value;

/// What is aggregated into what.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// `groupby`, `groupbyTable`.
    pub group_by: GroupBy,
    /// `type`.
    pub function: AggregateFunction,
    /// `weight`: the column that says how often a value counts.
    pub weight: Option<ParamId>,
    /// `return`: where the results go, in order; fewer than there are drop the rest.
    pub returns: Vec<ParamId>,
    /// `allowValues`: a row counts only when one of these holds; none given allows all.
    pub allow: Vec<ValueTest>,
    /// `ignoreValues`: a row counts only when none of these holds.
    pub ignore: Vec<ValueTest>,
    /// `equation`, `equationvalue`: a value counts only when all hold.
    pub equations: Vec<Equation>,
    /// `avoidZeroInResult`: a group of which nothing counts has no result instead of zero.
    pub avoid_zero: bool,
    /// `limitresult`: only rows that are there already get a result.
    pub limit_result: bool,
    /// `defaultValue`: what rows without a result get.
    pub defaults: Vec<(ParamId, Value)>,
    /// `defaultIf`: only rows whose cell equals the value.
    pub default_if: Option<(usize, String)>,
    /// `status`: 1 busy, 0 finished, 2 failed.
    pub status: Option<ParamId>,
    /// `threaded`: whoever reached the action does not wait for it.
    pub threaded: bool,
}

/// What makes a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupBy {
    /// The values of columns by idx; each may be written to a column of its own.
    Columns(Vec<(usize, Option<ParamId>)>),
    /// The rows of another table, over foreign keys.
    Table(ParamId),
    /// The rows of the table that the results go to, over foreign keys; all rows when they go to a single parameter.
    Returned,
}

/// `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregateFunction {
    /// The percentage that meets the equation; and the rows.
    Percentage,
    /// The same of all rows of the table.
    PercentageOfTotal,
    /// The mean; and the weight.
    Average,
    /// Mean, weight, least, most.
    AverageExtended,
    /// The most; and 1.
    Maximum,
    /// The least; and 1.
    Minimum,
    /// How many; and again.
    Count,
    /// The sum; and the weight.
    Sum,
}

/// One item of `allowValues` or `ignoreValues`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueTest {
    /// The column that is looked at; the aggregated one when none.
    pub column: Option<usize>,
    /// What it has to be equal to.
    pub value: String,
}

/// One condition on a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equation {
    /// What is looked at.
    pub subject: Subject,
    /// How it is compared.
    pub relation: Relation,
    /// What it is compared with.
    pub with: With,
}

/// What an equation looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The aggregated value.
    Value,
    /// The cell of a column: of the same row, or of the row that it is linked to.
    Column(ParamId),
    /// One cell of a table, whatever the row.
    Cell(ParamId, String),
    /// A single parameter.
    Param(ParamId),
}

/// How an equation compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `==`, `<` …
    Is(Comparison),
    /// `regex`.
    Matches,
}

/// What an equation compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum With {
    /// A value, or a pattern.
    Literal(String),
    /// The value of a parameter.
    Param(ParamId),
}
