//! adit runs DataMiner connectors without a DataMiner System: it loads a `protocol.xml`, runs it as an element against
//! the real device or platform, and shows its parameters over a local API. `ARCHITECTURE.md` is the long map.
//!
//! ```text
//! cli                                    puts the parts together
//! testing                                for authors of tests
//! api  web     simulate     emulator     faces, and stand-ins for the outside
//! agent                                  many elements
//! element      http  store               one running element; the outside, behind the traits of element::world
//! connectors                             QActions in Rust
//! engine   alarm   schema                the rules, pure
//! model                                  the nouns, pure data
//! ```
//!
//! A module knows those below it, never those above. `model`, `schema` and `engine` have no clock, no I/O, no runtime
//! and no randomness: the same events give the same effects, byte for byte.
//!
//! To read it, follow one set: [`api`] takes it from HTTP, [`element::Element::set`] puts it in an inbox,
//! [`element::task`] turns it into an [`engine::event::Event`], [`engine::Engine`] answers with
//! [`engine::effect::Effect`]s, and the task performs them in order: show, store, send, reply. Before that, the nouns in
//! [`model`]; after it, a connector's own code in [`connectors::opsgenie`].

pub mod model;

pub mod schema;

pub mod engine;

pub mod alarm;

pub mod connectors;

pub mod element;

pub mod http;

pub mod store;
pub mod trend;

pub mod agent;

pub mod api;

pub mod web;

pub mod simulate;

pub mod testing;

pub mod emulator;

pub mod cli;
