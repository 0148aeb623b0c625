//! `directView`, `filterChange` and views of other elements: they are not run, but name columns.
//!
//! Rules: TBL-132, VAL-10.

use crate::model::id::ParamId;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::options::Setting;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// Reports the columns that such an option names and that are not there.
pub(super) fn check(cx: &mut Lowering<'_>, array: Node<'_>, setting: Setting<'_>) {
    let Some(value) = setting.value else { return };
    let own: Vec<ParamId> = array.children("ColumnOption").filter_map(pid).collect();
    if setting.name.eq_ignore_ascii_case("filterchange") {
        for pair in value.parts(',').filter(|pair| !pair.is_empty()) {
            let column = pair.split_once('-').map_or(pair, |(column, _)| column);
            if column.digits().map(ParamId).is_none_or(|column| !own.contains(&column)) {
                let message = format!("`{}` is no column of this table", column.text());
                let finding = Diagnostic::new(&codes::VIEW_FILTER_COLUMN, column.span(), message);
                cx.report(finding.hint("write `filterChange=PID-REMOTE,…` with columns of this table"));
            }
        }
    }
    if setting.name.eq_ignore_ascii_case("directview") {
        let column = value.parts(',').next().unwrap_or(value);
        let id = column.digits().map(ParamId);
        if id.is_none_or(|id| !cx.declared.params.contains(id) || own.contains(&id)) {
            let message = format!("`{}` is not a column of another table", column.text());
            let finding = Diagnostic::new(&codes::VIEW_DIRECT_COLUMN, column.span(), message);
            cx.report(finding.hint("name the column that tells which elements to read"));
        }
    }
}

/// `view=100,remoteId`: the table of another element, whose definition is not at hand (TBL-132).
pub(super) fn is_remote(view: Setting<'_>) -> bool {
    let base = view.value.unwrap_or(view.field);
    base.split_once(',').is_some_and(|(_, option)| option.is("remoteId"))
}

fn pid(column: Node<'_>) -> Option<ParamId> {
    column.attribute("pid").and_then(Field::digits).map(ParamId)
}
