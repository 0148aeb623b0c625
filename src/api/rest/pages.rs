//! The pages of an element card: which parameters stand where, and how each can be set.
//!
//! This is the part of the definition that a client needs to draw pages; values come from the parameters.
//!
//! Rules: API-3, API-7, DSP-32 to DSP-38, DSP-76, DSP-77, DSP-100 to DSP-109.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::Api;
use crate::api::error::{OfAName, Problem};
use crate::api::extract::Path;
use crate::api::find;
use crate::api::json::value::ValueJson;
use crate::model::measurement::{Discreet, MeasurementKind, Title};
use crate::model::page::PageKind;
use crate::model::param::{Param, ParamKind};
use crate::model::protocol::Protocol;

/// A page of an element card.
#[derive(Serialize, ToSchema)]
#[schema(as = Page)]
pub(in crate::api) struct PageJson {
    /// Its name.
    name: String,
    /// `data`, `popup`, `web` or `separator`.
    kind: &'static str,
    /// The address of a web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Whether it opens first.
    default: bool,
    /// What stands on it, by row and column.
    items: Vec<ItemJson>,
}

/// A parameter on a page. A read and a write of one name share an item.
#[derive(Serialize, ToSchema)]
#[schema(as = PageItem)]
struct ItemJson {
    /// The row.
    row: u32,
    /// The column: 0 or 1.
    column: u32,
    /// The parameter that is read; of a write alone, the write.
    id: u32,
    /// Its name.
    name: String,
    /// Its description, for people.
    description: String,
    /// The kind of control that shows it, such as `string`, `table` or `title`.
    control: &'static str,
    /// The tooltip.
    tooltip: String,
    /// How it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    editor: Option<EditorJson>,
    /// Of a table: how the cells of a column are set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<ColumnEditorJson>,
}

/// How the cells of a column are set.
#[derive(Serialize, ToSchema)]
#[schema(as = ColumnEditor)]
struct ColumnEditorJson {
    /// The column.
    id: u32,
    /// How its cells are set.
    editor: EditorJson,
}

/// How a parameter is set.
#[derive(Serialize, ToSchema)]
#[schema(as = Editor)]
struct EditorJson {
    /// The write parameter.
    id: u32,
    /// The kind of control: `string`, `number`, `discreet`, `button`, `togglebutton`, `pagebutton` …
    control: &'static str,
    /// Whether what is entered is a secret.
    secret: bool,
    /// The choices, or the buttons.
    choices: Vec<ChoiceJson>,
    /// The lowest value; of a text, the fewest characters.
    low: Option<f64>,
    /// The highest value; of a text, the most characters.
    high: Option<f64>,
    /// Between two values.
    step: Option<f64>,
    /// Lines of a text box.
    lines: Option<u32>,
    /// The question to ask before a set.
    question: Option<String>,
}

/// A choice.
#[derive(Serialize, ToSchema)]
#[schema(as = Choice)]
struct ChoiceJson {
    /// What is set.
    value: ValueJson,
    /// What a person reads.
    display: String,
    /// The question to ask before a set.
    question: Option<String>,
}

/// The pages of the element card, in display order, and its popups.
#[utoipa::path(
    get,
    path = "/api/elements/{element}/pages", operation_id = "listPages",
    tag = "elements",
    params(("element" = String, Path, description = "Its name or id.")),
    responses(
        (status = OK, description = "The pages.", body = [PageJson]),
        OfAName
    )
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    Path(element): Path<String>,
) -> Result<Json<Vec<PageJson>>, Problem> {
    let element = find::element(&api.agent, &element)?;
    Ok(Json(pages(&element.config().protocol)))
}

fn pages(protocol: &Protocol) -> Vec<PageJson> {
    let parts = protocol.parts();
    let page = |page: &crate::model::page::Page| PageJson {
        name: page.name.clone(),
        kind: match page.kind {
            PageKind::Data => "data",
            PageKind::Separator => "separator",
            PageKind::Web(_) => "web",
            PageKind::Popup => "popup",
        },
        url: match &page.kind {
            PageKind::Web(url) => Some(url.clone()),
            PageKind::Data | PageKind::Separator | PageKind::Popup => None,
        },
        default: parts.default_page.as_deref() == Some(&page.name),
        items: items(protocol, &page.name),
    };
    parts.pages.iter().map(page).collect()
}

