//! adit runs DataMiner connectors without a DataMiner System.

pub mod model;

pub mod schema;

pub mod engine;

pub mod element;

pub mod cli;
