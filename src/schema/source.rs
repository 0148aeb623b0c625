//! `Source` and `Span`: the text of a definition, and a place in it as line and column.

/// A definition's text with the name it is reported under.
#[derive(Debug, Clone)]
pub struct Source {
    file: String,
    text: String,
    /// The byte at which each line starts.
    lines: Vec<usize>,
    /// How many characters are before each block of [`BLOCK`] bytes: a definition may be one line of ten million. Not there
    /// when every character is a byte.
    blocks: Option<Vec<usize>>,
}

/// How far characters are counted one by one.
const BLOCK: usize = 1024;

/// How much of a line is shown on either side of what is pointed at.
const SHOWN: usize = 1024;

/// A range of bytes in a [`Source`]. (A length of time is `model::moment::Span`.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

/// A place for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Span {
    /// The range from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// How many bytes it has.
    pub(super) const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether `inner` lies within.
    #[must_use]
    pub const fn contains(self, inner: Self) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }
}

impl Source {
    /// Takes a text as read from a file. Byte order marks at its start are no part of it: editors write one, and tools
    /// that put files together leave several.
    #[must_use]
    pub fn new(file: &str, text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        Self {
            file: file.to_owned(),
            lines: std::iter::once(0).chain(breaks.map(|at| at + 1)).collect(),
            blocks: (!text.is_ascii()).then(|| blocks(text.as_bytes())),
            text: text.to_owned(),
        }
    }

    /// The name of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The text, without byte order marks.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a line, counted from 1, without its outer blanks.
    pub(crate) fn line(&self, line: u32) -> Span {
        let index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        let start = self.lines.get(index).copied().unwrap_or(self.text.len());
        let end = self
            .lines
            .get(index.saturating_add(1))
            .copied()
            .unwrap_or(self.text.len());
        let text = &self.text[start..end];
        let start = start + (text.len() - text.trim_start().len());
        Span::new(start, start + text.trim().len())
    }

    /// The line and column at which a span starts. A place past the end is the end.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        let line = self.line_at(span.start);
        let start = self.lines[line as usize - 1];
        let before = self.characters_before(span.start) - self.characters_before(start);
        Place {
            line,
            column: u32::try_from(before).map_or(u32::MAX, |count| count.saturating_add(1)),
        }
    }

    /// The line on which a byte stands, from 1.
    pub(crate) fn line_at(&self, at: usize) -> u32 {
        let line = self.lines.partition_point(|&start| start <= at);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    fn characters_before(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        let Some(blocks) = &self.blocks else { return at };
        let block = at / BLOCK;
        blocks[block] + characters(&self.text.as_bytes()[block * BLOCK..at])
    }
}

/// How many characters are before each block, and before the end.
fn blocks(text: &[u8]) -> Vec<usize> {
    let mut before = vec![0];
    let mut count = 0;
    for block in text.chunks(BLOCK) {
        count += characters(block);
        before.push(count);
    }
    before
}

/// How many characters start in a piece of a text.
fn characters(piece: &[u8]) -> usize {
    piece.iter().filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000).count()
}

impl Source {
    /// The whole lines a span touches, without the last line end. Of long lines only what is near the span.
    pub(super) fn lines_of(&self, span: Span) -> Span {
        let place = self.place(span);
        let line = self.lines.get(place.line as usize - 1).copied().unwrap_or_default();
        let (start, end) = (span.start.min(self.text.len()), span.end.min(self.text.len()));
        let end = end.max(start);
        let far = self.text.ceil_char_boundary(end.saturating_add(SHOWN));
        let end = self.text[end..far].find('\n').map_or(far, |at| end + at);
        let near = self.text.floor_char_boundary(start.saturating_sub(SHOWN));
        Span::new(line.max(near), end)
    }

    /// The part of a span that is on its first line, so that a long element is pointed at and not drawn.
    pub(super) fn first_line_of(&self, span: Span) -> Span {
        let start = span.start.min(self.text.len());
        let text = self.text.get(start..span.end).unwrap_or_default();
        let text = &text[..text.floor_char_boundary(SHOWN)];
        let line = text.lines().next().unwrap_or_default();
        Span::new(start, start + line.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Place, SHOWN, Source, Span};

    #[test]
    fn columns_count_characters_and_byte_order_marks_do_not_count() {
        let source = Source::new("a.xml", "\u{feff}\u{feff}<é>\r\n  <b/>\n");
        let place = |start| source.place(Span::new(start, start + 1));
        assert_eq!(source.text(), "<é>\r\n  <b/>\n");
        assert_eq!(place(0), Place { line: 1, column: 1 });
        assert_eq!(place(3), Place { line: 1, column: 3 });
        assert_eq!(place(8), Place { line: 2, column: 3 });
        assert_eq!(place(13), Place { line: 3, column: 1 });
    }

    #[test]
    fn columns_of_a_long_line_are_those_that_counting_gives() {
        let text = "\n".to_owned() + &"aé日😀".repeat(BLOCK);
        let source = Source::new("a.xml", &text);
        for (count, (at, _)) in (1..).zip(text[1..].char_indices()) {
            let place = source.place(Span::new(1 + at, 1 + at));
            assert_eq!(place, Place { line: 2, column: count });
        }
        assert_eq!(source.place(Span::new(text.len(), text.len())).column, 4 * 1024 + 1);
    }

    #[test]
    fn of_a_long_line_what_is_near_is_shown() {
        let text = "é".repeat(BLOCK) + "<a>" + &"é".repeat(BLOCK) + "\nb";
        let source = Source::new("a.xml", &text);
        let shown = source.lines_of(Span::new(2 * BLOCK, 2 * BLOCK + 3));
        assert_eq!(shown, Span::new(2 * BLOCK - SHOWN, 2 * BLOCK + 3 + SHOWN));
        let last = source.lines_of(Span::new(text.len() - 1, text.len()));
        assert_eq!(&text[last.start..last.end], "b");
    }
}
