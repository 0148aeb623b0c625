//! Stand-ins for platforms that connectors talk to. They share no code with the product, so that one mistake cannot hide
//! on both sides.

pub mod opsgenie;
