//! `Display/Pages/Page/Visibility`: pages that are shown only while a parameter has, or has not, a value.
//!
//! Rules: DSP-112, VAL-19. A visibility that cannot be used leaves the page shown.

use crate::model::id::ParamId;
use crate::model::page::{Page, Visibility};
use crate::model::value::{Value, ValueKind};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::{Lowering, display, interprete, pages};
use crate::schema::tree::Node;

/// Gives each page its visibility.
pub(super) fn visibilities(cx: &mut Lowering<'_>, protocol: Node<'_>, pages: &mut [Page]) {
    let nodes = protocol
        .children("Display")
        .flat_map(|display| display.children("Pages"));
    for node in nodes.flat_map(|pages| pages.children("Page")) {
        let Some(tag) = node.child("Visibility") else { continue };
        let Some(name) = node.field("Name") else {
            let message = "a page without a `Name`: what is said of it is not used";
            cx.report(Diagnostic::new(&codes::PAGE_UNKNOWN, node.name_span(), message).hint("add `<Name>…</Name>`"));
            continue;
        };
        let visibility = visibility(cx, tag);
        if let Some(page) = pages::page_named(cx, name, pages) {
            page.visibility = visibility;
        }
    }
}

fn visibility(cx: &mut Lowering<'_>, tag: Node<'_>) -> Option<Visibility> {
    let hint = "name the parameter that decides; the page is shown";
    let Some(field) = tag.attribute("overridePID") else {
        let message = "a visibility without `overridePID`";
        cx.report(Diagnostic::new(&codes::VISIBILITY_PID_MISSING, tag.name_span(), message).hint(hint));
        return None;
    };
    if field.is_empty() {
        let message = "`overridePID` is empty";
        cx.report(Diagnostic::new(&codes::VISIBILITY_PID_EMPTY, field.span(), message).hint(hint));
        return None;
    }
    let param: ParamId = cx.param(field, &codes::VISIBILITY_PID_UNKNOWN)?;
    let node = cx.declared.params.node(param)?;
    if !display::is_displayed(node) {
        let message = format!("parameter {param} is not displayed, so that its value is not known here");
        let hidden = Diagnostic::new(&codes::VISIBILITY_RTDISPLAY, field.span(), message);
        let hint = "give it `<RTDisplay>true</RTDisplay>`; the page is shown";
        cx.report(hidden.second(node.name_span(), "declared here").hint(hint));
        cx.lacks_rtdisplay(node, field.span());
        return None;
    }
    let kind = cx.declared.value_kind(param).unwrap_or(ValueKind::Text);
    let text = tag.attribute("value").map_or("", |field| field.raw());
    Some(Visibility {
        param,
        // A text that is no number is never what a number holds.
        value: interprete::value(text, kind).unwrap_or_else(|| Value::text(text)),
        default: tag.flag("default", &mut cx.diagnostics),
    })
}
