//! What an element is made of: its definition, its settings, its QActions.

use std::sync::Arc;

use crate::element::world::{Files, NoFiles};
use crate::engine::qaction::QActionSet;
use crate::engine::settings::ElementSettings;
use crate::model::id::ElementId;
use crate::model::protocol::Protocol;

/// What an element is made of.
#[derive(Clone)]
pub struct ElementConfig {
    /// Name, id and connections.
    pub settings: ElementSettings,
    /// The definition, shared by all elements that have it.
    pub protocol: Arc<Protocol>,
    /// Makes fresh QActions at each start (QA-7).
    pub qactions: Arc<dyn Fn() -> QActionSet + Send + Sync>,
    /// Which files it may read.
    pub files: Arc<dyn Files>,
    /// Whether the steps of the execution trace are produced.
    pub trace: bool,
}

impl ElementConfig {
    /// An element with the settings that the definition prefills, without QActions and trace.
    #[must_use]
    pub fn prefilled(id: ElementId, name: &str, protocol: Arc<Protocol>) -> Self {
        Self {
            settings: ElementSettings::prefilled(id, name, &protocol),
            protocol,
            qactions: Arc::new(QActionSet::default),
            files: Arc::new(NoFiles),
            trace: false,
        }
    }
}
