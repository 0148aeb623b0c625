//! Findings for people: the line, a caret, and the way out. `json` and `sarif` are for programs.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::schema::Loaded;
use crate::schema::diagnostic::{Diagnostic, Severity};
use crate::schema::source::{Source, Span};

mod json;
mod sarif;

pub use json::json;
pub use sarif::sarif;

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
    // Only the lines that matter are handed over: a definition can be ten million characters long.
    let second = finding.second.as_ref();
    let lines = second.map_or(finding.span, |(second, _)| around(finding.span, *second));
    let (first_line, lines) = source.lines_of(lines);
    let inside = |span: Span| span.start.saturating_sub(lines.start)..span.end.saturating_sub(lines.start);
    let snippet = Snippet::source(&source.text()[lines.start..lines.end])
        .path(source.file())
        .line_start(first_line as usize)
        .annotation(AnnotationKind::Primary.span(inside(source.first_line_of(finding.span))));
    let second = second.map(|(span, label)| {
        let span = inside(source.first_line_of(*span));
        AnnotationKind::Context.span(span).label(label.as_str())
    });
    let group: Group<'_> = level
        .primary_title(finding.message.as_str())
        .id(finding.code.number)
        .element(snippet.annotations(second))
        .elements(finding.hint.as_ref().map(|hint| Level::HELP.message(hint.as_str())));
    format!("{}\n\n", renderer.render(&[group]))
}

/// The least span that holds both.
fn around(first: Span, second: Span) -> Span {
    Span::new(first.start.min(second.start), first.end.max(second.end))
}
