//! `Display/Trending`: how the trend of a parameter is best condensed and drawn.
//!
//! Rules: TRD-4. These are hints for who draws: what is kept are averages, with the least and the most.

use std::collections::BTreeMap;

use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::places::Places;
use crate::model::trend_hint::{Condensed, TrendHint};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// The words of `Type`.
const TYPES: &[(&str, Condensed)] = &[
    ("last", Condensed::Last),
    ("sum", Condensed::Sum),
    ("max", Condensed::Max),
    ("min", Condensed::Min),
    ("average", Condensed::Average),
];

/// The hints, by parameter.
pub(super) fn trend_hints(cx: &mut Lowering<'_>, params: &[Param]) -> BTreeMap<ParamId, TrendHint> {
    let declared = cx.declared;
    let places = Places::new(params.iter().map(|param| param.id.0));
    let mut hints = BTreeMap::new();
    for (id, node) in declared.params.iter() {
        let tag = node.child("Display").and_then(|display| display.child("Trending"));
        let param = places.of(id.0).and_then(|place| params.get(place));
        if let (Some(tag), Some(param)) = (tag, param) {
            hints.insert(id, hint(cx, tag, param));
        }
    }
    hints
}

fn hint(cx: &mut Lowering<'_>, tag: Node<'_>, param: &Param) -> TrendHint {
    let kind = tag.filled("Type");
    let condensed = kind.and_then(|kind| {
        let found = kind.lookup(TYPES);
        if found.is_none() {
            let message = format!("`{}` is not a type of trending", kind.text());
            let hint = "write `Last`, `Sum`, `Max`, `Min` or `Average`";
            cx.report(Diagnostic::new(&codes::NOT_IN_LIST, kind.span(), message).hint(hint));
        }
        found
    });
    let operations = tag.child("Type").and_then(|kind| kind.attribute("operations"));
    let mut is_log10 = operations.into_iter().flat_map(|field| field.parts(';'));
    let logarithmic = tag.flag("logarithmic", &mut cx.diagnostics) || is_log10.any(|operation| operation.is("log10"));
    if logarithmic {
        for (end, code) in [
            (param.display.range.low, &codes::LOGARITHMIC_LOW),
            (param.display.range.high, &codes::LOGARITHMIC_HIGH),
        ] {
            if end.is_none_or(|end| end <= 0.0) {
                let message = "a logarithmic trend needs a range above 0";
                let finding = Diagnostic::new(code, tag.name_span(), message);
                cx.report(finding.hint("give the range a `Low` and a `High` above 0, or remove `logarithmic`"));
            }
        }
    }
    TrendHint {
        condensed: condensed.unwrap_or_default(),
        logarithmic,
    }
}
