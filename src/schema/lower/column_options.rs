//! `Type@id` and `ColumnOption`: the columns of a table by idx, each with its options.
//!
//! Rules: TBL-2, TBL-3, TBL-5, TBL-20 to TBL-40, TBL-103, TBL-121, VAL-5, VAL-7, VAL-9, VAL-10.

use std::collections::BTreeMap;

use crate::model::id::ParamId;
use crate::model::param::ParamKind;
use crate::model::table::{Column, ColumnKind};
use crate::model::value::ValueKind;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::links::LinkedAs;
use crate::schema::lower::options::{Setting, settings};
use crate::schema::reader::Field;
use crate::schema::source::Span;
use crate::schema::tree::Node;

const KINDS: &[(&str, ColumnKind)] = &[
    ("retrieved", ColumnKind::Retrieved),
    ("custom", ColumnKind::Custom),
    ("autoincrement", ColumnKind::AutoIncrement),
    ("displaykey", ColumnKind::DisplayKey),
    ("state", ColumnKind::State),
    ("concatenation", ColumnKind::Unsupported),
    ("snmp", ColumnKind::Unsupported),
    ("index", ColumnKind::Unsupported),
    ("viewTableKey", ColumnKind::Unsupported),
];

/// Options that are handed to clients as they are (TBL-35, TBL-37, TBL-38).
const FLAGS: &[&str] = &[
    "rowtextcoloring",
    "severity",
    "enableheadersum",
    "enableheaderavg",
    "enableheadermax",
    "enableheadermin",
    "disableheadersum",
    "disableheaderavg",
    "disableheadermax",
    "disableheadermin",
    "enableheatmap",
    "disableheatmap",
    "enablehistogram",
    "disablehistogram",
];

/// Options that are known and not run (TBL-39).
const NOT_RUN: &[&str] = &[
    "separator",
    "groupby",
    "displayicon",
    "displayelementalarm",
    "displayservicealarm",
    "displayviewalarm",
    "selectionsetvar",
    "selectionsetcardvar",
    "selectionsetpagevar",
    "selectionsetworkspacevar",
    "subtitle",
    "space",
    "xpos",
    "ypos",
    "hidesummarycolumn",
    "linkelement",
    "setontable",
];

/// Options without a meaning here: they belong to EPM and dynamic virtual elements.
const IGNORED: &[&str] = &[
    "cpedummycolumn",
    "hidekpi",
    "kpihidewrite",
    "showreadaskpi",
    "viewimpact",
    "dynamicdata",
    "severitycolumn",
    "severitycolumnindex",
];

/// A column with what is needed to judge it, before it is known whether it is saved.
#[derive(Debug)]
pub(super) struct ColumnDraft<'t> {
    pub(super) column: Column,
    /// An option makes it survive a restart: `save`, `foreignKey`, `element`, `hidden`, `View`.
    pub(super) kept: bool,
    /// Option `volatile`.
    pub(super) volatile: bool,
    /// Options that name columns of other tables, each where it stands.
    pub(super) linked: Vec<(Field<'t>, LinkedAs)>,
    /// Where it is declared.
    pub(super) span: Span,
    node: Option<Node<'t>>,
}

impl<'t> ColumnDraft<'t> {
    fn new(pid: ParamId, kind: ColumnKind, span: Span, node: Option<Node<'t>>) -> Self {
        Self {
            column: Column::plain(pid, kind),
            kept: false,
            volatile: false,
            linked: Vec::new(),
            span,
            node,
        }
    }
}

/// The columns by idx. What is wrong with them rejects the definition, so that a list with a hole never gets further.
pub(super) fn columns<'t>(cx: &mut Lowering<'t>, param: Node<'t>, array: Option<Node<'t>>) -> Vec<ColumnDraft<'t>> {
    let mut columns = from_type(cx, param);
    let nodes = array.into_iter().flat_map(|array| array.children("ColumnOption"));
    for node in nodes {
        let Some((idx, draft)) = column(cx, node) else {
            continue;
        };
        // A ColumnOption refines a column that `Type@id` lists; a second one for the same idx is a mistake.
        if let Some(first) = columns.get(&idx).and_then(|first| first.node) {
            let message = format!("column {idx} is declared twice");
            let twice = Diagnostic::new(&codes::COLUMN_IDX_DUPLICATE, draft.span, message);
            cx.report(
                twice
                    .second(first.name_span(), "the first one")
                    .hint("count the idx up by one"),
            );
            continue;
        }
        columns.insert(idx, draft);
    }
    for (expected, (&idx, draft)) in columns.iter().enumerate() {
        if expected != idx {
            let message = format!("column {idx} follows, but there is no column {expected}");
            let gap = Diagnostic::new(&codes::COLUMN_IDX_GAP, draft.span, message);
            cx.report(gap.hint("count the idx up by one, from 0"));
            break;
        }
    }
    columns.into_values().collect()
}