fn items(protocol: &Protocol, page: &str) -> Vec<ItemJson> {
    let params = protocol.parts().params.iter();
    let shown = params.filter(|param| param.display.rtdisplay && param.column_of.is_none());
    let mut items: Vec<ItemJson> = shown
        .flat_map(|param| param.display.positions.iter().map(move |place| (param, place)))
        .filter(|(param, place)| place.page == page && !is_beside_its_read(protocol, param, page))
        .map(|(param, place)| ItemJson {
            row: place.row,
            column: place.column,
            id: param.id.0,
            name: param.name.clone(),
            description: param.description.clone(),
            control: control_name(place.measurement.unwrap_or_else(|| control_of(param))),
            tooltip: param.information.tooltip.clone(),
            editor: editor_on(protocol, param, page),
            columns: column_editors(protocol, param),
        })
        .collect();
    items.sort_by_key(|item| (item.row, item.column));
    items
}

fn is_on(param: &Param, page: &str) -> bool {
    param.display.rtdisplay && param.display.positions.iter().any(|place| place.page == page)
}

/// Whether a write is shown with its read on this page (DSP-101).
fn is_beside_its_read(protocol: &Protocol, param: &Param, page: &str) -> bool {
    param.is_write() && partner(protocol, param).is_some_and(|read| is_on(read, page))
}

fn partner<'a>(protocol: &'a Protocol, param: &Param) -> Option<&'a Param> {
    param.partner.and_then(|partner| protocol.param(partner))
}

fn editor_on(protocol: &Protocol, param: &Param, page: &str) -> Option<EditorJson> {
    if param.is_write() {
        return Some(editor(param, None));
    }
    let write = partner(protocol, param).filter(|write| write.is_write() && is_on(write, page))?;
    Some(editor(write, Some(param)))
}

fn column_editors(protocol: &Protocol, table: &Param) -> Vec<ColumnEditorJson> {
    let columns = find::shown_columns(protocol, table);
    let editors = columns.into_iter().filter_map(|(_, column)| {
        let editor = if column.is_write() {
            editor(column, None)
        } else {
            let write = partner(protocol, column).filter(|write| write.is_write() && write.display.rtdisplay)?;
            editor(write, Some(column))
        };
        Some(ColumnEditorJson {
            id: column.id.0,
            editor,
        })
    });
    editors.collect()
}

/// The editor of a write; what its own definition leaves out is as for its read (TBL-100).
fn editor(write: &Param, read: Option<&Param>) -> EditorJson {
    let measurement = write
        .measurement
        .as_ref()
        .or_else(|| read.and_then(|read| read.measurement.as_ref()));
    EditorJson {
        id: write.id.0,
        control: control_name(measurement.map_or(MeasurementKind::Text, |measurement| measurement.kind)),
        secret: write.is_secret() || read.is_some_and(Param::is_secret),
        choices: measurement.map_or_else(Vec::new, |measurement| {
            measurement.discreets.iter().map(choice).collect()
        }),
        low: write.display.range.low,
        high: write.display.range.high,
        step: write.display.step,
        lines: measurement.and_then(|measurement| measurement.lines),
        question: write.message.clone(),
    }
}

fn choice(discreet: &Discreet) -> ChoiceJson {
    let question = discreet
        .options
        .iter()
        .find_map(|option| option.strip_prefix("confirm:"));
    ChoiceJson {
        value: (&discreet.value).into(),
        display: discreet.display.clone(),
        question: question.map(str::to_owned),
    }
}

fn control_of(param: &Param) -> MeasurementKind {
    match (&param.measurement, param.kind) {
        (Some(measurement), _) => measurement.kind,
        (None, ParamKind::Array) => MeasurementKind::Table,
        (None, _) => MeasurementKind::Text,
    }
}

/// The word of `Measurement/Type`.
const fn control_name(kind: MeasurementKind) -> &'static str {
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
