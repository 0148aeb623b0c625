//! `Measurement/Discreets`: the choices of a discreet, a button, a toggle button, a page button, a context menu.
//!
//! Rules: DSP-34 to DSP-37, DSP-70 to DSP-77, TBL-113, VAL-11, VAL-12, VAL-27.

use crate::model::id::ParamId;
use crate::model::measurement::{ChoiceEffect, Discreet, Measurement, MeasurementKind};
use crate::model::param::ParamKind;
use crate::model::value::{Value, ValueKind};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::exceptions::STATES;
use crate::schema::lower::{Lowering, discreet_options, display, interprete};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The choices in document order.
pub(super) fn discreets(
    cx: &mut Lowering<'_>,
    param: Node<'_>,
    measurement: Node<'_>,
    kind: MeasurementKind,
    value_kind: ValueKind,
) -> Vec<Discreet> {
    let menu = is_context_menu(param);
    // The value of a page button is the name of a page.
    let value_kind = match kind {
        MeasurementKind::PageButton => ValueKind::Text,
        _ => value_kind,
    };
    let mut discreets: Vec<Discreet> = Vec::new();
    for node in measurement
        .children("Discreets")
        .flat_map(|discreets| discreets.children("Discreet"))
    {
        let mut discreet = discreet(cx, node, value_kind);
        discreet_options::options(cx, node, &mut discreet);
        if menu && let Some(field) = node.attribute("dependencyValues") {
            discreet.dependency_values = Some(menu_dependencies(cx, field));
        }
        let twin = discreets.iter().any(|other| {
            other.dependency_values == discreet.dependency_values
                && (other.value == discreet.value || other.display == discreet.display)
        });
        if twin {
            let message = "another discreet has the same text or value; the first one counts";
            let twice = Diagnostic::new(&codes::DISCREET_DUPLICATE, node.name_span(), message);
            cx.report(twice.hint("give each a text and a value of its own"));
        }
        discreets.push(discreet);
    }
    discreets
}

/// Whether a parameter is the context menu of a table, by its name (PAR-9).
pub(super) fn is_context_menu(param: Node<'_>) -> bool {
    param.field("Name").is_some_and(|name| name.ends_with("_contextmenu"))
}

fn discreet(cx: &mut Lowering<'_>, node: Node<'_>, kind: ValueKind) -> Discreet {
    let value = node.field("Value");
    let shown = node.child("Display");
    let raw = value.map_or("", Field::raw);
    if shown.is_none() {
        let message = "a discreet without `Display` is shown as its value";
        let missing = Diagnostic::new(&codes::DISCREET_DISPLAY_MISSING, node.name_span(), message);
        cx.report(missing.hint("add `<Display>…</Display>`"));
    }
    let effect = discreet_options::effect(cx, node);
    let kind = match effect {
        ChoiceEffect::Set => kind,
        // A link, or the name of a variable.
        ChoiceEffect::Opens | ChoiceEffect::Nothing => ValueKind::Text,
    };
    let read = value.and_then(|field| interprete::value(field.raw(), kind));
    if read.is_none() {
        let span = value.map_or(node.name_span(), Field::span);
        let message = match value {
            None => "a discreet without `Value`".to_owned(),
            Some(field) => format!("`{}` is not a number, but the parameter is one", field.text()),
        };
        let hint = "give the value that is set when it is chosen";
        cx.report(Diagnostic::new(&codes::DISCREET_VALUE_INVALID, span, message).hint(hint));
    }
    let state = shown.and_then(|shown| shown.attribute("state"));
    Discreet {
        value: read.unwrap_or_else(|| Value::text(raw)),
        display: shown.map_or(raw, |shown| shown.content().text()).to_owned(),
        disabled: state
            .and_then(|state| state.one_of(STATES, &mut cx.diagnostics))
            .unwrap_or_default(),
        dependency_values: node
            .attribute("dependencyValues")
            .map(|field| texts(field).map(str::to_owned).collect()),
        level: None,
        availability: None,
        options: Vec::new(),
        effect,
        tooltip: node.filled("Tooltip").map(|field| field.text().to_owned()),
    }
}

fn texts(field: Field<'_>) -> impl Iterator<Item = &str> {
    field.parts(';').map(Field::text).filter(|text| !text.is_empty())
}