/// `Type@id`: the first columns, idx by position (TBL-3).
fn from_type<'t>(cx: &mut Lowering<'_>, param: Node<'t>) -> BTreeMap<usize, ColumnDraft<'t>> {
    let Some(ids) = param.child("Type").and_then(|kind| kind.attribute("id")) else {
        return BTreeMap::new();
    };
    let mut columns = BTreeMap::new();
    for part in ids.parts(';').filter(|part| !part.is_empty()) {
        if let Some(pid) = cx.param(part, &codes::TYPE_ID_UNKNOWN) {
            check_param(cx, part, pid);
            let kind = declared_kind(cx, pid, ColumnKind::Retrieved);
            columns.insert(columns.len(), ColumnDraft::new(pid, kind, part.span(), None));
        }
    }
    columns
}

fn column<'t>(cx: &mut Lowering<'t>, node: Node<'t>) -> Option<(usize, ColumnDraft<'t>)> {
    let idx = node.attribute("idx").and_then(|idx| idx.digits());
    if idx.is_none() {
        let span = node.attribute("idx").map_or(node.name_span(), Field::span);
        let finding = Diagnostic::new(&codes::COLUMN_IDX_INVALID, span, "the column has no idx");
        cx.report(finding.hint("write `idx=\"…\"`, counted from 0"));
    }
    let hint = "write `pid=\"…\"`: the id of the column's parameter";
    let Some(field) = node.attribute("pid") else {
        let missing = Diagnostic::new(&codes::COLUMN_PID_MISSING, node.name_span(), "the column has no pid");
        cx.report(missing.hint(hint));
        return None;
    };
    if field.is_empty() {
        cx.report(Diagnostic::new(&codes::COLUMN_PID_EMPTY, field.span(), "the pid is empty").hint(hint));
        return None;
    }
    let pid = cx.param(field, &codes::COLUMN_PID_UNKNOWN)?;
    check_param(cx, field, pid);
    let kind = kind(cx, node);
    let kind = declared_kind(cx, pid, kind);
    let mut draft = ColumnDraft::new(pid, kind, node.name_span(), Some(node));
    if let Some(options) = node.attribute("options") {
        for setting in settings(options) {
            option(cx, setting, &mut draft);
        }
    }
    Some((idx?, draft))
}

/// A column of a write is a column of buttons, whatever its type says (TBL-103).
fn declared_kind(cx: &Lowering<'_>, pid: ParamId, kind: ColumnKind) -> ColumnKind {
    match cx.declared.kind(pid) {
        Some(ParamKind::Write) => ColumnKind::Button,
        _ => kind,
    }
}

fn check_param(cx: &mut Lowering<'_>, field: Field<'_>, pid: ParamId) {
    let fits = matches!(
        cx.declared.kind(pid),
        Some(ParamKind::Read | ParamKind::Write | ParamKind::Unsupported)
    );
    if fits {
        return;
    }
    let message = format!("parameter {pid} cannot be a column");
    let wrong = Diagnostic::new(&codes::COLUMN_WRONG_TYPE, field.span(), message);
    let declared = cx.declared.params.node(pid).map(Node::name_span);
    let wrong = match declared {
        Some(span) => wrong.second(span, "declared here"),
        None => wrong,
    };
    cx.report(wrong.hint("a column is a `read`, or a `write` with buttons"));
}

fn kind(cx: &mut Lowering<'_>, node: Node<'_>) -> ColumnKind {
    let field = node.attribute("type").filter(|field| !field.is_empty());
    let kind = field.and_then(|field| field.lookup(KINDS));
    let span = field.map_or(node.name_span(), Field::span);
    let text = field.map_or("", Field::text);
    match kind {
        None => {
            let message = format!("`{text}` is not a type of a column, `retrieved` is used");
            let finding = Diagnostic::new(&codes::COLUMN_TYPE_INVALID, span, message);
            cx.report(finding.hint("use `retrieved`, `custom`, `autoincrement`, `displaykey` or `state`"));
        }
        Some(ColumnKind::Unsupported) => {
            let message = format!("a column of type `{text}` is filled by nothing here");
            cx.report(Diagnostic::new(&codes::COLUMN_TYPE_NOT_RUN, span, message).hint("use `retrieved`"));
        }
        Some(_) => {}
    }
    kind.unwrap_or(ColumnKind::Retrieved)
}

