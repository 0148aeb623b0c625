//! The table of tags and attributes a definition may have, and what is done with each: run, reported as not run, or
//! ignored. Whatever is not in the table is unknown, and said so.
//!
//! Rules: PAR-11, VAL-26 (unknown is reported, never fatal), TBL-6 (casing); engine-parameters.md appendix (a),
//! engine-execution.md appendix A. Values of attributes and texts are the business of `lower`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::name_key::NameKey;
use crate::schema::source::Span;
use crate::schema::tree::Node;

mod definition;
mod execution;
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

/// What is done with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handling {
    /// Read, or without a meaning here.
    Silent,
    /// Reported as not run.
    Reported,
}

/// The table as a tree: looked up name by name, so that no path has to be put together for every element of a text.
#[derive(Debug, Default)]
struct Place {
    tag: Option<&'static Tag>,
    /// The tags below, by name as it is written.
    below: Vec<(&'static str, Self)>,
    /// Which of them to compare a name with: from the slot of its key up to the first that is empty.
    slots: Vec<Option<(NameKey, u8)>>,
    /// The attributes, by name as it is written.
    attributes: Vec<(&'static str, Handling)>,
}

/// Attributes that the documentation itself writes in several casings.
const ANY_CASING: &[&str] = &["proxyServer", "proxyUser", "proxyPassword"];

impl Place {
    /// Which of the tags below has the name of an element, in any casing.
    fn find(&self, node: Node<'_>) -> Option<usize> {
        let (key, name) = (node.key(), node.name());
        let mut at = key.slot(self.slots.len());
        while let Some((known, index)) = self.slots[at] {
            let index = usize::from(index);
            if known == key && (self.below[index].0 == name || self.below[index].0.eq_ignore_ascii_case(name)) {
                return Some(index);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// Makes the slots, here and below: at least four a tag.
    fn index(&mut self) {
        let slots = (4 * self.below.len()).next_power_of_two();
        self.slots = vec![None; slots];
        for ((name, _), index) in self.below.iter().zip(0..) {
            let key = NameKey::of(name);
            let mut at = key.slot(slots);
            while self.slots[at].is_some() {
                at = (at + 1) & (slots - 1);
            }
            self.slots[at] = Some((key, index));
        }
        for (_, place) in &mut self.below {
            place.index();
        }
    }

    /// The place below at the end of a path, which is made where there is none.
    fn at(&mut self, path: &'static str) -> &mut Self {
        path.split('/').fold(self, |place, name| {
            let index = place.below.iter().position(|(known, _)| *known == name);
            let index = index.unwrap_or_else(|| {
                place.below.push((name, Self::default()));
                place.below.len() - 1
            });
            &mut place.below[index].1
        })
    }

    fn add(&mut self, path: &'static str, tag: &'static Tag) {
        let place = self.at(path);
        let lists = [
            (tag.read, Handling::Silent),
            (tag.ignored, Handling::Silent),
            (tag.reported, Handling::Reported),
        ];
        let attributes = lists.into_iter();
        place.attributes = attributes
            .flat_map(|(list, handling)| list.split_whitespace().map(move |name| (name, handling)))
            .collect();
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
            let place = root.at(place);
            for tag in definition::PORT_SETTINGS {
                place.add(tag.path, tag);
            }
        }
        root.index();
        root
    })
}

/// Compares a protocol with the table.
pub(super) fn check(protocol: Node<'_>, diagnostics: &mut Diagnostics) {
    let mut walk = Walk {
        not_run: BTreeMap::new(),
        seen: Vec::new(),
        open: Vec::new(),
        diagnostics,
    };
    let table = table();
    walk.open
        .extend(table.find(protocol).map(|index| (protocol, &table.below[index].1)));
    while let Some((node, place)) = walk.open.pop() {
        walk.attributes(node, place);
        walk.children(node, place);
    }
    walk.report_not_run();
}

struct Walk<'t, 'd> {
    /// What is not run: what to say, where it stands first, and how often more.
    not_run: BTreeMap<String, (Span, usize)>,
    /// The first tag of each name in the one that is looked at, by their order in the table.
    seen: Vec<Option<Span>>,
    /// What is still to be looked at.
    open: Vec<(Node<'t>, &'static Place)>,
    diagnostics: &'d mut Diagnostics,
}

impl<'t> Walk<'t, '_> {
    fn attributes(&mut self, node: Node<'t>, place: &Place) {
        for attribute in node.attributes() {
            let (name, span) = (attribute.name, attribute.name_span());
            let known = place
                .attributes
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            match known {
                None if is_foreign_attribute(name) => {}
                None => {
                    let message = format!("`{}` has no attribute `{name}`", node.name());
                    let hint = "remove it, or correct its name; it is ignored";
                    self.report(&codes::ATTRIBUTE_UNKNOWN, span, message, hint);
                }
                Some((known, _)) if *known != name && !ANY_CASING.contains(known) => {
                    let message = format!("the attribute `{name}` is written `{known}`");
                    self.report(&codes::CASING, span, message, &format!("write `{known}`"));
                }
                Some(_) => {}
            }
            if let Some((_, Handling::Reported)) = known {
                self.note(
                    format!("the attribute `{name}` of `{}` is read but not run here", node.name()),
                    span,
                );
            }
        }
    }

    /// Deals with the children. Those that are read are looked at later.
    fn children(&mut self, node: Node<'t>, place: &'static Place) {
        if node.is_leaf() {
            return;
        }
        self.seen.clear();
        self.seen.resize(place.below.len(), None);
        for child in node.elements() {
            let found = place.find(child).map(|index| (index, &place.below[index]));
            let Some((index, known, below, row)) =
                found.and_then(|(index, (known, below))| Some((index, *known, below, below.tag?)))
            else {
                self.unknown(child, node);
                continue;
            };
            if known != child.name() {
                let message = format!("the tag `{}` is written `{known}`", child.name());
                self.report(
                    &codes::CASING,
                    child.name_span(),
                    message,
                    &format!("write `<{known}>`"),
                );
            }
            let first = *self.seen[index].get_or_insert(child.name_span());
            if row.times == Times::Once && first != child.name_span() {
                let message = format!("`{}` may have one `{known}`", node.name());
                let repeated = Diagnostic::new(&codes::TAG_REPEATED, child.name_span(), message)
                    .second(first, "the first one, which is used")
                    .hint("remove one of them");
                self.diagnostics.report(repeated);
            }
            match row.support {
                Support::Read => self.open.push((child, below)),
                Support::Reported(why) => self.note(format!("`{known}` is not run here: {why}"), child.name_span()),
                Support::Ignored => {}
            }
        }
        // The code of a QAction stands beside its condition.
        let is_code = place.tag.is_some_and(|row| row.path == "Protocol/QActions/QAction");
        if !is_code && !node.content().is_empty() {
            let message = format!("text directly inside `{}` has no meaning", node.name());
            self.report(&codes::TEXT_STRAY, node.content().span(), message, "remove it");
        }
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
            let mut names: Vec<String> = lists.flat_map(str::split_whitespace).map(str::to_lowercase).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{path}");
        }
    }
}
