//! The pages of an element card: which parameters stand where, and how each can be set.
//!
//! This is the part of the definition that a client needs to draw pages; values come from the parameters.
//!
//! Rules: API-3, API-7, PAR-12, DSP-38, DSP-40, DSP-100 to DSP-112.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::Api;
use crate::api::error::{OfAName, Problem};
use crate::api::extract::Path;
use crate::api::find;
use crate::api::json::alarm::AlarmStateJson;
use crate::api::json::editor::{EditorJson, control_name};
use crate::element::Element;
use crate::element::view::View;
use crate::model::id::ParamId;
use crate::model::interprete::Range;
use crate::model::measurement::MeasurementKind;
use crate::model::page::{Page, PageKind};
use crate::model::param::{Param, ParamKind};
use crate::model::protocol::Protocol;
use crate::model::table::{ColumnKind, DisplayKey};
use crate::model::value::Value;

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
    /// The worst alarm state of what stands on it.
    alarm: AlarmStateJson,
    /// Whether it opens first.
    default: bool,
    /// Whether it has one column, the second one following below the first.
    wide: bool,
    /// The popup pages that open from it.
    children: Vec<String>,
    /// What stands on it, by row and column.
    items: Vec<ItemJson>,
}

/// A parameter on a page. A read and a write of one name share an item.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
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
    /// The title of the tooltip.
    #[serde(skip_serializing_if = "String::is_empty")]
    tooltip_title: String,
    /// The tooltip.
    tooltip: String,
    /// The lowest value of a bar.
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<f64>,
    /// The highest value of a bar.
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<f64>,
    /// How it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    editor: Option<EditorJson>,
    /// Of a table: the column that tells rows apart for people, with a key icon in front of the others (TBL-141).
    #[serde(skip_serializing_if = "Option::is_none")]
    key_column: Option<u32>,
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
    let protocol = element.protocol();
    Ok(Json(element.look(|view| pages(element, &protocol, view))))
}

/// The pages that are shown now. A default page that is hidden gives way to the first one that is not (DSP-112).
fn pages(element: &Element, protocol: &Protocol, view: &View) -> Vec<PageJson> {
    let visible: Vec<&Page> = visible(protocol, view).collect();
    let is_default = |page: &&Page| protocol.parts().default_page.as_ref() == Some(&page.name);
    let opens = |page: &&Page| matches!(page.kind, PageKind::Data | PageKind::Web(_));
    let default = visible
        .iter()
        .copied()
        .find(is_default)
        .or_else(|| visible.iter().copied().find(opens));
    let page = |page: &Page| PageJson {
        name: page.name.clone(),
        kind: match page.kind {
            PageKind::Data => "data",
            PageKind::Separator => "separator",
            PageKind::Web(_) => "web",
            PageKind::Popup => "popup",
        },
        url: match &page.kind {
            PageKind::Web(url) => Some(address(element, view, url)),
            PageKind::Data | PageKind::Separator | PageKind::Popup => None,
        },
        alarm: view.worst_of_page(protocol, &page.name).into(),
        default: page.kind != PageKind::Separator && default.is_some_and(|default| default.name == page.name),
        wide: page.wide,
        children: popups_of(protocol, &page.name),
        items: items(protocol, view, page),
    };
    visible.into_iter().map(page).collect()
}

/// The pages that are shown while parameters have these values.
pub(in crate::api) fn visible<'p>(protocol: &'p Protocol, view: &'p View) -> impl Iterator<Item = &'p Page> {
    let pages = protocol.parts().pages.iter();
    pages.filter(|page| page.is_visible(|id| shown_value(view, id)))
}

fn shown_value(view: &View, id: ParamId) -> Value {
    view.value(id).cloned().unwrap_or_default()
}

/// The address of a web page with what it names filled in: `[Polling IP]` and `[id:PID]` (DSP-108).
fn address(element: &Element, view: &View, url: &str) -> String {
    let settings = &element.config().settings;
    let host = settings
        .connections
        .first()
        .map_or("", |connection| connection.host.as_str());
    let host = host.split_once("://").map_or(host, |(_, host)| host);
    let mut filled = String::new();
    let mut rest = url;
    while let Some((before, (word, after))) = rest
        .split_once('[')
        .and_then(|(before, rest)| Some((before, rest.split_once(']')?)))
    {
        filled.push_str(before);
        let id = word
            .strip_prefix("id:")
            .or_else(|| word.strip_prefix("pid:"))
            .and_then(|id| id.trim().parse().ok())
            .map(ParamId);
        match id {
            Some(id) => filled.push_str(&shown_value(view, id).to_text()),
            None if word.eq_ignore_ascii_case("polling ip") => filled.push_str(host),
            None => filled.push_str(&format!("[{word}]")),
        }
        rest = after;
    }
    filled + rest
}

