//! Rows of tables, as QActions and the engine change them: memory, what the outside is told, what is saved, which change
//! events follow.
//!
//! Rules: TBL-70 to TBL-94, PAR-44, SAV-10 to SAV-12, QAP-14, CHG-6.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::call::Outcome;
use crate::engine::chain::Frame;
use crate::engine::change::{ChangesFrame, Fires, RowOfChange};
use crate::engine::effect::{Effect, LogLevel, Origin, RowChange, RowChangeKind};
use crate::engine::port::{Answer, RowsChange};
use crate::engine::qaction::CellAction;
use crate::engine::saved::{Record, SavedRow};
use crate::engine::table::delta::{CellDelta, Changes, Note, RowDelta};
use crate::engine::table::refused::TableRefused;
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::table::TableDef;
use crate::model::value::Value;

mod delta_column;
mod look_up;

/// Notes of one call that are logged; the number of the others follows.
const NOTES_LOGGED: usize = 10;

impl Engine {
    /// Sets cells of one row, by idx. Gives their events and which cells changed; none when the row does not exist.
    pub(in crate::engine) fn set_cells(
        &mut self,
        table: ParamId,
        key: &Arc<str>,
        cells: Vec<(usize, CellAction)>,
        by: Origin,
        fires: Fires,
    ) -> Option<(ChangesFrame, Vec<bool>)> {
        let width = cells.iter().map(|(idx, _)| idx + 1).max().unwrap_or_default();
        let mut row = vec![CellAction::Leave; width];
        for (idx, cell) in cells {
            row[idx] = cell;
        }
        let changes = self.tables.get_mut(&table)?.set_row(key, &row);
        let changes = self.done_or_log(table, changes)?;
        let flags = changes.changed_cells(width);
        Some((self.publish(table, changes, by, fires), flags))
    }

    /// Adds a row with these cells, by idx, and its key; gives its events. None when the table is full.
    pub(super) fn add_cells(
        &mut self,
        table: ParamId,
        key: &str,
        cells: Vec<(usize, Value)>,
        by: Origin,
    ) -> Option<ChangesFrame> {
        let index = self.protocol.param(table)?.table.as_ref()?.index;
        let mut row = vec![Value::Uninitialised; self.width(table)];
        for (idx, value) in cells {
            row[idx] = value;
        }
        row[index] = Value::from(key);
        let added = self.tables.get_mut(&table)?.add_row(&row);
        let added = self.done_or_log(table, added)?;
        Some(self.publish(table, added.changes, by, Fires::OnChange))
    }

    /// Removes all rows, also for clients and in the store.
    pub(in crate::engine) fn clear_table(&mut self, table: ParamId, by: Origin) -> bool {
        let Some(changes) = self.tables.get_mut(&table).map(crate::engine::table::Table::clear) else {
            return false;
        };
        let had_rows = !changes.rows.is_empty();
        self.publish(table, changes, by, Fires::OnChange);
        had_rows
    }

