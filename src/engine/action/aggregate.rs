//! The action `aggregate`: values of one table, grouped and counted up into another.
//!
//! ```text
//! status 1 → rows of the source: group, allowed?, equations → results → rows of the destination → defaults → status 0
//! ```
//!
//! `threaded` gives it a chain of its own: whoever reached the action goes on first.
//!
//! Rules: ACT-20 to ACT-23.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;

use crate::engine::Engine;
use crate::engine::action::by;
use crate::engine::action::tally::Tally;
use crate::engine::chain::{Frame, Next};
use crate::engine::change::{ChangesFrame, Fires};
use crate::engine::effect::LogLevel;
use crate::engine::qaction::CellAction;
use crate::model::action::ActionKind;
use crate::model::aggregate::{Aggregate, Equation, GroupBy, Relation, Subject, ValueTest, With};
use crate::model::condition::Comparison;
use crate::model::id::{ActionId, ParamId};
use crate::model::value::{Value, parse_number};

/// Foreign keys that are followed from one table to another at most.
const LONGEST_PATH: usize = 8;

/// One aggregation at work.
pub(in crate::engine) struct AggregateFrame {
    id: ActionId,
    /// The columns still to aggregate.
    columns: std::vec::IntoIter<ParamId>,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Busy,
    Column,
    Failed,
    End,
}

/// What is written to `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Finished,
    Busy,
    Failed,
}

/// The groups of one column: by key, in order of first appearance.
#[derive(Default)]
struct Groups {
    places: BTreeMap<String, usize>,
    groups: Vec<(String, Vec<Value>, Tally)>,
}

impl Groups {
    fn at(&mut self, key: &str, values: &[Value]) -> &mut Tally {
        let place = *self.places.entry(key.to_owned()).or_insert_with(|| {
            self.groups.push((key.to_owned(), values.to_vec(), Tally::default()));
            self.groups.len() - 1
        });
        &mut self.groups[place].2
    }
}

impl AggregateFrame {
    pub(super) fn new(id: ActionId, columns: Vec<ParamId>) -> Self {
        Self {
            id,
            columns: columns.into_iter(),
            stage: Stage::Busy,
        }
    }

    pub(in crate::engine) fn step(&mut self, engine: &mut Engine) -> Next {
        let protocol = Arc::clone(&engine.protocol);
        let Some(ActionKind::Aggregate(aggregate, _)) = protocol.action(self.id).map(|action| &action.kind) else {
            return Next::Done;
        };
        match self.stage {
            Stage::Busy => {
                self.stage = Stage::Column;
                engine.tell_status(self.id, aggregate, Status::Busy)
            }
            Stage::Column => {
                let Some(column) = self.columns.next() else {
                    self.stage = Stage::End;
                    return engine.tell_status(self.id, aggregate, Status::Finished);
                };
                match engine.aggregate(self.id, aggregate, column) {
                    Ok(changes) => Next::Call(Frame::Changes(changes)),
                    Err(why) => {
                        let text = format!("action {} does not aggregate parameter {column}: {why}", self.id);
                        engine.log(LogLevel::Error, text);
                        self.stage = Stage::Failed;
                        Next::Again
                    }
                }
            }
            Stage::Failed => {
                self.stage = Stage::End;
                engine.tell_status(self.id, aggregate, Status::Failed)
            }
            Stage::End => Next::Done,
        }
    }
}

impl Engine {
    fn tell_status(&mut self, id: ActionId, aggregate: &Aggregate, status: Status) -> Next {
        let protocol = Arc::clone(&self.protocol);
        let Some(param) = aggregate.status.and_then(|id| protocol.param(id)) else {
            return Next::Again;
        };
        let number = match status {
            Status::Finished => 0.0,
            Status::Busy => 1.0,
            Status::Failed => 2.0,
        };
        self.set_by_action(id, param, &Value::Number(number))
    }

    /// Aggregates one column, and gives the change events of what it wrote.
    fn aggregate(&mut self, id: ActionId, aggregate: &Aggregate, column: ParamId) -> Result<ChangesFrame, String> {
        let groups = self.groups(aggregate, column)?;
        let total: f64 = groups.groups.iter().map(|(_, _, tally)| tally.counted()).sum();
        let has_own_columns = match &aggregate.group_by {
            GroupBy::Columns(columns) => columns.len() == 1 || columns.iter().any(|(_, to)| to.is_some()),
            GroupBy::Table(_) | GroupBy::Returned => true,
        };
        let mut results: Vec<(String, Vec<(ParamId, Value)>)> = Vec::new();
        for (key, values, tally) in groups.groups {
            let Some(numbers) = tally.results(aggregate.function, total, aggregate.avoid_zero) else {
                continue;
            };
            let numbers = numbers.into_iter().map(Value::Number);
            let mut cells: Vec<(ParamId, Value)> = Vec::new();
            if let GroupBy::Columns(columns) = &aggregate.group_by {
                let own = columns.iter().zip(&values);
                cells.extend(own.filter_map(|((_, to), value)| Some(((*to)?, value.clone()))));
            }
            // Without columns of their own the values of several groupings come first (ACT-20).
            let first = if has_own_columns { Vec::new() } else { values };
            cells.extend(aggregate.returns.iter().copied().zip(first.into_iter().chain(numbers)));
            results.push((key, cells));
        }
        let Some(table) = self.destination(aggregate) else {
            return Ok(self.put_single(id, &results));
        };
        let mut events = Vec::new();
        for (key, cells) in &results {
            let is_there = self.tables.get(&table).is_some_and(|rows| rows.contains(key));
            if aggregate.limit_result && !is_there {
                continue;
            }
            events.extend(self.put_cells(id, table, key, cells));
        }
        events.extend(self.put_defaults(id, table, aggregate, &results));
        Ok(ChangesFrame::joined(events, by(id)))
    }

