//! Keeps the queue going: schedules the rows that may go, removes completed ones, stores what is to be remembered, shows
//! the status, runs the timer.
//!
//! Called after everything that may have changed what is possible, and by the timer for what only time changes.

use crate::connectors::opsgenie::history;
use crate::connectors::opsgenie::hold::Flow;
use crate::connectors::opsgenie::parameters::{
    COMPLETED_MESSAGES, DUPLICATES_IGNORED, FORMER_ALERTS, KEEP_COMPLETED, MESSAGES_IN_ERROR, MESSAGES_REFUSED,
    OPSGENIE_OPERATIONS, PACE_TRIGGERS, PARALLEL_SENDS, PAUSED_UNTIL, QUEUE_FILL, QUEUE_STATUS, QUEUED_MESSAGES,
    SEND_TIMER,
};
use crate::connectors::opsgenie::queue::Limits;
use crate::connectors::opsgenie::restore::restore_once;
use crate::connectors::opsgenie::shared::{Pace, Shared, Shown, Wake};
use crate::connectors::opsgenie::telling::tell;
use crate::engine::qaction::QActionResult;
use crate::engine::sl_protocol::SlProtocol;
use crate::model::id::ParamId;

/// The most requests of a kind at the same time: half of the threads of the timer that makes them.
const MOST_PARALLEL: f64 = 16.0;
/// When a row that could not be scheduled is tried again.
const AGAIN_MS: i64 = 1_000;

/// Everything is looked at so often at the least: what an operator chooses counts by then.
const LOOK_MS: i64 = 5_000;
/// From so close on the timer that ticks every second is not exact enough.
const CLOSE_MS: i64 = 750;

/// QAction 61: the timer of the queue. Before something is due it only sees to it that the timer ticks by then.
pub(super) async fn tick(protocol: &SlProtocol, shared: &Shared) -> QActionResult {
    restore_once(protocol, shared).await;
    let now = protocol.unix_ms().await;
    let early = {
        let state = shared.lock();
        let Wake { looked_at, at } = state.wake;
        let is_early = at.is_some_and(|at| now < at) && (looked_at..looked_at + LOOK_MS).contains(&now);
        is_early.then(|| pace(&state.queue.gates.here.flow, at, now))
    };
    match early {
        Some(pace) => run_timer(protocol, shared, pace).await,
        None => pump(protocol, shared).await,
    }
    Ok(())
}

/// Does what can be done now.
pub(super) async fn pump(protocol: &SlProtocol, shared: &Shared) {
    let now = protocol.unix_ms().await;
    let limits = limits(protocol.get_number(PARALLEL_SENDS).await);
    let keep_ms = milliseconds(protocol.get_number(KEEP_COMPLETED).await);
    // What is remembered of a completed message is stored before its row goes.
    history::store(protocol, shared, now).await;
    let (keys, completed) = {
        let mut state = shared.lock();
        (state.queue.take(now, limits), state.take_completed(now - keep_ms))
    };
    for key in keys {
        if !protocol.schedule_row(SEND_TIMER, &key).await {
            shared.lock().queue.release(&key, now + AGAIN_MS);
        }
    }
    if !completed.is_empty() {
        protocol.delete_rows(OPSGENIE_OPERATIONS, completed).await;
    }
    keep_pause(protocol, shared).await;
    tell(protocol, shared, now).await;
    show(protocol, shared).await;
    let pace = {
        let mut state = shared.lock();
        let wakes = [
            state.queue.next_wake(now, limits),
            state.next_leave(keep_ms),
            state.told.next(),
        ];
        let at = wakes.into_iter().flatten().min();
        state.wake = Wake { looked_at: now, at };
        if state.is_idle() && state.told.next().is_none() {
            Pace::Idle
        } else {
            pace(&state.queue.gates.here.flow, at, now)
        }
    };
    run_timer(protocol, shared, pace).await;
}

