//! The JSON of how a parameter is set: the kind of control, its choices, its bounds.
//!
//! Rules: API-3, API-4, PAR-13, PAR-50, DSP-19, DSP-20, DSP-32 to DSP-36, DSP-61, DSP-70 to DSP-80, TBL-100.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::json::value::ValueJson;
use crate::engine::set::{Offered, offered};
use crate::model::id::ParamId;
use crate::model::measurement::{Case, ChoiceEffect, Listed, Measurement, MeasurementKind, Title};
use crate::model::param::{Dependency, Param};
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// How a parameter is set.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Editor)]
pub(in crate::api) struct EditorJson {
    /// The write parameter.
    id: u32,
    /// The kind of control: `string`, `number`, `discreet`, `button`, `togglebutton`, `pagebutton` …
    control: &'static str,
    /// How a text is entered: `number`, `lowercase`, `uppercase`, `horizontalscroll`, `password`; none of these otherwise.
    style: Option<&'static str>,
    /// Whether what is entered is a secret.
    secret: bool,
    /// The choices on offer now, or the buttons. In a row they may be others, where they depend on a cell.
    choices: Vec<ChoiceJson>,
    /// The parameter the choices depend on.
    depends_on: Option<u32>,
    /// The parameters that belong to the set.
    dependencies: Vec<DependencyJson>,
    /// The lowest value; of a text, the fewest characters.
    low: Option<f64>,
    /// The highest value; of a text, the most characters.
    high: Option<f64>,
    /// Between two values.
    step: Option<f64>,
    /// How many decimals are shown.
    decimals: Option<u8>,
    /// Lines of a text box.
    lines: Option<u32>,
    /// Width of a button in pixels.
    width: Option<u32>,
    /// The question to ask before a set.
    question: Option<String>,
}

/// A choice.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Choice)]
struct ChoiceJson {
    /// What is set.
    value: ValueJson,
    /// What a person reads.
    display: String,
    /// `set`; `open` opens the value as a link and `none` does nothing, neither is set.
    effect: &'static str,
    /// Whether it stands beside the control as an exception.
    exception: bool,
    /// Whether another parameter forbids it now.
    forbidden: bool,
    /// For which values of another parameter it cannot be chosen, or only can.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_if: Option<ConditionJson>,
    /// The tooltip.
    tooltip: Option<String>,
    /// The question to ask before a set.
    question: Option<String>,
}

/// Values of another parameter.
#[derive(Serialize, ToSchema)]
#[schema(as = ChoiceCondition)]
struct ConditionJson {
    /// The other parameter; of a column, the cell of the row.
    id: u32,
    /// Its raw values; null is not initialized.
    values: Vec<ValueJson>,
    /// Whether the choice is disabled for all others instead of these.
    others: bool,
}

/// A parameter that belongs to the set of another one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Dependency)]
struct DependencyJson {
    /// The parameter.
    id: u32,
    /// Whether it is to be looked at afterwards, instead of being needed first.
    post_set: bool,
}

impl EditorJson {
    /// The editor of a write; what its own definition leaves out is as for its read. `value` tells what is shown of other
    /// parameters.
    pub(in crate::api) fn of(
        protocol: &Protocol,
        write: &Param,
        read: Option<&Param>,
        value: &dyn Fn(ParamId) -> Value,
    ) -> Self {
        let measurement = write
            .measurement
            .as_ref()
            .or_else(|| read.and_then(|read| read.measurement.as_ref()));
        let secret = write.is_secret() || read.is_some_and(Param::is_secret);
        let dependency = |dependency: &Dependency| DependencyJson {
            id: dependency.param.0,
            post_set: dependency.post_set,
        };
        Self {
            id: write.id.0,
            control: control_name(measurement.map_or(MeasurementKind::Text, |measurement| measurement.kind)),
            style: measurement.and_then(|measurement| style(measurement, secret)),
            secret,
            choices: measurement.map_or_else(Vec::new, |measurement| {
                let offered = offered(protocol, write, measurement, value);
                offered.iter().map(choice).collect()
            }),
            depends_on: measurement.and_then(|measurement| Some(measurement.dependency?.0)),
            dependencies: write.dependencies.iter().map(dependency).collect(),
            low: write.display.range.low,
            high: write.display.range.high,
            step: write.display.step,
            decimals: write.display.decimals,
            lines: measurement.and_then(|measurement| measurement.lines),
            width: measurement.and_then(|measurement| measurement.width),
            question: write.message.clone(),
        }
    }
}

fn style(measurement: &Measurement, secret: bool) -> Option<&'static str> {
    if secret {
        return Some("password");
    }
    match measurement.case {
        Some(Case::Upper) => Some("uppercase"),
        Some(Case::Lower) => Some("lowercase"),
        None if measurement.digits_only => Some("number"),
        None => {
            let scrolls = measurement.hints.iter().any(|hint| hint == "hscroll");
            scrolls.then_some("horizontalscroll")
        }
    }
}

fn choice(offered: &Offered<'_>) -> ChoiceJson {
    let discreet = offered.discreet;
    let options = discreet.into_iter().flat_map(|discreet| &discreet.options);
    let mut questions = options.filter_map(|option| {
        option
            .split_once(':')
            .filter(|(name, _)| name.eq_ignore_ascii_case("confirm"))
    });
    let rule = discreet.and_then(|discreet| discreet.availability.as_ref());
    ChoiceJson {
        value: (&offered.value).into(),
        display: offered.display.clone(),
        effect: match discreet.map_or(ChoiceEffect::Set, |discreet| discreet.effect) {
            ChoiceEffect::Set => "set",
            ChoiceEffect::Opens => "open",
            ChoiceEffect::Nothing => "none",
        },
        exception: discreet.is_some_and(|discreet| discreet.disabled),
        forbidden: offered.forbidden,
        disabled_if: rule.map(|rule| ConditionJson {
            id: rule.param.0,
            values: rule.values.iter().map(ValueJson::from).collect(),
            others: rule.listed == Listed::Enables,
        }),
        tooltip: discreet.and_then(|discreet| discreet.tooltip.clone()),
        question: questions.next().map(|(_, question)| question.to_owned()),
    }
}

/// The word of `Measurement/Type`.
pub(in crate::api) const fn control_name(kind: MeasurementKind) -> &'static str {
    match kind {
        MeasurementKind::Number => "number",
        MeasurementKind::Text | MeasurementKind::Unsupported => "string",
        MeasurementKind::Discreet => "discreet",
        MeasurementKind::Button => "button",
        MeasurementKind::ToggleButton => "togglebutton",
        MeasurementKind::PageButton => "pagebutton",
        MeasurementKind::Table => "table",
        MeasurementKind::Title(Title::Heading | Title::Begin) => "title",
        MeasurementKind::Title(Title::End) => "title end",
        MeasurementKind::Progress => "progress",
        MeasurementKind::Analog => "analog",
        MeasurementKind::Chart => "chart",
    }
}
