//! Redundant polling: of two connections one is polled, and the other when that one does not respond.
//!
//! A group that names its connection stays there, and so does the ping group, which asks about the main one.
//!
//! Rules: TMO-24.

use crate::engine::Engine;
use crate::engine::effect::LogLevel;
use crate::model::group::Group;
use crate::model::id::{ConnectionId, GroupId};

impl Engine {
    /// The connection that a group uses now: the one chosen when it was queued, or the one that stands in for it.
    pub(super) fn connection_now(&self, group: &Group, chosen: ConnectionId) -> ConnectionId {
        match self.protocol.parts().stand_in {
            Some(stand_in) if self.stands_in && follows(group, chosen) => stand_in,
            Some(_) | None => chosen,
        }
    }

    /// After a group that follows: the next one uses the other connection when this one does not respond.
    pub(super) fn switch_after(&mut self, group: &Group, chosen: ConnectionId, used: ConnectionId) {
        if follows(group, chosen) && self.timeouts.is_failing(used) {
            self.switch_from(used);
        }
    }

    /// The other connection is used from now on, when it was this one so far.
    pub(super) fn switch_from(&mut self, failing: ConnectionId) {
        let Some(stand_in) = self.protocol.parts().stand_in else {
            return;
        };
        let main = ConnectionId(0);
        let (active, other) = if self.stands_in {
            (stand_in, main)
        } else {
            (main, stand_in)
        };
        if failing == active {
            self.stands_in = !self.stands_in;
            let text = format!("connection {active} does not respond: connection {other} is polled instead");
            self.log(LogLevel::Warning, text);
        }
    }
}

fn follows(group: &Group, chosen: ConnectionId) -> bool {
    let is_free = !group.connection_given && group.connection_pid.is_none();
    is_free && chosen == ConnectionId(0) && group.id != GroupId::PING
}
