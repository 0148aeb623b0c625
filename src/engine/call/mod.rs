//! What a QAction calls, carried out: the other side of [`SlProtocol`](crate::engine::sl_protocol::SlProtocol).
//!
//! Rules: section 16 of the execution rules, QAP-1 to QAP-33.

use std::sync::Arc;
use std::vec::IntoIter;

use crate::engine::Engine;
use crate::engine::action::ActionFrame;
use crate::engine::chain::{Context, Frame};
use crate::engine::change::{ChangeFrame, Fires};
use crate::engine::convert::{text_of, to_kind};
use crate::engine::effect::{Effect, LogLevel, Origin, Seen};
use crate::engine::params::Stored;
use crate::engine::port::{Answer, Call};
use crate::engine::qaction::{INVALID_VALUE, NOT_FOUND, S_OK};
use crate::engine::saved::Record;
use crate::engine::told::Told;
use crate::engine::trigger::{Item, TriggerFrame};
use crate::model::id::{ActionId, ParamId, QActionId, TriggerId};
use crate::model::moment::Span;
use crate::model::param::Param;
use crate::model::trigger::TriggerOn;
use crate::model::value::Value;

mod cells;
mod elements;
mod names;
mod redefine;

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
    /// The time that the values are of, when that is not now (PAR-44).
    of: Option<i64>,
}

impl Sets {
    fn new(values: Vec<(ParamId, Value)>) -> Self {
        Self {
            values: values.into_iter(),
            results: Vec::new(),
            of: None,
        }
    }

    /// One set with a time.
    fn at(id: ParamId, value: Value, unix_ms: i64) -> Self {
        Self {
            of: Some(unix_ms),
            ..Self::new(vec![(id, value)])
        }
    }

