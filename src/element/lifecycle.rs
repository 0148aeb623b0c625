//! Which request is allowed in which state: a pure table.
//!
//! ```text
//!            active            paused           stopped      error
//! activate   (nothing)         resume           start        start
//! pause      pause             (nothing)        refused      refused
//! stop       stop              stop             (nothing)    stop
//! restart    stop, start       stop, start      start        start
//! ```
//!
//! A repeat of what already is, is ignored, not refused. Error is a stopped element with a reason: it can be started
//! again, and then begins with what was stored. Rules: ELM-1, ELM-10 to ELM-16.

use crate::element::view::ElementState;
pub use crate::engine::to_element::StateRequest;

/// What comes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is so already.
    Ignore,
    /// It makes no sense in this state.
    Refuse,
    /// Start.
    Start,
    /// Go on after a pause.
    Resume,
    /// Pause.
    Pause,
    /// Stop.
    Stop,
    /// Stop, then start.
    Restart,
}

/// What comes of a request in a state.
pub(super) const fn decide(state: ElementState, request: StateRequest) -> Decision {
    use ElementState::{Active, Error, Paused, Stopped};
    match (request, state) {
        (StateRequest::Activate, Active) | (StateRequest::Pause, Paused) | (StateRequest::Stop, Stopped) => {
            Decision::Ignore
        }
        (StateRequest::Pause, Stopped | Error) => Decision::Refuse,
        (StateRequest::Activate | StateRequest::Restart, Stopped | Error) => Decision::Start,
        (StateRequest::Activate, Paused) => Decision::Resume,
        (StateRequest::Pause, Active) => Decision::Pause,
        (StateRequest::Stop, Active | Paused | Error) => Decision::Stop,
        (StateRequest::Restart, Active | Paused) => Decision::Restart,
    }
}

#[cfg(test)]
mod tests {
    use super::{Decision, StateRequest, decide};
    use crate::element::view::ElementState;

    #[test]
    fn elm_1_every_request_in_every_state() {
        use Decision::{Ignore, Pause, Refuse, Restart, Resume, Start, Stop};
        let states = [
            ElementState::Active,
            ElementState::Paused,
            ElementState::Stopped,
            ElementState::Error,
        ];
        let table = [
            (StateRequest::Activate, [Ignore, Resume, Start, Start]),
            (StateRequest::Pause, [Pause, Ignore, Refuse, Refuse]),
            (StateRequest::Stop, [Stop, Stop, Ignore, Stop]),
            (StateRequest::Restart, [Restart, Restart, Start, Start]),
        ];
        for (request, expected) in table {
            assert_eq!(states.map(|state| decide(state, request)), expected, "{request:?}");
        }
    }
}
