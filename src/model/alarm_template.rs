//! `AlarmTemplate`: which of an element's parameters alarm, and when. Chosen by its operator; the definition only has
//! defaults (ALM-2).
//!
//! Rules: ALM-30 to ALM-32, ALM-45.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::alarm::{AlarmDef, InfoDef, Severity};
use crate::model::id::ParamId;
use crate::model::moment::Span;

/// The alarm template of an element (ALM-2).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum AlarmTemplate {
    /// The thresholds of the definition.
    #[default]
    ProtocolDefaults,
    /// None: nothing alarms.
    None,
    /// One of its own.
    Own(Arc<OwnTemplate>),
}

/// A template of its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OwnTemplate {
    /// What it is called.
    pub name: String,
    /// The entries of each parameter, in order: the first that fits decides (ALM-30).
    pub entries: BTreeMap<ParamId, Vec<TemplateEntry>>,
}

/// An entry of a template (ALM-30).
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateEntry {
    /// The rows that it is for, by display key, with `*` and `?`; none for all, and for a parameter of its own.
    pub filter: Option<String>,
    /// Whether it is ticked: an entry that is not keeps its rows from alarming.
    pub monitored: bool,
    /// What alarms.
    pub alarm: AlarmDef,
    /// What is worth an information event, ticked or not (ALM-24).
    pub info: Option<InfoDef>,
    /// How long a severity has to last until it counts.
    pub hysteresis: Option<Hysteresis>,
    /// While it is true, the entry is not in force (ALM-31).
    pub condition: Option<TemplateCondition>,
    /// Whether an alarm that is over leaves by itself (ALM-45).
    pub auto_clear: bool,
}

/// How long a value has to be beyond a threshold, or back, until that counts (ALM-32).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hysteresis {
    /// Before a severity is left.
    pub clear: Span,
    /// Before a severity is entered.
    pub raise: Span,
    /// The severities that it is limited to; all of them when there are none here.
    pub of: Vec<Severity>,
}

/// A condition: one of these lists of tests holds in full.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateCondition(pub Vec<Vec<ConditionTest>>);

/// A test of a condition: the value or the severity of a parameter, or of the column in the same row.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionTest {
    /// The parameter.
    pub param: ParamId,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub with: ComparedWith,
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `>`
    Greater,
    /// `<`
    Less,
}

/// What a condition compares with.
#[derive(Debug, Clone, PartialEq)]
pub enum ComparedWith {
    /// A value: a number, or a text with `*` and `?`.
    Value(String),
    /// `Not initialized`.
    NotInitialized,
    /// The severity; none when that is undefined.
    Severity(Option<Severity>),
}

impl AlarmTemplate {
    /// What it is called: `protocol-defaults`, `none`, or its own name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::ProtocolDefaults => "protocol-defaults",
            Self::None => "none",
            Self::Own(own) => &own.name,
        }
    }
}

impl TemplateEntry {
    /// The parameters whose values or severities decide together with the monitored one.
    pub fn inputs(&self) -> impl Iterator<Item = ParamId> {
        let tests = self.condition.iter().flat_map(|condition| condition.0.iter().flatten());
        self.alarm.inputs().chain(tests.map(|test| test.param))
    }
}

impl Hysteresis {
    /// How long a severity has to last until it is entered, or to be away until it is left.
    #[must_use]
    pub fn delay(&self, severity: Severity, entering: bool) -> Span {
        if !self.of.is_empty() && !self.of.contains(&severity) {
            return Span(0);
        }
        if entering { self.raise } else { self.clear }
    }
}
