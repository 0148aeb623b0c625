//! `tab=columns:…,lines:…,width:…,sort:…,filter:…`: how a client presents a table.
//!
//! Rules: TBL-117 to TBL-119, VAL-27.

use crate::model::id::ParamId;
use crate::model::table::{Column, Presentation, SortBy};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The presentation of a table.
pub(super) fn presentation(cx: &mut Lowering<'_>, param: Node<'_>, columns: &[Column]) -> Presentation {
    let mut presentation = Presentation::default();
    let options = param
        .child("Measurement")
        .and_then(|measurement| measurement.child("Type"))
        .and_then(|kind| kind.attribute("options"));
    let tab = options.and_then(|options| options.parts(';').find(|option| option.strip_prefix("tab").is_some()));
    let Some(tab) = tab.and_then(|option| option.strip_prefix("tab")) else {
        return presentation;
    };
    let mut sort = None;
    for part in tab.part(tab.text().get(1..).unwrap_or_default()).parts(',') {
        let Some((name, value)) = part.split_once(':') else {
            if !part.is_empty() {
                invalid(cx, part);
            }
            continue;
        };
        match name.text().to_lowercase().as_str() {
            "columns" => presentation.columns = shown(cx, value, columns),
            "lines" => presentation.lines = value.number(0..=10_000, &mut cx.diagnostics),
            "width" => presentation.widths = widths(cx, value),
            "sort" => sort = Some(value),
            "filter" => presentation.filter = value.boolean(&mut cx.diagnostics).unwrap_or_default(),
            _ => invalid(cx, part),
        }
    }
    if !tab.text().starts_with('=') {
        let message = format!("`tab{}` is read as `tab=…`", tab.text().get(..1).unwrap_or_default());
        cx.report(Diagnostic::new(&codes::TAB_INVALID, tab.span(), message).hint("write `tab=`"));
    }
    if let Some(sort) = sort {
        let all: Vec<ParamId> = columns.iter().map(|column| column.pid).collect();
        let shown = if presentation.columns.is_empty() {
            &all
        } else {
            &presentation.columns
        };
        presentation.sort = sorting(cx, sort, shown);
    }
    presentation
}

fn invalid(cx: &mut Lowering<'_>, part: Field<'_>) {
    let message = format!("`{}` is not a part of `tab`", part.text());
    let hint = "the parts are columns, lines, width, sort and filter, each with a colon";
    cx.report(Diagnostic::new(&codes::TAB_INVALID, part.span(), message).hint(hint));
}

/// `1001|0-1002|1`: the shown columns in order. The idx behind the bar says nothing the pid does not.
fn shown(cx: &mut Lowering<'_>, list: Field<'_>, columns: &[Column]) -> Vec<ParamId> {
    let mut shown = Vec::new();
    for item in list.parts('-').filter(|item| !item.is_empty()) {
        let pid = item.split_once('|').map_or(item, |(pid, _)| pid);
        let id = pid.digits().map(ParamId);
        match id.and_then(|id| column_of(cx, id, columns)) {
            Some(id) => shown.push(id),
            None => {
                let message = format!("`{}` is no column of this table", pid.text());
                let hint = "write the columns as `pid|idx-pid|idx`; this one is not shown";
                cx.report(Diagnostic::new(&codes::TAB_COLUMN_UNKNOWN, pid.span(), message).hint(hint));
            }
        }
    }
    shown
}

/// The column a parameter stands for: itself, or the read of the same name (TBL-118).
fn column_of(cx: &Lowering<'_>, id: ParamId, columns: &[Column]) -> Option<ParamId> {
    let name = |id| Some(cx.declared.params.node(id)?.field("Name")?.text().to_lowercase());
    let own = columns.iter().find(|column| column.pid == id);
    let column = own.or_else(|| {
        let named = name(id)?;
        columns.iter().find(|column| name(column.pid).as_ref() == Some(&named))
    })?;
    Some(column.pid)
}

fn widths(cx: &mut Lowering<'_>, list: Field<'_>) -> Vec<u32> {
    list.parts('-')
        .filter(|item| !item.is_empty())
        .map(|item| item.number(0..=10_000, &mut cx.diagnostics).unwrap_or_default())
        .collect()
}

/// `INT|ASC|0-STRING`: by shown column; the lowest priority number comes first (TBL-119).
fn sorting(cx: &mut Lowering<'_>, list: Field<'_>, shown: &[ParamId]) -> Vec<SortBy> {
    let mut sorting: Vec<(u32, SortBy)> = Vec::new();
    for (item, &column) in list.parts('-').zip(shown) {
        let mut words = item.parts('|');
        let kinds = [("INT", true), ("STRING", false)];
        let numeric = words
            .next()
            .filter(|kind| !kind.is_empty())
            .and_then(|kind| kind.one_of(&kinds, &mut cx.diagnostics));
        let orders = [("ASC", false), ("DESC", true)];
        let descending = words
            .next()
            .and_then(|order| order.one_of(&orders, &mut cx.diagnostics));
        let (Some(numeric), Some(descending)) = (numeric, descending) else {
            continue;
        };
        let after_all = u32::try_from(sorting.len()).map_or(u32::MAX, |position| position.saturating_add(1_000_000));
        let priority = words.next().and_then(|priority| priority.digits()).unwrap_or(after_all);
        let by = SortBy {
            column,
            numeric,
            descending,
        };
        sorting.push((priority, by));
    }
    sorting.sort_by_key(|(priority, _)| *priority);
    sorting.into_iter().map(|(_, by)| by).collect()
}
