//! The names of parameters, and what equal names mean: a read and its write.
//!
//! Rules: PAR-6, PAR-7, PAR-8, PAR-9, DSP-60, VAL-3, VAL-22, VAL-27.

use std::collections::BTreeSet;

use crate::model::id::ParamId;
use crate::model::measurement::{Measurement, MeasurementKind};
use crate::model::names::Names;
use crate::model::param::{Param, ParamKind};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::discreets::is_context_menu;
use crate::schema::lower::reserved::is_reserved;
use crate::schema::tree::Node;

/// The `Name` of a parameter.
pub(super) fn name(cx: &mut Lowering<'_>, param: Node<'_>) -> String {
    let hint = "give it a `<Name>` of its own";
    let Some(field) = param.field("Name") else {
        let missing = Diagnostic::new(
            &codes::PARAM_NAME_MISSING,
            param.name_span(),
            "the parameter has no `Name`",
        );
        cx.report(missing.hint(hint));
        return String::new();
    };
    if field.is_empty() {
        cx.report(Diagnostic::new(&codes::PARAM_NAME_EMPTY, field.span(), "the name is empty").hint(hint));
        return String::new();
    }
    let name = field.text();
    if field.is_untrimmed() {
        let message = format!("there are blanks around `{name}`");
        cx.report(Diagnostic::new(&codes::PARAM_NAME_UNTRIMMED, field.span(), message).hint("remove them"));
    }
    if name.contains(char::is_control) {
        let message = "the name has a line break or another control character";
        cx.report(Diagnostic::new(&codes::PARAM_NAME_CHARACTERS, field.span(), message).hint("write it on one line"));
    }
    if is_reserved(name) {
        let message = format!("`{name}` is a name that DataMiner keeps for itself");
        cx.report(Diagnostic::new(&codes::PARAM_NAME_RESERVED, field.span(), message).hint("choose another name"));
    }
    name.to_owned()
}

/// Which half of a pair a parameter can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Read,
    Write,
    Neither,
}

fn half(param: Node<'_>) -> Half {
    let Some(kind) = param.field("Type") else {
        return Half::Neither;
    };
    kind.lookup(&[
        ("read", Half::Read),
        ("read bit", Half::Read),
        ("array", Half::Read),
        ("header", Half::Read),
        ("trailer", Half::Read),
        ("write", Half::Write),
        ("write bit", Half::Write),
    ])
    .unwrap_or(Half::Neither)
}

/// Joins each read with its write, and refuses names that mean more than one such pair.
pub(super) fn pair(cx: &mut Lowering<'_>, params: &mut [Param]) {
    let names = Names::new(params.iter().map(|param| param.name.as_str()));
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for (first, others) in names.shared(|place| params[place].name.as_str()) {
        if params[first].name.is_empty() {
            continue;
        }
        let is_refused =
            |(position, index): &(usize, usize)| *position > 0 || !is_pair(cx, &params[first], &params[*index]);
        let refused = others.iter().copied().enumerate().filter(is_refused);
        taken.extend(refused.map(|(_, index)| (first, index)));
        if let [second] = others.as_slice() {
            join(params, first, *second);
        }
    }
    taken.sort_by_cached_key(|&(first, _)| params[first].name.to_lowercase());
    for (first, index) in taken {
        report_twice(cx, &params[first], &params[index]);
    }
}

fn is_pair(cx: &Lowering<'_>, first: &Param, second: &Param) -> bool {
    let half = |param: &Param| cx.declared.params.node(param.id).map_or(Half::Neither, half);
    matches!(
        (half(first), half(second)),
        (Half::Read, Half::Write) | (Half::Write, Half::Read)
    )
}

fn join(params: &mut [Param], first: usize, second: usize) {
    let kinds = (params[first].kind, params[second].kind);
    if matches!(
        kinds,
        (ParamKind::Read, ParamKind::Write) | (ParamKind::Write, ParamKind::Read)
    ) {
        params[first].partner = Some(params[second].id);
        params[second].partner = Some(params[first].id);
    }
}

