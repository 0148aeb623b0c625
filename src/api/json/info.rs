//! The JSON of what the definition says of a parameter, a column or a table.
//!
//! Rules: API-3, API-4, PAR-12, PAR-47, PAR-48, TRD-1, TRD-4.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::json::editor::{EditorJson, control_name};
use crate::api::json::parameter::{kind_name, shown_text};
use crate::api::json::value::ValueJson;
use crate::element::Element;
use crate::element::view::View;
use crate::model::id::ParamId;
use crate::model::measurement::MeasurementKind;
use crate::model::page::PageKind;
use crate::model::param::{ConfirmPopup, Param, ParamKind};
use crate::model::protocol::Protocol;
use crate::model::table::{ColumnKind, DisplayKey};
use crate::model::value::ValueKind;

/// What the definition says of a parameter.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ParameterInfo)]
pub(in crate::api) struct InfoJson {
    /// Its id.
    id: u32,
    /// Its name.
    name: String,
    /// Its description, for people.
    description: String,
    /// `read`, `write`, `table`, `fixed` …: the type in the definition.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The kind of control that shows it, such as `number` or `discreet`.
    control: &'static str,
    /// Whether its values are numbers.
    numeric: bool,
    /// The unit; empty when there is none.
    unit: String,
    /// How many decimals are shown; none as stored.
    decimals: Option<u8>,
    /// The range, when there is one.
    range: Option<RangeJson>,
    /// Between two values.
    step: Option<f64>,
    /// Presentation hints, such as `fixedfont`.
    options: Vec<String>,
    /// The texts of its values.
    discreets: Vec<DiscreetJson>,
    /// Where it stands.
    positions: Vec<PositionJson>,
    /// Whether the definition lets it alarm.
    monitored: bool,
    /// Whether it is trended.
    trended: bool,
    /// Whether its trend is drawn on a logarithmic scale.
    logarithmic: bool,
    /// The table it is a column of.
    table: Option<u32>,
    /// Of a table: the column with the primary keys.
    primary_key_column: Option<u32>,
    /// Of a table: the column that is the display key, where one column is.
    display_key_column: Option<u32>,
    /// The title of the tooltip.
    tooltip_title: String,
    /// The tooltip.
    tooltip: String,
    /// The access level; 0 is the most privileged.
    level: u32,
    /// Whether a client asks before a set: `always`, `never`, or `dm` for as its own settings say.
    confirm_popup: Option<&'static str>,
    /// The read of the same name.
    read: Option<u32>,
    /// The write of the same name.
    write: Option<u32>,
    /// How it is set.
    editor: Option<EditorJson>,
}

/// From where to where values go.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ParameterRange)]
struct RangeJson {
    /// The lowest value; of a text, the fewest characters.
    low: Option<f64>,
    /// The highest value; of a text, the most characters.
    high: Option<f64>,
    /// The lowest one as a person reads it.
    low_display: Option<String>,
    /// The highest one as a person reads it.
    high_display: Option<String>,
}

/// The text of a value.
#[derive(Serialize, ToSchema)]
#[schema(as = Discreet)]
struct DiscreetJson {
    /// The value.
    value: ValueJson,
    /// What a person reads.
    display: String,
}

/// A place on a page.
#[derive(Serialize, ToSchema)]
#[schema(as = Position)]
struct PositionJson {
    /// The page.
    page: String,
    /// The place of the page among the pages, from 0; none for a popup.
    weight: Option<usize>,
    /// The row.
    row: u32,
    /// The column: 0 or 1.
    column: u32,
}

