//! Calls that name a parameter, sets with a time, and messages.
//!
//! Rules: CHG-18, QAP-5, QAP-29, QA-33, PAR-44, TBL-115.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::call::{Outcome, Sets};
use crate::engine::chain::Context;
use crate::engine::effect::{Effect, LogLevel};
use crate::engine::qaction::NOT_FOUND;
use crate::engine::sl_protocol::Named;
use crate::engine::told::Told;
use crate::model::display_text::display_text;
use crate::model::id::{ParamId, QActionId};
use crate::model::param::Param;
use crate::model::value::Value;

impl Engine {
    /// The parameter that a name stands for, in any casing; of a read and a write that share it the one that is meant.
    pub(super) fn find_param(&mut self, name: &str, which: Named) -> Option<ParamId> {
        let protocol = Arc::clone(&self.protocol);
        let named = protocol
            .parts()
            .params
            .iter()
            .filter(|param| param.name.eq_ignore_ascii_case(name));
        let (writes, reads): (Vec<_>, Vec<_>) = named.partition(|param| param.is_write());
        let (write, read) = (writes.first(), reads.first());
        let found = match which {
            Named::Any => write.or(read),
            Named::Read => read,
            Named::Write => write,
        };
        if found.is_none() {
            let what = match which {
                Named::Any => "parameter",
                Named::Read => "read parameter",
                Named::Write => "write parameter",
            };
            let text = format!("there is no {what} named \"{name}\". {NOT_FOUND:#x}");
            self.log(LogLevel::Error, text);
        }
        found.map(|param| param.id)
    }

    /// `SetParameter` with a time: without `historySet` it is told once that the time does not count (PAR-44).
    pub(super) fn set_at(&mut self, id: ParamId, value: Value, unix_ms: i64) -> Outcome {
        match self.takes_time(id) {
            true => Outcome::Sets(Sets::at(id, value, unix_ms)),
            false => Outcome::Sets(Sets::new(vec![(id, value)])),
        }
    }

    /// Whether values of a parameter may have a time; that they may not is told once (PAR-44).
    pub(in crate::engine) fn takes_time(&mut self, id: ParamId) -> bool {
        let Some(param) = self.protocol.param(id).filter(|param| !param.history_set) else {
            return true;
        };
        let text = format!(
            "parameter {} ({id}) has no historySet: the time of a set is ignored",
            param.name
        );
        self.log_once(Told::TimeIgnored(id), LogLevel::Warning, text);
        false
    }

    /// `NT_CLOSE_HISTORY_TREND_WINDOW` (374): only for what has `historySet`.
    pub(super) fn close_trend(&mut self, id: ParamId, key: Option<Arc<str>>, of: i64) {
        let why_not = match self.protocol.param(id) {
            Some(param) if param.history_set => return self.effects.push(Effect::CloseTrend(id, key, of)),
            Some(param) => format!("parameter {} ({id}) is not marked for history sets", param.name),
            None => format!("there is no parameter {id}"),
        };
        self.log(LogLevel::Error, format!("trend windows are not closed: {why_not}"));
    }

    /// What people read for values of the columns of a table, by idx.
    pub(super) fn displayed(&self, table: ParamId, cells: &[Option<Value>]) -> Vec<Option<String>> {
        let columns = self.protocol.param(table).and_then(|param| param.table.as_ref());
        let columns = columns.map_or(&[][..], |table| table.columns.as_slice());
        let texts = columns.iter().zip(cells).map(|(column, cell)| {
            let param = self.protocol.param(column.pid)?;
            Some(display_text(param, cell.as_ref()?))
        });
        texts.collect()
    }

    /// `ShowInformationMessage`. The run is one that a client caused directly when nothing stands between the client's set
    /// of a write and it: no trigger, no other QAction, no setter (QA-33).
    pub(super) fn show_message(&mut self, text: &str, qaction: QActionId, trigger: ParamId, context: &Context) {
        let is_write = self.protocol.param(trigger).is_some_and(|param| param.is_write());
        let directly = !context.user.is_empty() && context.triggers == 0 && context.qactions == 1 && is_write;
        let line = match directly {
            true => format!("message to {}: {text}", context.user),
            false => format!("information: {text} (QAction {qaction})"),
        };
        self.log(LogLevel::Info, line);
    }

    /// `<TableName>_QActionFeedback` holds `client|INFO|text` or `client|ERROR|text`: the text is for that client alone
    /// (TBL-115). Here a client is a choice from the menu, and the log has what it is told.
    pub(super) fn tell_feedback(&mut self, feedback: &Param) {
        let value = self.params.get(feedback.id).to_text();
        let mut parts = value.splitn(3, '|');
        let (Some(client), Some(kind), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            let text = format!(
                "{} ({}) takes `client|INFO|text` or `client|ERROR|text`",
                feedback.name, feedback.id
            );
            self.log(LogLevel::Warning, text);
            return;
        };
        let level = match kind.trim().eq_ignore_ascii_case("ERROR") {
            true => LogLevel::Error,
            false => LogLevel::Info,
        };
        self.log(level, format!("message to client {client}: {text}"));
    }
}
