//! `QActions`: what runs each, and with what. The code itself is registered in Rust, so that the text is of no interest.
//!
//! Rules: QA-1, QA-5, QA-10, QA-16, QA-20, QA-25, QA-27 to QA-30.

use crate::model::id::{GroupId, ParamId, QActionId};
use crate::model::param::ParamKind;
use crate::model::qaction::QActionDef;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::condition::{self, condition};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The entry point of a parameter that names none (QA-5).
const RUN: &str = "Run";

const CONDITION: condition::Codes = condition::Codes {
    invalid: &codes::QACTION_CONDITION,
    missing: &codes::QACTION_CONDITION_PARAM,
};

/// `QActions`.
pub(super) fn qactions(cx: &mut Lowering<'_>) -> Vec<QActionDef> {
    let declared = cx.declared;
    declared
        .qactions
        .iter()
        .map(|(id, node)| qaction(cx, id, node))
        .collect()
}

fn qaction(cx: &mut Lowering<'_>, id: QActionId, node: Node<'_>) -> QActionDef {
    let options = Options::read(cx, node);
    let row = node.flag("row", &mut cx.diagnostics);
    let (triggers, groups) = triggers(cx, node, options.group);
    if row {
        check_rows(cx, node, &triggers);
    }
    check_encoding(cx, node);
    let input = list(node, "inputParameters").into_iter();
    QActionDef {
        id,
        name: node
            .attribute("name")
            .map(|field| field.text().to_owned())
            .unwrap_or_default(),
        triggers,
        groups,
        row,
        queued: options.queued,
        binary: options.binary,
        input: input
            .filter_map(|field| cx.param(field, &codes::REFERENCE_UNKNOWN))
            .collect(),
        condition: condition(cx, node, &CONDITION),
        line: cx.line(node),
    }
}

/// `@options`.
#[derive(Default)]
struct Options {
    queued: bool,
    group: bool,
    binary: bool,
}

impl Options {
    fn read(cx: &mut Lowering<'_>, qaction: Node<'_>) -> Self {
        let mut options = Self::default();
        for option in list(qaction, "options") {
            if option.is("queued") {
                options.queued = true;
            } else if option.is("group") {
                options.group = true;
            } else if option.is("binary") {
                options.binary = true;
            } else if !is_of_no_interest(option) {
                let message = format!("a QAction has no option `{}`; it is ignored", option.text());
                cx.report(
                    Diagnostic::new(&codes::NOT_IN_LIST, option.span(), message)
                        .hint("use queued, group, binary, precompile, debug or dllName=…"),
                );
            }
        }
        options
    }
}

/// Options about how C# is built (QA-29).
fn is_of_no_interest(option: Field<'_>) -> bool {
    ["precompile", "debug"].iter().any(|word| option.is(word)) || option.strip_prefix("dllName").is_some()
}

/// The parts of a `;` list that are not empty.
fn list<'t>(node: Node<'t>, attribute: &str) -> Vec<Field<'t>> {
    let parts = node.attribute(attribute).into_iter().flat_map(|field| field.parts(';'));
    parts.filter(|part| !part.is_empty()).collect()
}

/// `@triggers` with the entry point of each (QA-5); with `options="group"` an id may be that of a group (QA-28).
fn triggers(cx: &mut Lowering<'_>, node: Node<'_>, of_groups: bool) -> (Vec<(ParamId, String)>, Vec<GroupId>) {
    let ids = list(node, "triggers");
    let entry_points = list(node, "entryPoint");
    if !entry_points.is_empty() && entry_points.len() != ids.len() {
        let span = entry_points[0].span();
        let (entries, triggers) = (entry_points.len(), ids.len());
        let message = format!("{triggers} triggers and entry points for {entries} of them: the QAction does not run");
        cx.report(Diagnostic::new(&codes::QACTION_ENTRY_POINTS, span, message).hint("give one for each trigger"));
        return (Vec::new(), Vec::new());
    }
    let (mut params, mut groups) = (Vec::new(), Vec::new());
    for (index, field) in ids.into_iter().enumerate() {
        let group = field
            .text()
            .parse()
            .ok()
            .map(GroupId)
            .filter(|&group| of_groups && cx.declared.groups.contains(group));
        if let Some(group) = group {
            groups.push(group);
            continue;
        }
        let Some(param) = cx.param(field, &codes::QACTION_TRIGGER) else {
            continue;
        };
        if cx.declared.kind(param) == Some(ParamKind::Array) {
            let message = format!("parameter {param} is a table: its changes run nothing, only `run actions` does");
            let hint = "name the columns whose changes matter";
            cx.report(Diagnostic::new(&codes::QACTION_TABLE, field.span(), message).hint(hint));
        }
        params.push((
            param,
            entry_points.get(index).map_or(RUN, |entry| entry.text()).to_owned(),
        ));
    }
    (params, groups)
}

/// `row="true"` on a parameter outside a table gives no row (QA-25).
fn check_rows(cx: &mut Lowering<'_>, node: Node<'_>, triggers: &[(ParamId, String)]) {
    let Some((outside, _)) = triggers.iter().find(|(param, _)| !cx.columns.contains_key(param)) else {
        return;
    };
    let span = node.attribute("row").map_or(node.name_span(), |field| field.span());
    let message = format!("parameter {outside} is no column: the QAction runs for it without a row");
    cx.report(Diagnostic::new(&codes::QACTION_ROW, span, message).hint("remove `row`, or name a column"));
}

fn check_encoding(cx: &mut Lowering<'_>, node: Node<'_>) {
    let encoding = node
        .attribute("encoding")
        .filter(|field| !field.is_empty() && !field.is("csharp"));
    if let Some(field) = encoding {
        let message = format!(
            "code in `{}` is not run here: only QActions registered in Rust are",
            field.text()
        );
        cx.report(Diagnostic::new(&codes::NOT_RUN, field.span(), message));
    }
}
