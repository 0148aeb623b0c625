//! What a QAction asks of an element of this agent, by its id or name: a state, or a set. Its own element is one of them.
//!
//! Nobody waits for the answer: an element that waited for itself would wait for ever.
//!
//! Rules: NT 50, NT 115, NT 167, ELM-1.

use std::fmt;
use std::sync::Arc;

use crate::engine::settings::ElementSettings;
use crate::model::id::{ElementId, ParamId};
use crate::model::value::Value;

/// An element, as a call names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ElementRef {
    /// By its id.
    Id(u32),
    /// By its name, in any casing.
    Name(Arc<str>),
}

impl ElementRef {
    /// Whether this names the element with this id and name.
    #[must_use]
    pub fn is(&self, id: ElementId, name: &str) -> bool {
        match self {
            Self::Id(wanted) => *wanted == id.0,
            Self::Name(wanted) => wanted.to_lowercase() == name.to_lowercase(),
        }
    }

    /// Whether this names the element with these settings.
    pub(super) fn is_of(&self, settings: &ElementSettings) -> bool {
        self.is(settings.id, &settings.name)
    }
}

impl fmt::Display for ElementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "element {id}"),
            Self::Name(name) => write!(f, "element \"{name}\""),
        }
    }
}

impl From<u32> for ElementRef {
    fn from(id: u32) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for ElementRef {
    fn from(name: &str) -> Self {
        Self::Name(name.into())
    }
}

/// What is asked of an element.
#[derive(Debug, Clone, PartialEq)]
pub enum ToElement {
    /// Another state.
    State(StateRequest),
    /// A set as from outside, of a parameter or of a cell.
    Set {
        /// The parameter; of a cell, the column.
        param: ParamId,
        /// The primary key, when a cell is set.
        key: Option<Arc<str>>,
        /// The value.
        value: Value,
        /// Who caused the run that asks; empty when nobody outside did.
        user: Arc<str>,
    },
}

/// What an operator asks of an element, and a QAction by `NT_SET_ELEMENT_STATE` (115). Delete (6) is not offered: the elements
/// are those of the agent file, and leave with their lines there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateRequest {
    /// 1: it runs, after a pause or a stop.
    Activate,
    /// 3: no ticks, no requests (ELM-10).
    Pause,
    /// 4: everything under way is given up (ELM-12).
    Stop,
    /// 11: a stop, then a start (ELM-14).
    Restart,
}

impl StateRequest {
    /// The command that a number of the product stands for; none for delete, and for a number that stands for nothing.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Activate),
            3 => Some(Self::Pause),
            4 => Some(Self::Stop),
            11 => Some(Self::Restart),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ElementRef, StateRequest};
    use crate::model::id::ElementId;

    #[test]
    fn nt_115_elm_1_the_numbers_of_the_product() {
        use StateRequest::{Activate, Pause, Restart, Stop};
        let numbers = [1, 3, 4, 6, 11, 0].map(StateRequest::from_number);
        assert_eq!(
            numbers,
            [Some(Activate), Some(Pause), Some(Stop), None, Some(Restart), None]
        );
    }

    #[test]
    fn an_element_is_named_by_id_or_in_any_casing() {
        let (id, name) = (ElementId(2), "Zürich");
        assert!(ElementRef::Id(2).is(id, name) && ElementRef::from("ZÜRICH").is(id, name));
        assert!(!ElementRef::Id(1).is(id, name) && !ElementRef::from("2").is(id, name));
    }
}
