//! What is loaded but not run yet, in one table: such a part is in the model, or will be, and the engine passes over it.
//!
//! A row goes when the engine learns to run it. Rules: the classes "RUN" and "later RUN" of engine-execution.md A.

use crate::schema::codes;
use crate::schema::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// One row.
struct Row {
    /// The tags below `Protocol`; behind `@` an attribute, else the text of the tag.
    path: &'static str,
    /// For which values.
    when: When,
    /// What happens meanwhile.
    then: &'static str,
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
}

const NO_ACTION: &str = "the action does nothing";

const ROWS: &[Row] = &[
    row(
        "HTTP/Session@loginMethod",
        When::Given,
        "requests are sent without logging in",
    ),
    row(
        "Groups/Group@id",
        When::Is("-1"),
        "the element does not enter slow poll",
    ),
    row(
        "Groups/Group@ping",
        When::Is("true"),
        "the connection test does not run the group",
    ),
    row(
        "Timers/Timer/Time@initial",
        When::Starts("random"),
        "the first tick is at once",
    ),
    row(
        "Timers/Timer/Time@dataDisplay",
        When::Given,
        "`Time` holds for everybody",
    ),
    row(
        "Timers@relativeTimers",
        When::Is("true"),
        "the timer base changes nothing",
    ),
    row(
        "Timers/Timer@options",
        When::Lists("pollingRate"),
        "rows start as soon as the pool has room",
    ),
    row(
        "Timers/Timer@options",
        When::Lists("dynamicThreadPool"),
        "the size of the pool is not written",
    ),
    row(
        "Timers/Timer@options",
        When::Lists("ping"),
        "the ping counts as answered",
    ),
    row(
        "Type@relativeTimers",
        When::Starts("true"),
        "the timer base changes nothing",
    ),
    row(
        "Type@communicationOptions",
        When::Lists("redundantPolling"),
        "groups stay on their connection",
    ),
    row(
        "Params/Param/Type@options",
        When::Lists("dynamic ip"),
        "requests go to the address of the element",
    ),
    row("Actions/Action/Type", When::Is("aggregate"), NO_ACTION),
    row("Actions/Action/Type", When::Is("change length"), NO_ACTION),
    row("Actions/Action/Type", When::Is("read file"), NO_ACTION),
    row("Actions/Action/Type", When::Is("replace data"), NO_ACTION),
    row("Actions/Action/Type", When::Is("swap column"), NO_ACTION),
    row(
        "QActions/QAction@options",
        When::Lists("binary"),
        "input parameters are passed as text",
    ),
];

const fn row(path: &'static str, when: When, then: &'static str) -> Row {
    Row { path, when, then }
}

impl When {
    fn holds(&self, field: Field<'_>) -> bool {
        match self {
            Self::Given => !field.is_empty(),
            Self::Is(word) => field.is(word),
            Self::Starts(start) => field.strip_prefix(start).is_some(),
            Self::Lists(word) => field.parts(';').any(|part| {
                let rest = part.strip_prefix(word);
                rest.is_some_and(|rest| rest.is_empty() || rest.raw().starts_with([':', '=', ' ']))
            }),
        }
    }
}

/// Reports every place that is not run yet.
pub(super) fn check(protocol: Node<'_>, diagnostics: &mut Diagnostics) {
    for row in ROWS {
        let (tags, attribute) = row
            .path
            .split_once('@')
            .map_or((row.path, None), |(tags, name)| (tags, Some(name)));
        for node in nodes(protocol, tags) {
            let field = attribute.map_or(Some(node.content()), |name| node.attribute(name));
            if let Some(field) = field.filter(|&field| row.when.holds(field)) {
                let message = format!("`{}` is not run yet: {}", name(row), row.then);
                diagnostics.report(Diagnostic::new(&codes::NOT_RUN_YET, field.span(), message));
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

/// What a person would call it.
fn name(row: &Row) -> &'static str {
    match row.when {
        When::Is(word) if !["true", "-1"].contains(&word) => word,
        When::Lists(word) => word,
        When::Is(_) | When::Given | When::Starts(_) => row.path.rsplit(['@', '/']).next().unwrap_or(row.path),
    }
}
