//! `Param/Display`: whether, where and how a parameter is shown.
//!
//! Rules: DSP-1, DSP-4, DSP-13, DSP-15, DSP-32, DSP-59, DSP-92, DSP-93, DSP-100 to DSP-105, VAL-16, VAL-17.

use crate::model::interprete::Range;
use crate::model::measurement::{Display, DynamicUnit, Position};
use crate::model::value::parse_number;
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::measurement;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The most decimals a number of 64 bits has.
pub(super) const MOST_DECIMALS: u8 = 15;

/// The `Display` of a parameter.
pub(super) fn display(cx: &mut Lowering<'_>, param: Node<'_>) -> Display {
    let Some(node) = param.child("Display") else {
        return Display::default();
    };
    let rtdisplay = is_displayed(param);
    if let Some(field) = node.filled("RTDisplay")
        && !field.is("true")
        && !field.is("false")
    {
        let message = format!("`{}` is neither true nor false, false is used", field.text());
        cx.report(Diagnostic::new(&codes::RTDISPLAY_INVALID, field.span(), message).hint("write `true` or `false`"));
    }
    let mut positions = positions(cx, param, node);
    // What is exported to a dynamic virtual element is positioned there.
    let is_exported = param
        .attribute("export")
        .is_some_and(|export| !export.is_empty() && !export.is("false"));
    let is_lost = !rtdisplay && !is_exported && !positions.is_empty();
    if let Some(tag) = node.child("Positions").filter(|_| is_lost) {
        let message = "the parameter has a position but is not displayed";
        let hint = "write `<RTDisplay>true</RTDisplay>`, or remove the positions";
        cx.report(Diagnostic::new(&codes::RTDISPLAY_ON_POSITION, tag.name_span(), message).hint(hint));
        cx.lacks_rtdisplay(param, tag.name_span());
    }
    if !rtdisplay {
        positions.clear();
    }
    Display {
        rtdisplay,
        positions,
        decimals: node
            .filled("Decimals")
            .and_then(|field| field.number(0..=MOST_DECIMALS, &mut cx.diagnostics)),
        units: node.field("Units").map_or("", Field::text).to_owned(),
        range: range(cx, node),
        step: node
            .filled("Steps")
            .and_then(|field| field.number(f64::MIN_POSITIVE..=f64::MAX, &mut cx.diagnostics)),
        dynamic_units: dynamic_units(cx, node),
    }
}

/// `DynamicUnits` (DSP-16).
fn dynamic_units(cx: &mut Lowering<'_>, display: Node<'_>) -> Vec<DynamicUnit> {
    let units = display
        .children("DynamicUnits")
        .flat_map(|units| units.children("Unit"))
        .filter(|unit| !unit.content().is_empty());
    let unit = |node: Node<'_>| DynamicUnit {
        unit: node.content().text().to_owned(),
        decimals: node
            .attribute("decimals")
            .and_then(|field| field.number(0..=MOST_DECIMALS, &mut cx.diagnostics)),
    };
    units.map(unit).collect()
}

/// Whether a parameter reaches the shown store (DSP-1).
pub(super) fn is_displayed(param: Node<'_>) -> bool {
    param
        .child("Display")
        .and_then(|display| display.field("RTDisplay"))
        .is_some_and(|field| field.is("true"))
}

fn range(cx: &mut Lowering<'_>, display: Node<'_>) -> Range {
    let Some(node) = display.child("Range") else {
        return Range::default();
    };
    let low = node.filled("Low");
    let high = node.filled("High");
    if low.is_none() && high.is_none() {
        let empty = Diagnostic::new(&codes::RANGE_EMPTY, node.name_span(), "the range has no end");
        cx.report(empty.hint("give `Low`, `High` or both, or remove the range"));
    }
    let range = Range {
        low: low.and_then(|field| end(cx, field, &codes::RANGE_LOW_INVALID)),
        high: high.and_then(|field| end(cx, field, &codes::RANGE_HIGH_INVALID)),
    };
    match (range.low, range.high) {
        (Some(low), Some(high)) if low >= high => {
            let message = format!("the range goes from {low} to {high}");
            let order = Diagnostic::new(&codes::RANGE_ORDER, node.name_span(), message);
            cx.report(order.hint("make `Low` less than `High`; the range is not used"));
            Range::default()
        }
        _ => range,
    }
}

