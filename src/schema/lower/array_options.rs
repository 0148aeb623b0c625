//! `ArrayOptions`: a table, its columns, its keys and what is kept of it.
//!
//! Rules: TBL-1 to TBL-6, TBL-134 to TBL-136, SAV-10, SAV-11, VAL-5 to VAL-10, VAL-21.

use std::collections::BTreeMap;

use crate::model::id::ParamId;
use crate::model::param::ParamKind;
use crate::model::table::{ColumnKind, DisplayKey, NamePart, RowSource, TableDef};
use crate::model::value::ValueKind;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::column_options::{self, ColumnDraft};
use crate::schema::lower::links::Linked;
use crate::schema::lower::options::settings;
use crate::schema::lower::{Lowering, display_key, presentation, view_options};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// Table options that are known and not run (TBL-59, TBL-132, TBL-133).
const NOT_RUN: &[&str] = &[
    "interrupttrend",
    "database",
    "databasename",
    "databasenameprotocol",
    "customdatabasename",
    "directview",
    "filterchange",
    "onlyfiltereddirectview",
    "querytablepid",
    "discreetdestination",
    "propertytable",
    "remoteid",
];

/// The page size of a `partial` table that names none (TBL-134).
const PAGE_SIZE: u32 = 1000;

/// The rows that a logger table keeps when it does not say how many (TBL-133).
const LOGGER_ROWS: usize = 500;

/// What `ArrayOptions@options` says.
#[derive(Debug, Default)]
pub(super) struct TableOptions<'t> {
    pub(super) naming: Option<Field<'t>>,
    volatile: bool,
    auto_add: bool,
    preserve_state: bool,
    rows: Option<RowSource>,
    /// A logger table: how many rows it keeps. All its columns are saved (SAV-11).
    keeps: Option<usize>,
}

/// The table of an `array` parameter; none when a finding rejects the definition.
pub(super) fn table<'t>(cx: &mut Lowering<'t>, param: Node<'t>, id: ParamId) -> Option<TableDef> {
    let array = param.child("ArrayOptions");
    let drafts = column_options::columns(cx, param, array);
    let key = index(cx, param, array, &drafts);
    let array = array?;
    // Without a key there is no table; what else is wrong with it is told all the same.
    let index = key.unwrap_or_default();
    let options = options(cx, array, id);
    let mut drafts = drafts;
    check_columns(cx, &mut drafts, index);
    let display_key = display_key::display_key(cx, id, array, options.naming, &mut drafts, index);
    if options.volatile {
        check_volatile(cx, &drafts);
    }
    let named: Vec<ParamId> = match &display_key {
        DisplayKey::PrimaryKey => Vec::new(),
        DisplayKey::Column(idx) => drafts.get(*idx).map(|draft| draft.column.pid).into_iter().collect(),
        DisplayKey::Naming { columns, .. } => columns.clone(),
        DisplayKey::Format(parts) => parts.iter().filter_map(NamePart::column).collect(),
    };
    for (idx, draft) in drafts.iter_mut().enumerate() {
        let names = named.contains(&draft.column.pid);
        draft.column.saved = is_saved(&options, draft, idx == index, names);
        let linked = draft.linked.drain(..).map(|(field, what)| Linked {
            table: id,
            idx,
            field,
            what,
        });
        cx.linked.extend(linked);
    }
    let columns: Vec<_> = drafts.into_iter().map(|draft| draft.column).collect();
    let presentation = presentation::presentation(cx, param, &columns);
    key.map(|index| TableDef {
        columns,
        index,
        display_key,
        named_elsewhere: BTreeMap::new(),
        volatile: options.volatile,
        auto_add: options.auto_add,
        preserve_state: options.preserve_state,
        rows: options.rows.unwrap_or(RowSource::Own),
        keeps: options.keeps,
        page_size: page_size(cx, array),
        presentation,
    })
}

impl NamePart {
    pub(super) fn column(&self) -> Option<ParamId> {
        match self {
            Self::Column(pid) => Some(*pid),
            Self::Literal(_) => None,
        }
    }
}

