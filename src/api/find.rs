//! From the words of a path to the element, the parameter, the table, the column they mean.
//!
//! A parameter is named by its id or by its name, in any casing. Where a read and a write share a name, a get means the
//! read and a set the write; an id always means itself.
//!
//! Rules: DSP-1, DSP-3, DSP-5, API-11, TBL-118.

use crate::agent::Agent;
use crate::api::error::{Problem, Reason};
use crate::element::Element;
use crate::element::alarms::ShownAlarm;
use crate::element::view::View;
use crate::engine::set::RefusedReason;
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::table::TableDef;

/// The element with this id or name.
pub(super) fn element<'a>(agent: &'a Agent, name: &str) -> Result<&'a Element, Problem> {
    agent
        .find(name)
        .ok_or_else(|| Problem::new(Reason::UnknownElement, format!("there is no element {name}")))
}

/// The element with this id or name, or all of them.
pub(super) fn elements<'a>(agent: &'a Agent, name: Option<&str>) -> Result<&'a [Element], Problem> {
    match name {
        Some(name) => Ok(std::slice::from_ref(element(agent, name)?)),
        None => Ok(agent.elements()),
    }
}

/// The active alarm whose first or last record has this id; `name` is what the element was asked for by.
pub(super) fn alarm<'v>(view: &'v View, name: &str, id: u64) -> Result<&'v ShownAlarm, Problem> {
    let mut alarms = view.alarms.active();
    alarms
        .find(|alarm| alarm.record.id == id || alarm.record.root == id)
        .ok_or_else(|| Problem::new(Reason::UnknownAlarm, format!("{name} has no active alarm {id}")))
}

/// The parameter that a get means: a value of its own, or a table.
pub(super) fn param_to_get<'a>(protocol: &'a Protocol, name: &str) -> Result<&'a Param, Problem> {
    let param = by_id(protocol, name).or_else(|| protocol.param_to_read(name));
    without_row(protocol, name, shown(name, param)?)
}

/// A parameter or a column.
pub(super) fn param_or_column<'a>(protocol: &'a Protocol, name: &str) -> Result<&'a Param, Problem> {
    shown(name, by_id(protocol, name).or_else(|| protocol.param_to_read(name)))
}

/// The parameter that a set means. Whether it can be set is for the element to say.
pub(super) fn param_to_set<'a>(protocol: &'a Protocol, name: &str) -> Result<&'a Param, Problem> {
    let param = by_id(protocol, name).or_else(|| protocol.param_to_set(name));
    without_row(protocol, name, shown(name, param)?)
}

/// A table.
pub(super) fn table<'a>(protocol: &'a Protocol, name: &str) -> Result<(&'a Param, &'a TableDef), Problem> {
    let param = shown(name, by_id(protocol, name).or_else(|| protocol.param_to_read(name)))?;
    match &param.table {
        Some(table) => Ok((param, table)),
        None => Err(Problem::new(
            Reason::NotATable,
            format!("{} ({}) is no table", param.name, param.id),
        )),
    }
}

/// A shown column of a table, with its idx.
pub(super) fn column<'a>(protocol: &'a Protocol, table: &'a Param, name: &str) -> Result<(usize, &'a Param), Problem> {
    let columns = shown_columns(protocol, table);
    let named = |wanted: &dyn Fn(&Param) -> bool| columns.iter().find(|(_, param)| wanted(param)).copied();
    let id = name.parse().ok().map(ParamId);
    named(&|param| Some(param.id) == id)
        .or_else(|| named(&|param| same_name(&param.name, name)))
        .ok_or_else(|| no_column(table, name))
}

/// A shown column of a table as a person calls it: by its id or name, or by its description, with or without the
/// ` (Table)` that it ends with by convention.
pub(super) fn column_by_any_name<'a>(
    protocol: &'a Protocol,
    table: &'a Param,
    name: &str,
) -> Result<(usize, &'a Param), Problem> {
    let suffix = format!(" ({})", table.description);
    let is_called = |column: &Param| {
        let bare = column.description.strip_suffix(&suffix);
        same_name(&column.description, name) || bare.is_some_and(|bare| same_name(bare, name))
    };
    column(protocol, table, name).or_else(|unknown| {
        let columns = shown_columns(protocol, table);
        let mut called = columns.into_iter().filter(|(_, column)| is_called(column));
        match (called.next(), called.next()) {
            (Some(column), None) => Ok(column),
            (Some(_) | None, _) => Err(unknown),
        }
    })
}

