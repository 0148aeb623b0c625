//! QActions at work: which ones an event runs, and one run as a frame that the engine polls.
//!
//! Rules: QA-1 to QA-4, QA-9 to QA-12, QA-13 to QA-21, QA-23, QA-26, MDL-8, PAR-111.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::vec::IntoIter;

use crate::engine::Engine;
use crate::engine::call::{Outcome, Sets};
use crate::engine::chain::{Context, Frame, Gating, Next, QACTION_LIMIT};
use crate::engine::change::RowOfChange;
use crate::engine::effect::{LogLevel, Step};
use crate::engine::port::{Answer, Call, Port};
use crate::engine::qaction::{Input, QAction, QActionFuture, RunFacts, TimerResult};
use crate::engine::sl_protocol::SlProtocol;
use crate::engine::told::{Conditional, Told};
use crate::model::id::{GroupId, ParamId, QActionId};
use crate::model::moment::Moment;
use crate::model::qaction::QActionDef;
use crate::model::value::Value;

/// Why QActions run.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cause {
    /// A change event of a parameter or a cell.
    Change {
        param: ParamId,
        row: Option<Arc<RowOfChange>>,
    },
    /// The action `run actions`.
    RunActions(ParamId),
    /// A choice from a context menu (CHG-20).
    Menu { param: ParamId, entries: Vec<String> },
    /// A row of a multithreaded timer: `qactionBefore`, `qactionAfter`, `qaction`.
    Row {
        qaction: QActionId,
        table: ParamId,
        key: Arc<str>,
    },
    /// The result of a row's request (MTT-15).
    Result {
        group: GroupId,
        table: ParamId,
        key: Arc<str>,
        result: TimerResult,
    },
}

/// The QActions of one event, one after the other (QA-3).
pub(super) struct QActionsFrame {
    cause: Cause,
    qactions: IntoIter<QActionId>,
    /// Whether this frame took the gate for a chain that takes it only for QActions.
    gated: bool,
}

impl QActionsFrame {
    /// The QActions that an event runs.
    pub(super) fn on(engine: &Engine, cause: Cause) -> Box<Self> {
        let protocol = &engine.protocol;
        let ids =
            |qactions: &mut dyn Iterator<Item = &QActionDef>| qactions.map(|qaction| qaction.id).collect::<Vec<_>>();
        let qactions = match &cause {
            Cause::Change { param, .. } | Cause::Menu { param, .. } | Cause::RunActions(param) => {
                ids(&mut protocol.qactions_on(*param))
            }
            Cause::Row { qaction, .. } => vec![*qaction],
            Cause::Result { group, .. } => ids(&mut protocol.qactions_on_group(*group)),
        };
        Box::new(Self {
            cause,
            qactions: qactions.into_iter(),
            gated: false,
        })
    }

    pub(super) fn step(&mut self, engine: &mut Engine, context: &mut Context) -> Next {
        loop {
            let Some(&id) = self.qactions.as_slice().first() else {
                if self.gated {
                    engine.release_gate(context);
                }
                return Next::Done;
            };
            if context.gating == Gating::QActions && !context.holds {
                self.gated = true;
                return Next::Gate;
            }
            self.qactions.next();
            if let Some(next) = self.run(id, engine, context) {
                return next;
            }
        }
    }

    /// Starts one QAction; none when it does not run.
    fn run(&self, id: QActionId, engine: &mut Engine, context: &Context) -> Option<Next> {
        let protocol = Arc::clone(&engine.protocol);
        let definition = protocol.qaction(id)?;
        if !engine.allows(definition.condition.as_ref(), Conditional::QAction(id)) {
            return None;
        }
        let facts = engine.facts(definition, &self.cause, context);
        let code = engine.qactions.get(id).cloned();
        let key = (!facts.row_key.is_empty()).then(|| Arc::clone(&facts.row_key));
        let trigger = facts
            .trigger_group
            .map_or_else(|| i64::from(facts.trigger_parameter.0), |group| i64::from(group.0));
        let step = Step::QAction {
            id,
            trigger,
            key,
            missing: code.is_none(),
        };
        let Some(code) = code else {
            engine.trace(step);
            let text = format!("QAction {id} has no Rust implementation: its events do nothing");
            engine.log_once(Told::MissingQAction(id), LogLevel::Warning, text);
            return None;
        };
        // A queued one begins later, and is traced then.
        if !definition.queued {
            engine.trace(step.clone());
        }
        if context.qactions >= QACTION_LIMIT {
            engine.log(
                LogLevel::Error,
                format!(
                    "QAction {id} would be the {}th nested one: an endless loop was stopped",
                    QACTION_LIMIT + 1
                ),
            );
            return None;
        }
        if definition.queued && !engine.may_queue(id) {
            return None;
        }
        if definition.queued {
            let frame = Frame::QueuedQAction(Box::new(QueuedFrame { facts, code, step }));
            engine.start_chain(context.gate, Gating::Detached, Arc::clone(&context.user), frame);
            return None;
        }
        Some(Next::Call(engine.begin_qaction(facts, code, false)))
    }
}