impl InfoJson {
    /// What the definition of an element says of a parameter.
    pub(in crate::api) fn of(element: &Element, protocol: &Protocol, view: &View, param: &Param) -> Self {
        let partner = param.partner.and_then(|partner| protocol.param(partner));
        let shown = partner.filter(|partner| partner.display.rtdisplay);
        let (read, write) = match param.is_write() {
            true => (shown, Some(param)),
            false => (Some(param), shown),
        };
        let value = |id: ParamId| view.value(id).cloned().unwrap_or_default();
        let information = param.information.as_deref();
        let definition = param.table.as_ref();
        let column = |idx: usize| definition.and_then(|table| Some(table.columns.get(idx)?.pid.0));
        let measurement = param.measurement.as_ref();
        let hint = protocol.parts().trend_hints.get(&param.id);
        Self {
            id: param.id.0,
            name: param.name.clone(),
            description: param.description.clone(),
            kind: kind_name(param.kind),
            control: control_name(measurement.map_or_else(|| unmeasured(param), |measurement| measurement.kind)),
            numeric: param.interprete.kind == ValueKind::Number && definition.is_none(),
            unit: param.display.units.clone(),
            decimals: param.display.decimals,
            range: range(param),
            step: param.display.step,
            options: measurement.map_or_else(Vec::new, |measurement| measurement.hints.clone()),
            discreets: measurement.map_or_else(Vec::new, |measurement| {
                let discreets = measurement.discreets.iter().map(|discreet| DiscreetJson {
                    value: (&discreet.value).into(),
                    display: discreet.display.clone(),
                });
                discreets.collect()
            }),
            positions: positions(protocol, param),
            monitored: protocol.parts().alarms.contains_key(&param.id),
            trended: element.config().settings.trend_template.trends(param),
            logarithmic: hint.is_some_and(|hint| hint.logarithmic),
            table: param.column_of.map(|place| place.table.0),
            primary_key_column: definition.and_then(|table| column(table.index)),
            display_key_column: definition.and_then(|table| match table.display_key {
                DisplayKey::PrimaryKey => column(table.index),
                DisplayKey::Column(idx) => column(idx),
                DisplayKey::Format(_) | DisplayKey::Naming { .. } => {
                    let idx = table.columns.iter().position(|of| of.kind == ColumnKind::DisplayKey);
                    idx.and_then(column)
                }
            }),
            tooltip_title: information.map_or_else(String::new, |told| told.title.clone()),
            tooltip: information.map_or_else(String::new, |told| told.tooltip.clone()),
            level: param.level,
            confirm_popup: write.and_then(|write| write.confirm_popup).map(|popup| match popup {
                ConfirmPopup::Always => "always",
                ConfirmPopup::Never => "never",
                ConfirmPopup::AsSettings => "dm",
            }),
            read: read.map(|read| read.id.0),
            write: write.map(|write| write.id.0),
            editor: write.map(|write| EditorJson::of(protocol, write, read, &value)),
        }
    }
}

fn range(param: &Param) -> Option<RangeJson> {
    let range = param.display.range;
    if range.low.is_none() && range.high.is_none() {
        return None;
    }
    let text = |end: Option<f64>| match param.interprete.kind {
        ValueKind::Number => end.and_then(|end| shown_text(param, &end.into())),
        ValueKind::Text => None,
    };
    Some(RangeJson {
        low: range.low,
        high: range.high,
        low_display: text(range.low),
        high_display: text(range.high),
    })
}

fn positions(protocol: &Protocol, param: &Param) -> Vec<PositionJson> {
    let pages = protocol
        .parts()
        .pages
        .iter()
        .filter(|page| page.kind != PageKind::Popup);
    let weight = |name: &str| pages.clone().position(|page| page.name == name);
    let positions = param.display.positions.iter().map(|place| PositionJson {
        page: place.page.clone(),
        weight: weight(&place.page),
        row: place.row,
        column: place.column,
    });
    positions.collect()
}

/// What shows a parameter whose definition does not say.
fn unmeasured(param: &Param) -> MeasurementKind {
    match (param.kind, param.interprete.kind) {
        (ParamKind::Array, _) => MeasurementKind::Table,
        (_, ValueKind::Number) => MeasurementKind::Number,
        (_, ValueKind::Text) => MeasurementKind::Text,
    }
}
