//! The elements of an agent as one of them reaches the others, and itself: what its QActions ask goes into their inbox.
//!
//! Rules: NT 50, NT 115, NT 167.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::element::{Command, Element};
use crate::engine::to_element::{ElementRef, ToElement};
use crate::model::id::ElementId;

/// The elements that can be asked.
#[derive(Clone, Default)]
pub struct Neighbours(Arc<[Neighbour]>);

/// One of them.
struct Neighbour {
    id: ElementId,
    name: String,
    /// It does not keep the element running: that is for those who have its handle.
    inbox: mpsc::WeakSender<Command>,
}

impl Neighbours {
    /// These elements, each of which reaches all.
    #[must_use]
    pub fn of(elements: &[Element]) -> Self {
        let neighbour = |element: &Element| {
            let settings = &element.config.settings;
            Neighbour {
                id: settings.id,
                name: settings.name.clone(),
                inbox: element.inbox.downgrade(),
            }
        };
        Self(elements.iter().map(neighbour).collect())
    }

    /// Asks an element, which does it when its turn comes. Or says why that cannot be asked.
    pub(super) fn ask(&self, element: &ElementRef, asked: ToElement) -> Result<(), String> {
        let found = self.0.iter().find(|other| element.is(other.id, &other.name));
        let found = found.ok_or_else(|| format!("a QAction asks {element}, which this agent does not have"))?;
        let gone = || format!("a QAction asks {element}, which no longer runs");
        let inbox = found.inbox.upgrade().ok_or_else(gone)?;
        inbox.try_send(Command::Asked(asked)).map_err(|error| match error {
            TrySendError::Full(_) => format!("a QAction asks {element}, which is busy: too much waits for it"),
            TrySendError::Closed(_) => gone(),
        })
    }
}
