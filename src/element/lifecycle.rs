//! Which request is allowed in which state: a pure table.
//!
//! ```text
//!            active            paused           stopped
//! activate   (nothing)         resume           start
//! pause      pause             (nothing)        refused
//! stop       stop              stop             (nothing)
//! restart    stop, start       stop, start      start
//! ```
//!
//! A repeat of what already is, is ignored, not refused. Rules: ELM-1, ELM-10 to ELM-14.

/// What an operator asks of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateRequest {
    /// Run.
    Activate,
    /// Wait.
    Pause,
    /// Stop.
    Stop,
    /// Stop, then run.
    Restart,
}
