//! `Tree`: the elements, attributes and texts of a definition, each with its place.
//!
//! All nodes lie in one list and name each other by index, so that neither walking nor dropping a tree recurses.
//! Comments, the XML declaration and processing instructions are not kept, but for two: comments that suppress a finding,
//! and `<?adit …?>`: what a definition says to this product alone, where the schema has no tag for it. How a text becomes
//! a tree: `parse`.

use std::borrow::Cow;

use crate::schema::diagnostic::cut;
use crate::schema::source::Span;

/// How many bytes of an id a path shows.
const LONGEST_ID: usize = 20;

/// A well-formed document.
#[derive(Debug)]
pub(crate) struct Tree<'s> {
    /// In document order; the first is the root.
    pub(super) elements: Vec<Element<'s>>,
    /// The comments that suppress a finding, in document order.
    pub(super) comments: Vec<Comment>,
}

/// A comment that suppresses a finding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comment {
    /// With its marks.
    pub(super) span: Span,
    /// The element it stands directly inside; none outside the root.
    pub(super) parent: Option<usize>,
}

/// One element.
#[derive(Debug)]
pub(super) struct Element<'s> {
    pub(super) name: &'s str,
    /// The name in the opening tag.
    pub(super) name_span: Span,
    /// From the opening to the closing tag.
    pub(super) span: Span,
    pub(super) children: Vec<usize>,
    pub(super) attributes: Vec<Attribute<'s>>,
    /// What `<?adit name="value"?>` directly inside says.
    pub(super) instructions: Vec<Attribute<'s>>,
    /// The texts and CDATA sections directly inside, joined.
    pub(super) text: Cow<'s, str>,
    /// From the first to the last of them; none when there is nothing between the tags.
    pub(super) text_span: Option<Span>,
}

/// One attribute.
#[derive(Debug)]
pub(crate) struct Attribute<'s> {
    /// The name as written.
    pub(crate) name: &'s str,
    /// Where the name stands.
    pub(crate) name_span: Span,
    /// The value, normalized as XML says.
    pub(crate) value: Cow<'s, str>,
    /// Where the value stands, without the quotes.
    pub(crate) value_span: Span,
}

/// An element of a tree, to walk with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'t> {
    tree: &'t Tree<'t>,
    index: usize,
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.index == other.index
    }
}

impl Eq for Node<'_> {}

impl<'s> Tree<'s> {
    /// The one element that holds all others.
    pub(crate) fn root(&self) -> Node<'_> {
        Node { tree: self, index: 0 }
    }

    /// The path of the innermost element that contains a span: names from the root, with the id where there is one.
    pub(crate) fn path(&self, span: Span) -> String {
        let mut node = self.root();
        let mut path = node.name().to_owned();
        while let Some(child) = node.child_around(span) {
            path.push('/');
            path.push_str(child.name());
            if let Some(id) = child.attributes().iter().find(|attribute| attribute.name == "id") {
                path.push_str(&format!("[{}]", cut(id.value.trim(), LONGEST_ID)));
            }
            node = child;
        }
        path
    }
}

impl<'t> Node<'t> {
    fn element(self) -> &'t Element<'t> {
        &self.tree.elements[self.index]
    }

    /// The name as written, with its prefix.
    pub(crate) fn name(self) -> &'t str {
        self.element().name
    }

    /// Where the name stands in the opening tag: the span to point at when the element itself is meant.
    pub(crate) fn name_span(self) -> Span {
        self.element().name_span
    }

    /// From the opening to the closing tag.
    pub(crate) fn span(self) -> Span {
        self.element().span
    }

    /// The elements directly inside, in order.
    pub(crate) fn elements(self) -> impl Iterator<Item = Self> + 't {
        let tree = self.tree;
        self.element().children.iter().map(move |&index| Self { tree, index })
    }

    /// The element directly inside that contains a span. There may be millions of them, in the order of the text.
    fn child_around(self, span: Span) -> Option<Self> {
        let (tree, children) = (self.tree, &self.element().children);
        let after = children.partition_point(|&index| tree.elements[index].span.start <= span.start);
        let index = *children.get(after.checked_sub(1)?)?;
        tree.elements[index].span.contains(span).then_some(Self { tree, index })
    }

    /// The attributes in order.
    pub(crate) fn attributes(self) -> &'t [Attribute<'t>] {
        &self.element().attributes
    }

    /// What `<?adit name="value"?>` directly inside says.
    pub(crate) fn instructions(self) -> &'t [Attribute<'t>] {
        &self.element().instructions
    }

    /// The text directly inside, as written.
    pub(crate) fn raw_text(self) -> &'t str {
        &self.element().text
    }

    /// Where that text stands; the whole element when it has none.
    pub(crate) fn text_span(self) -> Span {
        self.element().text_span.unwrap_or(self.element().span)
    }
}
