//! Findings for people: the line, a caret, and the way out. `json` and `sarif` are for programs.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::schema::Loaded;
use crate::schema::diagnostic::{Diagnostic, Severity};
use crate::schema::source::{Source, Span};

mod json;
mod sarif;

pub use json::json;
pub use sarif::sarif;

/// How many bytes apart two places may be to be shown in one piece.
const FAR: usize = 16 << 10;

/// How findings are painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Text only, for files and pipes.
    Plain,
    /// With the colours of a terminal.
    Colour,
}

/// All findings of one definition, in the order of the text.
#[must_use]
pub fn human(loaded: &Loaded, paint: Paint) -> String {
    let renderer = match paint {
        Paint::Plain => Renderer::plain(),
        Paint::Colour => Renderer::styled(),
    };
    let findings = loaded.diagnostics.iter();
    findings
        .map(|finding| one(&loaded.source, finding, &renderer))
        .collect()
}

fn one(source: &Source, finding: &Diagnostic, renderer: &Renderer) -> String {
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let second = finding.second.as_ref();
    let together = second
        .map(|(span, _)| around(finding.span, *span))
        .filter(|both| both.len() <= FAR);
    let lines = source.lines_of(together.unwrap_or(finding.span));
    let primary = AnnotationKind::Primary.span(inside(source, lines, finding.span));
    let second = second.map(|(span, label)| (*span, label.as_str()));
    let near = second.filter(|_| together.is_some());
    let near = near.map(|(span, label)| AnnotationKind::Context.span(inside(source, lines, span)).label(label));
    let far = second.filter(|_| together.is_none());
    let far = far.map(|(span, label)| {
        let lines = source.lines_of(span);
        let place = AnnotationKind::Context.span(inside(source, lines, span)).label(label);
        snippet(source, lines).annotation(place)
    });
    // The column that a snippet shows is that of its own text, so the place is written out where that begins late.
    let place = source.place(finding.span);
    let origin = Origin::path(source.file())
        .line(place.line as usize)
        .char_column(place.column as usize);
    let late = source.place(lines).column > 1;
    let path = if late { None } else { Some(source.file()) };
    let group: Group<'_> = level
        .primary_title(finding.message.as_str())
        .id(finding.code.number)
        .elements(late.then_some(origin))
        .element(snippet(source, lines).path(path).annotation(primary).annotations(near))
        .elements(far)
        .elements(finding.hint.as_ref().map(|hint| Level::HELP.message(hint.as_str())));
    format!("{}\n\n", renderer.render(&[group]))
}

/// A part of the text. Only what matters is handed over: a definition can be ten million characters long.
fn snippet(source: &Source, lines: Span) -> Snippet<'_, Annotation<'_>> {
    Snippet::source(&source.text()[lines.start..lines.end]).line_start(source.place(lines).line as usize)
}

/// A place as a range of a part of the text.
fn inside(source: &Source, lines: Span, place: Span) -> Range<usize> {
    let place = source.first_line_of(place);
    place.start.saturating_sub(lines.start)..place.end.saturating_sub(lines.start)
}

/// The least span that holds both.
fn around(first: Span, second: Span) -> Span {
    Span::new(first.start.min(second.start), first.end.max(second.end))
}