    /// Carries out a call that changes rows; `of` is the time of all its values that have none of their own (TBL-91).
    pub(in crate::engine) fn change_rows(&mut self, call: RowsChange, by: Origin, of: Option<i64>) -> Outcome {
        match call {
            RowsChange::Add(table, cells) => {
                let added = self
                    .tables
                    .get_mut(&table)
                    .map_or(Err(TableRefused::RowMissing), |rows| rows.add_row(&cells));
                match self.done_or_log(table, added) {
                    Some(added) => {
                        let answer = Answer::Key(Some(added.key));
                        self.then(table, added.changes, (by, of), Fires::Assigned, answer)
                    }
                    None => Outcome::Answer(Answer::Key(None)),
                }
            }
            RowsChange::Set(table, key, cells) => {
                let width = self.width(table);
                let changes = self
                    .tables
                    .get_mut(&table)
                    .map_or(Err(TableRefused::RowMissing), |rows| rows.set_row(&key, &cells));
                match self.done_or_log(table, changes) {
                    Some(changes) => {
                        let flags = changes.changed_cells(width);
                        self.then(table, changes, (by, of), Fires::Assigned, Answer::Flags(Some(flags)))
                    }
                    None => Outcome::Answer(Answer::Flags(None)),
                }
            }
            RowsChange::SetCell(table, key, idx, value) => {
                let changes = self
                    .tables
                    .get_mut(&table)
                    .map_or(Err(TableRefused::CellRowMissing), |rows| {
                        rows.set_cell(&key, idx, value)
                    });
                match self.done_or_log(table, changes) {
                    Some(changes) => {
                        let changed = changes.changed_cells(idx + 1).get(idx).copied().unwrap_or_default();
                        self.then(table, changes, (by, of), Fires::Assigned, Answer::Truth(changed))
                    }
                    None => Outcome::Answer(Answer::Truth(false)),
                }
            }
            RowsChange::Fill(table, columns, fill) => {
                let changes = self
                    .tables
                    .get_mut(&table)
                    .map_or(Err(TableRefused::RowMissing), |rows| rows.fill(&columns, fill));
                self.filled(table, changes, (by, of))
            }
            RowsChange::SetCells(table, cells) => self.set_cells_of(table, cells, by, of),
            RowsChange::FillColumns(table, columns, keys) => {
                let changes = self
                    .tables
                    .get_mut(&table)
                    .map_or(Err(TableRefused::RowMissing), |rows| {
                        // What is no column has an idx that no table has.
                        let idx = |column| rows.idx(column).unwrap_or(usize::MAX);
                        let placed: Vec<_> = columns
                            .into_iter()
                            .map(|(column, cells)| (idx(column), cells))
                            .collect();
                        rows.fill_columns(&placed, &keys)
                    });
                self.filled(table, changes, (by, of))
            }
            RowsChange::Delete(table, keys) => {
                if let Some(changes) = self.tables.get_mut(&table).map(|rows| rows.delete_rows(&keys)) {
                    self.publish(table, changes, by, Fires::OnChange);
                }
                Outcome::Answer(Answer::Count(self.count_rows(table)))
            }
            RowsChange::Clear(table) => {
                let answer = match (self.tables.contains_key(&table), self.clear_table(table, by)) {
                    (false, _) => 1,
                    (true, true) => 0,
                    (true, false) => -1,
                };
                Outcome::Answer(Answer::Count(answer))
            }
        }
    }

    fn filled(&mut self, table: ParamId, changes: Result<Changes, TableRefused>, by: (Origin, Option<i64>)) -> Outcome {
        match self.done_or_log(table, changes) {
            Some(changes) => self.then(table, changes, by, Fires::OnChange, Answer::Truth(true)),
            None => Outcome::Answer(Answer::Truth(false)),
        }
    }

    fn then(
        &mut self,
        table: ParamId,
        changes: Changes,
        (by, of): (Origin, Option<i64>),
        fires: Fires,
        answer: Answer,
    ) -> Outcome {
        let events = self.publish_at(table, changes, by, fires, of);
        if events.is_empty() {
            Outcome::Answer(answer)
        } else {
            Outcome::Then(Frame::Changes(events), answer)
        }
    }

    /// Tells the outside what changed, saves what is to be saved, and gives the change events that follow.
    pub(in crate::engine) fn publish(
        &mut self,
        table: ParamId,
        changes: Changes,
        by: Origin,
        fires: Fires,
    ) -> ChangesFrame {
        self.publish_at(table, changes, by, fires, None)
    }

    /// The same for values that are of a time; a value may have one of its own (TBL-91, TBL-92).
    pub(in crate::engine) fn publish_at(
        &mut self,
        table: ParamId,
        mut changes: Changes,
        by: Origin,
        fires: Fires,
        of: Option<i64>,
    ) -> ChangesFrame {
        let protocol = Arc::clone(&self.protocol);
        let Some((param, definition)) = protocol
            .param(table)
            .and_then(|param| Some((param, param.table.as_ref()?)))
        else {
            return ChangesFrame::new(Vec::new(), by);
        };
        self.log_notes(param, &changes.notes);
        self.write_deltas(table, definition, &mut changes);
        let mut events = Vec::new();
        for row in changes.rows {
            let counts = |cell: &CellDelta| cell.differs() || (fires == Fires::Assigned && cell.assigned);
            let mut cells = Vec::with_capacity(row.cells.len());
            let mut reacting = Vec::new();
            let mut times: Vec<(usize, i64)> = Vec::new();
            for cell in row.cells.iter().filter(|cell| counts(cell)) {
                let pid = definition.columns[cell.idx].pid;
                cells.push((pid, cell.new.clone()));
                if let Some(of) = cell
                    .of
                    .or(of)
                    .filter(|_| cell.idx == definition.index || self.takes_time(pid))
                {
                    times.push((cell.idx, of));
                }
                if protocol.reacts_to(pid) {
                    reacting.push(pid);
                }
            }
            if row.kind == RowChangeKind::Updated && cells.is_empty() {
                continue;
            }
            self.effects.push(Effect::Row(RowChange {
                table,
                key: Arc::clone(&row.key),
                position: row.position,
                change: row.kind,
                cells,
                times: times
                    .iter()
                    .map(|&(idx, of)| (definition.columns[idx].pid, of))
                    .collect(),
                by,
            }));
            self.save_row(table, definition, &row);
            if !reacting.is_empty() {
                let now = self
                    .tables
                    .get(&table)
                    .and_then(|rows| rows.row(&row.key))
                    .map_or(&[][..], |(_, cells)| cells);
                let mut context = row_of_change(table, definition, &row, now);
                context.times = times;
                let context = Arc::new(context);
                events.extend(reacting.into_iter().map(|pid| (pid, Some(Arc::clone(&context)))));
            }
        }
        ChangesFrame::new(events, by)
    }

