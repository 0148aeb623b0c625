//! adit runs DataMiner connectors without a DataMiner System.

pub mod model;

pub mod schema;

pub mod engine;

pub mod element;

pub mod store;

pub mod agent;

pub mod simulate;

pub mod emulator;

pub mod cli;

// STAND-IN, to be dropped when connectors, http and api are merged.
pub mod stand_in;
