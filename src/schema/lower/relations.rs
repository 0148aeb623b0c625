//! `Relations`: which tables belong together, checked against their foreign keys.
//!
//! Rules: TBL-60, TBL-61, VAL-9, VAL-22.

use std::collections::BTreeSet;

use crate::model::id::ParamId;
use crate::model::param::{Param, ParamKind};
use crate::model::relation::Relation;
use crate::model::table::RowSource;
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::{Lowering, display};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The relations of a definition, in document order; foreign keys outside all of them are reported.
pub(super) fn relations<'t>(cx: &mut Lowering<'t>, protocol: Node<'t>, params: &[Param]) -> Vec<Relation> {
    let mut relations: Vec<Relation> = Vec::new();
    let nodes = protocol
        .children("Relations")
        .flat_map(|relations| relations.children("Relation"));
    for node in nodes {
        let Some((field, relation)) = relation(cx, node) else {
            continue;
        };
        if relations.contains(&relation) {
            let twice = Diagnostic::new(
                &codes::RELATION_DUPLICATE,
                field.span(),
                "the relation is given already",
            );
            cx.report(twice.hint("remove one of them"));
            continue;
        }
        check_foreign_keys(cx, field, &relation, params);
        relations.push(relation);
    }
    check_related(cx, &relations, params);
    relations
}

/// One relation; none when its path does not name at least two tables.
fn relation<'t>(cx: &mut Lowering<'t>, node: Node<'t>) -> Option<(Field<'t>, Relation)> {
    let hint = "write `path=\"100;200\"`: the ids of the tables, parent first";
    let fault = |cx: &mut Lowering<'_>, code: &'static Code, span, message: String| {
        cx.report(Diagnostic::new(code, span, message).hint(hint));
        None
    };
    let Some(field) = node.attribute("path") else {
        let span = node.name_span();
        return fault(
            cx,
            &codes::RELATION_PATH_MISSING,
            span,
            "the relation has no path".to_owned(),
        );
    };
    if field.is_empty() {
        return fault(
            cx,
            &codes::RELATION_PATH_EMPTY,
            field.span(),
            "the path is empty".to_owned(),
        );
    }
    let mut path = Vec::new();
    for part in field.parts(';') {
        let Some(id) = part.digits().map(ParamId) else {
            let message = format!("`{}` is not the id of a table", part.text());
            return fault(cx, &codes::RELATION_PATH_INVALID, part.span(), message);
        };
        match cx.declared.kind(id) {
            None => {
                let message = format!("there is no table {id}");
                return fault(cx, &codes::RELATION_UNKNOWN, part.span(), message);
            }
            Some(ParamKind::Array) => path.push(id),
            Some(_) => {
                let message = format!("parameter {id} is no table");
                return fault(cx, &codes::RELATION_NO_TABLE, part.span(), message);
            }
        }
        if let Some(node) = cx.declared.params.node(id).filter(|node| !display::is_displayed(*node)) {
            let message = format!("table {id} is not shown: nothing follows the relation there");
            let hidden = Diagnostic::new(&codes::RELATION_RTDISPLAY, part.span(), message);
            cx.report(hidden.hint("give it `<RTDisplay>true</RTDisplay>`"));
            cx.lacks_rtdisplay(node, part.span());
        }
    }
    if path.len() < 2 {
        let message = format!("`{}` names one table only", field.text());
        return fault(cx, &codes::RELATION_PATH_INVALID, field.span(), message);
    }
    Some((field, Relation { path }))
}

/// Each table of a path is joined to the next by a foreign key, by rule that of the child (TBL-60).
fn check_foreign_keys(cx: &mut Lowering<'_>, field: Field<'_>, relation: &Relation, params: &[Param]) {
    for pair in relation.path.windows(2) {
        let (parent, child) = (pair[0], pair[1]);
        if leads(params, child, parent) {
            continue;
        }
        if leads(params, parent, child) {
            let message = format!("the foreign key between tables {parent} and {child} is that of the parent");
            let reversed = Diagnostic::new(&codes::RELATION_REVERSED, field.span(), message);
            cx.report(reversed.hint("write the parent first: the table that the foreign key names"));
            continue;
        }
        let message = format!("there is no foreign key between tables {parent} and {child}");
        let missing = Diagnostic::new(&codes::RELATION_FOREIGN_KEY, field.span(), message);
        cx.report(missing.hint(format!(
            "give a column of table {child} the option `foreignKey={parent}`"
        )));
    }
}

/// Whether a foreign key of one table names another.
fn leads(params: &[Param], from: ParamId, to: ParamId) -> bool {
    let table = params.iter().find(|param| param.id == from);
    let columns = table.and_then(|param| param.table.as_ref()).map(|table| &table.columns);
    columns.is_some_and(|columns| columns.iter().any(|column| column.foreign_key == Some(to)))
}

/// A foreign key in no relation is an index only (TBL-61). One to its own table needs none.
fn check_related(cx: &mut Lowering<'_>, relations: &[Relation], params: &[Param]) {
    let pairs = relations.iter().flat_map(|relation| relation.path.windows(2));
    let related: BTreeSet<(ParamId, ParamId)> = pairs
        .flat_map(|pair| [(pair[0], pair[1]), (pair[1], pair[0])])
        .collect();
    for param in params {
        let Some(table) = param.table.as_ref().filter(|table| table.rows == RowSource::Own) else {
            continue;
        };
        for (idx, column) in table.columns.iter().enumerate() {
            let Some(target) = column
                .foreign_key
                .filter(|&target| target != param.id && !related.contains(&(param.id, target)))
            else {
                continue;
            };
            let option = cx.column_option(param.id, idx);
            let span = option.map_or_else(|| cx.param_span(param.id), |node| node.name_span());
            let message = format!("no relation joins table {} with table {target}", param.id);
            let finding = Diagnostic::new(&codes::FOREIGN_KEY_RELATION, span, message);
            let hint = format!("add `<Relation path=\"{target};{}\"/>` to `Relations`", param.id);
            cx.report(finding.hint(hint));
        }
    }
}
