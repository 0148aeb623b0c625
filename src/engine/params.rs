//! Memory: the values of single parameters (DataMiner's SLProtocol).
//!
//! A set stores the value and tells the outside; whether it also raises a change event is answered here, raising it is
//! the caller's matter, since the event's steps are frames of a chain.
//!
//! Rules: CHG-4 to CHG-8, CHG-16, PAR-100 to PAR-108.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::bounds::is_too_long;
use crate::engine::change::Fires;
use crate::engine::convert::to_kind;
use crate::engine::effect::{Effect, LogLevel, Origin, ParameterChange, Seen};
use crate::engine::saved::Record;
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::{Value, ValueKind};

/// The values of single parameters.
#[derive(Debug)]
pub(super) struct Params {
    /// Where the value of each stands: what the definition says otherwise may change, this does not.
    protocol: Arc<Protocol>,
    values: Vec<Value>,
    /// Those of parameters that the definition does not have. What is in neither is uninitialised.
    general: BTreeMap<ParamId, Value>,
    /// The bytes that a text was made of, where they are not those of the text (HTTP-35).
    bytes: BTreeMap<ParamId, Arc<[u8]>>,
}

impl Params {
    /// No value yet.
    pub(super) fn new(protocol: &Arc<Protocol>) -> Self {
        Self {
            values: vec![Value::Uninitialised; protocol.parts().params.len()],
            general: BTreeMap::new(),
            bytes: BTreeMap::new(),
            protocol: Arc::clone(protocol),
        }
    }

    /// The value as it is.
    pub(super) fn get(&self, id: ParamId) -> &Value {
        let value = match self.protocol.place_of(id) {
            Some(place) => self.values.get(place),
            None => self.general.get(&id),
        };
        value.unwrap_or(&Value::Uninitialised)
    }

    /// Replaces the value without telling anybody.
    pub(super) fn put(&mut self, id: ParamId, value: Value) {
        self.bytes.remove(&id);
        match self.protocol.place_of(id).and_then(|place| self.values.get_mut(place)) {
            Some(known) => *known = value,
            None => drop(self.general.insert(id, value)),
        }
    }

    /// Keeps the bytes that the value was made of.
    pub(super) fn keep_bytes(&mut self, id: ParamId, bytes: &Arc<[u8]>) {
        if self.get(id).to_text().as_bytes() != &**bytes {
            self.bytes.insert(id, Arc::clone(bytes));
        } else {
            self.bytes.remove(&id);
        }
    }

    /// The bytes of a value: those it was made of, else those of its text.
    pub(super) fn bytes(&self, id: ParamId) -> Arc<[u8]> {
        match self.bytes.get(&id) {
            Some(bytes) => Arc::clone(bytes),
            None => self.get(id).to_text().as_bytes().into(),
        }
    }
}

/// What a set came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// Stored, and a change event is due.
    Event,
    /// Nothing to tell: an engine set of an equal value, or a set of null.
    Silent,
    /// The value does not fit the parameter's type; it kept what it had (PAR-103).
    Refused,
}

impl Engine {
    /// Sets a single parameter and says whether a change event is due: a set of a write always raises one, of a read as
    /// `fires` says (CHG-4 to CHG-6).
    pub(super) fn store(&mut self, param: &Param, value: &Value, by: Origin, fires: Fires) -> Stored {
        if !value.is_initialised() {
            return Stored::Silent;
        }
        let fitting = to_kind(&param.interprete, value).filter(|value| !is_too_long(value));
        let Some(value) = fitting else {
            let name = &param.name;
            let id = param.id;
            let shown = if param.is_secret() {
                "***".to_owned()
            } else {
                match value.as_number().filter(|number| !number.is_finite()) {
                    Some(_) => "what is no finite number".to_owned(),
                    None => format!("\"{}\"", excerpt(&value.to_text())),
                }
            };
            self.log(
                LogLevel::Error,
                format!("parameter {name} ({id}) cannot take {shown} ({by})"),
            );
            return Stored::Refused;
        };
        let differs = *self.params.get(param.id) != value;
        if !differs && !param.is_write() && fires == Fires::OnChange {
            return Stored::Silent;
        }
        self.put(param.id, value, by, differs);
        Stored::Event
    }

    /// Stores a value and tells the outside.
    pub(super) fn put(&mut self, id: ParamId, value: Value, by: Origin, differs: bool) {
        self.params.put(id, value.clone());
        self.effects.push(Effect::Parameter(ParameterChange {
            id,
            value,
            by,
            differs,
            seen: Seen::Everywhere,
            of: None,
        }));
    }

    /// Empties memory; the shown value follows by `seen` (PAR-105, PAR-106).
    pub(super) fn forget(&mut self, id: ParamId, by: Origin, seen: Seen) {
        let differs = self.params.get(id).is_initialised();
        self.params.put(id, Value::Uninitialised);
        // Emptying raises no event that would do it (PRT-11).
        let protocol = std::sync::Arc::clone(&self.protocol);
        if let Some(param) = protocol.param(id) {
            self.take_target(param);
        }
        self.effects.push(Effect::Parameter(ParameterChange {
            id,
            value: Value::Uninitialised,
            by,
            differs,
            seen,
            of: None,
        }));
    }

    /// Shows a value that memory does not hold, or holds already: `clear on display`, `SendToDisplay`.
    pub(super) fn show(&mut self, id: ParamId, value: Value, by: Origin) {
        let change = ParameterChange {
            id,
            value,
            by,
            differs: true,
            seen: Seen::ShownOnly,
            of: None,
        };
        self.effects.push(Effect::Parameter(change));
    }

    /// Saves the current value, when the parameter is to be saved (SAV-1).
    pub(super) fn save_param(&mut self, param: &Param) {
        if param.save && param.is_standalone() {
            let record = Record::Param {
                id: param.id,
                value: self.params.get(param.id).clone(),
                secret: param.is_secret(),
            };
            self.effects.push(Effect::Save(record));
        }
    }

    /// The value as a QAction reads it: 0 or `""` for an uninitialised one (PAR-101).
    pub(super) fn read(&self, param: &Param) -> Value {
        match (self.params.get(param.id), param.interprete.kind) {
            (Value::Uninitialised, ValueKind::Number) => Value::Number(0.0),
            (Value::Uninitialised, ValueKind::Text) => Value::text(""),
            (value, _) => value.clone(),
        }
    }
}

/// The first characters of a value, for a log line.
fn excerpt(text: &str) -> String {
    const SHOWN: usize = 80;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}
