//! `Protocol/Display`: the pages in order, and the one that opens first.
//!
//! Rules: DSP-38, DSP-106 to DSP-110, VAL-19.

use std::collections::BTreeSet;

use crate::model::id::ParamId;
use crate::model::measurement::MeasurementKind;
use crate::model::page::{Page, PageKind};
use crate::model::param::Param;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::{Lowering, display, page_visibility};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The pages in display order: those of `pageOrder`, the others by name, then the popups.
pub(super) fn pages(cx: &mut Lowering<'_>, protocol: Node<'_>, params: &[Param]) -> Vec<Page> {
    let positioned: BTreeSet<&str> = params
        .iter()
        .flat_map(|param| &param.display.positions)
        .map(|position| position.page.as_str())
        .collect();
    let popups: BTreeSet<String> = params.iter().flat_map(popups).collect();
    let order = protocol
        .child("Display")
        .and_then(|display| display.attribute("pageOrder"));
    let mut pages: Vec<Page> = Vec::new();
    for entry in order
        .into_iter()
        .flat_map(|order| order.parts(';'))
        .filter(|entry| !entry.is_empty())
    {
        if let Some(page) = ordered(cx, entry, &positioned, &popups, &pages) {
            pages.push(page);
        }
    }
    let mut others: Vec<&str> = positioned.into_iter().filter(|&name| !popups.contains(name)).collect();
    others.sort_by_key(|name| name.to_lowercase());
    for name in others {
        if pages.iter().any(|page| page.name == name) {
            continue;
        }
        if let Some(order) = order {
            let message = format!("the page `{name}` is not in the page order; it follows at the end");
            let finding = Diagnostic::new(&codes::PAGE_ORDER_MISSING, order.span(), message);
            cx.report(finding.hint(format!("add `;{name}`")));
        }
        pages.push(Page::plain(name, PageKind::Data));
    }
    pages.extend(popups.iter().map(|name| Page::plain(name, PageKind::Popup)));
    page_visibility::visibilities(cx, protocol, &mut pages);
    wide_columns(cx, protocol, &mut pages);
    pages
}

/// `Display@wideColumnPages` (DSP-110).
fn wide_columns(cx: &mut Lowering<'_>, protocol: Node<'_>, pages: &mut [Page]) {
    let list = protocol
        .child("Display")
        .and_then(|display| display.attribute("wideColumnPages"));
    for entry in list
        .into_iter()
        .flat_map(|list| list.parts(';'))
        .filter(|entry| !entry.is_empty())
    {
        if let Some(page) = page_named(cx, entry, pages) {
            page.wide = true;
        }
    }
}

/// The page of this name; reported when there is none.
pub(super) fn page_named<'p>(cx: &mut Lowering<'_>, name: Field<'_>, pages: &'p mut [Page]) -> Option<&'p mut Page> {
    let page = pages
        .iter_mut()
        .find(|page| page.name == name.text() && page.kind != PageKind::Separator);
    if page.is_none() {
        let message = format!("there is no page `{}`", name.text());
        cx.report(Diagnostic::new(&codes::PAGE_UNKNOWN, name.span(), message).hint("name a page that exists"));
    }
    page
}

/// The pages that the page buttons of a parameter open (DSP-38).
fn popups(param: &Param) -> Vec<String> {
    let buttons = param.measurement.iter();
    let buttons = buttons.filter(|measurement| measurement.kind == MeasurementKind::PageButton);
    buttons
        .flat_map(|measurement| &measurement.discreets)
        .map(|discreet| discreet.value.to_text().trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

fn ordered(
    cx: &mut Lowering<'_>,
    entry: Field<'_>,
    positioned: &BTreeSet<&str>,
    popups: &BTreeSet<String>,
    pages: &[Page],
) -> Option<Page> {
    let name = entry.text();
    let known = positioned.contains(name);
    if !known && name.starts_with("---") {
        return Some(Page::plain(name, PageKind::Separator));
    }
    if popups.contains(name) {
        let message = format!("`{name}` is opened by a page button, so it is not listed");
        cx.report(Diagnostic::new(&codes::PAGE_ORDER_POPUP, entry.span(), message).hint("remove it"));
        return None;
    }
    let made = match entry.split_once('#').filter(|_| !known) {
        Some((title, url)) => {
            check_url(cx, url);
            Page::plain(title.text(), PageKind::Web(url.text().to_owned()))
        }
        None => Page::plain(name, PageKind::Data),
    };
    if pages.contains(&made) {
        let message = format!("the page `{name}` stands twice");
        cx.report(Diagnostic::new(&codes::PAGE_ORDER_DUPLICATE, entry.span(), message).hint("remove one"));
        return None;
    }
    if made.kind == PageKind::Data && !known {
        let message = format!("nothing is on the page `{name}`");
        let finding = Diagnostic::new(&codes::PAGE_ORDER_UNKNOWN, entry.span(), message);
        cx.report(finding.hint("give a parameter a position on it, or remove it"));
    }
    Some(made)
}

/// The parameters in the address of a web page: `[id:PID]` (DSP-108).
fn check_url(cx: &mut Lowering<'_>, url: Field<'_>) {
    // `pid` is not documented, but used.
    let by_id = url.raw().match_indices("[id:").map(|(at, word)| at + word.len());
    let by_pid = url.raw().match_indices("[pid:").map(|(at, word)| at + word.len());
    for at in by_id.chain(by_pid) {
        let rest = &url.raw()[at..];
        let part = url.part(rest.split(']').next().unwrap_or_default());
        let id = part.digits().map(ParamId);
        let Some(node) = id.and_then(|id| cx.declared.params.node(id)) else {
            let message = format!("there is no parameter `{}`", part.text());
            let finding = Diagnostic::new(&codes::PAGE_ORDER_ID_UNKNOWN, part.span(), message);
            cx.report(finding.hint("write `[id:…]` with the id of a parameter"));
            continue;
        };
        if !display::is_displayed(node) {
            let message = format!(
                "parameter {} is not displayed, so that its value is not known here",
                part.text()
            );
            let finding = Diagnostic::new(&codes::PAGE_ORDER_RTDISPLAY, part.span(), message);
            let hint = "give it `<RTDisplay>true</RTDisplay>`";
            cx.report(finding.second(node.name_span(), "declared here").hint(hint));
            cx.lacks_rtdisplay(node, part.span());
        }
    }
}

/// `Display@defaultPage`, or the first page that is no separator (DSP-109).
pub(super) fn default_page(cx: &mut Lowering<'_>, protocol: Node<'_>, pages: &[Page]) -> Option<String> {
    let first = pages
        .iter()
        .find(|page| matches!(page.kind, PageKind::Data | PageKind::Web(_)))
        .map(|page| page.name.clone());
    let given = protocol
        .child("Display")
        .and_then(|display| display.attribute("defaultPage"))
        .filter(|field| !field.is_empty());
    let Some(field) = given else {
        return first;
    };
    if pages
        .iter()
        .any(|page| page.name == field.text() && page.kind != PageKind::Separator)
    {
        return Some(field.text().to_owned());
    }
    let message = format!("there is no page `{}`", field.text());
    let hint = match &first {
        Some(first) => format!("name a page that exists; `{first}` opens instead"),
        None => "name a page that exists".to_owned(),
    };
    cx.report(Diagnostic::new(&codes::DEFAULT_PAGE_UNKNOWN, field.span(), message).hint(hint));
    first
}
