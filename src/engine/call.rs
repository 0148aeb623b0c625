//! What a QAction calls, carried out: the other side of [`SlProtocol`](crate::engine::sl_protocol::SlProtocol).
//!
//! Rules: section 16 of the execution rules, QAP-1 to QAP-33.

use std::sync::Arc;
use std::vec::IntoIter;

use crate::engine::Engine;
use crate::engine::action::ActionFrame;
use crate::engine::chain::{Context, Frame};
use crate::engine::change::{ChangeFrame, Fires};
use crate::engine::effect::{LogLevel, Origin, Seen};
use crate::engine::params::Stored;
use crate::engine::port::{Answer, Call};
use crate::engine::qaction::{INVALID_VALUE, NOT_FOUND, S_OK};
use crate::engine::saved::Record;
use crate::engine::told::Told;
use crate::engine::trigger::{Item, TriggersFrame};
use crate::model::id::{ActionId, ParamId, QActionId, TriggerId};
use crate::model::moment::Span;
use crate::model::param::Param;
use crate::model::trigger::TriggerOn;
use crate::model::value::Value;

/// What carrying out a call comes to.
pub(super) enum Outcome {
    /// The answer.
    Answer(Answer),
    /// First what it causes, then the answer.
    Then(Frame, Answer),
    /// Sets, one after the other, each with what it causes.
    Sets(Sets),
    /// A wait.
    Sleep(Span),
}

/// A `SetParameters` at work (CHG-17).
pub(super) struct Sets {
    values: IntoIter<(ParamId, Value)>,
    results: Vec<u32>,
}

impl Sets {
    fn new(values: Vec<(ParamId, Value)>) -> Self {
        Self {
            values: values.into_iter(),
            results: Vec::new(),
        }
    }

    /// Stores values until one raises a change event; none when all are stored.
    pub(super) fn next(&mut self, engine: &mut Engine, qaction: QActionId) -> Option<ChangeFrame> {
        let by = Origin::QAction(qaction);
        loop {
            let (id, value) = self.values.next()?;
            let protocol = Arc::clone(&engine.protocol);
            let Some(param) = protocol.param(id).filter(|param| param.table.is_none()) else {
                engine.log(
                    LogLevel::Error,
                    format!("NT_SET_PARAMETER for [{id}] failed. 0x80040239"),
                );
                self.results.push(NOT_FOUND);
                continue;
            };
            engine.tell_information_overwritten(param, qaction);
            match engine.store(param, &value, by, Fires::Assigned) {
                Stored::Event => {
                    self.results.push(S_OK);
                    return Some(ChangeFrame::new(id, by));
                }
                Stored::Silent => self.results.push(S_OK),
                Stored::Refused => self.results.push(INVALID_VALUE),
            }
        }
    }

    pub(super) fn results(self) -> Answer {
        Answer::Results(self.results)
    }
}

impl Engine {
    /// Carries out one call of a QAction.
    pub(super) fn carry_out(&mut self, call: Call, qaction: QActionId, context: &mut Context) -> Outcome {
        let by = Origin::QAction(qaction);
        match call {
            Call::Set(values) => Outcome::Sets(Sets::new(values)),
            Call::ChangeRows(change) => self.change_rows(change, by),
            Call::LookUpRows(read) => Outcome::Answer(self.look_up_rows(read)),
            Call::CheckTrigger(trigger) => self.check_trigger(trigger, qaction),
            Call::RunAction(action) => self.run_action(action, qaction),
            Call::Sleep(span) => Outcome::Sleep(span),
            Call::TimerRequest(request) => {
                context.timer_request = Some(request);
                Outcome::Answer(Answer::Done)
            }
            Call::Get(id) => Outcome::Answer(Answer::Value(self.get_parameter(id))),
            Call::IsEmpty(id) => Outcome::Answer(Answer::Truth(self.is_empty(id))),
            Call::SetBinary(id, value) => Outcome::Answer(self.set_binary(id, &value, by)),
            Call::Clear(id) => Outcome::Answer(self.clear_parameter(id, by)),
            Call::SendToDisplay(id) => {
                let value = self.params.get(id).clone();
                self.show(id, value, by);
                Outcome::Answer(Answer::Done)
            }
            Call::CommunicationState(connection, responding) => {
                self.set_communication_state(connection, responding, qaction);
                Outcome::Answer(Answer::Done)
            }
            Call::LastFailure(connection) => Outcome::Answer(Answer::Key(self.last_failure(connection))),
            Call::ScheduleRow(timer, key) => Outcome::Answer(Answer::Truth(self.schedule_row(timer, &key))),
            Call::Now => Outcome::Answer(Answer::Count(self.unix_ms())),
            Call::Log(level, text) => {
                const LONGEST: usize = 5120;
                self.log(level, text.chars().take(LONGEST).collect::<String>());
                Outcome::Answer(Answer::Done)
            }
            Call::IsActive => Outcome::Answer(Answer::Truth(self.is_active())),
        }
    }