/// The popup pages that the page buttons on a page open (DSP-38).
fn popups_of(protocol: &Protocol, page: &str) -> Vec<String> {
    let buttons = protocol.parts().params.iter().filter(|param| is_on(param, page));
    let buttons = buttons.filter_map(|param| param.measurement.as_ref());
    buttons
        .filter(|measurement| measurement.kind == MeasurementKind::PageButton)
        .flat_map(|measurement| &measurement.discreets)
        .map(|discreet| discreet.value.to_text().trim().to_owned())
        .collect()
}

fn items(protocol: &Protocol, view: &View, page: &Page) -> Vec<ItemJson> {
    let name = page.name.as_str();
    let params = protocol.parts().params.iter();
    let shown = params.filter(|param| param.display.rtdisplay && param.column_of.is_none());
    let mut items: Vec<ItemJson> = shown
        .flat_map(|param| param.display.positions.iter().map(move |place| (param, place)))
        .filter(|(param, place)| place.page == name && !is_beside_its_read(protocol, param, name))
        .map(|(param, place)| {
            let control = place.measurement.unwrap_or_else(|| control_of(param));
            let bar = bar(param, control);
            let information = param.information.as_deref();
            ItemJson {
                row: place.row,
                column: place.column,
                id: param.id.0,
                name: param.name.clone(),
                description: param.description.clone(),
                control: control_name(control),
                tooltip_title: information.map_or_else(String::new, |told| told.title.clone()),
                tooltip: information.map_or_else(String::new, |told| told.tooltip.clone()),
                low: bar.low,
                high: bar.high,
                editor: editor_on(protocol, view, param, name),
                key_column: key_column(protocol, param),
                columns: column_editors(protocol, view, param),
            }
        })
        .collect();
    // On a wide page the second column follows below the first (DSP-110).
    items.sort_by_key(|item| match page.wide {
        true => (item.column, item.row),
        false => (item.row, item.column),
    });
    items
}

/// The column with the display keys of a table; the first shown one where no column has them (TBL-141).
fn key_column(protocol: &Protocol, table: &Param) -> Option<u32> {
    let definition = table.table.as_ref()?;
    let has_keys = |idx: usize| match &definition.display_key {
        _ if definition.columns[idx].kind == ColumnKind::DisplayKey => true,
        DisplayKey::PrimaryKey => idx == definition.index,
        DisplayKey::Column(named) => idx == *named,
        DisplayKey::Format(_) | DisplayKey::Naming { .. } => false,
    };
    let shown = find::shown_columns(protocol, table);
    let column = shown.iter().find(|(idx, _)| has_keys(*idx)).or(shown.first());
    column.map(|(_, param)| param.id.0)
}

/// From where to where a bar goes (DSP-40).
fn bar(param: &Param, control: MeasurementKind) -> Range {
    if !matches!(control, MeasurementKind::Progress | MeasurementKind::Analog) {
        return Range::default();
    }
    let range = param.display.range;
    Range {
        low: range.low.or(Some(0.0)),
        high: range.high.or(Some(100.0)),
    }
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

fn editor_on(protocol: &Protocol, view: &View, param: &Param, page: &str) -> Option<EditorJson> {
    let value = |id| shown_value(view, id);
    if param.is_write() {
        return Some(EditorJson::of(protocol, param, None, &value));
    }
    let write = partner(protocol, param).filter(|write| write.is_write() && is_on(write, page))?;
    Some(EditorJson::of(protocol, write, Some(param), &value))
}

fn column_editors(protocol: &Protocol, view: &View, table: &Param) -> Vec<ColumnEditorJson> {
    let columns = find::shown_columns(protocol, table);
    let value = |id| shown_value(view, id);
    let editors = columns.into_iter().filter_map(|(_, column)| {
        let editor = if column.is_write() {
            EditorJson::of(protocol, column, None, &value)
        } else {
            let write = partner(protocol, column).filter(|write| write.is_write() && write.display.rtdisplay)?;
            EditorJson::of(protocol, write, Some(column), &value)
        };
        Some(ColumnEditorJson {
            id: column.id.0,
            editor,
        })
    });
    editors.collect()
}

fn control_of(param: &Param) -> MeasurementKind {
    match (&param.measurement, param.kind) {
        (Some(measurement), _) => measurement.kind,
        (None, ParamKind::Array) => MeasurementKind::Table,
        (None, _) => MeasurementKind::Text,
    }
}
