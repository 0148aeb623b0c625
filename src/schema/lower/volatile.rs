//! Tables whose rows are gone after a restart, and what expects them to be there.
//!
//! Rules: TBL-135, VAL-21. All of it is reported, and the tables stay volatile.

use std::collections::BTreeSet;

use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::table::TableDef;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::options::settings;
use crate::schema::source::Span;
use crate::schema::tree::Node;

/// Column options that keep the cells over a restart (SAV-10).
const KEEPING: &[&str] = &["save", "element", "hidden", "foreignkey"];

/// Reports each volatile table that something expects to be kept, and the foreign keys and parameter groups that do.
pub(super) fn check(cx: &mut Lowering<'_>, protocol: Node<'_>, params: &[Param]) {
    let tables = params.iter().filter_map(|param| Some((param, param.table.as_ref()?)));
    let volatile = tables.clone().filter(|(_, table)| table.volatile);
    let mut needed: BTreeSet<ParamId> = volatile
        .clone()
        .filter(|(param, table)| {
            keeps(cx, param.id, table) || table.columns.iter().any(|column| is_monitored(cx, column.pid))
        })
        .map(|(param, _)| param.id)
        .collect();
    let volatile: BTreeSet<ParamId> = volatile.map(|(param, _)| param.id).collect();
    for (param, table) in tables {
        let targets = table.columns.iter().filter_map(|column| column.foreign_key);
        for target in targets.filter(|target| volatile.contains(target)) {
            let message = format!("a foreign key points to table {target}, which is volatile");
            let finding = Diagnostic::new(&codes::VOLATILE_TARGET, cx.param_span(param.id), message);
            cx.report(finding.hint("remove `volatile` from that table"));
            needed.insert(target);
        }
    }
    let groups = protocol
        .children("ParameterGroups")
        .flat_map(|groups| groups.children("Group"));
    for field in groups.filter_map(|group| group.attribute("dynamicId")) {
        let Some(table) = field.digits().map(ParamId).filter(|table| volatile.contains(table)) else {
            continue;
        };
        let message = format!("the rows of table {table}, which is volatile, are interfaces of connections");
        let finding = Diagnostic::new(&codes::VOLATILE_DCF, field.span(), message);
        cx.report(finding.hint("remove `volatile` from that table"));
        needed.insert(table);
    }
    for table in needed {
        let span = option_span(cx, table);
        let message = "the table is volatile, but something of it is needed after a restart";
        let finding = Diagnostic::new(&codes::VOLATILE_TABLE, span, message);
        cx.report(finding.hint("remove `volatile`; it is obeyed as long as it stands there"));
    }
}

/// Whether an option of a column keeps its cells.
fn keeps(cx: &Lowering<'_>, table: ParamId, def: &TableDef) -> bool {
    (0..def.columns.len()).any(|idx| {
        let options = cx.column_option(table, idx).and_then(|node| node.attribute("options"));
        let mut options = options.into_iter().flat_map(settings);
        options.any(|option| KEEPING.iter().any(|keeping| option.name.eq_ignore_ascii_case(keeping)))
    })
}

/// Whether a column wants to alarm.
fn is_monitored(cx: &Lowering<'_>, column: ParamId) -> bool {
    let alarm = cx.declared.params.node(column).and_then(|node| node.child("Alarm"));
    let monitored = alarm.and_then(|alarm| alarm.field("Monitored"));
    monitored.is_some_and(|monitored| monitored.is("true"))
}

/// Where the options of a table stand.
fn option_span(cx: &Lowering<'_>, table: ParamId) -> Span {
    let array = cx
        .declared
        .params
        .node(table)
        .and_then(|node| node.child("ArrayOptions"));
    let options = array.and_then(|array| array.attribute("options"));
    options.map_or_else(|| cx.param_span(table), |options| options.span())
}
