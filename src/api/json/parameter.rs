//! The JSON of a parameter and of a cell.
//!
//! Rules: API-1, API-2, API-6, DSP-16, DSP-58, DSP-60, PAR-108.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::json::alarm::AlarmStateJson;
use crate::api::json::value::ValueJson;
use crate::element::view::{ShownValue, View};
use crate::model::alarm::Severity;
use crate::model::display_text::display_text;
use crate::model::dynamic_unit::dynamic_text;
use crate::model::measurement::{MeasurementKind, TimeFormat};
use crate::model::param::{Param, ParamKind};
use crate::model::time_text::ole_unix_ms;
use crate::model::value::Value;

/// A parameter with its value.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Parameter)]
pub(in crate::api) struct ParameterJson {
    /// Its id.
    id: u32,
    /// Its name.
    name: String,
    /// Its description, for people.
    description: String,
    /// `read`, `write`, `table`, `fixed` …: the type in the definition.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Its raw value.
    value: ValueJson,
    /// The value as a person reads it; null for a secret, a table and a button.
    display: Option<String>,
    /// The unit; empty when there is none.
    unit: String,
    /// Its alarm state; of a table the worst of its cells.
    alarm: AlarmStateJson,
    /// When the value last changed (RFC 3339); null when it never had one.
    updated: Option<String>,
    /// The moment that a date stands for, its wall clock taken as UTC, in milliseconds since 1970. Only there for dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    unix_ms: Option<i64>,
    /// Whether it is a secret. Only there when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<bool>,
}

impl ParameterJson {
    /// A parameter with the value that a view shows.
    pub(in crate::api) fn of(param: &Param, view: &View) -> Self {
        let alarm = match &param.table {
            Some(_) => view.worst_of_table(param.id),
            None => view.alarms.severity(param.id),
        };
        Self::with(param, view.params.get(&param.id), alarm)
    }

    /// A parameter with its value in the unit in which it is easiest to read (DSP-16).
    pub(in crate::api) fn in_dynamic_unit(param: &Param, view: &View) -> Self {
        let plain = Self::of(param, view);
        let Some(value) = view.value(param.id).filter(|_| plain.display.is_some()) else {
            return plain;
        };
        let (display, unit) = dynamic_text(param, value);
        Self {
            display: Some(display),
            unit,
            ..plain
        }
    }

    /// A parameter with this value and alarm state.
    pub(in crate::api) fn with(param: &Param, shown: Option<&ShownValue>, alarm: Option<Severity>) -> Self {
        let cell = CellJson::of(param, shown.map_or(&Value::Uninitialised, |shown| &shown.value), alarm);
        Self {
            id: param.id.0,
            name: param.name.clone(),
            description: param.description.clone(),
            kind: kind_name(param.kind),
            value: cell.value,
            display: cell.display,
            unit: param.display.units.clone(),
            alarm: cell.alarm,
            unix_ms: shown.and_then(|shown| unix_ms(param, shown.value.as_number()?)),
            updated: shown.and_then(|shown| time_text(shown.changed)),
            secret: param.is_secret().then_some(true),
        }
    }
}

/// The word of the definition; a table is called what people call it.
pub(in crate::api) const fn kind_name(kind: ParamKind) -> &'static str {
    match kind {
        ParamKind::Read | ParamKind::Unsupported => "read",
        ParamKind::Write => "write",
        ParamKind::Array => "table",
        ParamKind::Fixed => "fixed",
        ParamKind::Dummy => "dummy",
        ParamKind::ElementName => "elementname",
        ParamKind::ElementId => "elementid",
        ParamKind::ElementDmaId => "elementdmaid",
        ParamKind::Ip => "ip",
        ParamKind::PollingIp => "pollingip",
        ParamKind::Bus => "bus",
        ParamKind::DataMinerInfo => "dataminer info",
    }
}

/// Milliseconds since 1970 of a date (DSP-58).
fn unix_ms(param: &Param, number: f64) -> Option<i64> {
    match param.measurement.as_ref()?.time? {
        TimeFormat::Date | TimeFormat::DateTime | TimeFormat::DateTimeMinute => ole_unix_ms(number),
        TimeFormat::Seconds
        | TimeFormat::Minutes
        | TimeFormat::Hours
        | TimeFormat::TimeOfDay
        | TimeFormat::MinuteOfDay => None,
    }
}

pub(in crate::api) fn time_text(unix_ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(unix_ms)
        .ok()
        .map(|time| time.to_string())
}

/// A cell, or the value of a parameter.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Cell)]
pub(in crate::api) struct CellJson {
    /// Its raw value.
    pub(in crate::api) value: ValueJson,
    /// The value as a person reads it; null for a secret and for a button.
    pub(in crate::api) display: Option<String>,
    /// Its alarm state.
    pub(in crate::api) alarm: AlarmStateJson,
}

impl CellJson {
    pub(in crate::api) fn of(param: &Param, value: &Value, alarm: Option<Severity>) -> Self {
        Self {
            value: if param.is_secret() {
                ValueJson::Null
            } else {
                value.into()
            },
            display: shown_text(param, value),
            alarm: alarm.into(),
        }
    }
}

/// The text of a value, or none where there is nothing to read: a secret, a table, a button.
pub(in crate::api) fn shown_text(param: &Param, value: &Value) -> Option<String> {
    if param.is_secret() || param.table.is_some() || is_button(param) {
        return None;
    }
    Some(display_text(param, value))
}

fn is_button(param: &Param) -> bool {
    let Some(measurement) = &param.measurement else {
        return false;
    };
    match measurement.kind {
        MeasurementKind::Button | MeasurementKind::PageButton => true,
        MeasurementKind::Number
        | MeasurementKind::Text
        | MeasurementKind::Discreet
        | MeasurementKind::ToggleButton
        | MeasurementKind::Table
        | MeasurementKind::Title(_)
        | MeasurementKind::Progress
        | MeasurementKind::Analog
        | MeasurementKind::Chart
        | MeasurementKind::Unsupported => false,
    }
}
