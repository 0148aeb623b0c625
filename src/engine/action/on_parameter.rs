//! Actions on parameters: copy, increment, append, clear, run actions …
//!
//! Rules: table 8.3, ACT-7 to ACT-14, CHG-6.

use crate::engine::Engine;
use crate::engine::action::bytes::{Area, in_hex, of_length, replaced};
use crate::engine::action::{by, event};
use crate::engine::chain::{Frame, Next};
use crate::engine::change::{ChangeFrame, Fires};
use crate::engine::effect::{Effect, LogLevel, Seen};
use crate::engine::run_qaction::{Cause, QActionsFrame};
use crate::engine::saved::Record;
use crate::engine::sl_protocol::lenient_number;
use crate::engine::trigger::Item;
use crate::model::action::{Action, ActionKind, Amount};
use crate::model::display_text::display_text;
use crate::model::id::{ActionId, ParamId};
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::{Value, ValueKind};

impl Engine {
    /// Does one action to one parameter.
    pub(super) fn act_on_parameter(
        &mut self,
        protocol: &Protocol,
        action: &Action,
        target: ParamId,
        item: Item,
    ) -> Next {
        let (kind, id) = (&action.kind, action.id);
        let Some(param) = protocol.param(target) else {
            return Next::Again;
        };
        let takes_any = matches!(
            kind,
            ActionKind::RunActions(_) | ActionKind::Clear(_) | ActionKind::Go(_)
        );
        if !takes_any && !param.is_standalone() {
            self.log(
                LogLevel::Error,
                format!("action {id} does nothing to parameter {target}: it is a table or a column"),
            );
            return Next::Again;
        }
        match kind {
            ActionKind::RunActions(_) => {
                Next::Call(Frame::QActions(QActionsFrame::on(self, Cause::RunActions(target))))
            }
            ActionKind::Copy { from, .. } => match self.source(*from, item) {
                Some(value) => self.set_by_action(id, param, &copied(value)),
                None => self.no_source(id),
            },
            ActionKind::CopyReverse { from, .. } => match self.source(*from, item) {
                Some(value) => self.set_by_action(
                    id,
                    param,
                    &Value::from(value.to_text().chars().rev().collect::<String>()),
                ),
                None => self.no_source(id),
            },
            ActionKind::Append { from, hex, .. } => {
                let Some(source) = protocol.param(*from) else {
                    return self.no_source(id);
                };
                let value = self.params.get(*from);
                let addition = match hex {
                    Some(hex) => in_hex(&value.to_text(), *hex),
                    None if value.is_initialised() => display_text(source, value),
                    None => String::new(),
                };
                self.append(id, param, &addition)
            }
            ActionKind::AppendData { from, .. } => {
                let addition = self.params.get(*from).to_text();
                self.append(id, param, &addition)
            }
            ActionKind::Increment(amount, _) => self.calculate(id, param, *amount, |value, amount| value + amount),
            ActionKind::Multiply(amount, _) => self.calculate(id, param, *amount, |value, amount| value * amount),
            ActionKind::Pow(amount, _) => self.calculate(id, param, *amount, f64::powf),
            ActionKind::Clear(_) => {
                if param.table.is_some() {
                    self.clear_table(param.id, by(id));
                } else if self.params.get(param.id).is_initialised() {
                    self.forget(param.id, by(id), Seen::MemoryOnly);
                }
                Next::Again
            }
            ActionKind::ClearOnDisplay(_) => {
                self.show(param.id, Value::Uninitialised, by(id));
                Next::Again
            }
            ActionKind::Save(_) => {
                let value = self.params.get(param.id).clone();
                self.effects.push(Effect::Save(Record::Param {
                    id: param.id,
                    value,
                    secret: param.is_secret(),
                }));
                Next::Again
            }
            ActionKind::Go(_) => Next::Call(Frame::Change(ChangeFrame::new(param.id, by(id)))),
            ActionKind::ChangeLength { length, .. } => self.change_length(id, param, *length),
            ActionKind::ReplaceData {
                replacements,
                start,
                end,
                select,
                ..
            } => {
                let area = if *select {
                    Area::Ends(*start, *end)
                } else {
                    Area::Between(*start, *end)
                };
                self.replace_data(id, param, replacements, area)
            }
            ActionKind::ExecuteGroup(..)
            | ActionKind::StartTimer(_)
            | ActionKind::StopTimer(_)
            | ActionKind::RestartTimer { .. }
            | ActionKind::RescheduleTimer(_)
            | ActionKind::Aggregate(..)
            | ActionKind::Sleep(_)
            | ActionKind::SwapColumn { .. }
            | ActionKind::ReadFile { .. } => Next::Done,
        }
    }

