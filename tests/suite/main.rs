//! All integration tests, in one binary so that it links once: a module a topic.
#![allow(clippy::unwrap_used, reason = "a test that meets what it does not expect ends there")]

mod support;

mod agent;
mod api;
mod behaviour;
mod change_events;
mod cli;
mod demo;
mod element;
mod emulator;
mod flood;
mod http;
mod main_job;
mod opsgenie;
mod order_of_changes;
mod parameter_vectors;
mod presentation;
mod presented;
mod proxy;
mod references;
mod replay;
mod run;
mod schema;
mod simulate;
mod sl_protocol;
mod store;
mod table_filters;