/// Whether the cells of a column survive a restart (SAV-10, SAV-11).
fn is_saved(options: &TableOptions<'_>, draft: &ColumnDraft<'_>, is_key: bool, names: bool) -> bool {
    let holds_data = match draft.column.kind {
        ColumnKind::DisplayKey | ColumnKind::Button => false,
        ColumnKind::Retrieved
        | ColumnKind::Custom
        | ColumnKind::AutoIncrement
        | ColumnKind::State
        | ColumnKind::Unsupported => true,
    };
    if options.volatile || options.rows.is_some() || !holds_data {
        return false;
    }
    is_key || options.keeps.is_some() || draft.kept || (names && !draft.volatile)
}

/// `@index`: the idx of the primary key (TBL-1).
fn index(cx: &mut Lowering<'_>, param: Node<'_>, array: Option<Node<'_>>, drafts: &[ColumnDraft<'_>]) -> Option<usize> {
    let hint = "write `<ArrayOptions index=\"0\">`: the idx of the column with the primary key";
    let Some(field) = array.and_then(|array| array.attribute("index")) else {
        let span = array.unwrap_or(param).name_span();
        let message = "the table does not say which column is its primary key";
        cx.report(Diagnostic::new(&codes::INDEX_MISSING, span, message).hint(hint));
        return None;
    };
    if field.is_empty() {
        cx.report(Diagnostic::new(&codes::INDEX_EMPTY, field.span(), "`index` is empty").hint(hint));
        return None;
    }
    let Some(index) = field.digits::<usize>() else {
        let message = format!("`{}` is not the idx of a column", field.text());
        cx.report(Diagnostic::new(&codes::INDEX_INVALID, field.span(), message).hint(hint));
        return None;
    };
    let Some(key) = drafts.get(index) else {
        let message = format!("the table has no column {index}");
        cx.report(Diagnostic::new(&codes::INDEX_UNKNOWN, field.span(), message).hint(hint));
        return None;
    };
    // The first column of a logger table may be the moment of its record.
    let is_logger = param.child("Database").is_some() || array.is_some_and(is_logger);
    if index != 0 && !is_logger {
        let message = format!("the primary key is column {index}");
        let unusual = Diagnostic::new(&codes::INDEX_UNUSUAL, field.span(), message);
        cx.report(unusual.hint("make it the first column"));
    }
    check_key(cx, field, key);
    Some(index)
}

/// Whether the rows go to a database (TBL-133).
fn is_logger(array: Node<'_>) -> bool {
    let options = array.attribute("options");
    let mut options = options.into_iter().flat_map(settings);
    options.any(|option| option.name.eq_ignore_ascii_case("database"))
}

fn check_key(cx: &mut Lowering<'_>, field: Field<'_>, key: &ColumnDraft<'_>) {
    let pid = key.column.pid;
    let Some(node) = cx.declared.params.node(pid) else {
        return;
    };
    let report = |cx: &mut Lowering<'_>, code, message: String, hint: &str| {
        let finding = Diagnostic::new(code, field.span(), message);
        cx.report(finding.second(node.name_span(), "the primary key").hint(hint));
    };
    if !matches!(cx.declared.kind(pid), Some(ParamKind::Read | ParamKind::Unsupported)) {
        let message = format!("parameter {pid}, the primary key, is not a `read`");
        report(cx, &codes::INDEX_TYPE, message, "make it a `read`");
    }
    if cx.declared.value_kind(pid) == Some(ValueKind::Number) {
        let message = format!("parameter {pid}, the primary key, is a number; it is kept as text");
        report(
            cx,
            &codes::INDEX_INTERPRETE,
            message,
            "give it the Interprete type `string`",
        );
    }
    let shown = node
        .child("Measurement")
        .and_then(|measurement| measurement.filled("Type"));
    if shown.is_some_and(|kind| !kind.is("string") && !kind.is("number")) {
        let message = format!("parameter {pid}, the primary key, is not shown as text or number");
        report(
            cx,
            &codes::INDEX_MEASUREMENT,
            message,
            "give it the measurement `string`",
        );
    }
}

