//! `Tree`: the elements, attributes and texts of a definition, each with its place.
//!
//! All elements lie in one list in document order, a few numbers each, and what they say stays in the text: what is inside
//! an element follows it in the list up to the place it names, so that neither walking nor dropping a tree recurses, and
//! no element has memory of its own. Comments, the XML declaration and processing instructions are not kept, but for two:
//! comments that suppress a finding, and `<?adit …?>`: what a definition says to this product alone, where the schema has
//! no tag for it. How a text becomes a tree: `parse`.

use std::borrow::Cow;
use std::ops::Range;

use crate::schema::diagnostic::cut;
use crate::schema::name_key::NameKey;
use crate::schema::source::Span;

/// How many bytes of an id a path shows.
const LONGEST_ID: usize = 20;

/// A well-formed document.
#[derive(Debug)]
pub(crate) struct Tree<'s> {
    pub(super) text: &'s str,
    /// In document order; the first is the root.
    pub(super) elements: Vec<Element>,
    /// Those of all elements, in document order.
    pub(super) attributes: Vec<Attribute<'s>>,
    /// What `<?adit name="value"?>` says, with the element it stands directly inside.
    pub(super) instructions: Vec<(u32, Attribute<'s>)>,
    pub(super) joined: Joined,
    /// The comments that suppress a finding, in document order.
    pub(super) comments: Vec<Comment>,
}

/// A comment that suppresses a finding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comment {
    /// With its marks.
    pub(super) span: Span,
    /// The element it stands directly inside; none outside the root.
    pub(super) parent: Option<u32>,
}

/// One element. Elements are named by their place in the list, and places in the text count in 32 bits: both are far
/// below what a text may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    /// From the opening to the closing tag.
    pub(super) span: Short,
    pub(super) name_length: u32,
    pub(super) key: NameKey,
    /// The element around it; the root has itself.
    pub(super) parent: u32,
    /// The first one in the list that is no longer inside.
    pub(super) after: u32,
    /// Where its attributes begin. They end where those of the next element begin.
    pub(super) attributes: u32,
    pub(super) text: Text,
}

/// The texts and CDATA sections directly inside an element, joined.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text {
    /// There is nothing between the tags.
    None,
    /// It stands in the source as it is.
    Verbatim(Short),
    /// It is this one of the joined.
    Joined(u32),
    /// There are only blanks between the elements inside, which nobody reads.
    Blank(Short),
}

/// The texts that are not in the source as they are: of several parts, or with references or line ends in them.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// One behind the other.
    pub(super) text: String,
    /// Where each stands in that text, and from its first to its last part in the source.
    pub(super) places: Vec<(Range<usize>, Span)>,
}

/// A span as the tree keeps it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short {
    start: u32,
    end: u32,
}

impl Short {
    /// A span in a text that is not longer than texts may be.
    pub(super) fn new(span: Span) -> Self {
        let short = |at| u32::try_from(at).expect("a text of four gigabytes is refused");
        Self {
            start: short(span.start),
            end: short(span.end),
        }
    }

    /// Its end is known now.
    pub(super) fn close(&mut self, end: usize) {
        self.end = Self::new(Span::new(0, end)).end;
    }

    /// It as others know it.
    pub(super) const fn long(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }
}

/// One attribute.
#[derive(Debug)]
pub(crate) struct Attribute<'s> {
    /// The name as written.
    pub(crate) name: &'s str,
    /// The value, normalized as XML says.
    pub(crate) value: Cow<'s, str>,
    name_span: Short,
    value_span: Short,
}

impl<'s> Attribute<'s> {
    /// An attribute with the places of its name and its value.
    pub(super) fn new(name: &'s str, name_span: Span, value: Cow<'s, str>, value_span: Span) -> Self {
        Self {
            name,
            value,
            name_span: Short::new(name_span),
            value_span: Short::new(value_span),
        }
    }

    /// Where the name stands.
    pub(crate) const fn name_span(&self) -> Span {
        self.name_span.long()
    }

    /// Where the value stands, without the quotes.
    pub(crate) const fn value_span(&self) -> Span {
        self.value_span.long()
    }
}

/// An element of a tree, to walk with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'t> {
    tree: &'t Tree<'t>,
    index: u32,
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.index == other.index
    }
}

impl Eq for Node<'_> {}

impl Element {
    /// The name in the opening tag, which begins behind its `<`.
    pub(super) const fn name_span(&self) -> Span {
        let start = self.span.long().start + 1;
        Span::new(start, start + self.name_length as usize)
    }
}

