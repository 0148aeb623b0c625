//! Ways from a row to other tables: what views show, what display keys name, what deltas compare with.
//!
//! They can be found only when all tables are known. Rules: TBL-36, TBL-55, TBL-120 to TBL-122, VAL-10.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::relation::{Hop, Link, Relation};
use crate::model::table::{Delta, RowSource};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::reader::Field;

/// Something that names columns of other tables, where it stands.
#[derive(Debug)]
pub(crate) struct Linked<'t> {
    pub(super) table: ParamId,
    pub(super) idx: usize,
    pub(super) field: Field<'t>,
    pub(super) what: LinkedAs,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkedAs {
    /// `view=pid` and `view=foreignKeyPid:pid`.
    View { through: Option<ParamId>, column: ParamId },
    /// `delta=idx` and `delta=idx:pid`.
    Delta { into: usize, column: Option<ParamId> },
    /// A part of `naming` or `NamingFormat`.
    Name(ParamId),
}

/// Finds the ways.
pub(super) fn link(cx: &mut Lowering<'_>, params: &mut [Param], relations: &[Relation]) {
    end_views_of_themselves(cx, params);
    let tables = Tables::of(params, relations);
    for linked in std::mem::take(&mut cx.linked) {
        let place = params.iter().position(|param| param.id == linked.table);
        let Some(table) = place.and_then(|place| params[place].table.as_mut()) else {
            continue;
        };
        match linked.what {
            LinkedAs::View { through, column } => match tables.shown(linked.table, through, column) {
                Some(link) => table.columns[linked.idx].view = Some(link),
                // A view without a base was reported already.
                None if table.rows == RowSource::Nothing => {}
                None => {
                    let message = format!("`{}` is not a column that this view can show", linked.field.text());
                    let hint = "name a column of the base table, or `foreignKeyPid:pid`; the column stays empty";
                    cx.report(Diagnostic::new(&codes::COLUMN_VIEW_UNKNOWN, linked.field.span(), message).hint(hint));
                }
            },
            LinkedAs::Delta { into, column } => {
                let own = table
                    .columns
                    .get(into)
                    .is_some_and(|_| into != linked.idx && into != table.index);
                let from = column.map(|column| tables.away(linked.table, column));
                match from {
                    None if own => table.columns[linked.idx].delta = Some(Delta { into, from: None }),
                    Some(Some(link)) if own => {
                        table.columns[linked.idx].delta = Some(Delta { into, from: Some(link) });
                    }
                    None | Some(_) => {
                        let message = format!("`delta={}` cannot be written", linked.field.text());
                        let hint = "write `delta=idx` with another column of this table, or `delta=idx:pid` with a column of \
                                    a table that a foreign key names";
                        cx.report(Diagnostic::new(&codes::DELTA_INVALID, linked.field.span(), message).hint(hint));
                    }
                }
            }
            LinkedAs::Name(pid) => match tables.away(linked.table, pid) {
                Some(link) => {
                    table.named_elsewhere.insert(pid, link);
                }
                None => {
                    let message = format!(
                        "no relation leads from this table to parameter {pid}; its part of the display key stays empty"
                    );
                    let finding = Diagnostic::new(&codes::NAMING_OTHER_TABLE, linked.field.span(), message);
                    cx.report(
                        finding.hint("add a `Relation` whose foreign keys lead there, or use a column of the table"),
                    );
                }
            },
        }
    }
    cx.ways = Some(tables);
}

/// A view of a view of itself has no rows.
fn end_views_of_themselves(cx: &mut Lowering<'_>, params: &mut [Param]) {
    let bases: BTreeMap<ParamId, ParamId> = params
        .iter()
        .filter_map(|param| match param.table.as_ref()?.rows {
            RowSource::View(base) => Some((param.id, base)),
            RowSource::Own | RowSource::Nothing => None,
        })
        .collect();
    for param in params.iter_mut() {
        let mut seen = BTreeSet::from([param.id]);
        let mut next = bases.get(&param.id);
        while let Some(base) = next.filter(|base| seen.insert(**base)) {
            next = bases.get(base);
        }
        if let (Some(table), Some(_)) = (&mut param.table, next) {
            table.rows = RowSource::Nothing;
            let span = cx.param_span(param.id);
            let finding = Diagnostic::new(&codes::VIEW_OF_ITSELF, span, "the view shows itself in the end");
            cx.report(finding.hint("name a table that has rows of its own"));
        }
    }
}

/// What is known of the tables when ways are looked for.
#[derive(Debug)]
pub(crate) struct Tables {
    /// Where each column stands.
    columns: BTreeMap<ParamId, (ParamId, usize)>,
    /// The foreign keys of a table.
    keys: BTreeMap<ParamId, Vec<Hop>>,
    bases: BTreeMap<ParamId, ParamId>,
    /// The pairs that a relation joins.
    related: BTreeSet<(ParamId, ParamId)>,
}

impl Tables {
    fn of(params: &[Param], relations: &[Relation]) -> Self {
        let mut tables = Self {
            columns: BTreeMap::new(),
            keys: BTreeMap::new(),
            bases: BTreeMap::new(),
            related: BTreeSet::new(),
        };
        for param in params {
            let Some(table) = &param.table else { continue };
            if let RowSource::View(base) = table.rows {
                tables.bases.insert(param.id, base);
            }
            for (idx, column) in table.columns.iter().enumerate() {
                tables.columns.entry(column.pid).or_insert((param.id, idx));
                if let Some(table) = column.foreign_key {
                    let hop = Hop {
                        foreign_key: idx,
                        table,
                    };
                    tables.keys.entry(param.id).or_default().push(hop);
                }
            }
        }
        for pair in relations.iter().flat_map(|relation| relation.path.windows(2)) {
            tables.related.extend([(pair[0], pair[1]), (pair[1], pair[0])]);
        }
        tables
    }

    /// The column that a view shows: of its base, or of the table that a foreign key of the base names (TBL-121).
    fn shown(&self, view: ParamId, through: Option<ParamId>, column: ParamId) -> Option<Link> {
        let &base = self.bases.get(&view)?;
        let &(table, idx) = self.columns.get(&column)?;
        let Some(through) = through else {
            let hops = Vec::new();
            return (table == base).then_some(Link { hops, table, idx });
        };
        let &(_, foreign_key) = self.columns.get(&through).filter(|(table, _)| *table == base)?;
        let hop = self
            .keys
            .get(&base)?
            .iter()
            .find(|hop| hop.foreign_key == foreign_key)?;
        let hops = vec![*hop];
        (hop.table == table).then_some(Link { hops, table, idx })
    }

    /// The shortest way from a table to a column of another one, along relations and in the direction of foreign keys
    /// (TBL-55).
    pub(super) fn away(&self, from: ParamId, column: ParamId) -> Option<Link> {
        let &(table, idx) = self.columns.get(&column)?;
        let mut ways = VecDeque::from([(from, Vec::new())]);
        let mut seen = BTreeSet::from([from]);
        while let Some((at, hops)) = ways.pop_front() {
            for hop in self.keys.get(&at).into_iter().flatten() {
                if !self.related.contains(&(at, hop.table)) {
                    continue;
                }
                let mut longer: Vec<Hop> = hops.clone();
                longer.push(*hop);
                if hop.table == table {
                    return Some(Link {
                        hops: longer,
                        table,
                        idx,
                    });
                }
                if seen.insert(hop.table) {
                    ways.push_back((hop.table, longer));
                }
            }
        }
        None
    }
}