/// On a context menu: the parameters to fill, `pid`, `pid?`, `pid:default` or `pid?:default` (TBL-113).
fn menu_dependencies(cx: &mut Lowering<'_>, field: Field<'_>) -> Vec<String> {
    let mut kept = Vec::new();
    for item in field.parts(';').filter(|item| !item.is_empty()) {
        let digits = item.text().split(['?', ':']).next().unwrap_or_default();
        let id = digits.parse().ok().map(ParamId);
        if let Some(node) = id.and_then(|id| cx.declared.params.node(id)) {
            kept.push(item.text().to_owned());
            if !display::is_displayed(node) {
                let message = format!("parameter {digits} is not displayed, so that nobody can fill it in");
                let hidden = Diagnostic::new(&codes::DEPENDENCY_VALUES_RTDISPLAY, item.span(), message);
                let hint = "give it `<RTDisplay>true</RTDisplay>`";
                cx.report(hidden.second(node.name_span(), "declared here").hint(hint));
                cx.lacks_rtdisplay(node, item.span());
            }
            continue;
        }
        let message = format!("`{}` names no parameter", item.text());
        let hint = "write the id of the parameter to fill; the item is left out";
        cx.report(Diagnostic::new(&codes::DEPENDENCY_VALUES_UNKNOWN, item.span(), message).hint(hint));
    }
    kept
}

/// `Discreets@dependencyId`: the parameter the choices depend on (DSP-70, DSP-72).
pub(super) fn dependency(cx: &mut Lowering<'_>, measurement: Node<'_>) -> Option<ParamId> {
    let field = measurement.child("Discreets")?.attribute("dependencyId")?;
    let hint = "name a `read` or `write` parameter; the choices do not depend on anything";
    if field.is_empty() {
        cx.report(Diagnostic::new(&codes::DEPENDENCY_EMPTY, field.span(), "`dependencyId` is empty").hint(hint));
        return None;
    }
    let Some(id) = field.digits().map(ParamId) else {
        let message = format!("`{}` is not an id", field.text());
        cx.report(Diagnostic::new(&codes::DEPENDENCY_INVALID, field.span(), message).hint(hint));
        return None;
    };
    let Some(source) = cx.declared.params.node(id) else {
        let message = format!("there is no parameter {id}");
        cx.report(Diagnostic::new(&codes::DEPENDENCY_UNKNOWN, field.span(), message).hint(hint));
        return None;
    };
    let is_bit = source
        .field("Type")
        .is_some_and(|kind| kind.is("read bit") || kind.is("write bit"));
    if !is_bit && !matches!(cx.declared.kind(id), Some(ParamKind::Read | ParamKind::Write)) {
        let message = format!("parameter {id} is neither a `read` nor a `write`");
        let wrong = Diagnostic::new(&codes::DEPENDENCY_WRONG_TYPE, field.span(), message);
        cx.report(wrong.second(source.name_span(), "declared here").hint(hint));
        return None;
    }
    if !display::is_displayed(source) {
        let message = format!("parameter {id} is not displayed, so that its value is not known here");
        let hidden = Diagnostic::new(&codes::DEPENDENCY_RTDISPLAY, field.span(), message);
        let hint = "give it `<RTDisplay>true</RTDisplay>`";
        cx.report(hidden.second(source.name_span(), "declared here").hint(hint));
        cx.lacks_rtdisplay(source, field.span());
    }
    Some(id)
}

/// Whether a measurement that needs choices has them (VAL-11).
pub(super) fn has_choices(cx: &mut Lowering<'_>, node: Node<'_>, measurement: &Measurement) -> bool {
    let needed = match measurement.kind {
        MeasurementKind::Discreet
        | MeasurementKind::Button
        | MeasurementKind::ToggleButton
        | MeasurementKind::PageButton => true,
        MeasurementKind::Number
        | MeasurementKind::Text
        | MeasurementKind::Table
        | MeasurementKind::Title(_)
        | MeasurementKind::Progress
        | MeasurementKind::Analog
        | MeasurementKind::Chart
        | MeasurementKind::Unsupported => false,
    };
    if !needed {
        return true;
    }
    let tag = node.child("Discreets");
    if measurement.discreets.is_empty() && measurement.dependency.is_none() {
        let (code, span) = match tag {
            None => (&codes::DISCREETS_MISSING, node.name_span()),
            Some(tag) => (&codes::DISCREET_MISSING, tag.name_span()),
        };
        let message = "there is nothing to choose from; it is shown as text";
        cx.report(Diagnostic::new(code, span, message).hint("add a `Discreet` for each choice"));
        return false;
    }
    if measurement.kind == MeasurementKind::ToggleButton && measurement.discreets.len() != 2 {
        let message = format!(
            "a togglebutton has two discreets, this one {}",
            measurement.discreets.len()
        );
        let span = tag.unwrap_or(node).name_span();
        cx.report(Diagnostic::new(&codes::TOGGLE_DISCREETS, span, message).hint("give it two, or make it a `button`"));
    }
    true
}
