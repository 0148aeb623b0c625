//! The Atlassian Opsgenie connector: takes alert messages, queues them, sends them, and follows each until the platform
//! confirms what became of it. The definition is `protocol/opsgenie/protocol.xml`.
//!
//! Plain functions over rows and JSON; the QActions are short glue between them and the element. In reading order: a
//! text is received (`envelope`, `mapping`, `limits`, `intake`), becomes a row (`message`) in the queue (`queue`, `hold`,
//! `rate`), is sent (`operation`, `target`, `service`), and what comes back decides where it goes (`outcome`, `confirm`,
//! `look`). What is remembered of it is in `memory` and `known`, and where it is in `account`.

mod parameters;

mod account;
mod api_key;
mod notice;
mod service;
mod teams;

mod attachment;
mod envelope;
mod intake;
mod limits;
mod mapping;
mod operation;
mod received;
mod recipients;
mod severity;
mod target;

mod hold;
mod message;
mod queue;
mod rate;
mod room;
mod row;
mod shared;

mod history;
mod known;
mod memory;

mod answer;
mod asking;
mod backoff;
mod cleared;
mod confirm;
mod datetime;
mod find;
mod look;
mod marker;
mod outcome;
mod prefix;
mod pump;
mod responders;
mod sending;
mod telling;

mod clear;
mod close_open;
mod restore;
mod retry;

use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::qaction::{QAction, QActionFuture, QActionSet};
use crate::engine::sl_protocol::SlProtocol;
use crate::model::id::QActionId;

use shared::{Shared, SharedState};

/// The QActions of the definition.
#[derive(Debug, Clone, Copy)]
enum Code {
    Started,
    ApiKeyChanged,
    TeamsAnswered,
    TeamsNotAnswered,
    MessageReceived,
    ClearTablePressed,
    RetryPressed,
    PlatformChanged,
    QueueTicked,
    RowRequest,
    RowResponse,
    ResponderIDsWritten,
    CloseOpenPressed,
    CloseFormerPressed,
}

/// Which code is which QAction.
const TABLE: [(QActionId, Code); 14] = [
    (QActionId(2), Code::Started),
    (QActionId(11), Code::ApiKeyChanged),
    (QActionId(15), Code::PlatformChanged),
    (QActionId(21), Code::TeamsAnswered),
    (QActionId(27), Code::TeamsNotAnswered),
    (QActionId(51), Code::MessageReceived),
    (QActionId(52), Code::ClearTablePressed),
    (QActionId(53), Code::RetryPressed),
    (QActionId(61), Code::QueueTicked),
    (QActionId(71), Code::RowRequest),
    (QActionId(72), Code::RowResponse),
    (QActionId(79), Code::ResponderIDsWritten),
    (QActionId(80), Code::CloseOpenPressed),
    (QActionId(83), Code::CloseFormerPressed),
];

/// The QActions of one element start.
#[must_use]
pub fn qactions() -> QActionSet {
    let shared: Shared = Arc::new(Mutex::new(SharedState::new()));
    let mut qactions = QActionSet::default();
    for (id, code) in TABLE {
        let shared = Arc::clone(&shared);
        qactions.insert(id, Arc::new(OpsgenieQAction { code, shared }));
    }
    qactions
}

/// One QAction, with what it shares with the others of its element.
struct OpsgenieQAction {
    code: Code,
    shared: Shared,
}

impl QAction for OpsgenieQAction {
    fn run<'a>(&'a self, protocol: &'a SlProtocol) -> QActionFuture<'a> {
        let shared = &self.shared;
        match self.code {
            Code::Started => Box::pin(restore::started(protocol, shared)),
            Code::ApiKeyChanged => Box::pin(api_key::changed(protocol, shared)),
            Code::TeamsAnswered => Box::pin(teams::answered(protocol, shared)),
            Code::TeamsNotAnswered => Box::pin(teams::not_answered(protocol, shared)),
            Code::MessageReceived => Box::pin(received::received(protocol, shared)),
            Code::ClearTablePressed => Box::pin(clear::pressed(protocol, shared)),
            Code::RetryPressed => Box::pin(retry::pressed(protocol, shared)),
            Code::PlatformChanged => Box::pin(api_key::platform_changed(protocol, shared)),
            Code::QueueTicked => Box::pin(pump::tick(protocol, shared)),
            Code::RowRequest => Box::pin(sending::request(protocol, shared)),
            Code::ResponderIDsWritten => Box::pin(teams::ids_written(protocol)),
            Code::CloseOpenPressed => Box::pin(close_open::pressed(protocol, shared)),
            Code::CloseFormerPressed => Box::pin(close_open::former_pressed(protocol, shared)),
            Code::RowResponse => Box::pin(sending::response(protocol, shared)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{parameters::tests::definition, qactions};

    #[test]
    fn every_qaction_of_the_definition_has_code_and_the_reverse() {
        let xml = definition();
        let document = roxmltree::Document::parse(&xml).unwrap();
        let declared = document
            .descendants()
            .filter(|node| node.tag_name().name() == "QAction");
        let declared: Vec<u32> = declared
            .map(|node| node.attribute("id").unwrap().parse().unwrap())
            .collect();
        let coded: Vec<u32> = qactions().ids().map(|id| id.0).collect();
        assert_eq!(coded, declared);
    }
}
