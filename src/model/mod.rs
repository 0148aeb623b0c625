//! What a connector and its values are: pure data, without XML, clock or I/O.
//!
//! What is promised about a loaded [`protocol::Protocol`]: ids are unique in their kind; every id that one part holds of
//! another (a group's session, a trigger's action, a column's parameter …) exists; every number is within its
//! documented range; every condition is a tree. What did not resolve was reported and left out by `schema`, so later
//! code has no "not found" branch for the definition's own references.

pub mod id;
pub mod moment;
pub mod value;

pub(crate) mod names;
pub(crate) mod places;
pub mod protocol;

pub mod connection;
pub(crate) mod decimal;
pub mod display_key;
pub mod display_text;
pub mod dynamic_unit;
pub mod interprete;
pub mod measurement;
pub mod page;
pub mod param;
pub(crate) mod placeholder;
pub mod relation;
pub(crate) mod shown_cell;
pub mod table;
pub(crate) mod time_entry;
pub(crate) mod time_text;

pub mod action;
pub mod aggregate;
pub mod alarm;
pub mod alarm_template;
pub mod condition;
pub mod group;
pub mod qaction;
pub mod reactions;
pub mod session;
pub mod timer;
pub mod trigger;
