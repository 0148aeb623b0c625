//! Slow poll: an element whose main connection is in timeout is left in peace, but for the ping group now and then.
//!
//! ```text
//!  normal ── main connection in timeout for so long, or for the n-th time ──► slow poll ──┐ ping group, each interval
//!    ▲                                                                          │  ▲─────┘
//!    └───────────────────── the main connection responds ──────────────────────┘
//! ```
//!
//! In slow poll the groups that would send requests on the main connection are dropped when they reach the front.
//!
//! Rules: TMO-19 to TMO-23.

use crate::engine::Engine;
use crate::engine::effect::LogLevel;
use crate::engine::life::Life;
use crate::engine::told::Told;
use crate::model::action::Execute;
use crate::model::connection::SlowPollBegin;
use crate::model::group::{Group, GroupKind};
use crate::model::id::{ConnectionId, GroupId};
use crate::model::moment::Moment;

/// Where an element stands between normal polling and slow poll.
#[derive(Debug, Default)]
pub(super) struct SlowPolling {
    /// Since when the main connection is in timeout.
    timeout_since: Option<Moment>,
    /// How often it got there since the last slow poll.
    timeouts: u32,
    /// When the next ping is due; none outside slow poll.
    next_ping: Option<Moment>,
    /// Whether a ping is queued or under way.
    pinging: bool,
}

impl SlowPolling {
    /// The moment at which slow poll begins, or the next ping is due.
    pub(super) fn next_wakeup(&self, begins: Option<SlowPollBegin>, now: Moment) -> Option<Moment> {
        let begin = match begins {
            Some(SlowPollBegin::After(span)) => self.timeout_since.map(|since| since + span),
            Some(SlowPollBegin::Times(_)) | None => None,
        };
        self.next_ping.or(begin).filter(|&at| at > now)
    }
}

impl Engine {
    /// Enters or leaves slow poll (TMO-19, TMO-20).
    pub(super) fn judge_slow_poll(&mut self) {
        let state = &mut self.slow_polling;
        if !self.timeouts.is_late(ConnectionId(0)) {
            state.timeout_since = None;
            if state.next_ping.take().is_some() {
                state.timeouts = 0;
                self.log(LogLevel::Info, "slow poll ends: the main connection responds again");
            }
            return;
        }
        if state.timeout_since.is_none() {
            state.timeout_since = Some(self.now);
            state.timeouts += 1;
        }
        let is_due = match self.settings.slow_poll.begins {
            Some(SlowPollBegin::After(span)) => state.timeout_since.is_some_and(|since| since + span <= self.now),
            Some(SlowPollBegin::Times(times)) => state.timeouts >= times,
            None => false,
        };
        if !is_due || state.next_ping.is_some() {
            return;
        }
        if !self.has_ping_group() {
            let text = "slow poll enabled but no ping group: the element polls on as ever";
            self.log_once(Told::NoPingGroup, LogLevel::Warning, text);
            return;
        }
        let interval = self.settings.slow_poll.ping_interval;
        self.slow_polling.next_ping = Some(self.now + interval);
        let text = format!("slow poll begins: only the ping group is sent, every {interval}");
        self.log(LogLevel::Warning, text);
    }

    /// A ping group that sends nothing would never be answered (TMO-21).
    fn has_ping_group(&self) -> bool {
        self.protocol.group(GroupId::PING).is_some_and(Group::has_sessions)
    }

    /// Queues the ping group when it is due, before all others. False when it is not.
    pub(super) fn queue_due_ping(&mut self) -> bool {
        let is_due = self.slow_polling.next_ping.is_some_and(|at| at <= self.now);
        if !is_due || self.life != Life::Running {
            return false;
        }
        self.slow_polling.next_ping = Some(self.now + self.settings.slow_poll.ping_interval);
        // A ping that takes longer than the interval is not overtaken by another one.
        if !self.slow_polling.pinging {
            self.slow_polling.pinging = self.enqueue_by_action(GroupId::PING, Execute::ExecuteNext, 0);
        }
        true
    }

    /// Whether a group that reached the front is dropped (TMO-22).
    pub(super) fn is_dropped(&self, group: &Group, connection: ConnectionId) -> bool {
        self.slow_polling.next_ping.is_some()
            && connection == ConnectionId(0)
            && group.id != GroupId::PING
            && group.kind == GroupKind::Poll
            && group.has_sessions()
    }

    /// The ping group is done.
    pub(super) fn ping_is_done(&mut self) {
        self.slow_polling.pinging = false;
    }
}
