//! A change event: what a set of a parameter or of a cell sets in motion, in order.
//!
//! Steps (CHG-1): triggers, dynamic IP (and the timer base, TIM-16), save, setter copy, QActions. Each is complete, with everything that it causes, before the
//! next begins. SNMP sets, distribution and dynamic SNMP gets do not exist here.
//!
//! Rules: CHG-1, CHG-2, CHG-11 to CHG-14, QA-20, QA-21, QA-26, TBL-79, TBL-101, TBL-102.

use std::sync::Arc;
use std::vec::IntoIter;

use crate::engine::Engine;
use crate::engine::chain::{Context, Frame, Next};
use crate::engine::effect::Origin;
use crate::engine::params::Stored;
use crate::engine::qaction::CellAction;
use crate::engine::run_qaction::{Cause, QActionsFrame};
use crate::engine::trigger::{Item, fire};
use crate::model::id::ParamId;
use crate::model::param::{ColumnOf, Param};
use crate::model::protocol::Protocol;
use crate::model::reactions::Fired;
use crate::model::value::Value;

/// One change event.
pub(super) struct ChangeFrame {
    param: ParamId,
    row: Option<Arc<RowOfChange>>,
    by: Origin,
    step: ChangeStep,
}

/// The row that a change of a cell is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowOfChange {
    pub(super) table: ParamId,
    pub(super) key: Arc<str>,
    /// The cells in the set, by idx.
    pub(super) new_row: Vec<Option<Value>>,
    /// The times that they are of, by idx, where that is not now.
    pub(super) times: Vec<(usize, i64)>,
    /// The cells before, when the table preserves state.
    pub(super) old_row: Option<Vec<Value>>,
}

#[derive(Debug, Clone, Copy)]
enum ChangeStep {
    Triggers,
    /// Dynamic IP, save, setter copy.
    Stores,
    QActions,
}

impl ChangeFrame {
    /// The parameter that changed.
    pub(super) const fn param(&self) -> ParamId {
        self.param
    }

    /// The change event of a single parameter.
    pub(super) const fn new(param: ParamId, by: Origin) -> Self {
        Self {
            param,
            row: None,
            by,
            step: ChangeStep::Triggers,
        }
    }

    /// The change event of a cell: `param` is the column, or its write.
    pub(super) const fn of_cell(param: ParamId, row: Arc<RowOfChange>, by: Origin) -> Self {
        Self {
            param,
            row: Some(row),
            by,
            step: ChangeStep::Triggers,
        }
    }

    pub(super) fn step(&mut self, engine: &mut Engine, context: &Context) -> Next {
        let protocol = &context.protocol;
        if let ChangeStep::Triggers = self.step {
            self.step = ChangeStep::Stores;
            let triggers = protocol.triggers_on(Fired::ParameterChange(self.param));
            if !triggers.is_empty() {
                return fire(triggers, Item::Param(self.param));
            }
        }
        if let ChangeStep::Stores = self.step {
            self.step = ChangeStep::QActions;
            if let Some(param) = protocol.param(self.param) {
                engine.take_target(param);
                engine.take_timer_base(param.id);
                engine.save_param(param);
                if let Some(next) = self.copy_to_read(protocol, param, engine) {
                    return next;
                }
            }
        }
        if protocol.qactions_on(self.param).next().is_none() {
            return Next::Done;
        }
        let cause = Cause::Change {
            param: self.param,
            row: self.row.clone(),
        };
        Next::Become(Frame::QActions(QActionsFrame::on(engine, cause)))
    }

    /// The setter copy: an engine set of the read (CHG-11, CHG-12), of a cell its cell (TBL-101).
    fn copy_to_read(&self, protocol: &Protocol, write: &Param, engine: &mut Engine) -> Option<Next> {
        if !(write.setter && write.is_write()) {
            return None;
        }
        let read = write.partner.and_then(|id| protocol.param(id))?;
        let value = engine.params.get(write.id).clone();
        let by = self.by;
        let cell = self.row.as_ref().zip(read.column_of);
        if let Some((row, column)) = cell.and_then(|(row, column)| Some((row, stored_at(protocol, row, column)?))) {
            let cells = engine.set_cells(
                row.table,
                &row.key,
                vec![(column, CellAction::Set(value))],
                by,
                Fires::OnChange,
            );
            return cells.map(|(changes, _)| Next::Call(Frame::Changes(changes)));
        }
        if read.column_of.is_some() {
            // A set without a row: there is no cell to copy to (CHG-13).
            return None;
        }
        match engine.store(read, &value, by, Fires::OnChange) {
            Stored::Event => Some(Next::Call(Frame::Change(Self::new(read.id, by)))),
            Stored::Silent | Stored::Refused => None,
        }
    }
}

/// The idx at which the row holds a column: that of the column itself, or of the one that a view shows (TBL-120).
fn stored_at(protocol: &Protocol, row: &RowOfChange, column: ColumnOf) -> Option<usize> {
    if column.table == row.table {
        return Some(column.idx);
    }
    let view = protocol.param(column.table)?.table.as_ref()?;
    let shown = view.columns.get(column.idx)?.view.as_ref()?;
    (shown.table == row.table && shown.hops.is_empty()).then_some(shown.idx)
}

/// Which sets raise change events (CHG-5, CHG-6, TBL-79).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fires {
    /// All, equal or not: parameter, cell and row sets of QActions.
    Assigned,
    /// Those that change something: fills, and the engine's own sets.
    OnChange,
}

/// The change events of several values that were all stored before the first event (HTTP-37, TBL-79).
pub(super) struct ChangesFrame {
    changes: IntoIter<(ParamId, Option<Arc<RowOfChange>>)>,
    by: Origin,
}

impl ChangesFrame {
    /// Events in this order.
    pub(super) fn new(changes: Vec<(ParamId, Option<Arc<RowOfChange>>)>, by: Origin) -> Self {
        Self {
            changes: changes.into_iter(),
            by,
        }
    }

    /// Events of several sets, one after the other.
    pub(super) fn joined(all: Vec<Self>, by: Origin) -> Self {
        Self::new(all.into_iter().flat_map(|frame| frame.changes).collect(), by)
    }

    /// Whether there is no event.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.len() == 0
    }

    pub(super) fn step(&mut self) -> Next {
        match self.changes.next() {
            None => Next::Done,
            Some((param, None)) => Next::Call(Frame::Change(ChangeFrame::new(param, self.by))),
            Some((param, Some(row))) => Next::Call(Frame::Change(ChangeFrame::of_cell(param, row, self.by))),
        }
    }
}
