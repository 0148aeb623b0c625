//! adit runs DataMiner connectors without a DataMiner System.

pub mod model;

pub mod schema;

pub mod engine;

pub mod connectors;

pub mod element;

pub mod http;

pub mod store;

pub mod agent;

pub mod api;

pub mod web;

pub mod simulate;

pub mod emulator;

pub mod cli;
