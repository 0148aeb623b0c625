//! The tests of adit from outside its modules: one file a topic.
#![allow(clippy::unwrap_used, reason = "in a test a panic is a finding")]

mod support;

mod agent;
mod element;
mod run;
mod store;