    /// Stores values until one raises a change event; none when all are stored.
    pub(super) fn next(&mut self, engine: &mut Engine, qaction: QActionId) -> Option<ChangeFrame> {
        let by = Origin::QAction(qaction);
        loop {
            let (id, value) = self.values.next()?;
            let protocol = Arc::clone(&engine.protocol);
            let single = engine.single(id, "NT_SET_PARAMETER");
            let Some(param) = single.and_then(|id| protocol.param(id)) else {
                self.results.push(NOT_FOUND);
                continue;
            };
            engine.tell_information_overwritten(param, qaction);
            match engine.store(param, &value, by, Fires::Assigned) {
                Stored::Event => {
                    if let (Some(Effect::Parameter(change)), Some(of)) = (engine.effects.last_mut(), self.of) {
                        change.of = Some(of);
                    }
                    if param.is_feedback() {
                        engine.tell_feedback(param);
                    }
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
            Call::ChangeRows(change, of) => self.change_rows(change, by, of),
            Call::LookUpRows(read) => Outcome::Answer(self.look_up_rows(read)),
            Call::CheckTrigger(trigger) => self.check_trigger(trigger, qaction),
            Call::RunAction(action) => self.run_action(action, qaction),
            Call::Sleep(span) => Outcome::Sleep(span),
            Call::TimerRequest(request) => {
                context.timer_request = Some(Box::new(request));
                Outcome::Answer(Answer::Done)
            }
            Call::Get(id) => Outcome::Answer(Answer::Value(self.get_parameter(id))),
            Call::Find(name, which) => Outcome::Answer(Answer::Param(self.find_param(&name, which))),
            Call::IsEmpty(id) => Outcome::Answer(Answer::Truth(self.is_empty(id))),
            Call::GetData(id) => Outcome::Answer(Answer::Bytes(self.get_data(id))),
            Call::SetAt(id, value, unix_ms) => self.set_at(id, value, unix_ms),
            Call::SetBinary(id, bytes) => Outcome::Answer(self.set_binary(id, &bytes, by)),
            Call::ToElement(element, asked) => {
                self.ask_element(element, asked);
                Outcome::Answer(Answer::Done)
            }
            Call::GetDescription(id) => Outcome::Answer(self.description(id)),
            Call::Redefine(updates) => Outcome::Answer(self.redefine(&updates)),
            Call::Clear(id) => Outcome::Answer(self.clear_parameter(id, by)),
            Call::SendToDisplay(id) => {
                self.send_to_display(id, by);
                Outcome::Answer(Answer::Done)
            }
            Call::SendRowToDisplay(table, key) => {
                self.send_row_to_display(table, &key, by);
                Outcome::Answer(Answer::Done)
            }
            Call::Message(text, trigger) => {
                self.show_message(&text, qaction, trigger, context);
                Outcome::Answer(Answer::Done)
            }
            Call::Unsupported(call, number, text) => {
                self.log_once(Told::Unsupported(call, number), LogLevel::Warning, text);
                Outcome::Answer(Answer::Done)
            }
            Call::CloseTrend(param, key, of) => {
                self.close_trend(param, key, of);
                Outcome::Answer(Answer::Done)
            }
            Call::Displayed(table, cells) => Outcome::Answer(Answer::Texts(self.displayed(table, &cells))),
            Call::CommunicationState(connection, responding) => {
                self.set_communication_state(connection, responding, qaction);
                Outcome::Answer(Answer::Done)
            }
            Call::ConnectionAddress(connection) => Outcome::Answer(Answer::Key(self.address_of(connection))),
            Call::LastFailure(connection) => Outcome::Answer(Answer::Key(self.last_failure(connection))),
            Call::ScheduleRow(timer, key) => Outcome::Answer(Answer::Truth(self.schedule_row(timer, &key))),
            Call::ResetPool(timer) => {
                self.reset_pool(timer);
                Outcome::Answer(Answer::Done)
            }
            Call::TurnPool(timer, state) => {
                self.turn_pool(timer, state);
                Outcome::Answer(Answer::Done)
            }
            Call::Now => Outcome::Answer(Answer::Count(self.unix_ms())),
            Call::Log(level, text) => {
                const LONGEST: usize = 5120;
                self.log(level, text.chars().take(LONGEST).collect::<String>());
                Outcome::Answer(Answer::Done)
            }
            Call::IsActive => Outcome::Answer(Answer::Truth(self.is_active())),
            Call::IsStarted => Outcome::Answer(Answer::Truth(self.is_started())),
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
                let trigger = TriggerFrame::by_name(trigger, Item::None);
                return Outcome::Then(Frame::Trigger(trigger), Answer::Done);
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
        let id = self.single(id, "NT_GET_PARAMETER")?;
        let protocol = Arc::clone(&self.protocol);
        protocol.param(id).map(|param| self.read(param))
    }

    /// `IsEmpty` (QAP-21).
    fn is_empty(&mut self, id: ParamId) -> bool {
        match self.single(id, "NT_GET_DATA") {
            // A fixed length is never empty, even when it was cleared (PAR-64).
            Some(id) => {
                let interprete = self.protocol.param(id).map(|param| &param.interprete);
                let is_fixed = interprete.is_some_and(|interprete| interprete.fixed_length.is_some());
                !is_fixed && !self.params.get(id).is_initialised()
            }
            None => false,
        }
    }

    /// `GetData` of a parameter (QAP-23).
    fn get_data(&mut self, id: ParamId) -> Option<Arc<[u8]>> {
        self.single(id, "NT_GET_DATA").map(|id| self.params.bytes(id))
    }

    /// The id when it is that of a parameter with a value of its own, not of a table or of a read column (PAR-114).
    fn single(&mut self, id: ParamId, call: &str) -> Option<ParamId> {
        let is_single = |param: &Param| param.table.is_none() && (param.column_of.is_none() || param.is_write());
        if self.protocol.param(id).is_some_and(is_single) {
            return Some(id);
        }
        self.log(LogLevel::Error, format!("{call} for [{id}] failed. {NOT_FOUND:#x}"));
        None
    }

    /// `SetParameterBinary`: no event at all, not even a save (CHG-15).
    fn set_binary(&mut self, id: ParamId, bytes: &Arc<[u8]>, by: Origin) -> Answer {
        let Some(id) = self.single(id, "NT_SET_BINARY_DATA") else {
            return Answer::Results(vec![NOT_FOUND]);
        };
        let protocol = Arc::clone(&self.protocol);
        let text = Value::Text(text_of(bytes));
        match protocol.param(id).and_then(|param| to_kind(&param.interprete, &text)) {
            Some(value) => {
                // It fires nothing, so an equal value is nothing to tell of.
                if *self.params.get(id) != value {
                    self.put(id, value, by, true);
                }
                self.params.keep_bytes(id, bytes);
                Answer::Results(vec![S_OK])
            }
            None => Answer::Results(vec![INVALID_VALUE]),
        }
    }

    /// `SendToDisplay` (CHG-23, QAP-22).
    fn send_to_display(&mut self, id: ParamId, by: Origin) {
        if let Some(id) = self.single(id, "NT_SEND_TO_DISPLAY") {
            let value = self.params.get(id).clone();
            self.show(id, value, by);
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
            self.effects.push(Effect::Save(record));
        }
        Answer::Results(vec![S_OK])
    }
}
