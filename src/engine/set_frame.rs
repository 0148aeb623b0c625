//! A set from outside, from its turn at the gate to its reply.
//!
//! The reply comes after everything that the set caused, but not after the groups that it queued (MDL-3, CHG-24).
//!
//! Rules: MDL-3, CHG-20, CHG-24, TBL-101, TBL-102, TBL-104, TBL-116, DSP-90, DSP-91, DSP-95.

use std::sync::Arc;

use crate::alarm::Says;
use crate::engine::Engine;
use crate::engine::bounds::WAITING_SETS;
use crate::engine::chain::{Context, Frame, Gating, Next};
use crate::engine::change::{ChangeFrame, Fires, RowOfChange};
use crate::engine::effect::{Effect, LogLevel, Origin};
use crate::engine::event::{MenuEntries, SetId, SetRequest};
use crate::engine::gate::GateId;
use crate::engine::life::Life;
use crate::engine::params::Stored;
use crate::engine::run_qaction::{Cause, QActionsFrame};
use crate::engine::set::{RefusedReason, SetFacts, SetRefused, check, resolve_target};
use crate::engine::watchdog::Work;
use crate::model::display_text::display_text;
use crate::model::id::ParamId;
use crate::model::measurement::MeasurementKind;
use crate::model::moment::Moment;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// One set.
pub(super) struct SetFrame {
    request: SetRequest,
    asker: Asker,
    /// What is left: nothing was done yet, or everything but the end.
    done: Option<Ending>,
    /// When it had its turn.
    began: Option<Moment>,
    /// What was set and to what, for the information event (DSP-95).
    set_to: Option<(ParamId, Says)>,
}

/// Who asked for a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    /// Somebody outside, who waits for the reply.
    Outside,
    /// A QAction, which does not wait: it would wait for itself.
    QAction,
}

/// How a set ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// With its reply.
    Reply,
    /// The value of a column's write is forgotten first (TBL-102).
    ForgetThenReply(ParamId),
}

impl Engine {
    /// Lets a set wait for its turn, or refuses it (ELM-11, ELM-17).
    pub(super) fn ask_set(&mut self, set: SetFrame) {
        let refused = |reason, detail: &str| SetRefused {
            reason,
            detail: format!("{} {detail}", self.settings.name),
        };
        if self.life == Life::Stopped {
            let refused = refused(RefusedReason::NotActive, "is stopped; activate it first");
            set.tell(self, Err(refused));
        } else if self.settings.read_only && set.asker == Asker::Outside {
            let refused = refused(
                RefusedReason::NotWritable,
                "is read-only: nothing of it is set from outside",
            );
            set.tell(self, Err(refused));
        } else if self.gates.waiting(GateId::MAIN) >= WAITING_SETS {
            let refused = refused(
                RefusedReason::QueueFull,
                "is busy: too many sets are waiting; try again later",
            );
            set.tell(self, Err(refused));
        } else {
            let user = set.user();
            self.start_chain(GateId::MAIN, Gating::Whole, user, Frame::Set(Box::new(set)));
        }
    }
}

impl SetFrame {
    pub(super) const fn new(request: SetRequest) -> Self {
        let asker = Asker::Outside;
        Self {
            request,
            asker,
            done: None,
            began: None,
            set_to: None,
        }
    }

    /// A set that a QAction queues as if it came from outside: nobody waits for its reply (`NT_SET_PARAMETER`).
    pub(super) fn of_nobody(param: ParamId, key: Option<Arc<str>>, value: Value, user: Arc<str>) -> Self {
        let id = SetId(0);
        let request = SetRequest {
            id,
            param,
            key,
            value,
            menu: MenuEntries::default(),
            user,
        };
        let asker = Asker::QAction;
        Self {
            request,
            asker,
            done: None,
            began: None,
            set_to: None,
        }
    }

    /// The parameter that is set.
    pub(super) const fn param(&self) -> ParamId {
        self.request.param
    }

    /// When it had its turn; none while it waits.
    pub(super) const fn began(&self) -> Option<Moment> {
        self.began
    }

    /// Who sets.
    pub(super) fn user(&self) -> Arc<str> {
        Arc::clone(&self.request.user)
    }

    /// Tells whoever asked how the set ended.
    pub(super) fn tell(&self, engine: &mut Engine, ended: Result<(), SetRefused>) {
        match (self.asker, ended) {
            (Asker::Outside, ended) => engine.effects.push(Effect::Reply(self.request.id, ended)),
            (Asker::QAction, Ok(())) => {}
            (Asker::QAction, Err(refused)) => {
                engine.log(
                    LogLevel::Error,
                    format!("a set that a QAction queued was refused: {refused}"),
                );
            }
        }
    }