/// Stores until when the platform wants a pause.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
async fn keep_pause(protocol: &SlProtocol, shared: &Shared) {
    let until = {
        let mut state = shared.lock();
        match state.queue.gates.here.flow {
            Flow::Throttled { until } if until > state.pause_kept => {
                state.pause_kept = until;
                until
            }
            Flow::Running | Flow::NoKey | Flow::Held { .. } | Flow::Throttled { .. } | Flow::Offline { .. } => return,
        }
    };
    protocol.set(PAUSED_UNTIL, until as f64).await;
}

/// Sets the parameters that changed: a set raises an event even when the value is equal.
#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
async fn show(protocol: &SlProtocol, shared: &Shared) {
    let (before, shown) = {
        let mut state = shared.lock();
        let shown = state.to_show();
        (state.shown.replace(shown.clone()), shown)
    };
    if before.as_ref().map(|before| &before.former) != Some(&shown.former) {
        protocol.set(FORMER_ALERTS, shown.former.as_str()).await;
    }
    if before.as_ref().map(|before| &before.status) != Some(&shown.status) {
        protocol.set(QUEUE_STATUS, shown.status.as_str()).await;
    }
    let counts_before = before.as_ref().map(counts);
    for (index, (parameter, count)) in counts(&shown).into_iter().enumerate() {
        if counts_before.is_none_or(|before| before[index].1 != count) {
            protocol.set(parameter, count as f64).await;
        }
    }
}

/// The counters an operator sees, by parameter.
const fn counts(shown: &Shown) -> [(ParamId, usize); 6] {
    [
        (QUEUED_MESSAGES, shown.queued),
        (MESSAGES_IN_ERROR, shown.errors),
        (COMPLETED_MESSAGES, shown.completed),
        (DUPLICATES_IGNORED, shown.duplicates),
        (MESSAGES_REFUSED, shown.refused),
        (QUEUE_FILL, shown.fill),
    ]
}

/// How often the timer ticks until this moment. A platform that is away or refuses is not waited for to the millisecond.
fn pace(flow: &Flow, wake: Option<i64>, now: i64) -> Pace {
    let Some(wake) = wake else {
        return Pace::Slow;
    };
    let is_exact = matches!(flow, Flow::Running | Flow::Throttled { .. });
    match wake - now {
        ..CLOSE_MS if is_exact => Pace::Fast,
        ..=10_000 if !flow.is_long_gone() => Pace::Steady,
        _ => Pace::Slow,
    }
}

/// One timer runs while there is something to wait for, so that an idle element does nothing.
async fn run_timer(protocol: &SlProtocol, shared: &Shared, pace: Pace) {
    let before = std::mem::replace(&mut shared.lock().pace, pace);
    if before == pace {
        return;
    }
    let triggers = |pace| PACE_TRIGGERS.into_iter().find(|(other, ..)| *other == pace);
    if let Some((_, _, stop)) = triggers(before) {
        protocol.check_trigger(stop).await;
    }
    if let Some((_, start, _)) = triggers(pace) {
        protocol.check_trigger(start).await;
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 1 and 16 after the clamp"
)]
fn limits(parallel: f64) -> Limits {
    let most = parallel.clamp(1.0, MOST_PARALLEL) as usize;
    Limits {
        sends: most,
        questions: most,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a day at most; anything else saturates")]
pub(super) fn milliseconds(seconds: f64) -> i64 {
    (seconds.max(0.0) * 1_000.0) as i64
}

#[cfg(test)]
mod tests {
    use super::{limits, milliseconds};

    #[test]
    fn at_least_one_message_and_at_most_16_go_at_the_same_time() {
        let sends = [0.0, 1.0, 4.0, 16.0, 1e9].map(|parallel| limits(parallel).sends);
        assert_eq!(sends, [1, 1, 4, 16, 16]);
    }

    #[test]
    fn seconds_become_milliseconds() {
        assert_eq!([10.0, 0.0, -1.0].map(milliseconds), [10_000, 0, 0]);
    }
}
