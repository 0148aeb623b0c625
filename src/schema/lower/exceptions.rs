//! `Interprete/Exceptions`: values with a meaning of their own.
//!
//! Rules: PAR-73, PAR-74, DSP-12, VAL-14. An exception that cannot be read is left out, the others stay.

use crate::model::interprete::Exception;
use crate::model::param::ParamKind;
use crate::model::value::{Value, ValueKind};
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::interprete::value;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The values of `Display@state`: whether the text is greyed.
pub(super) const STATES: &[(&str, bool)] = &[("enabled", false), ("disabled", true)];

/// The exceptions of a read, in document order.
pub(super) fn exceptions(
    cx: &mut Lowering<'_>,
    interprete: Node<'_>,
    param_kind: ParamKind,
    kind: ValueKind,
) -> Vec<Exception> {
    let Some(node) = interprete.child("Exceptions") else {
        return Vec::new();
    };
    match param_kind {
        ParamKind::Read | ParamKind::Unsupported => {}
        ParamKind::Write
        | ParamKind::Array
        | ParamKind::Fixed
        | ParamKind::Dummy
        | ParamKind::ElementName
        | ParamKind::ElementId
        | ParamKind::ElementDmaId
        | ParamKind::Ip
        | ParamKind::PollingIp
        | ParamKind::Bus
        | ParamKind::DataMinerInfo => {
            let message = "only a `read` has exceptions";
            let hint = "on a write use a `Discreet` whose `Display` has `state=\"disabled\"`";
            cx.report(Diagnostic::new(&codes::EXCEPTIONS_ON_TYPE, node.name_span(), message).hint(hint));
            return Vec::new();
        }
    }
    let mut exceptions: Vec<Exception> = Vec::new();
    let mut ids: Vec<&str> = Vec::new();
    for node in node.children("Exception") {
        if let Some(id) = node.attribute("id") {
            if ids.contains(&id.text()) {
                let message = format!("the id {} is that of another exception", id.text());
                let twice = Diagnostic::new(&codes::EXCEPTION_ID_DUPLICATE, id.span(), message);
                cx.report(twice.hint("give it a free id"));
            }
            ids.push(id.text());
        }
        let Some(exception) = exception(cx, node, kind) else {
            continue;
        };
        if exceptions.iter().any(|other| other.display == exception.display) {
            let message = format!("another exception is shown as `{}` too", exception.display);
            let twice = Diagnostic::new(&codes::EXCEPTION_DISPLAY_DUPLICATE, node.name_span(), message);
            cx.report(twice.hint("give it a text of its own"));
        }
        exceptions.push(exception);
    }
    exceptions
}

fn exception(cx: &mut Lowering<'_>, node: Node<'_>, kind: ValueKind) -> Option<Exception> {
    let incoming = node.attribute("value");
    let mapped = node.field("Value");
    let shown = node.child("Display");
    let incoming = compatible(
        cx,
        node,
        incoming,
        kind,
        (
            "value",
            &codes::EXCEPTION_VALUE_MISSING,
            &codes::EXCEPTION_VALUE_INVALID,
        ),
    );
    let mapped = compatible(
        cx,
        node,
        mapped,
        kind,
        (
            "Value",
            &codes::EXCEPTION_MAPPED_MISSING,
            &codes::EXCEPTION_MAPPED_INVALID,
        ),
    );
    if shown.is_none() {
        let missing = Diagnostic::new(
            &codes::EXCEPTION_DISPLAY_MISSING,
            node.name_span(),
            "`Display` is missing",
        );
        cx.report(missing.hint("add `<Display>…</Display>`; the exception is not used"));
    }
    let shown = shown?;
    let state = shown.attribute("state");
    Some(Exception {
        value: incoming?,
        display: shown.content().text().to_owned(),
        disabled: state
            .and_then(|state| state.one_of(STATES, &mut cx.diagnostics))
            .unwrap_or_default(),
        mapped: mapped?,
    })
}

fn compatible(
    cx: &mut Lowering<'_>,
    node: Node<'_>,
    field: Option<Field<'_>>,
    kind: ValueKind,
    (what, missing, invalid): (&str, &'static Code, &'static Code),
) -> Option<Value> {
    let Some(field) = field else {
        let message = format!("`{what}` is missing");
        cx.report(Diagnostic::new(missing, node.name_span(), message).hint("add it; the exception is not used"));
        return None;
    };
    let value = value(field.raw(), kind);
    if value.is_none() {
        let message = format!("`{}` is not a number, but the parameter is one", field.text());
        cx.report(Diagnostic::new(invalid, field.span(), message).hint("write a number; the exception is not used"));
    }
    value
}
