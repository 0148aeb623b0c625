//! Worlds that are not the network: an element on virtual time, and the trace of what it does.

pub mod scenario;
pub mod trace;

mod secrets;
