//! The routes below `/api`, a file a kind of thing.

pub(super) mod alarm_state;
pub(super) mod alarms;
pub(super) mod elements;
pub(super) mod filter;
mod filter_words;
pub(super) mod information;
pub(super) mod pages;
pub(super) mod parameters;
pub(super) mod pending_calls;
pub(super) mod rows;
pub(super) mod tables;
pub(super) mod trend;
