//! The ids of parameters: which ranges belong to somebody else.
//!
//! Rules: PAR-2, PAR-3, PAR-4, VAL-2.

use crate::model::id::ParamId;
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// The kinds of protocols that DataMiner keeps ids for (PAR-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// None of the others.
    Ordinary,
    /// A base protocol of a mediation layer.
    Mediation,
    /// A spectrum analyzer.
    Spectrum,
    /// An enhanced service.
    Service,
    /// A service level agreement.
    Sla,
}

/// Which of them a definition is.
pub(super) fn family(protocol: Node<'_>) -> Family {
    let kind = protocol
        .field("Type")
        .and_then(|kind| kind.lookup(&[("sla", Family::Sla), ("service", Family::Service)]));
    let shown_as = protocol.child("Display").and_then(|display| display.attribute("type"));
    let is_spectrum = shown_as.is_some_and(|kind| kind.is("spectrum analyzer"));
    let is_base = protocol.attribute("baseFor").is_some_and(|base| !base.is_empty());
    match kind {
        Some(kind) => kind,
        None if is_base => Family::Mediation,
        None if is_spectrum => Family::Spectrum,
        None => Family::Ordinary,
    }
}

/// Reports an id that is written with blanks around it, or is not for this kind of protocol.
pub(super) fn check(cx: &mut Lowering<'_>, id: ParamId, node: Node<'_>, family: Family) {
    let Some(field) = node.attribute("id") else {
        return;
    };
    if field.is_untrimmed() {
        let message = format!("there are blanks around the id {id}");
        cx.report(Diagnostic::new(&codes::PARAM_ID_UNTRIMMED, field.span(), message).hint("remove them"));
    }
    let Some((code, owner)) = owner(id.0, family) else {
        return;
    };
    let message = format!("the id {id} {owner}");
    let hint = "use 1 to 49999, or 1000000 to 9989999";
    cx.report(Diagnostic::new(code, field.span(), message).hint(hint));
}

/// Whose an id is, when it is not the definition's.
fn owner(id: u32, family: Family) -> Option<(&'static Code, &'static str)> {
    match (id, family) {
        (1..=999, Family::Service) => Some((&codes::PARAM_ID_SERVICE, "is one of enhanced services")),
        (1..=2999, Family::Sla) => Some((&codes::PARAM_ID_SLA, "is one of service level agreements")),
        (50_000..=60_000, Family::Spectrum) => Some((&codes::PARAM_ID_SPECTRUM, "belongs to spectrum elements")),
        (64_000..=64_299, Family::Spectrum) => None,
        (64_000..=64_299, _) => Some((&codes::PARAM_ID_SPECTRUM, "belongs to spectrum protocols")),
        (70_000..=79_999, Family::Mediation) => None,
        (70_000..=79_999, _) => Some((&codes::PARAM_ID_MEDIATION, "belongs to mediation layers")),
        (80_000..=99_999, _) => Some((&codes::PARAM_ID_MODULES, "is one of DataMiner's own modules")),
        (1..=63_999 | 1_000_000..=9_999_999, _) => None,
        (_, _) => Some((&codes::PARAM_ID_OUT_OF_RANGE, "is not one a definition may use")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, owner};

    fn code(id: u32, family: Family) -> &'static str {
        owner(id, family).map_or("", |(code, _)| code.number)
    }

    #[test]
    fn par_2_par_3_the_ranges_of_an_ordinary_protocol() {
        let free = [1, 49_999, 50_000, 60_000, 63_999, 1_000_000, 9_989_999, 9_999_999];
        assert_eq!(free.map(|id| code(id, Family::Ordinary)), [""; 8]);
        let kept = [
            0, 64_000, 64_299, 64_300, 69_999, 70_000, 79_999, 80_000, 99_999, 100_000, 999_999, 10_000_000,
        ];
        let codes = [
            "2.1.5", "2.1.6", "2.1.6", "2.1.5", "2.1.5", "2.1.7", "2.1.7", "2.1.8", "2.1.8", "2.1.5", "2.1.5", "2.1.5",
        ];
        assert_eq!(kept.map(|id| code(id, Family::Ordinary)), codes);
    }

    #[test]
    fn par_4_some_ranges_are_kept_in_some_protocols_only() {
        assert_eq!(
            [50_000, 60_000, 64_100].map(|id| code(id, Family::Spectrum)),
            ["2.1.6", "2.1.6", ""]
        );
        assert_eq!(
            [1, 999, 1000].map(|id| code(id, Family::Service)),
            ["2.1.9", "2.1.9", ""]
        );
        assert_eq!(
            [1, 2999, 3000].map(|id| code(id, Family::Sla)),
            ["2.1.10", "2.1.10", ""]
        );
        assert_eq!([70_000, 79_999].map(|id| code(id, Family::Mediation)), ["", ""]);
    }
}
