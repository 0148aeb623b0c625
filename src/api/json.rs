//! The JSON of the API: elements, parameters, cells as they go over the wire.
//!
//! Names and shapes are part of the public contract. Secrets never leave the element: their value and their text are
//! null (DSP-60). Alarms are not monitored yet, so every alarm state is `undefined` (ALM-4).
//!
//! Rules: API-1, API-2, API-5, API-6, DSP-60, ALM-4, PAR-108.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::element::Element;
use crate::element::view::{ElementState, ShownValue, View};
use crate::engine::settings::ConnectionSettings;
use crate::model::connection::ConnectionKind;
use crate::model::display_text::display_text;
use crate::model::measurement::MeasurementKind;
use crate::model::page::{Page, PageKind};
use crate::model::param::{Param, ParamKind};
use crate::model::value::Value;

/// A value: a number, a text, or null when it is not initialized.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "a value is a number, a string or null")]
#[schema(as = Value)]
pub(super) enum ValueJson {
    Whole(i64),
    Number(f64),
    Text(String),
    Null,
}

/// Numbers up to here are whole without loss in a 64-bit float.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

impl From<&Value> for ValueJson {
    fn from(value: &Value) -> Self {
        match value {
            Value::Uninitialised => Self::Null,
            Value::Number(number) if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE => {
                Self::Whole(*number as i64)
            }
            Value::Number(number) => Self::Number(*number),
            Value::Text(text) => Self::Text(text.to_string()),
        }
    }
}

impl From<ValueJson> for Value {
    fn from(value: ValueJson) -> Self {
        match value {
            ValueJson::Whole(number) => Self::Number(number as f64),
            ValueJson::Number(number) => Self::Number(number),
            ValueJson::Text(text) => Self::from(text),
            ValueJson::Null => Self::Uninitialised,
        }
    }
}

/// What is set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(expecting = "an object with a value")]
#[schema(as = Set)]
pub(super) struct SetJson {
    /// The value: of a discreet or a button its value, not its text.
    pub(super) value: ValueJson,
}

/// The state of an element.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = State)]
pub(super) enum StateJson {
    /// It runs.
    Active,
    /// It waits.
    Paused,
    /// It does nothing.
    Stopped,
    /// It could not go on.
    Error,
}

impl From<ElementState> for StateJson {
    fn from(state: ElementState) -> Self {
        match state {
            ElementState::Active => Self::Active,
            ElementState::Paused => Self::Paused,
            ElementState::Stopped => Self::Stopped,
            ElementState::Error => Self::Error,
        }
    }
}

/// An alarm state.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AlarmState)]
pub(super) enum AlarmStateJson {
    /// Not monitored.
    Undefined,
}

/// An element.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Element)]
pub(super) struct ElementJson {
    /// Its id.
    id: u32,
    /// Its name.
    name: String,
    /// Its state.
    state: StateJson,
    /// Whether it is in timeout.
    timeout: bool,
    /// Its alarm state.
    alarm: AlarmStateJson,
    /// The definition it runs.
    protocol: ProtocolJson,
}

/// A definition.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Protocol)]
struct ProtocolJson {
    /// Its name.
    name: String,
    /// Its version.
    version: String,
}

/// An element with its connections and pages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElementDetail)]
pub(super) struct ElementDetailJson {
    #[serde(flatten)]
    element: ElementJson,
    /// Its connections, main one first.
    connections: Vec<ConnectionJson>,
    /// The names of its pages, in display order.
    pages: Vec<String>,
}

/// A connection of an element.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Connection)]
struct ConnectionJson {
    /// Its id; 0 is the main one.
    id: i32,
    /// `http`, `virtual`, or `unsupported`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The host.
    host: String,
    /// The port.
    port: u16,
    /// The bus address.
    bus_address: String,
}

impl ElementJson {
    pub(super) fn of(element: &Element) -> Self {
        let config = element.config();
        let (state, timeout) = element.look(|view| (view.state, view.timeout.is_some()));
        Self {
            id: config.settings.id.0,
            name: config.settings.name.clone(),
            state: state.into(),
            timeout,
            alarm: AlarmStateJson::Undefined,
            protocol: ProtocolJson {
                name: config.protocol.name().to_owned(),
                version: config.protocol.version().to_owned(),
            },
        }
    }
}