    /// Saves a row whose saved cells changed (SAV-10, SAV-12).
    fn save_row(&mut self, table: ParamId, definition: &TableDef, row: &RowDelta) {
        if definition.volatile {
            return;
        }
        let key = Arc::clone(&row.key);
        let saved_differs = || {
            row.cells
                .iter()
                .any(|cell| definition.columns[cell.idx].saved && cell.differs())
        };
        let record = match row.kind {
            RowChangeKind::Removed => Record::RowRemoved { table, key },
            RowChangeKind::Updated if !saved_differs() => return,
            RowChangeKind::Added | RowChangeKind::Updated => {
                let Some((position, cells)) = self.tables.get(&table).and_then(|rows| rows.row(&row.key)) else {
                    return;
                };
                let saved = definition
                    .columns
                    .iter()
                    .zip(cells)
                    .filter(|(column, cell)| column.saved && cell.is_initialised());
                let secret = |pid| self.protocol.param(pid).is_some_and(Param::is_secret);
                let cells = saved
                    .map(|(column, cell)| (column.pid, cell.clone(), secret(column.pid)))
                    .collect();
                Record::Row(SavedRow {
                    table,
                    key,
                    position,
                    cells,
                })
            }
        };
        self.effects.push(Effect::Save(record));
    }

    fn width(&self, table: ParamId) -> usize {
        self.protocol
            .param(table)
            .and_then(|param| param.table.as_ref())
            .map_or(0, |table| table.columns.len())
    }

    pub(super) fn done_or_log<T>(&mut self, table: ParamId, result: Result<T, TableRefused>) -> Option<T> {
        let protocol = Arc::clone(&self.protocol);
        match (result, protocol.param(table)) {
            (Ok(done), _) => Some(done),
            (Err(refused), Some(param)) => {
                self.log(LogLevel::Error, refused.text(param));
                None
            }
            (Err(refused), None) => {
                self.log(
                    LogLevel::Error,
                    format!("there is no table {table}. {:#x}", refused.hresult()),
                );
                None
            }
        }
    }

    fn log_notes(&mut self, table: &Param, notes: &[Note]) {
        let name = format!("Table [{} [{}]]", table.description, table.id);
        for note in notes.iter().take(NOTES_LOGGED) {
            let text = match note {
                Note::InvalidNumber(key, idx) => {
                    format!("{name}: the value for column {idx} of row \"{key}\" is no number")
                }
                Note::KeyMissing(row) => format!("{name}: row {row} of the call has no key and was skipped"),
                Note::KeyRepeated(key) => {
                    format!("{name}: key \"{key}\" stands in the call more than once, the last one counts")
                }
                Note::Full => format!("{name}: Reached maximum number of rows"),
                Note::NearlyFull => format!("{name}: nearly reached the maximum number of rows"),
            };
            self.log(LogLevel::Warning, text);
        }
        if let Some(more) = notes.len().checked_sub(NOTES_LOGGED).filter(|more| *more > 0) {
            self.log(
                LogLevel::Warning,
                format!("{name}: {more} further notes on the same call"),
            );
        }
    }
}

/// What a row QAction sees of the row: the cells in the set, and when the table preserves state, all as they were.
fn row_of_change(table: ParamId, definition: &TableDef, row: &RowDelta, now: &[Value]) -> RowOfChange {
    let mut new_row = vec![None; definition.columns.len()];
    let mut old_row = now.to_vec();
    for cell in &row.cells {
        new_row[cell.idx] = Some(cell.new.clone());
        old_row[cell.idx] = cell.old.clone();
    }
    RowOfChange {
        table,
        key: Arc::clone(&row.key),
        new_row,
        times: Vec::new(),
        old_row: definition.preserve_state.then_some(old_row),
    }
}