/// A queued run that has not begun: not while another QAction runs at its gate (QA-16).
pub(super) struct QueuedFrame {
    facts: RunFacts,
    code: Arc<dyn QAction>,
    /// The line of its begin in the trace.
    step: Step,
}

impl QueuedFrame {
    pub(super) fn step(&self, engine: &mut Engine, context: &Context) -> Next {
        if !context.holds {
            return Next::Gate;
        }
        engine.trace(self.step.clone());
        Next::Become(engine.begin_qaction(self.facts.clone(), Arc::clone(&self.code), true))
    }
}

/// One run of a QAction.
pub(super) struct QActionFrame {
    id: QActionId,
    began: Moment,
    run: QActionFuture<'static>,
    port: Port,
    /// The rest of a `SetParameters` that is being carried out.
    sets: Option<Sets>,
    /// A call that waits for the gate.
    call: Option<Call>,
    /// Whether this run took the gate, for a chain that has it only for what its QActions cause. What is nested in it
    /// keeps the gate (MDL-8).
    gated: bool,
    /// The table of which a read column caused this run (QA-23).
    own_table: Option<ParamId>,
}

impl QActionFrame {
    /// Which.
    pub(super) const fn id(&self) -> QActionId {
        self.id
    }

    /// When it began.
    pub(super) const fn began(&self) -> Moment {
        self.began
    }

    pub(super) fn step(&mut self, engine: &mut Engine, context: &mut Context) -> Next {
        if let Some(call) = self.call.take() {
            return self.carry_out(call, engine, context);
        }
        if let Some(sets) = &mut self.sets {
            if let Some(change) = sets.next(engine, self.id) {
                return Next::Call(Frame::Change(change));
            }
            self.port.lock().answer = self.sets.take().map(Sets::results);
        }
        if std::mem::take(&mut self.gated) {
            engine.release_gate(context);
        }
        let failure = match self.poll() {
            Ok(Poll::Pending) => match self.port.lock().call.take() {
                Some(call) => {
                    self.gated = context.gating == Gating::Detached && !context.holds && call.causes_more();
                    self.call = Some(call);
                    return if self.gated { Next::Gate } else { Next::Again };
                }
                None => "awaits something else than its SlProtocol: it was given up".to_owned(),
            },
            Ok(Poll::Ready(Ok(()))) => return Next::Done,
            Ok(Poll::Ready(Err(error))) => format!("failed: {error}"),
            Err(panic) => format!("panicked: {panic}"),
        };
        engine.log(LogLevel::Error, format!("QAction {} {failure}", self.id));
        Next::Done
    }

    /// Polls the code once. A panic is caught: it ends the run, not the element (QA-19).
    fn poll(&mut self) -> Result<Poll<crate::engine::qaction::QActionResult>, String> {
        let mut context = TaskContext::from_waker(Waker::noop());
        catch_unwind(AssertUnwindSafe(|| self.run.as_mut().poll(&mut context))).map_err(|panic| {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            text.or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default()
        })
    }

    /// Carries a call out; the answer lies in the port when the code is polled again.
    fn carry_out(&mut self, call: Call, engine: &mut Engine, context: &mut Context) -> Next {
        if let Call::ChangeRows(change, _) = &call
            && self.own_table == Some(change.table())
        {
            let (id, table) = (self.id, change.table());
            let text =
                format!("QAction {id} changes table {table} in a run for a row of it: in DataMiner that never ends");
            engine.log_once(Told::OwnTable(id), LogLevel::Warning, text);
        }
        let (answer, next) = match engine.carry_out(call, self.id, context) {
            Outcome::Answer(answer) => (answer, Next::Again),
            Outcome::Then(frame, answer) => (answer, Next::Call(frame)),
            Outcome::Sleep(span) => (Answer::Done, Next::Sleep(engine.now + span)),
            Outcome::Sets(sets) => {
                self.sets = Some(sets);
                return Next::Again;
            }
        };
        self.port.lock().answer = Some(answer);
        next
    }
}

