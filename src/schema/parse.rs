//! From text to [`Tree`]: the reader's events, and the checks of well-formedness it leaves to its user.
//!
//! Refused: a DOCTYPE and every entity but the five of XML, so that nothing expands; elements nested deeper than
//! [`DEEPEST`]; more than [`MOST_ATTRIBUTES`] attributes on a tag or [`MOST_ELEMENTS`]; a text longer than [`LONGEST`].
//! The first fault ends the reading, since what follows a fault of syntax cannot be trusted.

use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::attributes::{AttrError, Attribute as WrittenAttribute};
use quick_xml::events::{BytesPI, BytesStart, Event};
use quick_xml::reader::Reader;

use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::name_key::NameKey;
use crate::schema::source::{Source, Span};
use crate::schema::suppress::SUPPRESS;
use crate::schema::tree::{Attribute, Comment, Element, Joined, Short, Text, Tree};
use crate::schema::xml_text::{self, Fault};

/// How deep elements may be nested. Definitions are about ten deep.
const DEEPEST: usize = 256;

/// How many attributes a tag may have. The richest tag of a definition has about twenty.
const MOST_ATTRIBUTES: usize = 256;

/// How many elements a definition may have. The largest have some hundred thousand.
const MOST_ELEMENTS: usize = 1_000_000;

/// How many comments may suppress a finding; further ones are passed over, as other comments are.
const MOST_COMMENTS: usize = 10_000;

/// The longest text in bytes. The largest definitions have some ten million.
const LONGEST: usize = 64 << 20;

/// The target of the instructions that are for this product.
const TARGET: &str = "adit";

/// Reads a text; the fault that makes it unreadable otherwise.
pub(super) fn parse(source: &Source) -> Result<Tree<'_>, Box<Diagnostic>> {
    let text = source.text();
    if text.len() > LONGEST {
        let message = format!(
            "the file has {} bytes, more than the {LONGEST} that are read",
            text.len()
        );
        return Err(refuse(&codes::XML_TOO_LARGE, Span::new(0, 0), message));
    }
    if let Some((at, char)) = xml_text::first_illegal(text) {
        let message = format!("the character U+{:04X} is not allowed in XML", u32::from(char));
        return Err(ill_formed(Span::new(at, at + char.len_utf8()), message));
    }
    let mut parser = Parser {
        tree: Tree {
            text,
            elements: Vec::new(),
            attributes: Vec::new(),
            instructions: Vec::new(),
            joined: Joined::default(),
            comments: Vec::new(),
        },
        open: Vec::new(),
        parts: Vec::new(),
    };
    parser.read()?;
    Ok(parser.tree)
}

struct Parser<'s> {
    /// As far as it is read.
    tree: Tree<'s>,
    /// The elements that are not closed yet, outermost first.
    open: Vec<Open>,
    /// The parts of the texts of those, each behind those of the element around it.
    parts: Vec<Part>,
}

/// An element that is not closed yet.
#[derive(Debug, Clone, Copy)]
struct Open {
    element: u32,
    /// Where the parts of its text begin.
    parts: usize,
}

/// A part of the text of an element.
#[derive(Debug, Clone, Copy)]
struct Part {
    span: Span,
    said: Said,
}

/// What a part of a text says.
#[derive(Debug, Clone, Copy)]
enum Said {
    /// What stands there.
    Verbatim,
    /// What stands there, with other line ends.
    Lines,
    /// Blanks and line ends.
    Blank,
    /// What a reference stands for.
    Character(char),
}

