//! The pending calls: the timers, groups, QActions and sets that are at work now, and since when.
//!
//! A timer is at work while it waits for its last group. What waits for its first turn is not at work yet.
//!
//! Rules: LOG-3.

use std::fmt;

use crate::engine::Engine;
use crate::engine::chain::{Chain, ChainKey, Frame};
use crate::model::id::{GroupId, ParamId, QActionId, TimerId};
use crate::model::moment::{Moment, Span};

/// One item at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingCall {
    /// What it is.
    pub what: Pending,
    /// The thread, as the trace has it: 0 is that of the main lane, of sets and of timers.
    pub thread: u32,
    /// When it began.
    pub since: Moment,
}

/// What is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// A timer whose last group is not finished.
    Timer(TimerId),
    /// A group.
    Group(GroupId),
    /// A QAction.
    QAction(QActionId),
    /// A set from outside, of this parameter.
    Set(ParamId),
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timer(id) => write!(f, "timer {id}"),
            Self::Group(id) => write!(f, "group {id}"),
            Self::QAction(id) => write!(f, "QAction {id}"),
            Self::Set(id) => write!(f, "set of parameter {id}"),
        }
    }
}

impl Engine {
    /// The pending calls: the timers, then the rest in the order of their causes, each cause before what it runs.
    #[must_use]
    pub fn pending_calls(&self) -> Vec<PendingCall> {
        let timers = self.timers.waiting().map(|(id, since)| PendingCall {
            what: Pending::Timer(id),
            thread: 0,
            since,
        });
        let chains = self.chains.in_order();
        timers
            .chain(chains.into_iter().flat_map(|chain| self.at_work(chain)))
            .collect()
    }

    /// What is at work within the chain of a lane or of a set, for a line of the log: ` (group 1 for 450 s, QAction 2 for …)`.
    pub(super) fn at_work_text(&self, key: ChainKey) -> String {
        let Some(chain) = self.chains.get(key) else {
            return String::new();
        };
        let parts = self.at_work(chain).map(|call| {
            let elapsed = Span(self.now.0 - call.since.0);
            format!("{} for {elapsed}", call.what)
        });
        parts.collect::<Vec<_>>().join(", ")
    }

    fn at_work<'a>(&self, chain: &'a Chain) -> impl Iterator<Item = PendingCall> + use<'a> {
        let thread = self.lanes.get(chain.context.gate.0).map_or(0, |lane| lane.thread);
        let began = |frame: &Frame| match frame {
            Frame::Set(set) => set.began().map(|since| (Pending::Set(set.param()), since)),
            Frame::Group(group) => group.began().map(|since| (Pending::Group(group.id()), since)),
            Frame::QAction(qaction) => Some((Pending::QAction(qaction.id()), qaction.began())),
            Frame::Startup(_)
            | Frame::Tick(_)
            | Frame::Session(_)
            | Frame::Row(_)
            | Frame::Triggers(_)
            | Frame::Trigger(_)
            | Frame::Action(_)
            | Frame::Aggregate(_)
            | Frame::Change(_)
            | Frame::Changes(_)
            | Frame::QActions(_)
            | Frame::QueuedQAction(_) => None,
        };
        let calls = chain.frames.iter().filter_map(began);
        calls.map(move |(what, since)| PendingCall { what, thread, since })
    }
}
