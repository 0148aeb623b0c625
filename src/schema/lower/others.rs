//! `Interprete/Others`: incoming texts that are no value of the type, and what they stand for.
//!
//! Rules: PAR-76. Only what comes over a connection is compared; a QAction converts to an exception instead.

use crate::model::interprete::Other;
use crate::model::value::ValueKind;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::exceptions::STATES;
use crate::schema::lower::{Lowering, interprete};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The others of a parameter, in document order.
pub(super) fn others(cx: &mut Lowering<'_>, interprete: Node<'_>, kind: ValueKind) -> Vec<Other> {
    let Some(tag) = interprete.child("Others") else {
        return Vec::new();
    };
    let message = "`Others` holds for what comes over a connection, not for what a QAction sets";
    cx.report(Diagnostic::new(&codes::NOT_RUN, tag.name_span(), message));
    tag.children("Other").filter_map(|node| other(cx, node, kind)).collect()
}

fn other(cx: &mut Lowering<'_>, node: Node<'_>, kind: ValueKind) -> Option<Other> {
    let Some(id) = node.attribute("id") else {
        return unusable(cx, node, "has no `id`");
    };
    let symbol = cx.param(id, &codes::OTHER_UNUSABLE)?;
    let Some(value) = node
        .field("Value")
        .and_then(|field| interprete::value(field.raw(), kind))
    else {
        return unusable(cx, node, "has no `Value` of the type of the parameter");
    };
    let shown = node.child("Display");
    let state = shown.and_then(|shown| shown.attribute("state"));
    let Some(display) = node.filled("Display").map(Field::text) else {
        return unusable(cx, node, "has no `Display`");
    };
    Some(Other {
        symbol,
        value,
        display: display.to_owned(),
        disabled: state
            .and_then(|state| state.one_of(STATES, &mut cx.diagnostics))
            .unwrap_or_default(),
    })
}

fn unusable(cx: &mut Lowering<'_>, node: Node<'_>, why: &str) -> Option<Other> {
    let message = format!("the `Other` {why}");
    let hint = "give it the `id` of the parameter with the text, a `Display` and a `Value`; it is not used";
    cx.report(Diagnostic::new(&codes::OTHER_UNUSABLE, node.name_span(), message).hint(hint));
    None
}