impl<'s> Parser<'s> {
    fn read(&mut self) -> Result<(), Box<Diagnostic>> {
        let mut reader = Reader::from_str(self.tree.text);
        reader.config_mut().check_comments = true;
        loop {
            let start = offset(reader.buffer_position());
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => return Err(self.reader_fault(&error, offset(reader.error_position()))),
            };
            let span = Span::new(start, offset(reader.buffer_position()));
            match event {
                Event::Start(tag) => self.start(&tag, span)?,
                Event::Empty(tag) => {
                    self.start(&tag, span)?;
                    self.end(span);
                }
                Event::End(_) => self.end(span),
                Event::Text(_) => self.text(span)?,
                Event::CData(content) => {
                    // What is inside the markers is the text, so that a part of it can be pointed at.
                    let inside = Span::new(span.start + "<![CDATA[".len(), span.end - "]]>".len());
                    self.content(inside, Said::of(&content))?;
                }
                Event::GeneralRef(reference) => {
                    let char = xml_text::resolve(&reference).map_err(|fault| text_fault(fault, span))?;
                    self.content(span, Said::Character(char))?;
                }
                Event::DocType(_) => {
                    let message = "a definition may not have a DOCTYPE";
                    let hint = "remove the DOCTYPE and write what its entities stand for";
                    return Err(Box::new(Diagnostic::new(&codes::XML_DOCTYPE, span, message).hint(hint)));
                }
                Event::Decl(_) if start > 0 => {
                    return Err(ill_formed(span, "the XML declaration may only be at the very start"));
                }
                Event::PI(instruction) => self.instruction(&instruction)?,
                Event::Comment(_) => self.comment(span),
                Event::Decl(_) => {}
                Event::Eof => return self.finish(span),
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, span: Span) -> Result<(), Box<Diagnostic>> {
        let name_start = span.start + 1;
        let name_span = Span::new(name_start, name_start + tag.name().as_ref().len());
        let text = self.tree.text;
        let name = &text[name_span.start..name_span.end];
        if !xml_text::is_name(name) {
            return Err(ill_formed(name_span, format!("`{name}` is not a name of an element")));
        }
        if self.open.is_empty()
            && let Some(root) = self.tree.elements.first()
        {
            let fault = Diagnostic::new(&codes::XML_NOT_WELL_FORMED, name_span, "a second root element")
                .second(root.name_span(), "the first one")
                .hint("keep one Protocol tag around everything");
            return Err(Box::new(fault));
        }
        if self.open.len() >= DEEPEST {
            let message = format!("elements may be nested {DEEPEST} deep");
            return Err(refuse(&codes::XML_TOO_DEEP, name_span, message));
        }
        if self.tree.elements.len() >= MOST_ELEMENTS {
            let message = format!("a definition may have {MOST_ELEMENTS} elements");
            return Err(refuse(&codes::XML_TOO_LARGE, name_span, message));
        }
        let element = count(self.tree.elements.len());
        self.tree.elements.push(Element {
            span: Short::new(span),
            name_length: count(name.len()),
            key: NameKey::of(name),
            parent: self.open.last().map_or(element, |open| open.element),
            after: element + 1,
            attributes: count(self.tree.attributes.len()),
            text: Text::None,
        });
        self.open.push(Open {
            element,
            parts: self.parts.len(),
        });
        if span.len() > "<".len() + name.len() + "/>".len() {
            for (index, attribute) in tag.attributes().enumerate() {
                let attribute = self.attribute(attribute, name_start, index)?;
                self.tree.attributes.push(attribute);
            }
        }
        Ok(())
    }

    /// A comment that speaks to a validator is kept, with the place where it stands.
    fn comment(&mut self, span: Span) {
        let comment = &self.tree.text[span.start..span.end];
        if self.tree.comments.len() < MOST_COMMENTS && comment.contains(SUPPRESS) {
            let parent = self.open.last().map(|open| open.element);
            self.tree.comments.push(Comment { span, parent });
        }
    }

    /// `<?adit name="value"?>` in an element: what it says is kept. Instructions for others are none of our business.
    fn instruction(&mut self, instruction: &BytesPI<'_>) -> Result<(), Box<Diagnostic>> {
        if instruction.target() != TARGET {
            return Ok(());
        }
        let content = self.span_of(instruction).start;
        for (index, said) in instruction.attributes().enumerate() {
            let said = self.attribute(said, content, index)?;
            if let Some(open) = self.open.last() {
                self.tree.instructions.push((open.element, said));
            }
        }
        Ok(())
    }

    /// An attribute that stands behind so many others in its tag.
    fn attribute(
        &self,
        written: Result<WrittenAttribute<'_>, AttrError>,
        content: usize,
        others: usize,
    ) -> Result<Attribute<'s>, Box<Diagnostic>> {
        let text = self.tree.text;
        let written = written.map_err(|error| attribute_fault(&error, content))?;
        let name_span = self.span_of(written.key.as_ref());
        let value_span = self.span_of(&written.value);
        let name = &text[name_span.start..name_span.end];
        let is_apart = text[..name_span.start].ends_with([' ', '\t', '\r', '\n']);
        if !xml_text::is_name(name) || !is_apart {
            return Err(ill_formed(name_span, format!("`{name}` is not an attribute")));
        }
        if others == MOST_ATTRIBUTES {
            let message = format!("a tag may have {MOST_ATTRIBUTES} attributes");
            return Err(refuse(&codes::XML_TOO_LARGE, name_span, message));
        }
        let value = xml_text::attribute_value(&text[value_span.start..value_span.end])
            .map_err(|(at, fault)| text_fault(fault, Span::new(value_span.start + at, value_span.end)))?;
        Ok(Attribute::new(name, name_span, value, value_span))
    }