fn end(cx: &mut Lowering<'_>, field: Field<'_>, code: &'static Code) -> Option<f64> {
    let number = parse_number(field.text());
    if number.is_none() {
        let message = format!("`{}` is not a number", field.text());
        cx.report(Diagnostic::new(code, field.span(), message).hint("write it with a point and without a unit"));
    }
    number
}

fn positions(cx: &mut Lowering<'_>, param: Node<'_>, display: Node<'_>) -> Vec<Position> {
    // The same end may close several group boxes.
    let closes_boxes = measurement::is_title_end(param);
    let mut positions: Vec<Position> = Vec::new();
    for node in display
        .children("Positions")
        .flat_map(|positions| positions.children("Position"))
    {
        let Some(position) = position(cx, node) else {
            continue;
        };
        if !closes_boxes && positions.iter().any(|other| other.page == position.page) {
            let message = format!("the parameter is on the page `{}` twice", position.page);
            let twice = Diagnostic::new(&codes::POSITION_PAGE_DUPLICATE, node.name_span(), message);
            cx.report(twice.hint("remove one of the positions"));
        }
        positions.push(position);
    }
    positions
}

fn position(cx: &mut Lowering<'_>, node: Node<'_>) -> Option<Position> {
    let page = part(
        cx,
        node,
        "Page",
        &codes::POSITION_PAGE_MISSING,
        &codes::POSITION_PAGE_EMPTY,
    );
    let row = part(
        cx,
        node,
        "Row",
        &codes::POSITION_ROW_MISSING,
        &codes::POSITION_ROW_EMPTY,
    );
    let column = part(
        cx,
        node,
        "Column",
        &codes::POSITION_COLUMN_MISSING,
        &codes::POSITION_COLUMN_EMPTY,
    );
    let row = place(cx, row?, &codes::POSITION_ROW_INVALID);
    let column_field = column?;
    let column = place(cx, column_field, &codes::POSITION_COLUMN_INVALID);
    let (page, row, column) = (page?, row?, column?);
    if column > 1 {
        let message = format!("column {column} of a page that has two");
        let high = Diagnostic::new(&codes::POSITION_COLUMN_HIGH, column_field.span(), message);
        cx.report(high.hint("use column 0 or 1"));
    }
    let kind = node.child("Page").and_then(|page| page.attribute("measType"));
    Some(Position {
        page: page.text().to_owned(),
        row,
        column,
        measurement: kind.and_then(|kind| kind.one_of(measurement::KINDS, &mut cx.diagnostics)),
    })
}

/// A part that a position cannot do without.
fn part<'t>(
    cx: &mut Lowering<'_>,
    position: Node<'t>,
    tag: &str,
    missing: &'static Code,
    empty: &'static Code,
) -> Option<Field<'t>> {
    let Some(field) = position.field(tag) else {
        let message = format!("a position without a `{tag}`");
        cx.report(Diagnostic::new(missing, position.name_span(), message).hint(format!("add `<{tag}>…</{tag}>`")));
        return None;
    };
    if field.is_empty() {
        let message = format!("the `{tag}` of the position is empty");
        cx.report(Diagnostic::new(empty, field.span(), message).hint("fill it in"));
        return None;
    }
    Some(field)
}

fn place(cx: &mut Lowering<'_>, field: Field<'_>, code: &'static Code) -> Option<u32> {
    let number = field.digits();
    if number.is_none() {
        let message = format!("`{}` is not a place on a page", field.text());
        cx.report(Diagnostic::new(code, field.span(), message).hint("count from 0"));
    }
    number
}