    /// A QAction may set what the runtime fills in, but nobody expects it to (PAR-113).
    fn tell_information_overwritten(&mut self, param: &Param, qaction: QActionId) {
        if param.kind.is_element_information() {
            let (name, id) = (&param.name, param.id);
            let text = format!("QAction {qaction} sets {name} ({id}), which holds element information");
            self.log_once(Told::InformationOverwritten(id), LogLevel::Warning, text);
        }
    }

    /// `CheckTrigger` (TRG-18).
    fn check_trigger(&mut self, trigger: TriggerId, qaction: QActionId) -> Outcome {
        let why_not = match self.protocol.trigger(trigger).map(|trigger| trigger.on.as_ref()) {
            Some(Some(TriggerOn::ParameterTimeout)) => "is on the timeout of a parameter, which cannot be invoked",
            Some(_) => {
                let triggers = TriggersFrame::by_name(trigger, Item::None);
                return Outcome::Then(Frame::Triggers(triggers), Answer::Done);
            }
            None => "does not exist",
        };
        self.log(
            LogLevel::Error,
            format!("QAction {qaction} fires trigger {trigger}, which {why_not}"),
        );
        Outcome::Answer(Answer::Done)
    }

    /// `NT_RUN_ACTION` (221): one action, condition included.
    fn run_action(&mut self, action: ActionId, qaction: QActionId) -> Outcome {
        if self.protocol.action(action).is_none() {
            self.log(
                LogLevel::Error,
                format!("QAction {qaction} runs action {action}, which does not exist"),
            );
            return Outcome::Answer(Answer::Done);
        }
        Outcome::Then(Frame::Action(ActionFrame::new(action, Item::None)), Answer::Done)
    }

    /// `GetParameter` (QAP-1, PAR-101, PAR-114).
    fn get_parameter(&mut self, id: ParamId) -> Option<Value> {
        let protocol = Arc::clone(&self.protocol);
        match protocol.param(id).filter(|param| param.table.is_none()) {
            Some(param) => Some(self.read(param)),
            None => {
                self.log(
                    LogLevel::Error,
                    format!("NT_GET_PARAMETER for [{id}] failed. 0x80040239"),
                );
                None
            }
        }
    }

    /// `IsEmpty` (QAP-21).
    fn is_empty(&mut self, id: ParamId) -> bool {
        if self.protocol.param(id).is_none_or(|param| param.table.is_some()) {
            self.log(LogLevel::Error, format!("NT_GET_DATA for [{id}] failed. 0x80040239"));
            return false;
        }
        // A fixed length is never empty, even when it was cleared (PAR-64).
        let is_fixed = self
            .protocol
            .param(id)
            .is_some_and(|param| param.interprete.fixed_length.is_some());
        !is_fixed && !self.params.get(id).is_initialised()
    }

    /// `SetParameterBinary`: no event at all, not even a save (CHG-15).
    fn set_binary(&mut self, id: ParamId, value: &Value, by: Origin) -> Answer {
        let protocol = Arc::clone(&self.protocol);
        let Some(param) = protocol.param(id).filter(|param| param.table.is_none()) else {
            return Answer::Results(vec![NOT_FOUND]);
        };
        match crate::engine::convert::to_kind(&param.interprete, value) {
            Some(value) => {
                let differs = *self.params.get(id) != value;
                self.put(id, value, by, differs);
                Answer::Results(vec![S_OK])
            }
            None => Answer::Results(vec![INVALID_VALUE]),
        }
    }

    /// `ClearParameter`: in memory, for clients, and in the store (PAR-105).
    fn clear_parameter(&mut self, id: ParamId, by: Origin) -> Answer {
        let protocol = Arc::clone(&self.protocol);
        let Some(param) = protocol.param(id).filter(|param| param.column_of.is_none()) else {
            return Answer::Results(vec![NOT_FOUND]);
        };
        if param.table.is_some() {
            self.clear_table(id, by);
            return Answer::Results(vec![S_OK]);
        }
        self.forget(id, by, Seen::Everywhere);
        if param.save {
            let record = Record::Param {
                id,
                value: Value::Uninitialised,
                secret: param.is_secret(),
            };
            self.effects.push(crate::engine::effect::Effect::Save(record));
        }
        Answer::Results(vec![S_OK])
    }
}