    /// Where a part of the text stands: the reader hands out slices of it.
    fn span_of(&self, part: &str) -> Span {
        let start = part.as_ptr().addr().saturating_sub(self.tree.text.as_ptr().addr());
        Span::new(start, start + part.len())
    }

    /// Closes the innermost open element.
    fn end(&mut self, span: Span) {
        let Some(open) = self.open.pop() else { return };
        let is_leaf = self.tree.elements.len() == open.element as usize + 1;
        let text = self.text_of(open.parts, is_leaf);
        self.parts.truncate(open.parts);
        let after = count(self.tree.elements.len());
        let element = &mut self.tree.elements[open.element as usize];
        element.text = text;
        element.after = after;
        element.span.close(span.end);
    }

    /// The text that consists of the last parts. It is copied only when it does not stand in the source as it is.
    fn text_of(&mut self, parts: usize, is_leaf: bool) -> Text {
        let parts = &self.parts[parts..];
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
            return Text::None;
        };
        let span = Span::new(first.span.start, last.span.end);
        if let [
            Part {
                said: Said::Verbatim, ..
            },
        ] = parts
        {
            return Text::Verbatim(Short::new(span));
        }
        if !is_leaf && parts.iter().all(|part| matches!(part.said, Said::Blank)) {
            return Text::Blank(Short::new(span));
        }
        let joined = &mut self.tree.joined;
        let begin = joined.text.len();
        for part in parts {
            let text = &self.tree.text[part.span.start..part.span.end];
            match part.said {
                Said::Verbatim => joined.text.push_str(text),
                Said::Lines | Said::Blank => xml_text::push_lines(text, &mut joined.text),
                Said::Character(char) => joined.text.push(char),
            }
        }
        joined.places.push((begin..joined.text.len(), span));
        Text::Joined(count(joined.places.len() - 1))
    }

    fn text(&mut self, span: Span) -> Result<(), Box<Diagnostic>> {
        let text = &self.tree.text[span.start..span.end];
        if text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            // Around the root element as well.
            if !self.open.is_empty() {
                self.parts.push(Part {
                    span,
                    said: Said::Blank,
                });
            }
            return Ok(());
        }
        if memchr::memchr(b']', text.as_bytes()).is_some()
            && let Some(at) = text.find("]]>")
        {
            let at = span.start + at;
            return Err(ill_formed(Span::new(at, at + 3), "`]]>` may only end a CDATA section"));
        }
        self.content(span, Said::of(text))
    }

    /// Adds a text, a CDATA section or a character to the innermost open element.
    fn content(&mut self, span: Span, said: Said) -> Result<(), Box<Diagnostic>> {
        if self.open.is_empty() {
            return Err(ill_formed(span, "text outside the root element"));
        }
        self.parts.push(Part { span, said });
        Ok(())
    }

    fn finish(&self, end: Span) -> Result<(), Box<Diagnostic>> {
        if let Some(open) = self.open.last() {
            let element = &self.tree.elements[open.element as usize];
            let name = &self.tree.text[element.name_span().start..element.name_span().end];
            let message = format!("the file ends, but `{name}` is not closed");
            let hint = format!("write `</{name}>`, or get the whole file");
            let fault = Diagnostic::new(&codes::XML_NOT_WELL_FORMED, element.name_span(), message).hint(hint);
            return Err(Box::new(fault));
        }
        if self.tree.elements.is_empty() {
            return Err(ill_formed(end, "the file has no element"));
        }
        Ok(())
    }

    /// A fault the reader found.
    fn reader_fault(&self, error: &Error, at: usize) -> Box<Diagnostic> {
        let at = at.min(self.tree.text.len());
        let line = self.tree.text[at..].lines().next().unwrap_or_default();
        let fault = Diagnostic::new(
            &codes::XML_NOT_WELL_FORMED,
            Span::new(at, at + line.len()),
            error
                .to_string()
                .trim_start_matches("ill-formed document: ")
                .trim_start_matches("syntax error: "),
        );
        let mismatched = matches!(error, Error::IllFormed(IllFormedError::MismatchedEndTag { .. }));
        match self.open.last().map(|open| &self.tree.elements[open.element as usize]) {
            Some(element) if mismatched => {
                let span = element.name_span();
                let hint = format!("close `{}` first", &self.tree.text[span.start..span.end]);
                Box::new(fault.second(span, "opened here").hint(hint))
            }
            Some(_) | None => Box::new(fault),
        }
    }
}

