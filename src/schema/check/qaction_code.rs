//! Every QAction that something runs has code in the connector, and the code has a QAction to run it.
//!
//! Rules: QA-2, QA-30 (a QAction that nothing runs is a library and needs none).

use std::collections::BTreeSet;

use crate::model::id::QActionId;
use crate::model::protocol::Protocol;
use crate::model::qaction::QActionDef;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::source::{Source, Span};

/// Compares the QActions of a protocol with those that a connector registered for it. Without a connector there is
/// nothing to compare: the element then runs without QActions, and its trace says so.
#[must_use]
pub fn qaction_code(protocol: &Protocol, source: &Source, registered: Option<&BTreeSet<QActionId>>) -> Vec<Diagnostic> {
    let Some(registered) = registered else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for qaction in &protocol.parts().qactions {
        if is_run(protocol, qaction) && !registered.contains(&qaction.id) {
            let message = format!(
                "no code is registered for QAction {}: its events run nothing",
                qaction.id
            );
            let missing = Diagnostic::new(&codes::QACTION_NOT_REGISTERED, source.line(qaction.line), message);
            found.push(at(missing, qaction.id));
        }
    }
    for &id in registered.iter().filter(|&&id| protocol.qaction(id).is_none()) {
        let message = format!("code is registered for QAction {id}, which is not declared: nothing runs it");
        let mut extra = Diagnostic::new(&codes::QACTION_NOT_DECLARED, Span::new(0, 0), message);
        extra.path = "Protocol/QActions".to_owned();
        found.push(extra);
    }
    found
}

fn is_run(protocol: &Protocol, qaction: &QActionDef) -> bool {
    let timers = protocol
        .parts()
        .timers
        .iter()
        .filter_map(|timer| timer.multithreaded.as_ref());
    let mut of_timers = timers.flat_map(|options| [options.before, options.after, options.each_row]);
    !qaction.triggers.is_empty() || !qaction.groups.is_empty() || of_timers.any(|id| id == Some(qaction.id))
}

fn at(mut diagnostic: Diagnostic, id: QActionId) -> Diagnostic {
    diagnostic.path = format!("Protocol/QActions/QAction[{id}]");
    diagnostic
}
