//! What needs `RTDisplay`: reported where the need is, and once at the parameter that lacks it.
//!
//! Rules: DSP-2, VAL-22. What has a part of its own in a definition reports its need there; tables are looked at here.

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
    for param in params {
        let (Some(table), Some(node)) = (&param.table, cx.declared.params.node(param.id)) else {
            continue;
        };
        if param.display.rtdisplay {
            check_shown_columns(cx, node, table, params);
        }
        check_options(cx, param, table, params);
    }
}

/// The columns of `tab=columns`, and their writes (DSP-5).
fn check_shown_columns(cx: &mut Lowering<'_>, node: Node<'_>, table: &TableDef, params: &[Param]) {
    let tag = node
        .child("Measurement")
        .and_then(|measurement| measurement.child("Type"));
    let Some(options) = tag.and_then(|tag| tag.attribute("options")) else {
        return;
    };
    for &pid in &table.presentation.columns {
        cx.expect_displayed(pid, options.span(), &codes::TAB_RTDISPLAY);
        if let Some(write) = write_of(params, pid) {
            cx.expect_displayed(write, options.span(), &codes::TAB_RTDISPLAY);
        }
    }
}

/// The columns whose options are for clients, and the keys that foreign keys name.
fn check_options(cx: &mut Lowering<'_>, param: &Param, table: &TableDef, params: &[Param]) {
    for (idx, column) in table.columns.iter().enumerate() {
        let Some(options) = cx
            .column_option(param.id, idx)
            .and_then(|node| node.attribute("options"))
        else {
            continue;
        };
        if let Some(option) = option_for_clients(options) {
            cx.expect_displayed(column.pid, option.span(), &codes::COLUMN_OPTION_RTDISPLAY);
            if let Some(write) = write_of(params, column.pid) {
                cx.expect_displayed(write, option.span(), &codes::COLUMN_OPTION_RTDISPLAY);
            }
        }
        let target = column
            .foreign_key
            .and_then(|target| params.iter().find(|param| param.id == target));
        let key = target.and_then(|target| target.table.as_ref()?.columns.get(target.table.as_ref()?.index));
        if let Some(key) = key {
            cx.expect_displayed(key.pid, options.span(), &codes::FOREIGN_KEY_RTDISPLAY);
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

fn write_of(params: &[Param], pid: ParamId) -> Option<ParamId> {
    params.iter().find(|param| param.id == pid)?.partner
}

/// Reports each parameter that something shown needs, once.
pub(super) fn report(cx: &mut Lowering<'_>) {
    for (place, because) in std::mem::take(&mut cx.hidden).into_values() {
        let message = "the parameter is needed where values are shown, but is not displayed";
        let finding = Diagnostic::new(&codes::RTDISPLAY_EXPECTED, place, message).second(because, "needed here");
        cx.report(finding.hint("give it `<RTDisplay>true</RTDisplay>`"));
    }
}
