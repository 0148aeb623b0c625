//! `Alarm`: which values of a parameter alarm, and how badly.
//!
//! Rules: ALM-1, ALM-3, ALM-10 to ALM-24. Without a template of its own an element takes these defaults (ALM-2).

use std::cmp::Ordering;

use crate::model::id::ParamId;
use crate::model::measurement::MeasurementKind;
use crate::model::moment::Span;
use crate::model::param::Param;
use crate::model::relation::Link;
use crate::model::value::{Value, ValueKind};

/// What the definition says of the alarms of a monitored parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmDef {
    /// The thresholds, most severe first.
    pub thresholds: Vec<Threshold>,
    /// How a value is compared with a threshold.
    pub comparison: Comparison,
    /// What the thresholds are relative to.
    pub baseline: Option<Baseline>,
    /// `Monitored@disabledIf`: not monitored while the parameter has this value (ALM-23).
    pub disabled_if: Option<(ParamId, Value)>,
    /// `options` `threshold:pid1,pid2`: no alarm while the second is less than the first (ALM-22).
    pub gate: Option<(ParamId, ParamId)>,
    /// `@activeTime`: the alarm ends after so long without a new event (ALM-21).
    pub active_time: Option<Span>,
    /// The values that stand for exceptions, and what the records hold instead (ALM-12, ALM-13).
    pub exceptions: Vec<(Value, Value)>,
    /// `options` `propertyNames` and `properties`: what its records say beside (ALM-22).
    pub properties: Vec<Property>,
}

/// A property of an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// What its text is put together from.
    pub parts: Vec<PropertyPart>,
}

/// A part of the text of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyPart {
    /// A text.
    Text(String),
    /// The value of a parameter: of its own, or of the column in the same row; or of a row that this one leads to.
    Value(ParamId, Option<Link>),
}

/// `Info`: which values of a parameter are worth an information event, monitored or not (ALM-24).
#[derive(Debug, Clone, PartialEq)]
pub struct InfoDef {
    /// The values: numbers that are crossed, in ascending order, and texts and exceptions that a value equals.
    pub limits: Vec<Limit>,
    /// The values that stand for exceptions, and what the records hold instead (ALM-12).
    pub exceptions: Vec<(Value, Value)>,
}

/// A threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// How bad a hit is.
    pub severity: Severity,
    /// On which side of it values hit.
    pub side: Side,
    /// The values that hit.
    pub limit: Limit,
}

/// How bad a value is, by rising severity (ALM-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// As it should be.
    Normal,
    /// `WaL`, `WaH`.
    Warning,
    /// `MiL`, `MiH`.
    Minor,
    /// `MaL`, `MaH`.
    Major,
    /// `CL`, `CH`.
    Critical,
}

/// On which side of a threshold a number hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It is not greater.
    Low,
    /// `Normal`: it is equal.
    Exact,
    /// It is not less.
    High,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Limit {
    /// A number.
    Number(f64),
    /// A text, in which `*` and `?` stand for any characters (ALM-14), or the raw value of a discreet (ALM-15).
    Text(String),
    /// `$…`: an exception, by what its records hold (ALM-12).
    Exception(Value),
}

/// How a value is compared with thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// As numbers: not less than a high one, not greater than a low one (ALM-11).
    Range,
    /// As texts (ALM-14, ALM-15).
    Equality,
}

/// What thresholds are relative to: nominal value times factor (ALM-18).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// Whether thresholds are percentages of it, not distances.
    pub percent: bool,
    /// The parameter that has the nominal value; none without one: nothing can be compared then.
    pub nominal: Option<ParamId>,
    /// The parameter that has the factor.
    pub factor: Option<ParamId>,
    /// The nominal value where no parameter has it: that of the template.
    pub value: Option<f64>,
}

/// The number of a level, as QActions and registrations have it: 0 is undefined, 5 critical (ALM-3). Records of alarms
/// count otherwise.
#[must_use]
pub const fn level_id(severity: Option<Severity>) -> u8 {
    match severity {
        None => 0,
        Some(Severity::Normal) => 1,
        Some(Severity::Warning) => 2,
        Some(Severity::Minor) => 3,
        Some(Severity::Major) => 4,
        Some(Severity::Critical) => 5,
    }
}

/// The tags of thresholds, most severe first (ALM-10).
pub const THRESHOLDS: &[(&str, Severity, Side)] = &[
    ("CL", Severity::Critical, Side::Low),
    ("CH", Severity::Critical, Side::High),
    ("MaL", Severity::Major, Side::Low),
    ("MaH", Severity::Major, Side::High),
    ("MiL", Severity::Minor, Side::Low),
    ("MiH", Severity::Minor, Side::High),
    ("WaL", Severity::Warning, Side::Low),
    ("WaH", Severity::Warning, Side::High),
    ("Normal", Severity::Normal, Side::Exact),
];

/// How the values of a parameter are compared with thresholds.
#[must_use]
pub fn comparison(param: &Param) -> Comparison {
    let kind = param.measurement.as_ref().map(|measurement| measurement.kind);
    let discreet = matches!(
        kind,
        Some(MeasurementKind::Discreet | MeasurementKind::ToggleButton | MeasurementKind::Button)
    );
    match param.interprete.kind {
        ValueKind::Number if !discreet => Comparison::Range,
        ValueKind::Number | ValueKind::Text => Comparison::Equality,
    }
}

/// Among several of one severity and side the one that is reached last comes first: what is beyond it has crossed the
/// others too (ALM-44). Those of a baseline are distances from it.
fn by_reach(left: &Threshold, right: &Threshold, distances: bool) -> Ordering {
    let (Limit::Number(a), Limit::Number(b)) = (&left.limit, &right.limit) else {
        return Ordering::Equal;
    };
    if left.severity != right.severity || left.side != right.side {
        return Ordering::Equal;
    }
    match left.side {
        Side::Low if !distances => a.total_cmp(b),
        Side::Low | Side::High | Side::Exact => b.total_cmp(a),
    }
}

impl InfoDef {
    /// Puts the numbers in ascending order.
    pub fn sort(&mut self) {
        self.limits.sort_by(|left, right| match (left, right) {
            (Limit::Number(left), Limit::Number(right)) => left.total_cmp(right),
            (Limit::Number(_) | Limit::Text(_) | Limit::Exception(_), _) => Ordering::Equal,
        });
    }
}

impl AlarmDef {
    /// Puts the thresholds of one severity and side, which stand together, in the order in which they are asked.
    pub fn sort(&mut self) {
        let distances = self.baseline.is_some();
        self.thresholds.sort_by(|left, right| by_reach(left, right, distances));
    }

    /// The parameters whose values decide together with the monitored one.
    pub fn inputs(&self) -> impl Iterator<Item = ParamId> {
        let baseline = self.baseline.into_iter();
        let baseline = baseline
            .flat_map(|baseline| [baseline.nominal, baseline.factor])
            .flatten();
        let gate = self.gate.into_iter().flat_map(|(least, value)| [least, value]);
        let disabled_if = self.disabled_if.iter().map(|(param, _)| *param);
        baseline.chain(gate).chain(disabled_if)
    }
}

impl Severity {
    /// Its name, as the contract and the documentation write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Warning => "warning",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
            Self::Minor => "Minor",
            Self::Major => "Major",
            Self::Critical => "Critical",
        }
    }
}
