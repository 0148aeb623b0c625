//! How an element behaves: events and time in, effects out. Pure: no runtime, clock, randomness or I/O.
#![deny(clippy::disallowed_methods)]

pub mod effect;
pub mod event;
pub mod exchange;
pub mod qaction;
pub mod saved;
pub mod set;
pub mod settings;

// STAND-IN, to be dropped when the engine is merged: echoes sets, crashes, polls and wakes up on demand.
mod stand_in;
pub use stand_in::{Engine, EngineOptions};