fn option<'t>(cx: &mut Lowering<'t>, setting: Setting<'t>, draft: &mut ColumnDraft<'t>) {
    let field = setting.field;
    let name = setting.name.to_lowercase();
    match name.as_str() {
        "save" | "element" | "hidden" => draft.kept = true,
        "volatile" => draft.volatile = true,
        "indexcolumn" => draft.column.indexed = true,
        "foreignkey" => {
            draft.column.foreign_key = foreign_key(cx, setting, draft.column.pid);
            let found = draft.column.foreign_key.is_some();
            draft.column.indexed |= found;
            draft.kept |= found;
        }
        "view" => match setting.value {
            Some(value) => draft.linked.extend(view(cx, value).map(|what| (value, what))),
            // The name of a view: a text of the platform's, kept over a restart (SAV-10).
            None => draft.kept = true,
        },
        "delete" => draft.column.removes_deleted = true,
        "delta" => draft.linked.extend(delta(cx, setting)),
        known if FLAGS.contains(&known) => draft.column.flags.push(field.text().to_owned()),
        known if IGNORED.contains(&known) => {}
        known if NOT_RUN.contains(&known) => {
            let message = format!("`{}` is not run here", field.text());
            cx.report(Diagnostic::new(&codes::COLUMN_OPTION_NOT_RUN, field.span(), message));
        }
        _ => {
            let message = format!("`{}` is not an option of a column", field.text());
            let hint = "remove it, or correct its name; it is ignored";
            cx.report(Diagnostic::new(&codes::COLUMN_OPTION_UNKNOWN, field.span(), message).hint(hint));
        }
    }
}

/// `foreignKey=`: the table whose keys the column holds (TBL-31).
fn foreign_key(cx: &mut Lowering<'_>, setting: Setting<'_>, pid: ParamId) -> Option<ParamId> {
    let field = setting.value.unwrap_or(setting.field);
    let hint = "the column is a `read` of type `string`, and names an `array`";
    let target = field.digits().map(ParamId);
    let table = target.filter(|&table| cx.declared.kind(table) == Some(ParamKind::Array));
    let fault = if table.is_none() {
        Some((&codes::FOREIGN_KEY_TARGET, format!("`{}` is not a table", field.text())))
    } else if cx.declared.kind(pid) != Some(ParamKind::Read) {
        Some((&codes::FOREIGN_KEY_TYPE, format!("parameter {pid} is not a `read`")))
    } else if cx.declared.value_kind(pid) == Some(ValueKind::Number) {
        Some((
            &codes::FOREIGN_KEY_INTERPRETE,
            format!("parameter {pid} is a number, keys are texts"),
        ))
    } else {
        None
    };
    match fault {
        None => table,
        Some((code, message)) => {
            cx.report(Diagnostic::new(code, field.span(), message).hint(hint));
            None
        }
    }
}

/// `delta=idx`, `delta=idx:pid` (TBL-36).
fn delta<'t>(cx: &mut Lowering<'_>, setting: Setting<'t>) -> Option<(Field<'t>, LinkedAs)> {
    let field = setting.value.unwrap_or(setting.field);
    let (into, column) = field
        .split_once(':')
        .map_or((field, None), |(into, pid)| (into, Some(pid)));
    let into = into.digits();
    let column = column.map(|pid| cx.param(pid, &codes::DELTA_INVALID));
    match (into, column) {
        (_, Some(None)) => None,
        (Some(into), column) => {
            let column = column.flatten();
            Some((field, LinkedAs::Delta { into, column }))
        }
        (None, Some(Some(_)) | None) => {
            let message = format!("`{}` does not name a column by its idx", setting.field.text());
            let finding = Diagnostic::new(&codes::DELTA_INVALID, field.span(), message);
            cx.report(finding.hint("write `delta=idx`, or `delta=idx:pid`"));
            None
        }
    }
}

/// `view=pid`, `view=foreignKeyPid:pid`, or a remote one, which is not run (TBL-121).
fn view(cx: &mut Lowering<'_>, value: Field<'_>) -> Option<LinkedAs> {
    let parts: Vec<Field<'_>> = value.parts(':').collect();
    if parts.len() > 2
        || parts
            .first()
            .is_some_and(|first| first.is("linked") || first.is_empty() && parts.len() > 1)
    {
        let message = format!("`view={}` reads another element, which is not supported", value.text());
        cx.report(Diagnostic::new(&codes::COLUMN_OPTION_NOT_RUN, value.span(), message));
        return None;
    }
    if parts.iter().any(|part| part.digits::<u32>().is_none()) {
        let hint = "write `view=pid`, or `view=foreignKeyPid:pid`";
        let message = format!("`{}` is not a column to show", value.text());
        cx.report(Diagnostic::new(&codes::COLUMN_VIEW_SYNTAX, value.span(), message).hint(hint));
        return None;
    }
    let mut pids = Vec::new();
    for part in parts {
        pids.push(cx.param(part, &codes::COLUMN_VIEW_UNKNOWN)?);
    }
    match *pids.as_slice() {
        [column] => Some(LinkedAs::View { through: None, column }),
        [through, column] => Some(LinkedAs::View {
            through: Some(through),
            column,
        }),
        _ => None,
    }
}
