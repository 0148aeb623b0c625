//! `Monitor`: what alarms in an element, and what each new value changes about it.
//!
//! Rules: ALM-1, ALM-17, ALM-21 to ALM-23, ALM-30 to ALM-33, ALM-41 to ALM-48, ALM-55, ALM-56.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::alarm::entries::{Entries, Facts};
use crate::alarm::life::State;
use crate::alarm::record::{AlarmChange, Cell};
use crate::model::alarm::Severity;
use crate::model::alarm_template::AlarmTemplate;
use crate::model::id::ParamId;
use crate::model::moment::Moment;
use crate::model::protocol::Protocol;
use crate::model::relation::Link;
use crate::model::value::Value;

/// What a monitor asks of the element around it.
pub trait Surroundings {
    /// What people call the row of a cell; none for a parameter of its own, and where there is no such row.
    fn display_key(&self, cell: &Cell) -> Option<Arc<str>>;

    /// The value of a parameter as seen from a cell: of its own, of the same row, or of a row that this one leads to.
    fn value(&self, cell: &Cell, param: ParamId, link: Option<&Link>) -> Value;
}

/// What filters of a template look at: the display key of a row, or its key where it has none (ALM-30).
pub(super) fn row_name(cell: &Cell, around: &impl Surroundings) -> Arc<str> {
    let display_key = around.display_key(cell).filter(|name| !name.is_empty());
    display_key.or_else(|| cell.key.clone()).unwrap_or_default()
}

/// What is monitored in one run of an element.
#[derive(Debug)]
pub struct Monitor {
    pub(super) protocol: Arc<Protocol>,
    pub(super) entries: Entries,
    /// The monitored parameters that the value or the severity of a parameter decides about.
    dependents: BTreeMap<ParamId, Vec<ParamId>>,
    /// The values of those that are monitored, or decide.
    pub(super) values: BTreeMap<Cell, Value>,
    /// What is not undefined.
    pub(super) states: BTreeMap<Cell, State>,
    /// The alarms that end by themselves, by when (ALM-21).
    pub(super) ends: BTreeSet<(Moment, Cell)>,
    /// The cells whose severity changes if their value stays, by when (ALM-32).
    pub(super) due: BTreeSet<(Moment, Cell)>,
    pub(super) last: u64,
    /// How many alarms of rows are not over: as long as there are none, nobody asks what rows are called.
    pub(super) open_rows: usize,
}

/// Why a cell is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Something has a value.
    Value,
    /// Another template was assigned (ALM-33).
    Template,
}

impl Monitor {
    /// None without a template, and when it monitors nothing.
    #[must_use]
    pub fn new(protocol: &Arc<Protocol>, template: &AlarmTemplate) -> Option<Self> {
        let entries = Entries::new(protocol, template)?;
        let monitored = entries.monitored();
        if monitored.is_empty() {
            return None;
        }
        let mut dependents: BTreeMap<ParamId, Vec<ParamId>> = BTreeMap::new();
        for param in monitored {
            for input in entries.inputs(param) {
                dependents.entry(input).or_default().push(param);
            }
        }
        Some(Self {
            protocol: Arc::clone(protocol),
            entries,
            dependents,
            values: BTreeMap::new(),
            states: BTreeMap::new(),
            ends: BTreeSet::new(),
            due: BTreeSet::new(),
            last: 0,
            open_rows: 0,
        })
    }

    /// Parameters, or cells of one row, have these values: all of them are there before any is looked at.
    pub fn set(
        &mut self,
        key: Option<&Arc<str>>,
        values: &[(ParamId, Value)],
        now: Moment,
        around: &impl Surroundings,
    ) -> Vec<AlarmChange> {
        self.take(key, values, now, Why::Value, around)
    }

    pub(super) fn take(
        &mut self,
        key: Option<&Arc<str>>,
        values: &[(ParamId, Value)],
        now: Moment,
        why: Why,
        around: &impl Surroundings,
    ) -> Vec<AlarmChange> {
        let mut affected: Vec<Cell> = Vec::new();
        for (param, value) in values {
            let monitored = self.entries.is_monitored(*param);
            if !monitored && !self.dependents.contains_key(param) {
                continue;
            }
            let cell = Cell {
                param: *param,
                key: key.cloned(),
            };
            self.values.insert(cell.clone(), value.clone());
            affected.extend(self.dependent_cells(&cell));
            affected.extend(monitored.then_some(cell));
        }
        let mut changes = self.look_at_all(affected, now, why, around);
        if let Some(key) = key.filter(|_| self.open_rows > 0) {
            changes.extend(self.rename(values, key, now, around));
        }
        changes
    }

