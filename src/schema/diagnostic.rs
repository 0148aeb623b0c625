//! `Diagnostic`: one finding, pointing at the text it is about, with a way out.

use std::borrow::Cow;

use crate::schema::codes::{self, Code};
use crate::schema::source::Span;

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// What kind of finding it is.
    pub code: &'static Code,
    /// The text it is about.
    pub span: Span,
    /// What is wrong, in one short sentence.
    pub message: String,
    /// Another place that matters, such as the first of two equal ids.
    pub second: Option<(Span, String)>,
    /// What to do instead.
    pub hint: Option<String>,
    /// The path of the element, filled in by `load`: `Protocol/Params/Param[10]/Name`.
    pub path: String,
}

/// What a finding means for the definition (engine-parameters.md, section 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// R: the definition is refused; there is no protocol.
    Reject,
    /// D: the broken part is left out.
    Drop,
    /// W: read as well as it can be.
    Warn,
    /// Nothing is wrong, but something is not run here, or is worth knowing.
    Note,
}

/// How a finding is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something is lost.
    Error,
    /// Something is doubtful.
    Warning,
    /// For information.
    Info,
}

impl Level {
    /// How a finding of this level is shown.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Reject | Self::Drop => Severity::Error,
            Self::Warn => Severity::Warning,
            Self::Note => Severity::Info,
        }
    }
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl Diagnostic {
    /// A finding about a span.
    #[must_use]
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            span,
            message: short(message.into()),
            second: None,
            hint: None,
            path: String::new(),
        }
    }

    /// Adds the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(short(hint.into()));
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn second(mut self, span: Span, label: impl Into<String>) -> Self {
        self.second = Some((span, short(label.into())));
        self
    }

    /// How it is shown.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.code.level.severity()
    }

    /// What is wrong, and the way out.
    #[must_use]
    pub fn sentence(&self) -> Cow<'_, str> {
        match &self.hint {
            Some(hint) => Cow::Owned(format!("{}; {hint}", self.message)),
            None => Cow::Borrowed(&self.message),
        }
    }
}

/// How many bytes of a text a finding quotes.
const QUOTED: usize = 100;

/// How many bytes the sentence of a finding has at most.
const SENTENCE: usize = 1000;

/// A sentence as it can be read: what it quotes in backticks may be the whole value of an attribute.
fn short(sentence: String) -> String {
    if sentence.len() <= QUOTED {
        return sentence;
    }
    let parts = sentence.split('`').enumerate().map(|(index, part)| {
        let most = if index % 2 == 1 { QUOTED } else { SENTENCE };
        cut(part, most)
    });
    cut(&parts.collect::<Vec<_>>().join("`"), SENTENCE).into_owned()
}

/// A text, or as much of it as may be shown.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(most)]))
}

/// How many findings are kept: a text made of mistakes must not fill the memory with them.
const MOST: usize = 10_000;

/// Collects the findings of a load.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    found: Vec<Diagnostic>,
    rejected: bool,
    left_out: usize,
}

impl Diagnostics {
    /// Adds a finding.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.rejected |= diagnostic.code.level == Level::Reject;
        if self.found.len() < MOST {
            self.found.push(diagnostic);
        } else {
            self.left_out += 1;
        }
    }

    /// Whether the definition is refused.
    pub(crate) fn rejected(&self) -> bool {
        self.rejected
    }

    /// The findings in the order of the text.
    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found
            .sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code.number));
        self.found.dedup();
        if self.left_out > 0 {
            let message = format!("{} more findings are not listed", self.left_out);
            // What refuses the definition may be among them, and has to be seen.
            let code = if self.rejected {
                &codes::MORE_ERRORS
            } else {
                &codes::MORE_FINDINGS
            };
            let more = Diagnostic::new(code, Span::new(0, 0), message).hint("correct these first");
            self.found.push(more);
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::Diagnostic;
    use crate::schema::codes;
    use crate::schema::source::Span;

    #[test]
    fn a_finding_quotes_the_beginning_of_a_long_text() {
        let message = |message: String| Diagnostic::new(&codes::NOT_RUN, Span::new(0, 0), message).message;
        let long = "é".repeat(10_000);
        let expected = format!("`{}…` is no id of `a`", "é".repeat(50));
        assert_eq!(message(format!("`{long}` is no id of `a`")), expected);
        assert_eq!(message(long).chars().count(), 501);
        let exact = format!("`{}` is no id", "9".repeat(100));
        assert_eq!(message(exact.clone()), exact);
    }
}
