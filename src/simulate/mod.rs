//! Worlds that are not the network: an element on virtual time, recorded exchanges, and the trace of what it does.
//!
//! ```text
//! real network ─▶ record ─▶ cassette (HAR) ─▶ replay ─▶ scenario: the engine on virtual time ─▶ trace
//! ```

pub mod cassette;
mod har;
pub mod record;
mod recorded;
pub mod replay;

pub mod scenario;
pub mod secrets;
pub mod trace;
pub mod trace_text;