impl Said {
    /// What a piece of the source says: itself, but for its line ends.
    fn of(text: &str) -> Self {
        if memchr::memchr(b'\r', text.as_bytes()).is_some() {
            Self::Lines
        } else {
            Self::Verbatim
        }
    }
}

/// A number of things that are bounded.
fn count(number: usize) -> u32 {
    u32::try_from(number).expect("what a text may have can be counted in 32 bits")
}

fn offset(position: u64) -> usize {
    usize::try_from(position).expect("the text fits into memory")
}

/// What is beyond a bound.
fn refuse(code: &'static Code, span: Span, message: String) -> Box<Diagnostic> {
    let hint = "no definition comes near this bound: get the file again from where it was made";
    Box::new(Diagnostic::new(code, span, message).hint(hint))
}

fn ill_formed(span: Span, message: impl Into<String>) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(&codes::XML_NOT_WELL_FORMED, span, message))
}

fn text_fault(fault: Fault, span: Span) -> Box<Diagnostic> {
    match fault {
        Fault::Entity(name) => {
            let message = format!("the entity `&{name};` is not known");
            let hint = "XML itself knows &amp; &lt; &gt; &quot; and &apos;; write a bare `&` as `&amp;`";
            Box::new(Diagnostic::new(&codes::XML_ENTITY, span, message).hint(hint))
        }
        Fault::Character(name) => ill_formed(span, format!("`&{name};` is not a character of XML")),
        Fault::Ampersand => {
            Box::new(Diagnostic::new(&codes::XML_NOT_WELL_FORMED, span, "a bare `&`").hint("write it as `&amp;`"))
        }
        Fault::LessThan => Box::new(
            Diagnostic::new(&codes::XML_NOT_WELL_FORMED, span, "a bare `<` in an attribute").hint("write it as `&lt;`"),
        ),
    }
}

