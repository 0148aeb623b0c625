//! Calls on single parameters.
//!
//! Rules: QAP-1 to QAP-6, QAP-21, QAP-23, QAP-24, QAP-27, QAP-32, DSP-96, CHG-5, CHG-15 to CHG-18.

use std::sync::Arc;

use crate::engine::port::{Answer, Call};
use crate::engine::qaction::{INVALID_VALUE, NOT_FOUND, Redefined, S_OK};
use crate::engine::sl_protocol::{SlProtocol, lenient_bool, lenient_number, truth};
use crate::model::id::ParamId;
use crate::model::value::Value;

/// Which parameter of a name is meant, where a read and a write share it (CHG-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The write when there is one: `GetParameterByName`, `SetParameterByName`.
    Any,
    /// The read: `SetReadParameterByName`.
    Read,
    /// The write: `SetWriteParameterByName`.
    Write,
}

impl SlProtocol {
    /// `GetParameter`: the raw value; 0 or `""` for an uninitialised one (PAR-101); none for an unknown id, with a log
    /// line.
    pub async fn get(&self, id: ParamId) -> Option<Value> {
        value(self.call(Call::Get(id)).await)
    }

    /// `GetParameters`: one value an id, none for an unknown one (QAP-4).
    pub async fn get_many(&self, ids: &[ParamId]) -> Vec<Option<Value>> {
        let mut values = Vec::with_capacity(ids.len());
        for &id in ids {
            values.push(self.get(id).await);
        }
        values
    }

    /// The value as a number, as C# converts it: 0 for null and for a text that is none (QAP-32).
    pub async fn get_number(&self, id: ParamId) -> f64 {
        self.get(id).await.map_or(0.0, |value| lenient_number(&value))
    }

    /// The value as a truth, as C# converts it: false for null (QAP-32).
    pub async fn get_bool(&self, id: ParamId) -> bool {
        self.get(id).await.is_some_and(|value| lenient_bool(&value))
    }

    /// The value as text; empty for null (QAP-32).
    pub async fn get_text(&self, id: ParamId) -> Arc<str> {
        self.get(id).await.unwrap_or_default().to_text()
    }

    /// `GetParameterByName`, in any casing: of a read and a write that share the name the write (QAP-5).
    pub async fn get_by_name(&self, name: &str) -> Option<Value> {
        self.get(self.find(name, Named::Any).await?).await
    }

    /// The read of a name (QAP-5).
    pub async fn get_read_by_name(&self, name: &str) -> Option<Value> {
        self.get(self.find(name, Named::Read).await?).await
    }

    /// The parameter that a name stands for, in any casing; none when there is no such one, with a log line.
    pub async fn find(&self, name: &str, which: Named) -> Option<ParamId> {
        match self.call(Call::Find(name.into(), which)).await {
            Answer::Param(id) => id,
            _ => None,
        }
    }

    /// `IsEmpty`: whether the parameter is uninitialised; never one of fixed length (QAP-21).
    pub async fn is_empty(&self, id: ParamId) -> bool {
        truth(&self.call(Call::IsEmpty(id)).await)
    }

    /// `GetData` of a parameter (60): its bytes, as a response or `SetParameterBinary` brought them, else those of its
    /// text; none for an unknown id (QAP-23).
    pub async fn get_data(&self, id: ParamId) -> Option<Arc<[u8]>> {
        match self.call(Call::GetData(id)).await {
            Answer::Bytes(bytes) => bytes,
            _ => None,
        }
    }

    /// `SetParameter`: always raises a change event, and returns when all that it caused is done (CHG-5, QA-14).
    /// [`Value::Uninitialised`] is null: nothing happens (CHG-16).
    pub async fn set(&self, id: ParamId, value: impl Into<Value>) -> u32 {
        first(self.call(Call::Set(vec![(id, value.into())])).await)
    }

