//! Which connections respond, and whether the element is in timeout because one has not for too long.
//!
//! Rules: TMO-3 to TMO-9, TMO-15, TMO-17, TMO-18, TMO-24, PRT-3, VRT-3, LOG-4.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::effect::{Effect, LogLevel, Step, TimeoutChange, TracedState};
use crate::engine::exchange::ExchangeError;
use crate::model::connection::{ConnectionKind, ELEMENT_TIMEOUT};
use crate::model::id::{ConnectionId, QActionId, SessionId};
use crate::model::moment::{Moment, Span};

/// What is known of the connections.
#[derive(Debug, Default)]
pub(super) struct Timeouts {
    failing: BTreeMap<ConnectionId, Failing>,
    /// Why the last exchange of a connection failed, also where that does not count.
    last: BTreeMap<ConnectionId, Arc<str>>,
    /// The connections in timeout.
    late: BTreeSet<ConnectionId>,
    /// Whether the element is in timeout.
    in_timeout: bool,
    /// The connections of which it was told that they cannot carry a session (VRT-3).
    without_transport: BTreeSet<ConnectionId>,
}

/// A connection that has not responded since.
#[derive(Debug)]
struct Failing {
    since: Moment,
    reason: String,
}

impl Timeouts {
    /// The moment at which the next connection is late.
    pub(super) fn next_wakeup(&self, after: Span, now: Moment) -> Option<Moment> {
        let moments = self.failing.values().map(|failing| failing.since + after);
        moments.filter(|&late| late > now).min()
    }

    /// Whether a connection did not respond to the last exchange that counted.
    pub(super) fn is_failing(&self, connection: ConnectionId) -> bool {
        self.failing.contains_key(&connection)
    }

    /// Whether a connection is in timeout.
    pub(super) fn is_late(&self, connection: ConnectionId) -> bool {
        self.late.contains(&connection)
    }
}

impl Engine {
    /// Notes why an exchange failed, whether it counts or not.
    pub(super) fn note_failure(&mut self, connection: ConnectionId, reason: &str) {
        self.timeouts.last.insert(connection, reason.into());
    }

    /// Why the last exchange of a connection failed; none when it succeeded.
    pub(super) fn last_failure(&self, connection: ConnectionId) -> Option<Arc<str>> {
        self.timeouts.last.get(&connection).cloned()
    }

    /// An exchange succeeded (TMO-3).
    pub(super) fn connection_responds(&mut self, connection: ConnectionId) {
        self.timeouts.last.remove(&connection);
        self.timeouts.failing.remove(&connection);
        self.judge_timeout();
    }

    /// An exchange failed; the clock starts at the first failure after a success (TMO-4, TMO-8).
    pub(super) fn connection_fails(&mut self, connection: ConnectionId, reason: &str) {
        let counts = self
            .connection(connection)
            .is_none_or(|settings| settings.element_timeout.is_some());
        if !counts {
            return;
        }
        let since = self.now;
        let failing = self.timeouts.failing.entry(connection).or_insert(Failing {
            since,
            reason: String::new(),
        });
        reason.clone_into(&mut failing.reason);
        self.judge_timeout();
    }

    /// A QAction says whether a connection responds (TMO-17).
    pub(super) fn set_communication_state(&mut self, connection: ConnectionId, responding: bool, by: QActionId) {
        if responding {
            self.connection_responds(connection);
        } else {
            let told = || format!("QAction {by} reports that connection {connection} does not respond").into();
            let reason = self.last_failure(connection).unwrap_or_else(told);
            self.connection_fails(connection, &reason);
            self.switch_from(connection);
        }
    }

    /// How long without success until timeout: the main connection's value counts for all (TMO-7). When that one does
    /// not count, it has none, and the default stands in for it (PRT-7).
    pub(super) fn element_timeout(&self) -> Span {
        let main = self.settings.connections.first();
        main.and_then(|main| main.element_timeout).unwrap_or(ELEMENT_TIMEOUT)
    }

    /// Enters or leaves the timeout state (TMO-5, TMO-9), and slow poll with it.
    pub(super) fn judge_timeout(&mut self) {
        let timeouts = &self.timeouts;
        if timeouts.failing.is_empty() && timeouts.late.is_empty() && !timeouts.in_timeout {
            // All is well and was: this is asked with every event.
            return self.judge_slow_poll();
        }
        let after = self.element_timeout();
        let failing = self.timeouts.failing.iter();
        let late: BTreeSet<ConnectionId> = failing
            .filter(|(_, failing)| failing.since + after <= self.now)
            .map(|(id, _)| *id)
            .collect();
        // Two connections that stand in for each other are in timeout only together (TMO-24).
        let pair = self
            .protocol
            .parts()
            .stand_in
            .map(|stand_in| [ConnectionId(0), stand_in]);
        let excused = pair.filter(|pair| !pair.iter().all(|id| late.contains(id)));
        let excused = excused.as_ref().map_or(&[][..], |pair| &pair[..]);
        self.timeouts.late = late.into_iter().filter(|id| !excused.contains(id)).collect();
        self.judge_element();
        self.judge_slow_poll();
    }

    fn judge_element(&mut self) {
        let late = self.timeouts.late.first();
        let reason = late.and_then(|id| self.timeouts.failing.get(id));
        let reason = reason.map(|failing| failing.reason.clone());
        if reason.is_some() == self.timeouts.in_timeout {
            return;
        }
        self.timeouts.in_timeout = reason.is_some();
        let (level, text, state) = match &reason {
            Some(reason) => (
                LogLevel::Warning,
                format!("the element is in timeout: {reason}"),
                TracedState::Timeout,
            ),
            None => (
                LogLevel::Info,
                "the element responds again".to_owned(),
                TracedState::Active,
            ),
        };
        self.log(level, text);
        let timeout = reason.is_some();
        self.inform_timeout(timeout);
        self.effects.push(Effect::Timeout(TimeoutChange {
            timeout,
            reason: reason.unwrap_or_default(),
        }));
        self.trace(Step::State(state));
    }

    /// Whether a session is passed over, since its connection is of a type that does not run: told once (PRT-3).
    pub(super) fn is_inert(&mut self, session: SessionId, connection: ConnectionId) -> bool {
        let kind = self.connection(connection).map(|settings| settings.kind);
        let is_inert = kind == Some(ConnectionKind::Unsupported);
        if is_inert && self.timeouts.without_transport.insert(connection) {
            let text = format!("session {session} does nothing: the type of connection {connection} does not run");
            self.log(LogLevel::Warning, text);
        }
        is_inert
    }

    /// A line for the first session on a connection that cannot carry one (VRT-3).
    pub(super) fn log_no_transport(&mut self, session: SessionId, connection: ConnectionId) {
        if self.timeouts.without_transport.insert(connection) {
            self.log(
                LogLevel::Error,
                format!("session {session} fails: connection {connection} is not an HTTP connection"),
            );
        }
    }

    /// A line for a final transport error (LOG-4).
    pub(super) fn log_exchange_error(&mut self, session: SessionId, connection: ConnectionId, error: &ExchangeError) {
        self.log(
            LogLevel::Warning,
            format!("session {session} on connection {connection}: {error}"),
        );
    }
}
