//! Connectors: which definition has QActions in Rust, and where.
//!
//! Rules: QA-2 (a QAction is a Rust implementation registered under connector and id), QA-7 (fresh at each start).

pub mod opsgenie;

use std::sync::Arc;

use crate::engine::qaction::QActionSet;
use crate::model::protocol::Protocol;

/// Makes the QActions of one element start.
pub type QActionFactory = Arc<dyn Fn() -> QActionSet + Send + Sync>;

/// One connector with code.
struct Connector {
    /// `Protocol/Name`.
    name: &'static str,
    /// The range its code is for, such as `1.0.0.` for every `1.0.0.x`.
    range: &'static str,
    /// Its QActions.
    qactions: fn() -> QActionSet,
}

/// Every connector with code.
const CONNECTORS: [Connector; 1] = [Connector {
    name: "Atlassian Opsgenie",
    range: "1.0.0.",
    qactions: opsgenie::qactions,
}];

/// The QActions of a definition, by its name and version; none when it has no code here.
#[must_use]
pub fn qactions_for(protocol: &Protocol) -> Option<QActionFactory> {
    let parts = protocol.parts();
    let connector = find(&parts.name, &parts.version)?;
    let qactions = connector.qactions;
    Some(Arc::new(qactions))
}

fn find(name: &str, version: &str) -> Option<&'static Connector> {
    CONNECTORS
        .iter()
        .find(|connector| connector.name == name && version.starts_with(connector.range))
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_connector_is_found_by_its_name_and_range() {
        let found = [
            ("Atlassian Opsgenie", "1.0.0.1"),
            ("Atlassian Opsgenie", "1.0.0.27"),
            ("Atlassian Opsgenie", "1.0.1.1"),
            ("atlassian opsgenie", "1.0.0.1"),
            ("Another", "1.0.0.1"),
        ]
        .map(|(name, version)| find(name, version).is_some());
        assert_eq!(found, [true, true, false, false, false]);
    }
}