/// The reader counts from the start of the tag's content.
fn attribute_fault(error: &AttrError, content: usize) -> Box<Diagnostic> {
    let (at, message) = match *error {
        AttrError::ExpectedEq(at) => (at, "`=` and a value are missing after the attribute"),
        AttrError::ExpectedValue(at) => (at, "a value is missing after `=`"),
        AttrError::UnquotedValue(at) => (at, "the value of an attribute stands in quotes"),
        AttrError::ExpectedQuote(at, _) => (at, "the quote of this attribute is not closed"),
        AttrError::Duplicated(at, first) => {
            let (at, first) = (content + at, content + first);
            let fault = Diagnostic::new(
                &codes::XML_NOT_WELL_FORMED,
                Span::new(at, at + 1),
                "an attribute that the tag has already",
            );
            return Box::new(fault.second(Span::new(first, first + 1), "the first one"));
        }
    };
    ill_formed(Span::new(content + at, content + at), message)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::parse;
    use crate::schema::source::{Source, Span};
    use crate::schema::tree::Node;

    /// Every definition among the fixtures, and a few texts with what the fixtures do not have.
    #[allow(clippy::disallowed_methods, reason = "the core reads no file, its tests do")]
    fn texts() -> Vec<(String, String)> {
        let mut texts: Vec<(String, String)> = [
            "<a>1<!-- c -->2<![CDATA[<3>]]>&amp;&#52;\r\n5<?pi?></a>",
            "<?xml version=\"1.0\"?>\n<!-- c --><a b='1\t2' c = \"&lt;&#x41;'\"><b/><b ></b ></a>\n<!-- d -->",
            "<é à=\"ü\"><x.y-z_1/></é>",
            "<a b=\"1\"c=\"2\"/>",
            "<1a/>",
            "<a><b></a></b>",
            "<a>]]></a>",
            "<a b/>",
            "<a b=/>",
            "<a b=\"/>",
            "<a>&;</a>",
            "<a>& </a>",
            "<a",
            "<a></a></a>",
            "</a>",
            "<![CDATA[x]]><a/>",
            "<a/>&amp;",
            "<a><![CDATA[x</a>",
            "<a><!-- x</a>",
        ]
        .iter()
        .enumerate()
        .map(|(index, text)| (format!("text {index}"), (*text).to_owned()))
        .collect();
        for folder in ["schema", "diagnostics"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
            for entry in std::fs::read_dir(folder).unwrap() {
                let file = entry.unwrap().path();
                texts.push((file.display().to_string(), std::fs::read_to_string(&file).unwrap()));
            }
        }
        texts
    }

    fn compare(own: Node<'_>, other: roxmltree::Node<'_, '_>) {
        let span = |range: std::ops::Range<usize>| Span::new(range.start, range.end);
        assert_eq!(own.name(), other.tag_name().name());
        assert_eq!(own.span(), span(other.range()), "{}", own.name());
        let attributes = other.attributes().map(|other| {
            let (name, value) = (span(other.range_qname()), span(other.range_value()));
            (other.name().to_owned(), name, other.value().to_owned(), value)
        });
        let own_attributes = own.attributes().iter().filter(|own| own.name != "xmlns").map(|own| {
            let value = own.value.clone().into_owned();
            (own.name.to_owned(), own.name_span(), value, own.value_span())
        });
        assert_eq!(
            own_attributes.collect::<Vec<_>>(),
            attributes.collect::<Vec<_>>(),
            "{}",
            own.name()
        );
        let text: String = other
            .children()
            .filter(roxmltree::Node::is_text)
            .filter_map(|text| text.text())
            .collect();
        let is_left_out = !own.is_leaf() && text.trim().is_empty();
        assert_eq!(own.raw_text(), if is_left_out { "" } else { &text }, "{}", own.name());
        let elements: Vec<Node<'_>> = own.elements().collect();
        let others: Vec<roxmltree::Node<'_, '_>> = other.children().filter(roxmltree::Node::is_element).collect();
        assert_eq!(elements.len(), others.len(), "{}", own.name());
        for (own, other) in elements.into_iter().zip(others) {
            compare(own, other);
        }
    }

    #[test]
    fn the_tree_is_that_of_another_parser() {
        let mut refused = 0;
        for (name, text) in texts() {
            let source = Source::new(&name, &text);
            let own = parse(&source);
            let other = roxmltree::Document::parse(source.text());
            match (own, other) {
                (Ok(own), Ok(other)) => compare(own.root(), other.root_element()),
                (Err(_), Err(_)) => refused += 1,
                // The other parser has no bound that is as low, and takes characters that XML does not have.
                (Err(own), Ok(_)) => {
                    let stricter = own.code.number == "E004" || own.message.ends_with("is not a character of XML");
                    assert!(stricter, "{name}: {}", own.message);
                }
                (Ok(_), Err(other)) => panic!("{name} is read, but {other}"),
            }
        }
        assert!(refused > 20, "{refused}");
    }

    #[test]
    fn instructions_for_this_product_are_kept_and_others_passed_over() {
        let text = r#"<?adit outside="1"?><a><?other x="2"?><b><?adit host="https://x" port = '1'?>text</b></a>"#;
        let source = Source::new("a.xml", text);
        let tree = parse(&source).unwrap();
        let inner = tree.root().elements().next().unwrap();
        let host = inner.instruction("host").unwrap();
        assert_eq!(host.text(), "https://x");
        assert_eq!(&text[host.span().start..host.span().end], "https://x");
        assert_eq!(inner.instruction("port").unwrap().text(), "1");
        assert!(tree.root().instruction("x").is_none());
        assert!(tree.root().instruction("outside").is_none());
    }

    #[test]
    fn err_an_instruction_without_quotes_is_a_fault() {
        let source = Source::new("a.xml", "<a><?adit host=x?></a>");
        assert_eq!(
            parse(&source).unwrap_err().message,
            "the value of an attribute stands in quotes"
        );
    }
}
