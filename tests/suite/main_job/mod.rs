//! The main job, from outside: the binary runs the Opsgenie definition over real sockets, against the emulated platform
//! and against a server that answers as a script says. Nothing here looks into the product.
//!
//! Whatever is waited for is seen over the API, by following its events; a deadline ends the wait.

mod api;
mod platform;
mod running;
mod scripted;

mod alarms;
mod bad_input;
mod clients;
mod durable;
mod job;
mod killed;
mod killed_in_operations;
mod odd;
mod outage;
mod prism;
mod secret;
mod secure;