    /// The table that the results go to; none when they go to single parameters.
    fn destination(&self, aggregate: &Aggregate) -> Option<ParamId> {
        let first = aggregate.returns.first()?;
        self.protocol.param(*first)?.column_of.map(|column| column.table)
    }

    /// Sorts the rows of the source into groups, with what counts of each.
    fn groups(&self, aggregate: &Aggregate, column: ParamId) -> Result<Groups, String> {
        let place = self
            .protocol
            .param(column)
            .and_then(|param| param.column_of)
            .ok_or("it is no column")?;
        let rows = self.tables.get(&place.table).ok_or("it is no column")?;
        let weight = aggregate.weight.and_then(|id| rows.idx(id));
        let patterns = self.patterns(aggregate)?;
        let mut groups = Groups::default();
        let target = match aggregate.group_by {
            GroupBy::Columns(_) => None,
            GroupBy::Table(table) => Some(table),
            GroupBy::Returned => self.destination(aggregate),
        };
        if let Some(target) = target {
            // Every row there has a result, also those that no row of the source belongs to.
            for key in self.tables.get(&target).into_iter().flat_map(|rows| rows.keys()) {
                groups.at(key, &[]);
            }
        }
        for (key, _, cells) in rows.rows() {
            let (group, values) = match (&aggregate.group_by, target) {
                (GroupBy::Columns(columns), _) => {
                    let values: Vec<Value> = columns
                        .iter()
                        .map(|&(idx, _)| cells.get(idx).cloned().unwrap_or_default())
                        .collect();
                    let texts: Vec<String> = values.iter().map(|value| value.to_text().to_string()).collect();
                    if texts.iter().any(String::is_empty) {
                        continue;
                    }
                    (texts.join("."), values)
                }
                (GroupBy::Table(_) | GroupBy::Returned, Some(target)) => {
                    let Some(linked) = self.linked(place.table, key, target, LONGEST_PATH) else {
                        continue;
                    };
                    (linked.to_string(), Vec::new())
                }
                (GroupBy::Table(_) | GroupBy::Returned, None) => (String::new(), Vec::new()),
            };
            let tally = groups.at(&group, &values);
            let value = cells.get(place.idx).cloned().unwrap_or_default();
            let weight = weight.map_or(1.0, |idx| cells[idx].as_number().unwrap_or_default());
            let holds = |test: &ValueTest| {
                let cell = test.column.map_or(Some(&value), |idx| cells.get(idx));
                cell.is_some_and(|cell| equals(cell, &test.value))
            };
            let ignored = aggregate.ignore.iter().find(|test| holds(test));
            let is_allowed = aggregate.allow.is_empty() || aggregate.allow.iter().any(holds);
            if ignored.is_some() || !is_allowed {
                // What is passed over for its own value still counts among the rows of a percentage (ACT-22).
                if ignored.is_some_and(|test| test.column.is_none()) {
                    tally.pass_over(weight);
                }
                continue;
            }
            let mut equations = aggregate.equations.iter().zip(&patterns);
            let meets =
                equations.all(|(equation, pattern)| self.meets(equation, pattern.as_ref(), &value, place.table, key));
            tally.add(&value, weight, meets);
        }
        Ok(groups)
    }

    /// The patterns of the equations that have one.
    fn patterns(&self, aggregate: &Aggregate) -> Result<Vec<Option<Regex>>, String> {
        let pattern = |equation: &Equation| match equation.relation {
            Relation::Is(_) => Ok(None),
            Relation::Matches => Regex::new(&self.compared_with(equation))
                .map(Some)
                .map_err(|_| "the regular expression cannot be read".to_owned()),
        };
        aggregate.equations.iter().map(pattern).collect()
    }

    fn compared_with(&self, equation: &Equation) -> String {
        match &equation.with {
            With::Literal(text) => text.clone(),
            With::Param(id) => self.params.get(*id).to_text().to_string(),
        }
    }