/// The parameter that a set of a cell means: the write of the column, or a column of buttons.
pub(super) fn column_to_set<'a>(protocol: &'a Protocol, table: &Param, name: &str) -> Result<&'a Param, Problem> {
    let id = name.parse().ok().map(ParamId);
    let of_table = || {
        let params = protocol.parts().params.iter();
        params.filter(|param| param.column_of.is_some_and(|place| place.table == table.id))
    };
    let found = of_table()
        .find(|param| Some(param.id) == id)
        .or_else(|| of_table().find(|param| param.is_write() && same_name(&param.name, name)))
        .or_else(|| of_table().find(|param| same_name(&param.name, name)))
        .ok_or_else(|| no_column(table, name))?;
    shown(name, Some(found))
}

/// The shown columns of a table with their idx: in the order of its presentation, else by idx.
pub(super) fn shown_columns<'a>(protocol: &'a Protocol, table: &'a Param) -> Vec<(usize, &'a Param)> {
    let Some(definition) = &table.table else {
        return Vec::new();
    };
    let by_idx = || definition.columns.iter().map(|column| column.pid).enumerate();
    let ordered: Vec<(usize, ParamId)> = if definition.presentation.columns.is_empty() {
        by_idx().collect()
    } else {
        let wanted = definition.presentation.columns.iter();
        wanted
            .filter_map(|pid| by_idx().find(|(_, column)| column == pid))
            .collect()
    };
    ordered
        .into_iter()
        .filter_map(|(idx, pid)| Some((idx, protocol.param(pid)?)))
        .filter(|(_, param)| param.display.rtdisplay)
        .collect()
}

/// Whether a parameter has an entry of its own among the parameters: a shown one that is no column, and no write whose
/// read has the entry (API-11).
pub(super) fn is_listed(protocol: &Protocol, param: &Param) -> bool {
    let is_editor = param.is_write()
        && param
            .partner
            .and_then(|partner| protocol.param(partner))
            .is_some_and(|read| read.display.rtdisplay);
    param.display.rtdisplay && param.column_of.is_none() && !is_editor && !param.is_general()
}

fn by_id<'a>(protocol: &'a Protocol, name: &str) -> Option<&'a Param> {
    name.parse().ok().and_then(|id| protocol.param(ParamId(id)))
}

fn shown<'a>(name: &str, param: Option<&'a Param>) -> Result<&'a Param, Problem> {
    let Some(param) = param else {
        return Err(Problem::new(
            Reason::Refused(RefusedReason::UnknownPid),
            format!("there is no parameter {name}"),
        ));
    };
    if param.display.rtdisplay {
        return Ok(param);
    }
    Err(Problem::new(
        Reason::Refused(RefusedReason::NotDisplayed),
        format!(
            "{} ({}) has no RTDisplay: it is not available on the API",
            param.name, param.id
        ),
    ))
}

fn without_row<'a>(protocol: &Protocol, name: &str, param: &'a Param) -> Result<&'a Param, Problem> {
    let Some(place) = param.column_of else {
        return Ok(param);
    };
    let table = protocol.param(place.table).map_or(name, |table| &table.name);
    Err(Problem::new(
        Reason::IsColumn,
        format!(
            "{} is a column of {table}: ask for tables/{table}/rows/KEY/{}",
            param.name, param.name
        ),
    ))
}

fn no_column(table: &Param, name: &str) -> Problem {
    Problem::new(
        Reason::UnknownColumn,
        format!("{} has no shown column {name}", table.name),
    )
}

fn same_name(name: &str, wanted: &str) -> bool {
    name.to_lowercase() == wanted.to_lowercase()
}
