//! From the text of a definition (`protocol.xml`) to a [`Protocol`] and everything that is wrong with it.
//!
//! The text becomes a tree (`parse`), the tree is compared with the table of known tags (`support`), its ids are
//! collected (`declare`), its tags become the model (`lower`), and the model is looked over as a whole (`check`). None of
//! these stops at the first finding; only a text that is not XML ends the load early. What the findings mean for the
//! definition is their level (`codes`): one that rejects leaves no protocol. What the definition suppresses by a comment is
//! not among them (`suppress`).

#![deny(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};

use crate::model::protocol::Protocol;
use crate::schema::declare::declare;
use crate::schema::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::lower::Lowering;
use crate::schema::source::Source;
use crate::schema::tree::Tree;

pub mod source;

pub mod codes;
pub mod diagnostic;

mod name_key;
mod parse;
mod suppress;
mod tree;
mod xml_text;

mod reader;
mod support;

mod declare;

mod lower;

mod check;

pub use check::qaction_code;

pub mod render;

/// What a load gives.
#[derive(Debug)]
pub struct Loaded {
    /// The definition; none when a finding rejects it.
    pub protocol: Option<Protocol>,
    /// Everything found, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The text the findings point at.
    pub source: Source,
}

/// Loads a definition. `file` is the name it is reported under.
#[must_use]
pub fn load(file: &str, text: &str) -> Loaded {
    let source = Source::new(file, text);
    let (protocol, diagnostics) = match parse::parse(&source) {
        Ok(tree) => load_tree(&source, &tree),
        Err(fault) => (None, vec![*fault]),
    };
    Loaded {
        protocol,
        diagnostics,
        source,
    }
}

fn load_tree(source: &Source, tree: &Tree<'_>) -> (Option<Protocol>, Vec<Diagnostic>) {
    let root = tree.root();
    let mut diagnostics = Diagnostics::default();
    if !root.name().eq_ignore_ascii_case("Protocol") {
        let message = format!("the root element is `{}`, not `Protocol`", root.name());
        let missing = Diagnostic::new(&codes::PROTOCOL_MISSING, root.name_span(), message);
        diagnostics.report(missing.hint("put everything into one `Protocol` tag"));
        return (None, with_paths(diagnostics, source, tree));
    }
    support::check(root, &mut diagnostics);
    let declared = declare(root, &mut diagnostics);
    let mut cx = Lowering {
        source,
        declared: &declared,
        connections: BTreeSet::new(),
        columns: BTreeMap::new(),
        tables: BTreeMap::new(),
        linked: Vec::new(),
        hidden: BTreeMap::new(),
        ways: None,
        diagnostics,
    };
    let parts = lower::protocol(&mut cx, root);
    let protocol = (!cx.diagnostics.rejected()).then(|| Protocol::build(parts));
    if let Some(protocol) = &protocol {
        check::check(&mut cx, protocol);
    }
    (protocol, with_paths(cx.diagnostics, source, tree))
}

fn with_paths(diagnostics: Diagnostics, source: &Source, tree: &Tree<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = diagnostics.into_sorted();
    suppress::suppress(tree, source, &mut diagnostics);
    for diagnostic in &mut diagnostics {
        diagnostic.path = tree.path(diagnostic.span);
    }
    diagnostics
}
