//! `<!-- SuppressValidator CODE reason -->`: a finding its author knows about and does not want to hear of.
//!
//! As Skyline's validator has it: from that comment to `<!-- /SuppressValidator CODE -->` in the same element, or, without
//! one, to the end of the next element. A finding that refuses the definition is told all the same: nobody could tell
//! otherwise why there is no protocol.

use crate::schema::diagnostic::{Diagnostic, Level};
use crate::schema::source::{Source, Span};
use crate::schema::tree::{Comment, Tree};

/// The word such a comment begins with.
pub(super) const SUPPRESS: &str = "SuppressValidator";

/// A stretch of the text in which a finding is not reported.
struct Suppressed<'s> {
    code: &'s str,
    span: Span,
}

/// What a comment says.
enum Mark<'s> {
    /// From here on this code.
    Begin(&'s str),
    /// Up to here this code.
    End(&'s str),
}

/// Takes out the findings that the definition suppresses.
pub(super) fn suppress(tree: &Tree<'_>, source: &Source, diagnostics: &mut Vec<Diagnostic>) {
    let suppressed = stretches(tree, source.text());
    if suppressed.is_empty() {
        return;
    }
    let is_suppressed = |finding: &Diagnostic| {
        let at = Span::new(finding.span.start, finding.span.start);
        let mut here = suppressed.iter().filter(|stretch| stretch.span.contains(at));
        here.any(|stretch| stretch.code == finding.code.number)
    };
    diagnostics.retain(|finding| finding.code.level == Level::Reject || !is_suppressed(finding));
}

fn stretches<'s>(tree: &Tree<'_>, text: &'s str) -> Vec<Suppressed<'s>> {
    let marks: Vec<(Mark<'s>, &Comment)> = tree
        .comments
        .iter()
        .filter_map(|comment| Some((mark(&text[comment.span.start..comment.span.end])?, comment)))
        .collect();
    let begins = marks.iter().enumerate().filter_map(|(index, (mark, comment))| {
        let Mark::Begin(code) = mark else { return None };
        // The next comment on this code in the same element: its end, or another beginning, which leaves this one open.
        let mut later = marks[index + 1..].iter();
        let next = later.find(|(mark, other)| {
            let (Mark::Begin(other_code) | Mark::End(other_code)) = mark;
            other_code == code && other.parent == comment.parent
        });
        let end = match next {
            Some((Mark::End(_), other)) => other.span.start,
            Some((Mark::Begin(_), _)) | None => end_of_next_element(tree, comment)?,
        };
        let span = Span::new(comment.span.start, end);
        Some(Suppressed { code, span })
    });
    begins.collect()
}

fn end_of_next_element(tree: &Tree<'_>, comment: &Comment) -> Option<usize> {
    let next = tree.next_inside(comment.parent, comment.span.end)?;
    Some(next.span.long().end)
}

/// `SuppressValidator CODE reason`, with a slash before it at the end of the stretch.
fn mark(comment: &str) -> Option<Mark<'_>> {
    let inside = comment.strip_prefix("<!--")?.strip_suffix("-->")?.trim();
    let said = inside.strip_prefix(['/', '\\']);
    let mut words = said.unwrap_or(inside).strip_prefix(SUPPRESS)?.split_whitespace();
    let code = words.next()?;
    Some(match said {
        Some(_) => Mark::End(code),
        None => Mark::Begin(code),
    })
}

#[cfg(test)]
mod tests {
    use crate::schema::load;

    /// The numbers found, with these tags among the parameters.
    fn found(inside: &str) -> Vec<&'static str> {
        let text = format!(
            "<Protocol><Name>P</Name><Version>1</Version><Type>virtual</Type><Params>{inside}</Params></Protocol>"
        );
        let loaded = load("protocol.xml", &text);
        loaded.diagnostics.iter().map(|finding| finding.code.number).collect()
    }

    fn param(id: u32, inside: &str) -> String {
        format!("<Param id=\"{id}\"><Name>P{id}</Name><Type>read</Type>{inside}</Param>")
    }

    const WRONG: &str = "<Measurement><Type>dial</Type></Measurement>";

    #[test]
    fn what_a_comment_suppresses_is_not_reported() {
        let marked =
            format!("<!-- SuppressValidator 2.37.11 it is a dial --> {WRONG} <!-- /SuppressValidator 2.37.11 -->");
        assert_eq!(found(&param(1, WRONG)), ["2.37.11"]);
        assert_eq!(found(&param(1, &marked)), Vec::<&str>::new());
        assert_eq!(
            found(&(param(1, &marked) + &param(2, WRONG))),
            ["2.37.11"],
            "only there"
        );
        assert_eq!(
            found(&param(1, &marked.replace("37.11", "37.10"))),
            ["2.37.11"],
            "only this code"
        );
        let around = format!(
            "<!--SuppressValidator 2.37.11 why-->{}<!--/SuppressValidator 2.37.11-->",
            param(1, WRONG)
        );
        assert_eq!(found(&around), Vec::<&str>::new());
    }

    #[test]
    fn without_an_end_it_holds_for_the_next_element() {
        let open = "<!-- SuppressValidator 2.37.11 why -->";
        let two = |first: &str, second: &str| format!("{first}{}{second}{}", param(1, WRONG), param(2, WRONG));
        assert_eq!(found(&two(open, "")), ["2.37.11"]);
        assert_eq!(found(&two(open, open)), Vec::<&str>::new());
        assert_eq!(found(&two("", "<!-- /SuppressValidator 2.37.11 -->")), ["2.37.11"; 2]);
    }

    #[test]
    fn err_what_refuses_the_definition_is_told_all_the_same() {
        let nameless = "<!-- SuppressValidator 2.2.1 why --><Param id=\"1\"><Type>read</Type></Param>";
        assert_eq!(found(nameless), ["2.2.1"]);
    }
}