    /// Looks at cells, and at those that the changes of their severities decide about.
    fn look_at_all(
        &mut self,
        mut affected: Vec<Cell>,
        now: Moment,
        why: Why,
        around: &impl Surroundings,
    ) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        let mut looked_at = BTreeSet::new();
        while !affected.is_empty() {
            affected.sort();
            affected.dedup();
            let mut next = Vec::new();
            for cell in affected {
                let before = self.severity(&cell);
                let Some(change) = self.look_at(&cell, before, now, why, around) else {
                    continue;
                };
                // Entries that decide about each other come to rest.
                if change.severity != before && looked_at.insert(cell.clone()) {
                    next.extend(self.dependent_cells(&cell));
                }
                changes.push(change);
            }
            affected = next;
        }
        changes
    }

    /// A row is gone, and its alarms with it (ALM-55).
    pub fn remove_row(&mut self, table: ParamId, key: &Arc<str>, now: Moment) -> Vec<AlarmChange> {
        let columns = self.columns(table);
        let cells = columns.into_iter().map(|param| Cell {
            param,
            key: Some(Arc::clone(key)),
        });
        let mut changes = Vec::new();
        for cell in cells {
            let value = self.values.remove(&cell);
            changes.extend(self.become_undefined(&cell, value.as_ref(), now));
        }
        changes
    }

    /// The alarms of volatile tables end: the element stops, and nothing of them is kept (ALM-1).
    pub fn end_volatile(&mut self, now: Moment) -> Vec<AlarmChange> {
        let states = self.states.keys();
        let cells: Vec<Cell> = states.filter(|cell| self.is_volatile(cell)).cloned().collect();
        let mut changes = Vec::new();
        for cell in cells {
            let value = self.values.remove(&cell);
            changes.extend(self.become_undefined(&cell, value.as_ref(), now));
        }
        changes
    }

    /// When something changes by itself next.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Moment> {
        let first = [self.ends.first(), self.due.first()];
        first.into_iter().flatten().map(|(at, _)| *at).min()
    }

    /// Ends the alarms that are due to (ALM-21), and lets severities count that have lasted (ALM-32).
    pub fn tick(&mut self, now: Moment, around: &impl Surroundings) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        while let Some((at, cell)) = self.ends.first().cloned()
            && at <= now
        {
            self.ends.remove(&(at, cell.clone()));
            changes.extend(self.end(&cell, now));
        }
        while let Some((at, cell)) = self.due.first().cloned()
            && at <= now
        {
            self.due.remove(&(at, cell.clone()));
            if let Some(state) = self.states.get_mut(&cell) {
                state.due = None;
            }
            changes.extend(self.look_at_all(vec![cell], now, Why::Value, around));
        }
        changes
    }

    /// Somebody clears an alarm that waits for it (ALM-45); none when there is no such alarm.
    pub fn clear(&mut self, root: u64, now: Moment) -> Option<AlarmChange> {
        let is_it = |state: &State| {
            let alarm = state.alarm.as_ref();
            alarm.is_some_and(|alarm| alarm.root == root && alarm.clearable)
        };
        let cell = self.states.iter().find(|(_, state)| is_it(state))?.0.clone();
        self.end(&cell, now)
    }

    /// How bad a cell is; none when that is undefined.
    #[must_use]
    pub fn severity(&self, cell: &Cell) -> Option<Severity> {
        let state = self.states.get(cell)?;
        // An alarm that ended by itself is over, whatever the value is.
        Some(state.alarm.as_ref().map_or(Severity::Normal, |_| state.hit.severity))
    }

    /// The cells that a cell decides about.
    fn dependent_cells(&self, cell: &Cell) -> Vec<Cell> {
        let dependents = self.dependents.get(&cell.param).into_iter().flatten();
        let cells = dependents.flat_map(|&dependent| self.cells_of(dependent, cell.key.as_ref()));
        cells.collect()
    }

    /// The cells of a monitored parameter: the one of the row when it is a column, and what decides is one too.
    fn cells_of(&self, param: ParamId, key: Option<&Arc<str>>) -> Vec<Cell> {
        match (self.is_column(param), key) {
            (true, None) => {
                let first = Cell { param, key: None };
                let cells = self.values.range(first..).map(|(cell, _)| cell);
                cells.take_while(|cell| cell.param == param).cloned().collect()
            }
            (true, Some(key)) => vec![Cell {
                param,
                key: Some(Arc::clone(key)),
            }],
            (false, _) => vec![Cell { param, key: None }],
        }
    }

    pub(super) fn is_column(&self, param: ParamId) -> bool {
        self.protocol
            .param(param)
            .is_some_and(|param| param.column_of.is_some())
    }

    pub(super) fn is_volatile(&self, cell: &Cell) -> bool {
        let column = self.protocol.param(cell.param).and_then(|param| param.column_of);
        let table = column.and_then(|column| self.protocol.param(column.table)?.table.as_ref());
        table.is_some_and(|table| table.volatile)
    }

    pub(super) fn columns(&self, table: ParamId) -> Vec<ParamId> {
        let table = self.protocol.param(table).and_then(|param| param.table.as_ref());
        let columns = table.into_iter().flat_map(|table| &table.columns);
        columns.map(|column| column.pid).collect()
    }

    /// The cell of a parameter that decides about another cell: in the same row when it is a column.
    pub(super) fn beside(&self, cell: &Cell, param: ParamId) -> Cell {
        let key = cell.key.as_ref().filter(|_| self.is_column(param));
        Cell {
            param,
            key: key.cloned(),
        }
    }
}

/// What a condition asks about a cell.
pub(super) struct Beside<'a> {
    pub(super) monitor: &'a Monitor,
    pub(super) cell: &'a Cell,
}

impl Facts for Beside<'_> {
    fn value(&self, param: ParamId) -> Value {
        let beside = self.monitor.beside(self.cell, param);
        self.monitor.values.get(&beside).cloned().unwrap_or_default()
    }

    fn severity(&self, param: ParamId) -> Option<Severity> {
        self.monitor.severity(&self.monitor.beside(self.cell, param))
    }
}

#[cfg(test)]
mod tests;