impl<'s> Tree<'s> {
    /// The one element that holds all others.
    pub(crate) fn root(&self) -> Node<'_> {
        Node { tree: self, index: 0 }
    }

    /// The path of the innermost element that contains a span: names from the root, with the id where there is one.
    pub(crate) fn path(&self, span: Span) -> String {
        // The last element that begins before the span is in it, or in one of those around it.
        let mut node = self.last_before(span.start);
        while !node.span().contains(span) && node.index > 0 {
            node = node.parent();
        }
        let mut around = vec![node];
        while node.index > 0 {
            node = node.parent();
            around.push(node);
        }
        let mut path = self.root().name().to_owned();
        for node in around.iter().rev().skip(1) {
            path.push('/');
            path.push_str(node.name());
            if let Some(id) = node.attributes().iter().find(|attribute| attribute.name == "id") {
                path.push_str(&format!("[{}]", cut(id.value.trim(), LONGEST_ID)));
            }
        }
        path
    }

    /// The last element that begins there or before; the root when none does.
    fn last_before(&self, at: usize) -> Node<'_> {
        let begun = self.elements.partition_point(|element| element.span.long().start <= at);
        self.node(begun.saturating_sub(1))
    }

    /// The element directly inside another one, or the root, that begins first behind a place between its tags.
    pub(super) fn next_inside(&self, parent: Option<u32>, at: usize) -> Option<&Element> {
        let next = self.elements.partition_point(|element| element.span.long().start < at);
        let parent = parent.map(|parent| &self.elements[parent as usize]);
        self.elements[..parent.map_or(1, |parent| parent.after as usize)].get(next)
    }

    fn node(&self, index: usize) -> Node<'_> {
        Node {
            tree: self,
            index: u32::try_from(index).expect("the elements are counted in 32 bits"),
        }
    }
}

impl<'t> Node<'t> {
    fn element(self) -> &'t Element {
        &self.tree.elements[self.index as usize]
    }

    fn parent(self) -> Self {
        Self {
            index: self.element().parent,
            ..self
        }
    }

    /// The name as written, with its prefix.
    pub(crate) fn name(self) -> &'t str {
        let span = self.name_span();
        &self.tree.text[span.start..span.end]
    }

    /// The key of the name.
    pub(super) fn key(self) -> NameKey {
        self.element().key
    }

    /// Where the name stands in the opening tag: the span to point at when the element itself is meant.
    pub(crate) fn name_span(self) -> Span {
        self.element().name_span()
    }

    /// From the opening to the closing tag.
    pub(crate) fn span(self) -> Span {
        self.element().span.long()
    }

    /// Whether no element is inside.
    pub(crate) fn is_leaf(self) -> bool {
        self.element().after == self.index + 1
    }

    /// The elements directly inside, in order.
    pub(crate) fn elements(self) -> Elements<'t> {
        Elements {
            tree: self.tree,
            elements: &self.tree.elements[..self.element().after as usize],
            next: self.index + 1,
        }
    }

    /// The attributes in order.
    pub(crate) fn attributes(self) -> &'t [Attribute<'t>] {
        let next = self.tree.elements.get(self.index as usize + 1);
        let all = &self.tree.attributes;
        let end = next.map_or(all.len(), |next| next.attributes as usize);
        &all[self.element().attributes as usize..end]
    }

    /// What `<?adit name="value"?>` directly inside says.
    pub(crate) fn instructions(self) -> impl Iterator<Item = &'t Attribute<'t>> {
        let all = self.tree.instructions.iter();
        all.filter(move |(element, _)| *element == self.index)
            .map(|(_, said)| said)
    }

    /// The text directly inside, as written. Of an element with others inside, nothing when there are only blanks.
    pub(crate) fn raw_text(self) -> &'t str {
        match self.element().text {
            Text::None | Text::Blank(_) => "",
            Text::Verbatim(span) => &self.tree.text[span.long().start..span.long().end],
            Text::Joined(index) => {
                let (place, _) = &self.tree.joined.places[index as usize];
                &self.tree.joined.text[place.clone()]
            }
        }
    }

    /// Where that text stands; the whole element when it has none.
    pub(crate) fn text_span(self) -> Span {
        match self.element().text {
            Text::None => self.span(),
            Text::Verbatim(span) | Text::Blank(span) => span.long(),
            Text::Joined(index) => self.tree.joined.places[index as usize].1,
        }
    }
}

/// The elements directly inside one.
#[derive(Debug, Clone)]
pub(crate) struct Elements<'t> {
    tree: &'t Tree<'t>,
    /// All up to the end of the one they are inside.
    elements: &'t [Element],
    next: u32,
}

impl<'t> Elements<'t> {
    /// Those whose names have this key.
    pub(super) fn of_key(mut self, key: NameKey) -> impl Iterator<Item = Node<'t>> {
        std::iter::from_fn(move || {
            while let Some(element) = self.elements.get(self.next as usize) {
                let index = std::mem::replace(&mut self.next, element.after);
                if element.key == key {
                    return Some(Node { tree: self.tree, index });
                }
            }
            None
        })
    }
}

impl<'t> Iterator for Elements<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        let element = self.elements.get(self.next as usize)?;
        let index = std::mem::replace(&mut self.next, element.after);
        Some(Node { tree: self.tree, index })
    }
}