    fn meets(&self, equation: &Equation, pattern: Option<&Regex>, value: &Value, table: ParamId, key: &str) -> bool {
        let cell = |column: ParamId, row: &str| {
            let place = self.protocol.param(column).and_then(|param| param.column_of)?;
            let row = self.linked(table, row, place.table, LONGEST_PATH)?;
            self.tables.get(&place.table)?.get_cell(&row, place.idx).ok().cloned()
        };
        let subject = match &equation.subject {
            Subject::Value => Some(value.clone()),
            Subject::Param(id) => Some(self.params.get(*id).clone()),
            Subject::Column(column) => cell(*column, key),
            Subject::Cell(column, row) => {
                let place = self.protocol.param(*column).and_then(|param| param.column_of);
                place.and_then(|place| self.tables.get(&place.table)?.get_cell(row, place.idx).ok().cloned())
            }
        };
        let Some(subject) = subject else { return false };
        match (equation.relation, pattern) {
            (Relation::Matches, Some(pattern)) => pattern.is_match(&subject.to_text()),
            (Relation::Matches, None) => false,
            (Relation::Is(comparison), _) => compares(&subject, comparison, &self.compared_with(equation)),
        }
    }

    /// The row of another table that a row belongs to, over foreign keys.
    fn linked(&self, table: ParamId, key: &str, target: ParamId, steps: usize) -> Option<Arc<str>> {
        if table == target {
            return Some(Arc::from(key));
        }
        let definition = self.protocol.param(table)?.table.as_ref()?;
        let (_, cells) = self.tables.get(&table)?.row(key)?;
        let mut links = definition.columns.iter().zip(cells);
        links.find_map(|(column, cell)| {
            let next = column.foreign_key.filter(|_| steps > 0 && cell.is_initialised())?;
            self.linked(next, &cell.to_text(), target, steps - 1)
        })
    }

    /// Results for single parameters: those of the only group.
    fn put_single(&mut self, id: ActionId, results: &[(String, Vec<(ParamId, Value)>)]) -> ChangesFrame {
        let protocol = Arc::clone(&self.protocol);
        let mut events = Vec::new();
        for (param, value) in results.iter().flat_map(|(_, cells)| cells) {
            let Some(param) = protocol.param(*param) else { continue };
            if self.store(param, value, by(id), Fires::OnChange) == crate::engine::params::Stored::Event {
                events.push((param.id, None));
            }
        }
        ChangesFrame::new(events, by(id))
    }

    /// Writes cells of a row, which is added when it is not there.
    fn put_cells(
        &mut self,
        id: ActionId,
        table: ParamId,
        key: &str,
        cells: &[(ParamId, Value)],
    ) -> Option<ChangesFrame> {
        let rows = self.tables.get(&table)?;
        let by_idx: Vec<(usize, Value)> = cells
            .iter()
            .filter_map(|(column, value)| Some((rows.idx(*column)?, value.clone())))
            .collect();
        if !rows.contains(key) {
            return self.add_cells(table, key, by_idx, by(id));
        }
        let cells = by_idx.into_iter().map(|(idx, value)| (idx, CellAction::Set(value)));
        let set = self.set_cells(table, &Arc::from(key), cells.collect(), by(id), Fires::OnChange);
        set.map(|(changes, _)| changes)
    }

    /// `defaultValue` for the rows that this run gave no result (ACT-23).
    fn put_defaults(
        &mut self,
        id: ActionId,
        table: ParamId,
        aggregate: &Aggregate,
        results: &[(String, Vec<(ParamId, Value)>)],
    ) -> Vec<ChangesFrame> {
        if aggregate.defaults.is_empty() {
            return Vec::new();
        }
        let has_result = |key: &str| results.iter().any(|(other, _)| other == key);
        let is_meant = |cells: &[Value]| match &aggregate.default_if {
            Some((idx, value)) => cells.get(*idx).is_some_and(|cell| equals(cell, value)),
            None => true,
        };
        let without: Vec<Arc<str>> = self.tables.get(&table).map_or_else(Vec::new, |rows| {
            rows.rows()
                .filter(|(key, _, cells)| !has_result(key) && is_meant(cells))
                .map(|(key, _, _)| Arc::clone(key))
                .collect()
        });
        let defaults = aggregate.defaults.clone();
        without
            .iter()
            .filter_map(|key| self.put_cells(id, table, key, &defaults))
            .collect()
    }
}

/// Whether a cell is this value: as numbers when both are, else as texts.
fn equals(cell: &Value, text: &str) -> bool {
    cell.is_initialised() && compares(cell, Comparison::Equal, text)
}

fn compares(cell: &Value, comparison: Comparison, text: &str) -> bool {
    let number = |value: &Value| value.as_number().or_else(|| parse_number(&value.to_text()));
    let ordering = match (number(cell), parse_number(text)) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        (None | Some(_), None | Some(_)) => Some(cell.to_text().as_ref().cmp(text)),
    };
    let Some(ordering) = ordering else {
        return comparison == Comparison::NotEqual;
    };
    match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::NotEqual => ordering.is_ne(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
    }
}
