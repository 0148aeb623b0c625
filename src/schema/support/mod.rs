//! The table of tags and attributes a definition may have, and what is done with each: run, reported as not run, or
//! ignored. Whatever is not in the table is unknown, and said so.
//!
//! Rules: PAR-11, VAL-26 (unknown is reported, never fatal), TBL-6 (casing); engine-parameters.md appendix (a),
//! engine-execution.md appendix A. Values of attributes and texts are the business of `lower`.

use std::collections::BTreeMap;

use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::source::Span;
use crate::schema::tree::Node;

mod definition;
mod execution;
mod not_run_yet;
mod parameters;

/// One row: a tag at its place.
#[derive(Debug)]
struct Tag {
    /// The path from the root.
    path: &'static str,
    times: Times,
    support: Support,
    /// The attributes that are read, separated by blanks.
    read: &'static str,
    /// The attributes that are reported as not run.
    reported: &'static str,
    /// The attributes without a meaning here.
    ignored: &'static str,
}

/// How often a tag may stand in its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    Many,
}

/// What is done with a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Support {
    /// Read; the table goes on below it.
    Read,
    /// Reported with the reason; nothing below it is looked at.
    Reported(&'static str),
    /// Without a meaning here; nothing below it is looked at.
    Ignored,
}

/// A tag that is read and may occur once, with the attributes that are read.
const fn once(path: &'static str, read: &'static str) -> Tag {
    Tag {
        path,
        times: Times::Once,
        support: Support::Read,
        read,
        reported: "",
        ignored: "",
    }
}

/// A tag that is read and may occur many times.
const fn many(path: &'static str, read: &'static str) -> Tag {
    Tag {
        times: Times::Many,
        ..once(path, read)
    }
}

/// A tag that is reported as not run.
const fn reported(path: &'static str, why: &'static str) -> Tag {
    Tag {
        support: Support::Reported(why),
        ..many(path, "")
    }
}

/// A tag without a meaning here.
const fn ignored(path: &'static str) -> Tag {
    Tag {
        support: Support::Ignored,
        ..many(path, "")
    }
}

impl Tag {
    /// Adds attributes that are reported as not run.
    const fn reports(self, attributes: &'static str) -> Self {
        Self {
            reported: attributes,
            ..self
        }
    }

    /// Adds attributes without a meaning here.
    const fn ignores(self, attributes: &'static str) -> Self {
        Self {
            ignored: attributes,
            ..self
        }
    }
}

/// The table, by path in lower case.
fn table() -> BTreeMap<String, &'static Tag> {
    let rows = [definition::TAGS, parameters::TAGS, execution::TAGS]
        .into_iter()
        .flatten();
    let mut table: BTreeMap<String, &'static Tag> = rows.map(|tag| (tag.path.to_lowercase(), tag)).collect();
    for place in ["protocol/portsettings", "protocol/ports/portsettings"] {
        let rows = definition::PORT_SETTINGS.iter();
        table.extend(rows.map(|tag| (format!("{place}/{}", tag.path.to_lowercase()), tag)));
    }
    table
}

/// Compares a protocol with the table.
pub(super) fn check(protocol: Node<'_>, diagnostics: &mut Diagnostics) {
    let mut walk = Walk {
        table: table(),
        not_run: BTreeMap::new(),
        diagnostics,
    };
    let mut open = vec![(protocol, "protocol".to_owned())];
    while let Some((node, path)) = open.pop() {
        if let Some(&tag) = walk.table.get(&path) {
            walk.attributes(node, tag);
        }
        open.extend(walk.children(node, &path));
    }
    walk.report_not_run();
    not_run_yet::check(protocol, diagnostics);
}

struct Walk<'d> {
    table: BTreeMap<String, &'static Tag>,
    /// What is not run: what to say, where it stands first, and how often more.
    not_run: BTreeMap<String, (Span, usize)>,
    diagnostics: &'d mut Diagnostics,
}

