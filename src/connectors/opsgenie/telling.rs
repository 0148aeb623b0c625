//! Why messages wait, where that changes while they do: the queue is held, offline, or goes again. Those whose turn it is
//! say so in their Result, some at a time; those behind them say for which one they wait.

use crate::connectors::opsgenie::hold::Flow;
use crate::connectors::opsgenie::message::State;
use crate::connectors::opsgenie::parameters::OPSGENIE_OPERATIONS;
use crate::connectors::opsgenie::queue::Place;
use crate::connectors::opsgenie::sending::message_of;
use crate::connectors::opsgenie::shared::Shared;
use crate::engine::sl_protocol::SlProtocol;

/// How many messages say it at a time.
const AT_A_TIME: usize = 100;
/// What lasts shorter is not told.
const SETTLED_MS: i64 = 2_000;

/// What was told.
#[derive(Debug)]
pub(super) struct Told {
    /// The present kind of flow, and since when.
    kind: &'static str,
    since: i64,
    /// Which kind the messages were told last.
    told: &'static str,
    /// The last message that says it.
    place: Option<Place>,
}

/// Messages are queued by a running queue first.
impl Default for Told {
    fn default() -> Self {
        Self {
            kind: Flow::Running.kind(),
            since: 0,
            told: Flow::Running.kind(),
            place: None,
        }
    }
}

impl Told {
    /// The flow is of this kind now; whether messages are to say so.
    fn is_due(&mut self, flow: &Flow, now: i64) -> bool {
        let kind = flow.kind();
        if kind != self.kind {
            (self.kind, self.since, self.place) = (kind, now, None);
        }
        kind != self.told && (!flow.is_passing() || now - self.since >= SETTLED_MS)
    }

    /// When there is more to tell; none when all is told.
    pub(super) fn next(&self) -> Option<i64> {
        (self.kind != self.told).then_some(self.since + SETTLED_MS)
    }
}

/// Lets some messages say why they wait.
pub(super) async fn tell(protocol: &SlProtocol, shared: &Shared, now: i64) {
    let (places, reason) = {
        let mut state = shared.lock();
        let state = &mut *state;
        if !state.told.is_due(&state.queue.gates.here.flow, now) {
            return;
        }
        let reason = match &state.queue.gates.here.flow {
            Flow::Running => String::new(),
            flow @ (Flow::NoKey | Flow::Held { .. } | Flow::Throttled { .. } | Flow::Offline { .. }) => {
                format!("waits: {}", flow.status())
            }
        };
        (state.queue.ready(state.told.place.as_ref(), AT_A_TIME), reason)
    };
    for (.., key) in &places {
        if let Some((mut message, _)) = message_of(protocol, key).await
            && message.state == State::Queued
        {
            let before = message.result.clone();
            message.wait_for(&reason);
            if message.result != before {
                protocol.set_row(OPSGENIE_OPERATIONS, key, message.changes()).await;
            }
        }
    }
    let mut state = shared.lock();
    if places.len() < AT_A_TIME {
        state.told.told = state.told.kind;
        state.told.place = None;
    } else {
        state.told.place = places.into_iter().next_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_at_once_is_not_told() {
        let mut told = Told::default();
        let pause = Flow::Throttled { until: 1_000 };
        assert!(!told.is_due(&Flow::Running, 0) && !told.is_due(&pause, 10));
        assert_eq!(told.next(), Some(2_010));
        assert!(!told.is_due(&Flow::Running, 1_000) && told.next().is_none());
        assert!(!told.is_due(&pause, 2_000) && told.is_due(&pause, 4_000));
        assert!(told.is_due(&Flow::NoKey, 4_001));
    }
}
