//! What an element holds at most, so that no definition can take the memory or the time of the process.
//!
//! | what | at the bound |
//! | --- | --- |
//! | sets that wait | refused, with the reason |
//! | groups in the queue of a thread | not queued, one error until one has run |
//! | runs of queued QActions, and others under way | not begun, one error a QAction |
//! | the bytes of a text in memory | the set is refused, an error |
//! | steps, and chains begun, at one moment | the rest a moment later, after others |
//!
//! Nested triggers and QActions have limits of their own (`chain`); the rows that wait for a multithreaded timer are
//! counted by its option.
//!
//! Rules: GQ-18, TRG-20, QA-16.

use crate::engine::Engine;
use crate::engine::effect::LogLevel;
use crate::engine::told::Told;
use crate::model::id::QActionId;
use crate::model::moment::Span;
use crate::model::value::Value;

/// Sets that may wait for the gate before further ones are refused.
pub(super) const WAITING_SETS: usize = 10_000;

/// Groups that a thread's queue holds. GQ-18 gives notice far below.
pub(super) const MOST_GROUPS: usize = 10_000;

/// Chains that an element has before a queued QAction is not queued any more.
const MOST_CHAINS: usize = 20_000;

/// The longest text that a parameter takes, in bytes: the largest body twice, which it is when it was Latin-1.
const LONGEST_TEXT: usize = 128 << 20;

/// Chains, ticks and groups begun in one call before others have their turn: groups that queue each other without end
/// must not stop the process.
pub(super) const WORK_AT_ONCE: usize = 10_000;

/// How often in one call what became of alarms may set something in motion that alarms again (PAR-29).
pub(super) const ROUNDS_OF_LEVELS: usize = 100;

/// Steps that the chains take in one call before others have their turn: a loop in a QAction must not stop the process,
/// and what it asks for is not performed before (TRG-20).
pub(super) const STEPS_AT_ONCE: usize = 1_000_000;

/// How long an element that has too much to do lets others run.
pub(super) const YIELD: Span = Span(1);

/// Whether a value is longer than memory takes.
pub(super) fn is_too_long(value: &Value) -> bool {
    value.as_text().is_some_and(|text| text.len() > LONGEST_TEXT)
}

impl Engine {
    /// Whether one more run of a queued QAction may wait; told once a QAction when not.
    pub(super) fn may_queue(&mut self, qaction: QActionId) -> bool {
        if self.chains.len() < MOST_CHAINS {
            return true;
        }
        let text = format!("QAction {qaction} is not queued: {MOST_CHAINS} runs wait already; it is set off in a loop");
        self.log_once(Told::QueuedRuns(qaction), LogLevel::Error, text);
        false
    }
}
