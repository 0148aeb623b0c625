//! What a parameter becomes by being a column, or the write of one.
//!
//! Rules: TBL-1 (a key is a text), TBL-4, TBL-100, PAR-68, VAL-6, VAL-15, VAL-16, VAL-21, VAL-27.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::id::ParamId;
use crate::model::measurement::MeasurementKind;
use crate::model::param::{ColumnOf, Param};
use crate::model::places::Places;
use crate::model::table::RowSource;
use crate::model::value::ValueKind;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::source::Span;

/// Tells every column and every write of a column which table it belongs to, and what follows from that.
pub(super) fn assign(cx: &mut Lowering<'_>, params: &mut [Param]) {
    let places = places(cx, params);
    for param in params.iter_mut() {
        param.column_of = places.get(&param.id).copied();
    }
    let keys: BTreeSet<ParamId> = params.iter().filter_map(key).collect();
    for param in params.iter_mut() {
        if keys.contains(&param.id) {
            param.interprete.kind = ValueKind::Text;
        }
        if param.column_of.is_some() && param.interprete.default.is_some() {
            param.interprete.default = None;
            let span = field_span(cx, param.id, &["Interprete", "DefaultValue"]);
            let finding = Diagnostic::new(&codes::DEFAULT_ON_COLUMN, span, "a column has no default value");
            cx.report(finding.hint("fill the cells from a QAction; the default is not used"));
        }
    }
    inherit(cx, params);
    check_writes(cx, params);
}

fn key(param: &Param) -> Option<ParamId> {
    let table = param.table.as_ref()?;
    table.columns.get(table.index).map(|column| column.pid)
}

/// The place of each column: that in its own table before that in a view of it (TBL-4).
fn places(cx: &mut Lowering<'_>, params: &[Param]) -> BTreeMap<ParamId, ColumnOf> {
    let is_view = |param: &&Param| param.table.as_ref().is_some_and(|table| table.rows != RowSource::Own);
    let (views, tables): (Vec<&Param>, Vec<&Param>) = params.iter().partition(is_view);
    let mut places: BTreeMap<ParamId, ColumnOf> = BTreeMap::new();
    for table in tables {
        for (idx, column) in table.table.iter().flat_map(|table| table.columns.iter().enumerate()) {
            let place = ColumnOf { table: table.id, idx };
            match places.get(&column.pid) {
                None => {
                    places.insert(column.pid, place);
                }
                Some(first) => {
                    let message = format!("parameter {} is a column of table {} already", column.pid, first.table);
                    let span = span(cx, table.id);
                    let twice = Diagnostic::new(&codes::COLUMN_IN_TWO_TABLES, span, message);
                    cx.report(twice.hint("give the column a parameter of its own"));
                }
            }
        }
    }
    for table in views {
        for (idx, column) in table.table.iter().flat_map(|table| table.columns.iter().enumerate()) {
            places.entry(column.pid).or_insert(ColumnOf { table: table.id, idx });
        }
    }
    // The write of a column is in the place of its read (TBL-100).
    for write in params.iter().filter(|param| param.is_write()) {
        if let Some(place) = write.partner.and_then(|read| places.get(&read).copied()) {
            places.entry(write.id).or_insert(place);
        }
    }
    places
}

/// The write of a column takes `Interprete` and `Measurement` from its read when it has none (TBL-100).
fn inherit(cx: &Lowering<'_>, params: &mut [Param]) {
    let places = Places::new(params.iter().map(|param| param.id.0));
    for index in 0..params.len() {
        let read = params[index].partner.filter(|_| params[index].is_write());
        let read = read.and_then(|read| params.get(places.of(read.0)?));
        let Some(read) = read.filter(|read| read.column_of.is_some() && !read.is_write()) else {
            continue;
        };
        let write = params[index].id;
        let has = |tag| {
            cx.declared
                .params
                .node(write)
                .is_some_and(|node| node.child(tag).is_some())
        };
        let interprete = (!has("Interprete")).then(|| read.interprete.clone());
        let measurement = (!has("Measurement")).then(|| read.measurement.clone());
        let write = &mut params[index];
        if let Some(interprete) = interprete {
            write.interprete = interprete;
        }
        if let Some(measurement) = measurement {
            write.measurement = measurement;
        }
    }
}

fn check_writes(cx: &mut Lowering<'_>, params: &[Param]) {
    let places = Places::new(params.iter().map(|param| param.id.0));
    for write in params.iter().filter(|param| param.is_write()) {
        let buttons = write.measurement.as_ref().is_some_and(|measurement| {
            matches!(
                measurement.kind,
                MeasurementKind::Button | MeasurementKind::ToggleButton | MeasurementKind::PageButton
            )
        });
        if write.partner.is_none() && write.column_of.is_some() && !buttons {
            let message = format!(
                "the write `{}` is a column, but has neither a read nor buttons",
                write.name
            );
            let finding = Diagnostic::new(&codes::WRITE_WITHOUT_READ, span(cx, write.id), message);
            cx.report(finding.hint("name it like the read it sets, and leave it out of the columns"));
        }
        let Some(read) = write.partner.and_then(|read| params.get(places.of(read.0)?)) else {
            continue;
        };
        let ends = [
            (
                "Low",
                read.display.range.low,
                write.display.range.low,
                &codes::RANGE_LOW_DIFFERS,
            ),
            (
                "High",
                read.display.range.high,
                write.display.range.high,
                &codes::RANGE_HIGH_DIFFERS,
            ),
        ];
        for (tag, of_read, of_write, code) in ends {
            if of_read.is_some() && of_write.is_some() && of_read != of_write {
                let here = field_span(cx, write.id, &["Display", "Range", tag]);
                let there = field_span(cx, read.id, &["Display", "Range", tag]);
                let finding = Diagnostic::new(code, here, "the write and its read have different ranges");
                cx.report(finding.second(there, "the range of the read").hint("make them equal"));
            }
        }
    }
}

fn span(cx: &Lowering<'_>, id: ParamId) -> Span {
    let node = cx.declared.params.node(id);
    node.map_or(Span::new(0, 0), |node| node.name_span())
}

/// Where a text of a parameter stands, or the parameter itself.
fn field_span(cx: &Lowering<'_>, id: ParamId, path: &[&str]) -> Span {
    let mut node = cx.declared.params.node(id);
    for tag in path {
        node = node.and_then(|node| node.child(tag));
    }
    node.map_or_else(|| span(cx, id), |node| node.content().span())
}
