//! How an element behaves: events and time in, effects out. Pure: no runtime, clock, randomness or I/O.
#![deny(clippy::disallowed_methods)]

pub mod effect;
pub mod event;
pub mod exchange;
pub mod qaction;
pub mod saved;
pub mod set;
pub mod settings;

pub(crate) mod condition;
pub(crate) mod convert;
pub(crate) mod table;