fn report_twice(cx: &mut Lowering<'_>, first: &Param, second: &Param) {
    let span = |id| {
        let node = cx.declared.params.node(id)?;
        Some(node.field("Name")?.span())
    };
    let (Some(here), Some(there)) = (span(second.id), span(first.id)) else {
        return;
    };
    let message = format!("the name `{}` is taken", second.name);
    let twice = Diagnostic::new(&codes::PARAM_NAME_DUPLICATE, here, message).second(there, "the first one");
    cx.report(twice.hint("only a read and its write share a name; choose another one"));
}

/// A secret has two halves: when the read or the write is a password, neither may show the value (DSP-60).
pub(super) fn share_secrets(params: &mut [Param]) {
    let secrets: BTreeSet<ParamId> = params
        .iter()
        .filter(|param| param.is_secret())
        .filter_map(|param| param.partner)
        .collect();
    for param in params.iter_mut().filter(|param| secrets.contains(&param.id)) {
        let shown = || Measurement::plain(MeasurementKind::Text);
        param.measurement.get_or_insert_with(shown).password = true;
    }
}

/// Reports names and types that promise something the definition does not keep.
pub(super) fn check(cx: &mut Lowering<'_>, params: &[Param]) {
    let tables = params.iter().filter(|param| param.kind == ParamKind::Array);
    let tables: BTreeSet<String> = tables.map(|param| param.name.to_lowercase()).collect();
    let mut element_name = None;
    for param in params {
        let Some(node) = cx.declared.params.node(param.id) else {
            continue;
        };
        if is_context_menu(node) {
            let table = param.name.to_lowercase();
            let table = table.strip_suffix("_contextmenu").unwrap_or(&table);
            if !tables.contains(table) {
                let message = format!(
                    "`{}` is named like a context menu, but there is no such table",
                    param.name
                );
                let menu = Diagnostic::new(&codes::CONTEXT_MENU_WITHOUT_TABLE, node.name_span(), message);
                cx.report(menu.hint("name it `TABLE_ContextMenu` after the table's `Name`"));
            }
        }
        for suffix in ["_QActionFeedback", "_REFRESHVIEWFORKEY"] {
            let name = param.name.to_lowercase();
            let Some(table) = name.strip_suffix(&suffix.to_lowercase()) else {
                continue;
            };
            if !tables.contains(table) {
                let message = format!("`{}` is named after a table that does not exist", param.name);
                let finding = Diagnostic::new(&codes::CONTEXT_MENU_WITHOUT_TABLE, node.name_span(), message);
                cx.report(finding.hint(format!("name it `TABLE{suffix}` after the table's `Name`")));
            }
        }
        check_displayed(cx, node, param);
        if param.setter && param.partner.is_none() {
            let message = format!(
                "`setter` copies to the read named `{}`, which does not exist",
                param.name
            );
            let span = node.attribute("setter").map_or(node.name_span(), |field| field.span());
            let setter = Diagnostic::new(&codes::SETTER_WITHOUT_READ, span, message);
            cx.report(setter.hint("add that read, or remove `setter`"));
        }
        if param.kind == ParamKind::ElementName {
            if let Some(first) = element_name {
                let message = "only one parameter may have the type `elementname`";
                let again = Diagnostic::new(&codes::ELEMENT_NAME_REPEATED, node.name_span(), message);
                cx.report(again.second(first, "the first one").hint("remove one of them"));
            }
            element_name.get_or_insert(node.name_span());
        }
    }
}

/// A context menu and the feedback of its QAction only reach a client when they are displayed (VAL-22).
fn check_displayed(cx: &mut Lowering<'_>, node: Node<'_>, param: &Param) {
    let code = if is_context_menu(node) {
        &codes::CONTEXT_MENU_RTDISPLAY
    } else if node
        .field("Name")
        .is_some_and(|name| name.ends_with("_qactionfeedback"))
    {
        &codes::FEEDBACK_RTDISPLAY
    } else {
        return;
    };
    if !param.display.rtdisplay {
        let message = format!("`{}` does not work without being displayed", param.name);
        let hidden = Diagnostic::new(code, node.name_span(), message);
        cx.report(hidden.hint("give it `<RTDisplay>true</RTDisplay>`"));
        cx.lacks_rtdisplay(node, node.name_span());
    }
}
