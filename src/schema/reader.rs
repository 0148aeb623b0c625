//! Typed reads over the [`Tree`](crate::schema::tree): the one place that knows missing, empty, untrimmed, not a number.
//!
//! Rules: PAR-14 (enumerated texts are compared trimmed and without regard to case), TBL-6 (so are names of tags and
//! attributes; `support` reports the casing). A read that takes `Diagnostics` reports what it cannot read and gives
//! none; the other reads are silent.

use std::fmt::Display;
use std::ops::{Bound, RangeBounds};
use std::str::FromStr;

use crate::schema::codes;
use crate::schema::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::name_key::NameKey;
use crate::schema::source::Span;
use crate::schema::tree::Node;

/// A text with its place: the value of an attribute, the content of an element, or a part of one of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'t> {
    /// The attribute or element it belongs to, for messages.
    name: &'t str,
    raw: &'t str,
    span: Span,
}

impl<'t> Field<'t> {
    /// The text without outer blanks.
    pub(crate) fn text(self) -> &'t str {
        match self.raw.as_bytes() {
            // Almost all texts have none.
            [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => self.raw,
            _ => self.raw.trim(),
        }
    }

    /// The text as it stands.
    pub(crate) fn raw(self) -> &'t str {
        self.raw
    }

    /// Whether nothing but blanks is there.
    pub(crate) fn is_empty(self) -> bool {
        self.text().is_empty()
    }

    /// Whether there are outer blanks.
    pub(crate) fn is_untrimmed(self) -> bool {
        self.text().len() != self.raw.len()
    }

    /// Where the text stands, without its outer blanks; the whole element when it is empty.
    pub(crate) fn span(self) -> Span {
        if self.is_empty() || !self.is_verbatim() {
            return self.span;
        }
        let start = self.span.start + (self.raw.len() - self.raw.trim_start().len());
        Span::new(start, start + self.text().len())
    }

    /// Whether the text has no references or line ends that make it differ from the source. Only then can a part of it
    /// be pointed at; otherwise a part points at the whole.
    fn is_verbatim(self) -> bool {
        self.raw.len() == self.span.end - self.span.start
    }

    /// A part of this text: it must be a slice of [`Field::raw`].
    pub(crate) fn part(self, part: &'t str) -> Self {
        let start = part.as_ptr().addr().saturating_sub(self.raw.as_ptr().addr());
        let span = if self.is_verbatim() {
            Span::new(self.span.start + start, self.span.start + start + part.len())
        } else {
            self.span
        };
        Self {
            raw: part,
            span,
            ..self
        }
    }

    /// The parts between separators, empty ones too.
    pub(crate) fn parts(self, separator: char) -> impl Iterator<Item = Self> + 't {
        self.raw.split(separator).map(move |part| self.part(part))
    }

    /// What stands before and after the first separator.
    pub(crate) fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let (before, after) = self.raw.split_once(separator)?;
        Some((self.part(before), self.part(after)))
    }

    /// Whether the text is this one, trimmed and in any casing.
    pub(crate) fn is(self, text: &str) -> bool {
        self.text().eq_ignore_ascii_case(text)
    }

    /// The rest after a prefix in any casing.
    pub(crate) fn strip_prefix(self, prefix: &str) -> Option<Self> {
        let head = self.text().get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix)
            .then(|| self.part(&self.text()[prefix.len()..]))
    }

    /// Whether the text ends with this one, in any casing.
    pub(crate) fn ends_with(self, suffix: &str) -> bool {
        let text = self.text();
        let end = text.len().checked_sub(suffix.len()).and_then(|start| text.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    }

    /// Digits without a sign: an id or a count.
    pub(crate) fn digits<T: FromStr>(self) -> Option<T> {
        let text = self.text();
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    }

    /// A number within a range; reported otherwise.
    pub(crate) fn number<T>(self, range: impl RangeBounds<T>, diagnostics: &mut Diagnostics) -> Option<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let number = self.text().parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("`{}` of `{}` is not a number it may have", self.text(), self.name);
            let finding = Diagnostic::new(&codes::NOT_A_NUMBER, self.span(), message);
            diagnostics.report(finding.hint(range_hint(range.start_bound(), range.end_bound())));
        }
        number
    }

    /// `true` or `false`; reported otherwise.
    pub(crate) fn boolean(self, diagnostics: &mut Diagnostics) -> Option<bool> {
        let value = self.lookup(&[("true", true), ("false", false)]);
        if value.is_none() {
            let message = format!("`{}` of `{}` is neither true nor false", self.text(), self.name);
            let finding = Diagnostic::new(&codes::NOT_A_BOOLEAN, self.span(), message);
            diagnostics.report(finding.hint("write `true` or `false`"));
        }
        value
    }

    /// The meaning of the text in a table.
    pub(crate) fn lookup<T: Copy>(self, table: &[(&str, T)]) -> Option<T> {
        let row = table.iter().find(|(text, _)| self.is(text))?;
        Some(row.1)
    }

    /// The meaning of the text in a table; reported when it is not there.
    pub(crate) fn one_of<T: Copy>(self, table: &[(&str, T)], diagnostics: &mut Diagnostics) -> Option<T> {
        let value = self.lookup(table);
        if value.is_none() {
            let message = format!("`{}` is not a value of `{}`", self.text(), self.name);
            let hint = format!("use {}", word_list(table.iter().map(|(text, _)| *text)));
            diagnostics.report(Diagnostic::new(&codes::NOT_IN_LIST, self.span(), message).hint(hint));
        }
        value
    }
}