    /// The value of the source: `Type@id`, else the trigger's parameter (ACT-8).
    fn source(&self, from: Option<ParamId>, item: Item) -> Option<Value> {
        let id = from.or(item.param())?;
        Some(self.params.get(id).clone())
    }

    fn no_source(&mut self, id: ActionId) -> Next {
        self.log(
            LogLevel::Error,
            format!("action {id} has no source: neither Type@id nor a trigger on a parameter"),
        );
        Next::Again
    }

    pub(super) fn set_by_action(&mut self, id: ActionId, param: &Param, value: &Value) -> Next {
        let stored = self.store(param, value, by(id), Fires::OnChange);
        event(param.id, stored, id)
    }

    fn append(&mut self, id: ActionId, param: &Param, addition: &str) -> Next {
        let value = Value::from(format!("{}{addition}", self.params.get(param.id).to_text()));
        self.set_by_action(id, param, &value)
    }

    fn replace_data(&mut self, id: ActionId, param: &Param, pairs: &[(Vec<u8>, Vec<u8>)], area: Area) -> Next {
        let old = self.params.get(param.id);
        if !old.is_initialised() {
            return Next::Again;
        }
        let Some(new) = replaced(&old.to_text(), pairs, area) else {
            self.log(
                LogLevel::Debug,
                format!(
                    "action {id} replaces nothing: parameter {} is shorter than the offsets",
                    param.id
                ),
            );
            return Next::Again;
        };
        self.set_by_action(id, param, &Value::from(new))
    }

    /// A text of fixed length gets the length that another parameter holds.
    fn change_length(&mut self, id: ActionId, param: &Param, length: ParamId) -> Next {
        if param.interprete.fixed_length.is_none() || param.interprete.kind != ValueKind::Text {
            self.log(
                LogLevel::Error,
                format!(
                    "action {id} changes a length, but parameter {} is no text of fixed length",
                    param.id
                ),
            );
            return Next::Again;
        }
        // The cast saturates: a negative length is none at all.
        let length = lenient_number(self.params.get(length)) as usize;
        let value = of_length(&self.params.get(param.id).to_text(), length);
        self.set_by_action(id, param, &Value::from(value))
    }

    /// A number calculated from the parameter and an amount; an uninitialised parameter counts as 0 (ACT-10).
    fn calculate(&mut self, id: ActionId, param: &Param, amount: Amount, with: fn(f64, f64) -> f64) -> Next {
        if param.interprete.kind != ValueKind::Number {
            self.log(
                LogLevel::Error,
                format!("action {id} calculates, but parameter {} is a text", param.id),
            );
            return Next::Again;
        }
        let amount = match amount {
            Amount::Value(value) => value,
            Amount::Param(source) => lenient_number(self.params.get(source)),
        };
        let value = self.params.get(param.id).as_number().unwrap_or(0.0);
        self.set_by_action(id, param, &Value::Number(with(value, amount)))
    }
}

/// A copy ends at the first 0x00 of a text (ACT-9).
fn copied(value: Value) -> Value {
    match &value {
        Value::Text(text) => match text.split_once('\0') {
            Some((before, _)) => Value::from(before),
            None => value,
        },
        Value::Uninitialised | Value::Number(_) => value,
    }
}
