//! Where the display key of a row comes from: `NamingFormat`, option `naming`, or `displayColumn`.
//!
//! Rules: TBL-22, TBL-52 to TBL-57, VAL-8. What cannot be read leaves the primary key as display key.

use crate::model::id::ParamId;
use crate::model::param::ParamKind;
use crate::model::table::{ColumnKind, DisplayKey, NamePart};
use crate::model::value::ValueKind;
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::column_options::ColumnDraft;
use crate::schema::lower::links::{Linked, LinkedAs};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The display key of a table; the `displaykey` column among its columns is checked on the way.
pub(super) fn display_key<'t>(
    cx: &mut Lowering<'t>,
    table: ParamId,
    array: Node<'t>,
    naming: Option<Field<'t>>,
    drafts: &mut [ColumnDraft<'_>],
    index: usize,
) -> DisplayKey {
    let sound = check_column(cx, drafts);
    let format = array.field("NamingFormat");
    let column = array.attribute("displayColumn").filter(|field| !field.is_empty());
    let given: Vec<Field<'_>> = [format, naming, column].into_iter().flatten().collect();
    if let [first, second, ..] = given.as_slice() {
        let message = "the display key is defined in several ways; `NamingFormat` goes before `naming`, and that before \
                       `displayColumn`";
        let twice = Diagnostic::new(&codes::DISPLAY_KEY_TWICE, second.span(), message);
        cx.report(
            twice
                .second(first.span(), "defined here, which counts")
                .hint("keep one of them"),
        );
    }
    let key = match (format, naming, column) {
        (Some(format), _, _) => naming_format(cx, table, format, drafts),
        (None, Some(naming), _) => naming_option(cx, table, naming, drafts),
        (None, None, Some(column)) => display_column(cx, column, drafts, index),
        (None, None, None) => return DisplayKey::PrimaryKey,
    };
    let has_column = drafts.iter().any(|draft| draft.column.kind == ColumnKind::DisplayKey);
    // A display key of one column is what that column shows.
    let is_composed = match &key {
        Some(DisplayKey::Format(parts)) => parts.len() > 1,
        Some(DisplayKey::Naming { columns, .. }) => columns.len() > 1,
        Some(DisplayKey::PrimaryKey | DisplayKey::Column(_)) | None => false,
    };
    if is_composed && !has_column && sound {
        let message = "the table has no column that shows its display key";
        let missing = Diagnostic::new(&codes::DISPLAY_KEY_MISSING, array.name_span(), message);
        cx.report(missing.hint("add a last column of type `displaykey`"));
    }
    key.filter(|_| sound).unwrap_or(DisplayKey::PrimaryKey)
}

/// Whether the `displaykey` column is as it has to be. One that is not, is filled by nothing.
fn check_column(cx: &mut Lowering<'_>, drafts: &mut [ColumnDraft<'_>]) -> bool {
    let last = drafts.len().saturating_sub(1);
    let mut first = None;
    let mut sound = true;
    for (idx, draft) in drafts.iter_mut().enumerate() {
        if draft.column.kind != ColumnKind::DisplayKey {
            continue;
        }
        let fault = match first {
            Some(_) => Some((
                &codes::DISPLAY_KEY_DUPLICATE,
                "the table has a column of type `displaykey` already",
            )),
            None => fault_of(cx, draft.column.pid)
                .or((idx != last).then_some((&codes::DISPLAY_KEY_NOT_LAST, "the `displaykey` column is not the last"))),
        };
        first = first.or(Some(idx));
        if let Some((code, message)) = fault {
            let hint = "there is one such column, the last, a `read` of type `string` shown as `string`";
            cx.report(Diagnostic::new(code, draft.span, message).hint(hint));
            draft.column.kind = ColumnKind::Unsupported;
            sound = false;
        }
    }
    sound
}

fn fault_of(cx: &Lowering<'_>, pid: ParamId) -> Option<(&'static Code, &'static str)> {
    if cx.declared.kind(pid) != Some(ParamKind::Read) {
        return Some((&codes::DISPLAY_KEY_TYPE, "the `displaykey` column is not a `read`"));
    }
    if cx.declared.value_kind(pid) == Some(ValueKind::Number) {
        return Some((&codes::DISPLAY_KEY_INTERPRETE, "the `displaykey` column is not a text"));
    }
    let shown = cx.declared.params.node(pid)?.child("Measurement")?.filled("Type")?;
    (!shown.is("string")).then_some((
        &codes::DISPLAY_KEY_MEASUREMENT,
        "the `displaykey` column is not shown as text",
    ))
}

