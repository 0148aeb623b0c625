//! What needs `RTDisplay`: reported where the need is, and once at the parameter that lacks it.
//!
//! Rules: DSP-2, VAL-22. What has a part of its own in a definition reports its need there; tables are looked at here.

use std::collections::BTreeMap;

use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::table::TableDef;
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::options::settings;
use crate::schema::lower::{Lowering, display};
use crate::schema::reader::Field;
use crate::schema::source::Span;
use crate::schema::tree::Node;

/// The beginnings of column options that only clients read.
const FOR_CLIENTS: &[&str] = &[
    "disableheader",
    "enableheader",
    "disableheatmap",
    "enableheatmap",
    "disablehistogram",
    "enablehistogram",
    "element",
    "view",
    "severity",
    "hidden",
    "hidesummarycolumn",
    "xpos",
    "ypos",
    "linkelement",
    "selectionset",
    "space",
    "subtitle",
    "display",
    "foreignkey",
    "rowtextcoloring",
];

impl Lowering<'_> {
    /// Notes that a parameter without `RTDisplay` needs it, for what stands at `because`.
    pub(super) fn lacks_rtdisplay(&mut self, param: Node<'_>, because: Span) {
        let display = param.child("Display");
        let tag = display.and_then(|display| display.child("RTDisplay")).or(display);
        let place = tag.unwrap_or(param).name_span();
        self.hidden.entry(param.span().start).or_insert((place, because));
    }

    /// The same for the parameter of an id, when it is not displayed.
    pub(super) fn expect_displayed(&mut self, id: ParamId, because: Span, code: &'static Code) {
        let Some(node) = self
            .declared
            .params
            .node(id)
            .filter(|node| !display::is_displayed(*node))
        else {
            return;
        };
        let message = format!("parameter {id} is not displayed, so that this is without effect for it");
        let finding = Diagnostic::new(code, because, message).second(node.name_span(), "declared here");
        self.report(finding.hint("give it `<RTDisplay>true</RTDisplay>`"));
        self.lacks_rtdisplay(node, because);
    }
}

/// What tables need of their columns.
pub(super) fn check_tables(cx: &mut Lowering<'_>, params: &[Param]) {
    let by_id: BTreeMap<ParamId, &Param> = params.iter().map(|param| (param.id, param)).collect();
    for param in params {
        let (Some(table), Some(node)) = (&param.table, cx.declared.params.node(param.id)) else {
            continue;
        };
        if param.display.rtdisplay {
            check_shown_columns(cx, node, table, &by_id);
        }
        check_options(cx, node, &by_id);
    }
}

/// The columns of `tab=columns`, and their writes (DSP-5).
fn check_shown_columns(cx: &mut Lowering<'_>, node: Node<'_>, table: &TableDef, params: &BTreeMap<ParamId, &Param>) {
    let tag = node
        .child("Measurement")
        .and_then(|measurement| measurement.child("Type"));
    let Some(options) = tag.and_then(|tag| tag.attribute("options")) else {
        return;
    };
    for &pid in &table.presentation.columns {
        for id in with_write(params, pid) {
            cx.expect_displayed(id, options.span(), &codes::TAB_RTDISPLAY);
        }
    }
}

/// The columns whose options are for clients, and the keys that foreign keys name.
fn check_options(cx: &mut Lowering<'_>, table: Node<'_>, params: &BTreeMap<ParamId, &Param>) {
    let array = table.child("ArrayOptions");
    for column in array.into_iter().flat_map(|array| array.children("ColumnOption")) {
        let Some(options) = column.attribute("options") else {
            continue;
        };
        let pid = column.attribute("pid").and_then(Field::digits).map(ParamId);
        if let (Some(option), Some(pid)) = (option_for_clients(options), pid) {
            for id in with_write(params, pid) {
                cx.expect_displayed(id, option.span(), &codes::COLUMN_OPTION_RTDISPLAY);
            }
        }
        let mut options = settings(options);
        let foreign_key = options.find(|option| option.name.eq_ignore_ascii_case("foreignkey"));
        let Some(target) = foreign_key.and_then(|option| option.value) else {
            continue;
        };
        let table = target.digits().and_then(|id| params.get(&ParamId(id))?.table.as_ref());
        if let Some(key) = table.and_then(|table| table.columns.get(table.index)) {
            cx.expect_displayed(key.pid, target.span(), &codes::FOREIGN_KEY_RTDISPLAY);
        }
    }
}

fn option_for_clients(options: Field<'_>) -> Option<Field<'_>> {
    let is_for_clients = |name: &str| {
        let name = name.to_lowercase();
        FOR_CLIENTS.iter().any(|beginning| name.starts_with(beginning))
    };
    let option = settings(options).find(|option| is_for_clients(option.name))?;
    Some(option.field)
}

/// A column, and its write.
fn with_write(params: &BTreeMap<ParamId, &Param>, pid: ParamId) -> impl Iterator<Item = ParamId> {
    let write = params.get(&pid).and_then(|param| param.partner);
    [Some(pid), write].into_iter().flatten()
}

/// Reports each parameter that something shown needs, once.
pub(super) fn report(cx: &mut Lowering<'_>) {
    for (place, because) in std::mem::take(&mut cx.hidden).into_values() {
        let message = "the parameter is needed where values are shown, but is not displayed";
        let finding = Diagnostic::new(&codes::RTDISPLAY_EXPECTED, place, message).second(because, "needed here");
        cx.report(finding.hint("give it `<RTDisplay>true</RTDisplay>`"));
    }
}
