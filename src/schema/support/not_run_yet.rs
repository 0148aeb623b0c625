//! What is loaded but not run yet, in one table: such a part is in the model, or will be, and the engine passes over it.
//!
//! A row goes when the engine learns to run it. Rules: the classes "RUN" and "later RUN" of engine-execution.md A.

use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::tree::Node;

/// One row.
struct Row {
    /// The tags below `Protocol`; behind `@` an attribute, else the text of the tag.
    path: &'static str,
    /// For which value, trimmed and in any casing.
    when: &'static str,
    /// What it is, in a person's words.
    what: &'static str,
    /// What happens meanwhile.
    then: &'static str,
    /// Whether that may be noticed, or is only worth knowing.
    code: &'static Code,
}

const ROWS: &[Row] = &[row(
    "Groups/Group@ping",
    "true",
    "the connection test",
    "nothing runs this group for it",
)];

const fn row(path: &'static str, when: &'static str, what: &'static str, then: &'static str) -> Row {
    Row {
        path,
        when,
        what,
        then,
        code: &codes::NOT_RUN_YET,
    }
}

/// Reports every place that is not run yet.
pub(super) fn check(protocol: Node<'_>, diagnostics: &mut Diagnostics) {
    for row in ROWS {
        let (tags, attribute) = match row.path.split_once('@') {
            Some((tags, attribute)) => (tags, Some(attribute)),
            None => (row.path, None),
        };
        for node in nodes(protocol, tags) {
            let field = attribute.map_or(Some(node.content()), |name| node.attribute(name));
            if let Some(found) = field.filter(|field| field.is(row.when)) {
                let message = format!("{} is not run yet: {}", row.what, row.then);
                diagnostics.report(
                    Diagnostic::new(row.code, found.span(), message)
                        .hint("nothing is wrong with it, only do not count on it here"),
                );
            }
        }
    }
}

/// The elements at a path.
fn nodes<'t>(protocol: Node<'t>, path: &str) -> Vec<Node<'t>> {
    path.split('/').fold(vec![protocol], |nodes, tag| {
        nodes.into_iter().flat_map(|node| node.children(tag)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::{ROWS, Row};
    use crate::schema::load;

    #[test]
    fn every_row_holds_for_its_place_in_the_fixture() {
        let text = include_str!("../../../fixtures/diagnostics/W113_loaded_but_not_run_yet.xml");
        let loaded = load("fixture.xml", text);
        let found = |row: &Row| {
            let mut findings = loaded.diagnostics.iter();
            findings.any(|finding| finding.code == row.code && finding.message.starts_with(row.what))
        };
        for row in ROWS {
            assert!(found(row), "{}: {}", row.path, row.what);
        }
        let listed = loaded
            .diagnostics
            .iter()
            .filter(|finding| finding.message.contains(" is not run yet: "));
        assert_eq!(listed.count(), ROWS.len());
    }
}