impl Walk<'_> {
    fn attributes(&mut self, node: Node<'_>, tag: &Tag) {
        for attribute in node.attributes() {
            let (name, span) = (attribute.name, attribute.name_span);
            let in_list = |list: &'static str| list.split_whitespace().find(|known| known.eq_ignore_ascii_case(name));
            let known = in_list(tag.read).or(in_list(tag.ignored)).or(in_list(tag.reported));
            match known {
                None if is_foreign_attribute(name) => {}
                None => {
                    let message = format!("`{}` has no attribute `{name}`", node.name());
                    let hint = "remove it, or correct its name; it is ignored";
                    self.report(&codes::ATTRIBUTE_UNKNOWN, span, message, hint);
                }
                Some(known) if known != name => {
                    let message = format!("the attribute `{name}` is written `{known}`");
                    self.report(&codes::CASING, span, message, &format!("write `{known}`"));
                }
                Some(_) => {}
            }
            if in_list(tag.reported).is_some() {
                self.note(
                    format!("the attribute `{name}` of `{}` is read but not run here", node.name()),
                    span,
                );
            }
        }
    }

    /// The children that are read, with their paths; the others are dealt with.
    fn children<'t>(&mut self, node: Node<'t>, path: &str) -> Vec<(Node<'t>, String)> {
        let mut read = Vec::new();
        let mut seen: BTreeMap<&'static str, Span> = BTreeMap::new();
        for child in node.elements() {
            let path = format!("{path}/{}", child.name().to_lowercase());
            let Some(&row) = self.table.get(&path) else {
                self.unknown(child, node);
                continue;
            };
            let known = row.path.rsplit('/').next().unwrap_or(row.path);
            if known != child.name() {
                let message = format!("the tag `{}` is written `{known}`", child.name());
                self.report(
                    &codes::CASING,
                    child.name_span(),
                    message,
                    &format!("write `<{known}>`"),
                );
            }
            if let (Times::Once, Some(&first)) = (row.times, seen.get(row.path)) {
                let message = format!("`{}` may have one `{known}`", node.name());
                let repeated = Diagnostic::new(&codes::TAG_REPEATED, child.name_span(), message)
                    .second(first, "the first one, which is used")
                    .hint("remove one of them");
                self.diagnostics.report(repeated);
            }
            seen.entry(row.path).or_insert(child.name_span());
            match row.support {
                Support::Read => read.push((child, path)),
                Support::Reported(why) => self.note(format!("`{known}` is not run here: {why}"), child.name_span()),
                Support::Ignored => {}
            }
        }
        if node.elements().next().is_some() && !node.content().is_empty() {
            let message = format!("text directly inside `{}` has no meaning", node.name());
            self.report(&codes::TEXT_STRAY, node.content().span(), message, "remove it");
        }
        read
    }

    fn unknown(&mut self, child: Node<'_>, parent: Node<'_>) {
        let local = child.name().rsplit(':').next().unwrap_or_default();
        if local == "Signature" {
            return;
        }
        let message = format!("`{}` has no tag `{}`", parent.name(), child.name());
        let hint = "remove it, or correct its name; it is ignored with everything in it";
        self.report(&codes::TAG_UNKNOWN, child.name_span(), message, hint);
    }

    fn report(&mut self, code: &'static Code, span: Span, message: String, hint: &str) {
        self.diagnostics.report(Diagnostic::new(code, span, message).hint(hint));
    }

    fn note(&mut self, message: String, span: Span) {
        let (first, more) = self.not_run.entry(message).or_insert((span, 0));
        if *first != span {
            *more += 1;
            *first = span.min(*first);
        }
    }

    /// Each kind of thing that is not run is reported once, at its first place.
    fn report_not_run(&mut self) {
        for (message, (span, more)) in std::mem::take(&mut self.not_run) {
            let message = match more {
                0 => message,
                1 => format!("{message} (and at 1 more place)"),
                more => format!("{message} (and at {more} more places)"),
            };
            self.diagnostics.report(Diagnostic::new(&codes::NOT_RUN, span, message));
        }
    }
}

/// Namespaces and what belongs to them.
fn is_foreign_attribute(name: &str) -> bool {
    name == "xmlns" || ["xmlns:", "xsi:", "xml:"].iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::{definition, execution, parameters, table};

    #[test]
    fn every_row_stands_once_and_below_a_row() {
        let table = table();
        let lists = [definition::TAGS, parameters::TAGS, execution::TAGS];
        let rows: usize = lists.iter().map(|list| list.len()).sum();
        assert_eq!(
            table.len(),
            rows + 2 * definition::PORT_SETTINGS.len(),
            "a path stands twice"
        );
        for path in table.keys() {
            let parent = path.rsplit_once('/').map(|(parent, _)| parent);
            assert!(
                parent.is_none_or(|parent| table.contains_key(parent)),
                "{path} has no parent"
            );
        }
    }

    #[test]
    fn every_attribute_stands_once_in_its_row() {
        for (path, tag) in table() {
            let lists = [tag.read, tag.reported, tag.ignored].into_iter();
            let mut names: Vec<&str> = lists.flat_map(str::split_whitespace).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{path}");
        }
    }
}
