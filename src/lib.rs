//! adit runs DataMiner connectors without a DataMiner System.

pub mod model;

pub mod engine;

pub mod connectors;

pub mod element;
