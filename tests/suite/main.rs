//! The integration tests: one binary, a module a topic.

mod support;

mod api;
mod cli;