impl Engine {
    /// One run from its beginning. What the code reads of its input is captured here: of a queued run that is when it
    /// begins, not when it was queued (QA-10).
    fn begin_qaction(&self, mut facts: RunFacts, code: Arc<dyn QAction>, gated: bool) -> Frame {
        let id = facts.qaction;
        if let Some(definition) = self.protocol.qaction(id) {
            let input = definition.input.iter().map(|&id| self.input(id, definition.binary));
            facts.input = input.collect();
        }
        facts.unix_ms = self.unix_ms();
        let read = self
            .protocol
            .param(facts.trigger_parameter)
            .filter(|param| !param.is_write());
        let own_table = facts.row_table.filter(|_| read.is_some());
        let (face, port) = SlProtocol::new(facts);
        Frame::QAction(Box::new(QActionFrame {
            id,
            began: self.now,
            run: Box::pin(async move { code.run(&face).await }),
            port,
            sets: None,
            call: None,
            gated,
            own_table,
        }))
    }

    /// The facts of a run, all but those of its beginning (QA-9).
    fn facts(&self, definition: &QActionDef, cause: &Cause, context: &Context) -> RunFacts {
        let (param, group) = match cause {
            Cause::Change { param, .. } | Cause::Menu { param, .. } | Cause::RunActions(param) => (*param, None),
            Cause::Row { .. } => (ParamId(0), None),
            Cause::Result { group, .. } => (ParamId(0), Some(*group)),
        };
        let row = match cause {
            Cause::Change { row: Some(row), .. } if definition.row => Some((row.table, Arc::clone(&row.key))),
            Cause::Row { table, key, .. } | Cause::Result { table, key, .. } => Some((*table, Arc::clone(key))),
            Cause::Change { .. } | Cause::Menu { .. } | Cause::RunActions(_) => None,
        };
        let (new_row, new_row_times, old_row) = match cause {
            Cause::Change { row: Some(row), .. } if definition.row => {
                (row.new_row.clone(), row.times.clone(), row.old_row.clone())
            }
            Cause::Change { .. }
            | Cause::Menu { .. }
            | Cause::RunActions(_)
            | Cause::Row { .. }
            | Cause::Result { .. } => (Vec::new(), Vec::new(), None),
        };
        let entry_point = definition.triggers.iter().find(|(trigger, _)| *trigger == param);
        RunFacts {
            qaction: definition.id,
            entry_point: entry_point.map(|(_, entry)| entry.clone()).unwrap_or_default(),
            trigger_parameter: param,
            trigger_group: group,
            element_id: self.settings.id.0,
            element_name: self.settings.name.as_str().into(),
            protocol_name: self.protocol.name().into(),
            protocol_version: self.protocol.version().into(),
            user: Arc::clone(&context.user),
            row_table: row.as_ref().map(|(table, _)| *table),
            row_key: row.map(|(_, key)| key).unwrap_or_default(),
            new_row,
            new_row_times,
            old_row,
            input: Vec::new(),
            result: match cause {
                Cause::Result { result, .. } => result.clone(),
                Cause::Change { .. } | Cause::Menu { .. } | Cause::RunActions(_) | Cause::Row { .. } => {
                    TimerResult::NotPolled
                }
            },
            menu: match cause {
                Cause::Menu { entries, .. } => entries.clone(),
                Cause::Change { .. } | Cause::RunActions(_) | Cause::Row { .. } | Cause::Result { .. } => Vec::new(),
            },
            unix_ms: self.unix_ms(),
        }
    }

    fn input(&self, id: ParamId, binary: bool) -> Input {
        match (self.protocol.param(id), self.tables.get(&id)) {
            (_, Some(table)) => Input::Table(table.input_columns()),
            (Some(_), None) if binary => Input::Bytes(self.params.bytes(id)),
            (Some(param), None) => Input::Value(self.read(param)),
            (None, None) => Input::Value(Value::Uninitialised),
        }
    }
}