/// The bounds of a number in words. Those of the type itself, as of a float, say nothing.
fn range_hint<T: Display>(low: Bound<&T>, high: Bound<&T>) -> String {
    let text = |bound: Bound<&T>| match bound {
        Bound::Included(bound) | Bound::Excluded(bound) => Some(bound.to_string()).filter(|text| text.len() < 20),
        Bound::Unbounded => None,
    };
    match (text(low), text(high)) {
        (Some(low), Some(high)) => format!("write a number from {low} to {high}"),
        (Some(low), None) => format!("write a number from {low}"),
        (None, Some(high)) => format!("write a number up to {high}"),
        (None, None) => "write a number".to_owned(),
    }
}

/// `a, b or c`, for hints.
pub(crate) fn word_list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

impl<'t> Node<'t> {
    /// The child of this name; the exact one first, else one in other casing.
    #[inline]
    pub(crate) fn child(self, name: &str) -> Option<Self> {
        self.child_of_key(NameKey::of(name), name)
    }

    fn child_of_key(self, key: NameKey, name: &str) -> Option<Self> {
        let mut in_other_casing = None;
        for child in self.elements().of_key(key) {
            if child.name() == name {
                return Some(child);
            }
            if in_other_casing.is_none() && child.name().eq_ignore_ascii_case(name) {
                in_other_casing = Some(child);
            }
        }
        in_other_casing
    }

    /// The children of this name in any casing, in order.
    #[inline]
    pub(crate) fn children(self, name: &str) -> impl Iterator<Item = Self> {
        let key = NameKey::of(name);
        self.elements()
            .of_key(key)
            .filter(move |child| child.name().eq_ignore_ascii_case(name))
    }

    /// The attribute of this name; the exact one first, else one in other casing.
    pub(crate) fn attribute(self, name: &str) -> Option<Field<'t>> {
        let attributes = self.attributes();
        let exact = attributes.iter().find(|attribute| attribute.name == name);
        let found = exact.or_else(|| {
            attributes
                .iter()
                .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
        })?;
        Some(Field {
            name: found.name,
            raw: &found.value,
            span: found.value_span(),
        })
    }

    /// What an instruction `<?adit name="value"?>` directly inside says.
    pub(crate) fn instruction(self, name: &str) -> Option<Field<'t>> {
        let found = self.instructions().find(|said| said.name == name)?;
        Some(Field {
            name: found.name,
            raw: &found.value,
            span: found.value_span(),
        })
    }

    /// The text of the element.
    pub(crate) fn content(self) -> Field<'t> {
        Field {
            name: self.name(),
            raw: self.raw_text(),
            span: self.text_span(),
        }
    }

    /// The text of the child of this name, possibly empty.
    pub(crate) fn field(self, name: &str) -> Option<Field<'t>> {
        Some(self.child(name)?.content())
    }

    /// The text of the child of this name, when there is any.
    pub(crate) fn filled(self, name: &str) -> Option<Field<'t>> {
        self.field(name).filter(|field| !field.is_empty())
    }

    /// A `true` or `false` attribute; `false` when it is not there or cannot be read.
    pub(crate) fn flag(self, name: &str, diagnostics: &mut Diagnostics) -> bool {
        self.attribute(name)
            .and_then(|field| field.boolean(diagnostics))
            .unwrap_or_default()
    }
}
