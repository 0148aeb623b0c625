//! The action `read file`: which bytes of which file, and where they go. Reading itself is done outside.
//!
//! Rules: ACT-15.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::action::bytes::text_of;
use crate::engine::chain::Next;
use crate::engine::effect::LogLevel;
use crate::engine::file::{FileAnswer, FileRead};
use crate::model::id::{ActionId, ParamId};
use crate::model::value::Value;

impl Engine {
    /// What the parameters of the action ask for; logged when the path is missing.
    pub(super) fn file_to_read(
        &mut self,
        id: ActionId,
        path: ParamId,
        count: Option<ParamId>,
        offset: Option<ParamId>,
    ) -> Option<FileRead> {
        let path_text: Arc<str> = Arc::from(&*self.params.get(path).to_text());
        if path_text.trim().is_empty() {
            let text = format!("action {id} reads no file: parameter {path} holds no path");
            self.log(LogLevel::Error, text);
            return None;
        }
        // The cast saturates: a negative number is none at all.
        let number = |id: Option<ParamId>| {
            id.and_then(|id| self.params.get(id).as_number())
                .map(|number| number as u64)
        };
        Some(FileRead {
            path: path_text,
            offset: number(offset).unwrap_or_default(),
            count: number(count),
        })
    }

    /// The file was read: its content goes through the normal change path. A file that cannot be read changes nothing.
    pub(super) fn take_file(&mut self, id: ActionId, to: ParamId, answer: FileAnswer) -> Next {
        let protocol = Arc::clone(&self.protocol);
        let Some(param) = protocol.param(to) else {
            return Next::Done;
        };
        match answer {
            Ok(bytes) => self.set_by_action(id, param, &Value::from(text_of(bytes.to_vec()))),
            Err(error) => {
                self.log(LogLevel::Error, format!("action {id}: {error}"));
                Next::Done
            }
        }
    }
}
