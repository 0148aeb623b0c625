//! Popup pages that are opened from popup pages.
//!
//! Rules: DSP-38, VAL-13. Two levels are what people find their way through.

use std::collections::BTreeMap;

use crate::model::measurement::MeasurementKind;
use crate::model::param::Param;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;

/// Reports each page button on a popup page of a popup page: it opens the third.
pub(super) fn check(cx: &mut Lowering<'_>, params: &[Param]) {
    let buttons: Vec<&Param> = params.iter().filter(|param| is_page_button(param)).collect();
    let mut openers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, button) in buttons.iter().enumerate().filter(|(_, button)| is_positioned(button)) {
        for page in pages_of(button) {
            openers.entry(page).or_default().push(index);
        }
    }
    let before = |index: usize| {
        let pages = buttons[index].display.positions.iter();
        pages
            .filter_map(|position| openers.get(&position.page.to_lowercase()))
            .flatten()
            .copied()
    };
    for (index, button) in buttons.iter().enumerate() {
        // Pages that open each other are no way to a third.
        let is_third = before(index)
            .filter(|&second| second != index)
            .any(|second| before(second).any(|first| first != index && first != second));
        if is_third {
            let node = cx.declared.params.node(button.id);
            let positions = node.and_then(|node| node.child("Display")?.child("Positions"));
            let span = positions.map_or_else(|| cx.param_span(button.id), |positions| positions.name_span());
            let message = "the button is on a popup page that is opened from a popup page";
            let finding = Diagnostic::new(&codes::POPUP_DEPTH, span, message);
            cx.report(finding.hint("put it on a page, or on a popup page that is opened from a page"));
        }
    }
}

fn is_page_button(param: &Param) -> bool {
    let measurement = param.measurement.as_ref();
    measurement.is_some_and(|measurement| measurement.kind == MeasurementKind::PageButton)
}

fn is_positioned(param: &Param) -> bool {
    !param.display.positions.is_empty()
}

/// The pages that a button opens.
fn pages_of(button: &Param) -> Vec<String> {
    let discreets = button.measurement.iter().flat_map(|measurement| &measurement.discreets);
    discreets
        .map(|discreet| discreet.value.to_text().to_lowercase())
        .collect()
}