    /// `SetParameter` with a time (256), in milliseconds since 1970. Without `historySet` the time is ignored (PAR-44).
    pub async fn set_at(&self, id: ParamId, value: impl Into<Value>, unix_ms: i64) -> u32 {
        first(self.call(Call::SetAt(id, value.into(), unix_ms)).await)
    }

    /// `SetParameters`: strictly in order, each with everything it causes before the next (CHG-17). Ids and values that
    /// differ in number cannot be written down (QAP-3).
    pub async fn set_many(&self, values: Vec<(ParamId, Value)>) -> Vec<u32> {
        match self.call(Call::Set(values)).await {
            Answer::Results(results) => results,
            _ => Vec::new(),
        }
    }

    /// `SetParameterByName`: of a read and a write that share the name the write (CHG-18).
    pub async fn set_by_name(&self, name: &str, value: impl Into<Value>) -> u32 {
        self.set_named(name, Named::Any, value.into()).await
    }

    /// `SetReadParameterByName` (CHG-18).
    pub async fn set_read_by_name(&self, name: &str, value: impl Into<Value>) -> u32 {
        self.set_named(name, Named::Read, value.into()).await
    }

    /// `SetWriteParameterByName` (CHG-18).
    pub async fn set_write_by_name(&self, name: &str, value: impl Into<Value>) -> u32 {
        self.set_named(name, Named::Write, value.into()).await
    }

    /// `SetParametersByName`, `SetReadParametersByName`, `SetWriteParametersByName`: one after the other.
    pub async fn set_many_by_name(&self, which: Named, values: Vec<(&str, Value)>) -> Vec<u32> {
        let mut results = Vec::with_capacity(values.len());
        for (name, value) in values {
            results.push(self.set_named(name, which, value).await);
        }
        results
    }

    async fn set_named(&self, name: &str, which: Named, value: Value) -> u32 {
        match self.find(name, which).await {
            Some(id) => self.set(id, value).await,
            None => NOT_FOUND,
        }
    }

    /// `SetParameterBinary`: stores the bytes without any event (CHG-15).
    pub async fn set_binary(&self, id: ParamId, bytes: impl AsRef<[u8]>) -> u32 {
        first(self.call(Call::SetBinary(id, bytes.as_ref().into())).await)
    }

    /// `ClearParameter` (474): a parameter or a whole table becomes uninitialised or empty, also for clients; an unknown
    /// id and a column are refused (PAR-105, QAP-24).
    pub async fn clear(&self, id: ParamId) -> u32 {
        first(self.call(Call::Clear(id)).await)
    }

    /// `GetParameterDescription`: none for an unknown id, with a log line (QAP-27).
    pub async fn description(&self, id: ParamId) -> Option<Arc<str>> {
        match self.call(Call::GetDescription(id)).await {
            Answer::Key(text) => text,
            _ => None,
        }
    }

    /// `SetParameterDescription`: holds until the element stops (QAP-27).
    pub async fn set_description(&self, id: ParamId, text: &str) -> u32 {
        let update = vec![(id, Redefined::Description(text.into()))];
        self.update_description(update)
            .await
            .first()
            .copied()
            .unwrap_or(INVALID_VALUE)
    }

    /// `NT_UPDATE_DESCRIPTION_XML` (127): descriptions, units, ranges and steps, a result each. Clients are told, and
    /// later sets of people go by them, until the element stops (DSP-96).
    pub async fn update_description(&self, updates: Vec<(ParamId, Redefined)>) -> Vec<u32> {
        match self.call(Call::Redefine(updates)).await {
            Answer::Results(results) => results,
            _ => Vec::new(),
        }
    }
}

fn value(answer: Answer) -> Option<Value> {
    match answer {
        Answer::Value(value) => value,
        _ => None,
    }
}

/// The result of a call that gives one. What is not answered failed.
fn first(answer: Answer) -> u32 {
    match answer {
        Answer::Results(results) => results.first().copied().unwrap_or(INVALID_VALUE),
        Answer::Done => S_OK,
        _ => NOT_FOUND,
    }
}
