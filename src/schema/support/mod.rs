//! The table of tags and attributes a definition may have, and what is done with each: run, reported as not run, or
//! ignored. Whatever is not in the table is unknown, and said so.
//!
//! Rules: PAR-11, VAL-26 (unknown is reported, never fatal), TBL-6 (casing); engine-parameters.md appendix (a),
//! engine-execution.md appendix A. Values of attributes and texts are the business of `lower`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

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

impl Tag {
    /// The name of the tag: the end of its path.
    fn name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }
}

/// The table as a tree: looked up name by name, so that no path has to be put together for every element of a text.
#[derive(Debug, Default)]
struct Place {
    tag: Option<&'static Tag>,
    /// The tags below, by name as it is written.
    below: BTreeMap<&'static str, Self>,
}

/// Attributes that the documentation itself writes in several casings.
const ANY_CASING: &[&str] = &["proxyServer", "proxyUser", "proxyPassword"];

impl Place {
    /// What stands below under this name, in any casing.
    fn find(&self, name: &str) -> Option<&Self> {
        let in_any_casing = || self.below.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        self.below.get(name).or_else(|| in_any_casing().map(|(_, place)| place))
    }

    fn add(&mut self, path: &'static str, tag: &'static Tag) {
        let place = path
            .split('/')
            .fold(self, |place, name| place.below.entry(name).or_default());
        place.tag = Some(tag);
    }
}

/// The table, made once.
fn table() -> &'static Place {
    static TABLE: OnceLock<Place> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut root = Place::default();
        for tag in [definition::TAGS, parameters::TAGS, execution::TAGS]
            .into_iter()
            .flatten()
        {
            root.add(tag.path, tag);
        }
        for place in ["Protocol/PortSettings", "Protocol/Ports/PortSettings"] {
            let place = place
                .split('/')
                .fold(&mut root, |place, name| place.below.entry(name).or_default());
            for tag in definition::PORT_SETTINGS {
                place.add(tag.path, tag);
            }
        }
        root
    })
}

/// Compares a protocol with the table.
pub(super) fn check(protocol: Node<'_>, diagnostics: &mut Diagnostics) {
    let mut walk = Walk {
        not_run: BTreeMap::new(),
        diagnostics,
    };
    let mut open: Vec<(Node<'_>, &Place)> = table()
        .find("Protocol")
        .map(|place| (protocol, place))
        .into_iter()
        .collect();
    while let Some((node, place)) = open.pop() {
        if let Some(tag) = place.tag {
            walk.attributes(node, tag);
        }
        open.extend(walk.children(node, place));
    }
    walk.report_not_run();
    not_run_yet::check(protocol, diagnostics);
}

struct Walk<'d> {
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
                Some(known) if known != name && !ANY_CASING.contains(&known) => {
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

    /// The children that are read, with their places in the table; the others are dealt with.
    fn children<'t>(&mut self, node: Node<'t>, place: &'static Place) -> Vec<(Node<'t>, &'static Place)> {
        let mut read = Vec::new();
        let mut seen: BTreeMap<&'static str, Span> = BTreeMap::new();
        for child in node.elements() {
            let Some((below, row)) = place.find(child.name()).and_then(|below| Some((below, below.tag?))) else {
                self.unknown(child, node);
                continue;
            };
            let known = row.name();
            if known != child.name() {
                let message = format!("the tag `{}` is written `{known}`", child.name());
                self.report(
                    &codes::CASING,
                    child.name_span(),
                    message,
                    &format!("write `<{known}>`"),
                );
            }
            if let (Times::Once, Some(&first)) = (row.times, seen.get(known)) {
                let message = format!("`{}` may have one `{known}`", node.name());
                let repeated = Diagnostic::new(&codes::TAG_REPEATED, child.name_span(), message)
                    .second(first, "the first one, which is used")
                    .hint("remove one of them");
                self.diagnostics.report(repeated);
            }
            seen.entry(known).or_insert(child.name_span());
            match row.support {
                Support::Read => read.push((child, below)),
                Support::Reported(why) => self.note(format!("`{known}` is not run here: {why}"), child.name_span()),
                Support::Ignored => {}
            }
        }
        // The code of a QAction stands beside its condition.
        let is_code = place.tag.is_some_and(|row| row.name() == "QAction");
        if !is_code && node.elements().next().is_some() && !node.content().is_empty() {
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
    use super::{Place, Tag, definition, execution, parameters, table};

    /// Every place of the table with its path.
    fn places(place: &'static Place, path: &str, found: &mut Vec<(String, Option<&'static Tag>)>) {
        for (name, below) in &place.below {
            let path = format!("{path}/{name}");
            found.push((path.clone(), below.tag));
            places(below, &path, found);
        }
    }

    fn all_places() -> Vec<(String, Option<&'static Tag>)> {
        let mut found = Vec::new();
        places(table(), "", &mut found);
        found
    }

    #[test]
    fn every_row_stands_once_and_below_a_row() {
        let lists = [definition::TAGS, parameters::TAGS, execution::TAGS];
        let rows: usize = lists.iter().map(|list| list.len()).sum();
        let places = all_places();
        let filled = places.iter().filter(|(_, tag)| tag.is_some()).count();
        assert_eq!(
            filled,
            rows + 2 * definition::PORT_SETTINGS.len(),
            "a path stands twice"
        );
        let orphans: Vec<_> = places
            .iter()
            .filter(|(_, tag)| tag.is_none())
            .map(|(path, _)| path)
            .collect();
        assert_eq!(orphans, Vec::<&String>::new(), "without a row of their own");
        let mut lower: Vec<String> = places.iter().map(|(path, _)| path.to_lowercase()).collect();
        lower.sort_unstable();
        lower.dedup();
        assert_eq!(lower.len(), places.len(), "two rows differ in casing only");
    }

    #[test]
    fn every_attribute_stands_once_in_its_row() {
        for (path, tag) in all_places() {
            let tag = tag.expect("checked above");
            let lists = [tag.read, tag.reported, tag.ignored].into_iter();
            let mut names: Vec<&str> = lists.flat_map(str::split_whitespace).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{path}");
        }
    }
}