/// `NamingFormat`: its first character separates parts; digits are a column, the rest is text (TBL-53).
fn naming_format<'t>(
    cx: &mut Lowering<'t>,
    table: ParamId,
    format: Field<'t>,
    drafts: &[ColumnDraft<'_>],
) -> Option<DisplayKey> {
    let text = format.text();
    let Some(separator) = text.chars().next() else {
        let message = "the `NamingFormat` is empty, the primary key is used";
        let hint = "write a separator and parts: `,Team ,1002`";
        cx.report(Diagnostic::new(&codes::NAMING_FORMAT_EMPTY, format.span(), message).hint(hint));
        return None;
    };
    let mut parts = Vec::new();
    for part in format.part(&text[separator.len_utf8()..]).parts(separator) {
        let is_column = !part.raw().is_empty() && part.raw().bytes().all(|byte| byte.is_ascii_digit());
        if is_column {
            let pid = cx.param(part, &codes::NAMING_FORMAT_UNKNOWN)?;
            name(cx, table, part, pid, drafts);
            parts.push(NamePart::Column(pid));
        } else if !part.raw().is_empty() {
            parts.push(NamePart::Literal(part.raw().to_owned()));
        }
    }
    if !parts.iter().any(|part| matches!(part, NamePart::Column(_))) {
        let message = "the `NamingFormat` has no column, all rows would have the same display key";
        let hint = "begin with a separator and write the id of a column as a part of its own: `,Team ,1002`";
        cx.report(Diagnostic::new(&codes::NAMING_FORMAT_STATIC, format.span(), message).hint(hint));
        return None;
    }
    Some(DisplayKey::Format(parts))
}

/// `naming=/1001,1002`: the first character joins the values (TBL-54).
fn naming_option<'t>(
    cx: &mut Lowering<'t>,
    table: ParamId,
    naming: Field<'t>,
    drafts: &[ColumnDraft<'_>],
) -> Option<DisplayKey> {
    let text = naming.text();
    let mut chars = text.chars();
    let separator = chars.next();
    let list = naming.part(chars.as_str());
    let Some(separator) = separator.filter(|_| !list.is_empty()) else {
        let message = "`naming` names no column, the primary key is used";
        let hint = "write a separator and the columns: `naming=/1001,1002`";
        cx.report(Diagnostic::new(&codes::NAMING_EMPTY, naming.span(), message).hint(hint));
        return None;
    };
    let mut columns = Vec::new();
    for part in list.parts(',').filter(|part| !part.is_empty()) {
        let pid = cx.param(part, &codes::NAMING_UNKNOWN)?;
        name(cx, table, part, pid, drafts);
        columns.push(pid);
    }
    Some(DisplayKey::Naming { separator, columns })
}

/// A column of another table is looked for when all tables are known (TBL-55).
fn name<'t>(cx: &mut Lowering<'t>, table: ParamId, field: Field<'t>, pid: ParamId, drafts: &[ColumnDraft<'_>]) {
    if drafts.iter().any(|draft| draft.column.pid == pid) {
        return;
    }
    cx.linked.push(Linked {
        table,
        idx: 0,
        field,
        what: LinkedAs::Name(pid),
    });
}

/// `displayColumn=idx` (TBL-57).
fn display_column(
    cx: &mut Lowering<'_>,
    column: Field<'_>,
    drafts: &[ColumnDraft<'_>],
    index: usize,
) -> Option<DisplayKey> {
    let idx = column.digits::<usize>().filter(|&idx| idx < drafts.len());
    let Some(idx) = idx else {
        let message = format!("the table has no column `{}`, the primary key is used", column.text());
        let hint = "name a column by its idx";
        cx.report(Diagnostic::new(&codes::DISPLAY_COLUMN_INVALID, column.span(), message).hint(hint));
        return None;
    };
    let (code, message) = if idx == index {
        (&codes::DISPLAY_COLUMN_IS_KEY, "the display column is the primary key")
    } else {
        (
            &codes::DISPLAY_COLUMN_UNUSUAL,
            "`displayColumn` is the old way to make a display key",
        )
    };
    let hint = "remove it, or use `NamingFormat`";
    cx.report(Diagnostic::new(code, column.span(), message).hint(hint));
    Some(DisplayKey::Column(idx))
}