impl ElementDetailJson {
    pub(super) fn of(element: &Element) -> Self {
        let config = element.config();
        let connections = config.settings.connections.iter().map(ConnectionJson::from).collect();
        let pages = &config.protocol.parts().pages;
        Self {
            element: ElementJson::of(element),
            connections,
            pages: pages
                .iter()
                .filter(|page| is_listed(page))
                .map(|page| page.name.clone())
                .collect(),
        }
    }
}

/// Whether a page is one of the page list: separators are no pages, popups open from a button (DSP-107).
const fn is_listed(page: &Page) -> bool {
    match page.kind {
        PageKind::Data | PageKind::Web(_) => true,
        PageKind::Separator | PageKind::Popup => false,
    }
}

impl From<&ConnectionSettings> for ConnectionJson {
    fn from(connection: &ConnectionSettings) -> Self {
        Self {
            id: connection.id.0,
            kind: match connection.kind {
                ConnectionKind::Http => "http",
                ConnectionKind::Virtual => "virtual",
                ConnectionKind::Unsupported => "unsupported",
            },
            host: connection.host.clone(),
            port: connection.port,
            bus_address: connection.bus_address.clone(),
        }
    }
}

/// A parameter with its value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Parameter)]
pub(super) struct ParameterJson {
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
    /// Its alarm state.
    alarm: AlarmStateJson,
    /// When the value last changed (RFC 3339); null when it never had one.
    updated: Option<String>,
    /// Whether it is a secret. Only there when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<bool>,
}

impl ParameterJson {
    /// A parameter with the value that a view shows.
    pub(super) fn of(param: &Param, view: &View) -> Self {
        Self::with(param, view.params.get(&param.id))
    }

    /// A parameter with this value.
    pub(super) fn with(param: &Param, shown: Option<&ShownValue>) -> Self {
        let cell = CellJson::of(param, shown.map_or(&Value::Uninitialised, |shown| &shown.value));
        Self {
            id: param.id.0,
            name: param.name.clone(),
            description: param.description.clone(),
            kind: kind_name(param.kind),
            value: cell.value,
            display: cell.display,
            unit: param.display.units.clone(),
            alarm: cell.alarm,
            updated: shown.and_then(|shown| time_text(shown.changed)),
            secret: param.is_secret().then_some(true),
        }
    }
}

/// The word of the definition; a table is called what people call it.
const fn kind_name(kind: ParamKind) -> &'static str {
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

fn time_text(unix_ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(unix_ms)
        .ok()
        .map(|time| time.to_string())
}

/// A cell, or the value of a parameter.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Cell)]
pub(super) struct CellJson {
    /// Its raw value.
    pub(super) value: ValueJson,
    /// The value as a person reads it; null for a secret and for a button.
    pub(super) display: Option<String>,
    /// Its alarm state.
    pub(super) alarm: AlarmStateJson,
}

impl CellJson {
    pub(super) fn of(param: &Param, value: &Value) -> Self {
        Self {
            value: if param.is_secret() {
                ValueJson::Null
            } else {
                value.into()
            },
            display: shown_text(param, value),
            alarm: AlarmStateJson::Undefined,
        }
    }
}

/// The text of a value, or none where there is nothing to read: a secret, a table, a button.
pub(super) fn shown_text(param: &Param, value: &Value) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::ValueJson;
    use crate::model::value::Value;

    #[test]
    fn whole_numbers_have_no_decimals_in_json() {
        let values = [
            Value::Number(5.0),
            Value::Number(-0.5),
            Value::Number(1e300),
            "5".into(),
            Value::Uninitialised,
        ];
        let json = values.map(|value| serde_json::to_string(&ValueJson::from(&value)).expect("JSON"));
        assert_eq!(json, ["5", "-0.5", "1e300", "\"5\"", "null"]);
    }

    #[test]
    fn only_numbers_strings_and_null_are_values() {
        let read = |text| serde_json::from_str::<ValueJson>(text).ok().map(Value::from);
        let values = ["5", "5.5", "18446744073709551615", "\"a\"", "null", "true", "[]"].map(read);
        let expected = [
            Some(Value::Number(5.0)),
            Some(Value::Number(5.5)),
            Some(Value::Number(18_446_744_073_709_551_615.0)),
            Some("a".into()),
            Some(Value::Uninitialised),
            None,
            None,
        ];
        assert_eq!(values, expected);
    }
}