fn options<'t>(cx: &mut Lowering<'_>, array: Node<'t>, id: ParamId) -> TableOptions<'t> {
    let mut options = TableOptions::default();
    let Some(field) = array.attribute("options") else {
        return options;
    };
    for setting in settings(field) {
        let name = setting.name.to_lowercase();
        match name.as_str() {
            "naming" => options.naming = Some(setting.value.unwrap_or(setting.field.part(""))),
            "volatile" => options.volatile = true,
            "autoadd" => options.auto_add = true,
            "preserve state" => options.preserve_state = true,
            "view" if view_options::is_remote(setting) => {
                options.rows = Some(RowSource::Nothing);
                not_run(cx, setting.field);
            }
            "view" => options.rows = Some(view_of(cx, setting.value.unwrap_or(setting.field), id)),
            // Rows are shown all at once, whatever the order of their columns (TBL-87, TBL-88).
            "sizehint" | "processingorder" => {}
            known if NOT_RUN.contains(&known) => {
                if known == "database" {
                    options.keeps = Some(rows_kept(cx, setting.value));
                }
                if known == "directview" {
                    options.rows = Some(RowSource::Nothing);
                }
                view_options::check(cx, array, setting);
                not_run(cx, setting.field);
            }
            _ => {
                let message = format!("`{}` is not an option of a table", setting.field.text());
                let hint = "remove it, or correct its name; it is ignored";
                cx.report(Diagnostic::new(&codes::TABLE_OPTION_UNKNOWN, setting.field.span(), message).hint(hint));
            }
        }
    }
    options
}

fn not_run(cx: &mut Lowering<'_>, option: Field<'_>) {
    let message = format!("`{}` is not run here", option.text());
    cx.report(Diagnostic::new(&codes::TABLE_OPTION_NOT_RUN, option.span(), message));
}

/// The base table of a view (TBL-120).
fn view_of(cx: &mut Lowering<'_>, base: Field<'_>, id: ParamId) -> RowSource {
    let base_id = base.digits().map(ParamId);
    let table = base_id.filter(|&base| base != id && cx.declared.kind(base) == Some(ParamKind::Array));
    match table {
        Some(table) => RowSource::View(table),
        None => {
            let message = format!("`{}` is not another table; the view stays empty", base.text());
            cx.report(Diagnostic::new(&codes::VIEW_INVALID, base.span(), message).hint("name the base table"));
            RowSource::Nothing
        }
    }
}

/// `database:n`: how many rows a logger table keeps (TBL-133).
fn rows_kept(cx: &mut Lowering<'_>, number: Option<Field<'_>>) -> usize {
    let number = number.filter(|number| !number.is_empty());
    let kept = number.and_then(|number| number.number(1..=1_000_000, &mut cx.diagnostics));
    kept.unwrap_or(LOGGER_ROWS)
}

fn check_columns(cx: &mut Lowering<'_>, drafts: &mut [ColumnDraft<'_>], index: usize) {
    for (idx, draft) in drafts.iter_mut().enumerate() {
        if draft.column.kind == ColumnKind::AutoIncrement && idx != index {
            let message = "only the primary key counts up by itself";
            let finding = Diagnostic::new(&codes::AUTOINCREMENT_NOT_KEY, draft.span, message);
            cx.report(finding.hint("make the column `retrieved`, as it is read"));
            draft.column.kind = ColumnKind::Retrieved;
        }
    }
}

fn check_volatile(cx: &mut Lowering<'_>, drafts: &[ColumnDraft<'_>]) {
    for draft in drafts.iter().filter(|draft| draft.kept) {
        let message = "nothing of a volatile table is saved, this column neither";
        let finding = Diagnostic::new(&codes::VOLATILE_COLUMN, draft.span, message);
        cx.report(finding.hint("remove the column's option, or the table's `volatile`"));
    }
}

/// `@partial`: `true`, or `true:n` (TBL-134).
fn page_size(cx: &mut Lowering<'_>, array: Node<'_>) -> Option<u32> {
    let field = array.attribute("partial").filter(|field| !field.is_empty())?;
    let text = field.part(field.text().trim_start_matches(';'));
    let (word, size) = text
        .split_once(':')
        .map_or((text, None), |(word, size)| (word, Some(size)));
    if word.is("false") {
        return None;
    }
    let size = match size {
        None => Some(PAGE_SIZE),
        Some(size) => size.digits().filter(|size| (10..=5000).contains(size)),
    };
    if !word.is("true") || size.is_none() {
        let message = format!("`{}` is not `true` or `true:n` with n from 10 to 5000", field.text());
        let finding = Diagnostic::new(&codes::PARTIAL_INVALID, field.span(), message);
        cx.report(finding.hint("write `true:1000`, which is used"));
        return Some(PAGE_SIZE);
    }
    size
}
