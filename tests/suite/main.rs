//! The integration tests, one binary: each topic is a module.
#![allow(clippy::unwrap_used, reason = "a test that meets what it does not expect ends there")]

mod emulator;