    pub(super) fn step(&mut self, engine: &mut Engine, context: &Context) -> Next {
        match self.done {
            None => match self.begin(engine, context) {
                Ok(frame) => Next::Call(frame),
                Err(refused) => {
                    if refused.reason == RefusedReason::RowMissing {
                        // The row may just have gone (TBL-104).
                        engine.log(LogLevel::Warning, format!("a set was refused: {}", refused.detail));
                    }
                    self.tell(engine, Err(refused));
                    Next::Done
                }
            },
            Some(ending) => {
                if let Ending::ForgetThenReply(write) = ending {
                    engine.params.put(write, Value::Uninitialised);
                    // The shown value goes too. It was nobody's set, so the trace has no line of it.
                    engine.show(write, Value::Uninitialised, Origin::User);
                }
                if let Some((param, says)) = self.set_to.take() {
                    engine.inform_set(param, self.request.key.clone(), says);
                }
                self.tell(engine, Ok(()));
                Next::Done
            }
        }
    }

    fn begin(&mut self, engine: &mut Engine, context: &Context) -> Result<Frame, SetRefused> {
        self.began = Some(engine.now);
        engine.watch(context.key, Work::Set(self.request.param));
        self.set(engine, &context.protocol)
    }

    /// Checks the set and stores its value in the write.
    fn set(&mut self, engine: &mut Engine, protocol: &Protocol) -> Result<Frame, SetRefused> {
        let write = resolve_target(protocol, self.request.param, self.request.key.as_deref())?;
        if write.is_context_menu() {
            let cause = Cause::Menu {
                param: write.id,
                entries: engine.choose(write, &self.request)?,
            };
            self.done = Some(Ending::Reply);
            return Ok(Frame::QActions(QActionsFrame::on(engine, cause)));
        }
        let row = match &self.request.key {
            Some(key) => Some(engine.row_of_set(write, key)?),
            None => None,
        };
        let facts = FactsOfSet {
            engine,
            key: self.request.key.as_deref(),
        };
        let chosen = check(protocol, write, &self.request.value, &facts)?;
        // A set that a QAction queues is nobody's.
        if self.asker == Asker::Outside {
            let user = &self.request.user;
            let says = if is_button(write) {
                let shown = engine.as_pressed(write, display_text(write, &chosen).into(), row.as_deref());
                Says::Text(format!("Set by {user} to {}", shown.to_text()).into())
            } else {
                Says::SetTo(Arc::clone(user), chosen.clone())
            };
            self.set_to = Some((write.id, says));
        }
        let value = engine.as_pressed(write, chosen, row.as_deref());
        if engine.store(write, &value, Origin::User, Fires::Assigned) == Stored::Refused {
            let detail = format!("{} ({}) takes a number", write.name, write.id);
            return Err(SetRefused {
                reason: RefusedReason::Format,
                detail,
            });
        }
        let Some(row) = row else {
            self.done = Some(Ending::Reply);
            return Ok(Frame::Change(ChangeFrame::new(write.id, Origin::User)));
        };
        self.done = Some(Ending::ForgetThenReply(write.id));
        Ok(Frame::Change(ChangeFrame::of_cell(write.id, row, Origin::User)))
    }
}

fn is_button(param: &Param) -> bool {
    let measurement = param.measurement.as_ref();
    measurement.is_some_and(|measurement| measurement.kind == MeasurementKind::Button)
}

impl Engine {
    /// The value or the text of a button, with its placeholders filled in (TBL-116); any other value as it is.
    fn as_pressed(&mut self, write: &Param, value: Value, row: Option<&RowOfChange>) -> Value {
        match &value {
            Value::Text(text) if is_button(write) => {
                Value::from(self.fill_in(text, row.map(|row| (row.table, &row.key))))
            }
            Value::Uninitialised | Value::Number(_) | Value::Text(_) => value,
        }
    }

    /// The row that a set of a cell names; it must exist (TBL-104).
    fn row_of_set(&self, write: &Param, key: &Arc<str>) -> Result<Arc<RowOfChange>, SetRefused> {
        let missing = || SetRefused {
            reason: RefusedReason::RowMissing,
            detail: format!("the table of {} ({}) has no row \"{key}\"", write.name, write.id),
        };
        let column = write.column_of.ok_or_else(missing)?;
        // A row of a view is one of its base (TBL-120).
        let table = self.protocol.table_with_rows(column.table);
        self.tables
            .get(&table)
            .filter(|table| table.contains(key))
            .ok_or_else(missing)?;
        let new_row = Vec::new();
        Ok(Arc::new(RowOfChange {
            table,
            key: Arc::clone(key),
            new_row,
            times: Vec::new(),
            old_row: None,
        }))
    }
}

/// What the check of a set asks: memory, and the row that is set.
pub(super) struct FactsOfSet<'a> {
    pub(super) engine: &'a Engine,
    pub(super) key: Option<&'a str>,
}

impl SetFacts for FactsOfSet<'_> {
    fn value(&self, id: ParamId) -> Value {
        let column = self.engine.protocol.param(id).and_then(|param| param.column_of);
        let cell = column
            .zip(self.key)
            .and_then(|(column, key)| self.engine.tables.get(&column.table)?.get_cell(key, column.idx).ok());
        cell.unwrap_or_else(|| self.engine.params.get(id)).clone()
    }
}
