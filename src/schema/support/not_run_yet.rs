//! What is loaded but not run yet, in one table: such a part is in the model, or will be, and the engine passes over it.
//!
//! A row goes when the engine learns to run it. Rules: the classes "RUN" and "later RUN" of engine-execution.md A.

use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// One row.
struct Row {
    /// The tags below `Protocol`; behind `@` an attribute, else the text of the tag.
    path: &'static str,
    /// For which values.
    when: When,
    /// What it is, in a person's words.
    what: &'static str,
    /// What happens meanwhile.
    then: &'static str,
    /// Whether that may be noticed, or is only worth knowing.
    code: &'static Code,
}

/// For which values a row holds.
enum When {
    /// Any but a blank one.
    Given,
    /// This one, trimmed and in any casing.
    Is(&'static str),
    /// Those that begin like this.
    Starts(&'static str),
    /// Lists with `;` in which this is an entry, or stands before the first colon, equals sign or blank of one.
    Lists(&'static str),
    /// Lists with `;` that have such an entry.
    Has(fn(Field<'_>) -> bool),
}

const ROWS: &[Row] = &[
    row(
        "HTTP/Session@loginMethod",
        When::Is("certificate"),
        "the login with a certificate",
        "requests are sent without one",
    ),
    row(
        "Groups/Group@ping",
        When::Is("true"),
        "the connection test",
        "nothing runs this group for it",
    ),
    row(
        "Timers/Timer/Time@dataDisplay",
        When::Given,
        "another period for open cards",
        "`Time` holds for everybody",
    ),
    note(
        "Timers@relativeTimers",
        When::Is("true"),
        "the timer base",
        "no timer follows it",
    ),
    note(
        "Type@relativeTimers",
        When::Starts("true"),
        "the timer base",
        "no timer follows it",
    ),
    row(
        "Timers/Timer@options",
        When::Has(asks_for_statistics),
        "the statistics of `threadPool`",
        "they are not written",
    ),
    row(
        "Timers/Timer@options",
        When::Lists("pollingRate"),
        "`pollingRate`",
        "rows start as soon as the pool has room",
    ),
    row(
        "Timers/Timer@options",
        When::Lists("dynamicThreadPool"),
        "`dynamicThreadPool`",
        "the size is not written",
    ),
    row(
        "Timers/Timer@options",
        When::Lists("ping"),
        "`ping`",
        "it counts as answered",
    ),
    row(
        "Actions/Action/Type",
        When::Is("aggregate"),
        "`aggregate`",
        "the action does nothing",
    ),
    row(
        "Actions/Action/Type",
        When::Is("read file"),
        "`read file`",
        "the action does nothing",
    ),
    row(
        "QActions/QAction@options",
        When::Lists("binary"),
        "`binary`",
        "input parameters are passed as text",
    ),
];

const fn row(path: &'static str, when: When, what: &'static str, then: &'static str) -> Row {
    Row {
        path,
        when,
        what,
        then,
        code: &codes::NOT_RUN_YET,
    }
}

/// A row whose part makes no difference as long as nothing asks for it: the timer base cannot be changed here, and the
/// definitions that follow it are nearly all.
const fn note(path: &'static str, when: When, what: &'static str, then: &'static str) -> Row {
    Row {
        code: &codes::NOT_RUN,
        ..row(path, when, what, then)
    }
}

impl When {
    /// The part of a text that makes the row hold.
    fn find<'t>(&self, field: Field<'t>) -> Option<Field<'t>> {
        match self {
            Self::Given => Some(field).filter(|field| !field.is_empty()),
            Self::Is(word) => Some(field).filter(|field| field.is(word)),
            Self::Starts(start) => Some(field).filter(|field| field.strip_prefix(start).is_some()),
            Self::Has(is) => field.parts(';').find(|part| is(*part)),
            Self::Lists(word) => field.parts(';').find(|part| {
                let rest = part.strip_prefix(word);
                rest.is_some_and(|rest| rest.raw().is_empty() || rest.raw().starts_with([':', '=', ' ']))
            }),
        }
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
            if let Some(found) = field.and_then(|field| row.when.find(field)) {
                let message = format!("{} is not run yet: {}", row.what, row.then);
                diagnostics.report(
                    Diagnostic::new(row.code, found.span(), message)
                        .hint("nothing is wrong with it, only do not count on it here"),
                );
            }
        }
    }
}

/// `threadPool:<size>,<interval>`; an interval of -1 asks for none (MTT-6).
fn asks_for_statistics(option: Field<'_>) -> bool {
    let interval = option
        .strip_prefix("threadPool:")
        .and_then(|pool| pool.parts(',').nth(1));
    interval.is_some_and(|interval| !interval.is_empty() && !interval.is("-1"))
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
