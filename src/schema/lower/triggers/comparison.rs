//! The legacy comparison on `Time`: `@case`, `@value`, `@id`, `@nr`.
//!
//! Rules: TRG-16, TRG-17.

use crate::model::condition::Comparison;
use crate::model::trigger::{ComparedWith, Scope, TimeComparison, TriggerOn};
use crate::model::value::{Value, ValueKind, parse_number};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// Whether the legacy comparison applies; on a timeout it is ignored (TRG-17).
pub(super) const fn can_compare(on: &TriggerOn) -> bool {
    match on {
        TriggerOn::ParameterChange(_)
        | TriggerOn::BeforeGroup(_)
        | TriggerOn::AfterGroup(_)
        | TriggerOn::BeforeTimer(_)
        | TriggerOn::AfterStartup
        | TriggerOn::Communication(_) => true,
        TriggerOn::SessionTimeout(_) | TriggerOn::ParameterTimeout => false,
    }
}

/// The comparison is there and cannot be read; why was reported.
pub(super) struct Unusable;

/// `Time@case`, `@value`, `@id`, `@nr` (TRG-16).
pub(super) fn comparison(
    cx: &mut Lowering<'_>,
    trigger: Node<'_>,
    on: &TriggerOn,
) -> Result<Option<TimeComparison>, Unusable> {
    let Some(time) = trigger.child("Time") else {
        return Ok(None);
    };
    let Some(case) = time.attribute("case").filter(|case| !case.is_empty()) else {
        return Ok(None);
    };
    let cases = cases(cx, case)?;
    let param = match (time.attribute("id"), on) {
        (Some(id), _) => cx.param(id, &codes::REFERENCE_UNKNOWN).ok_or(Unusable)?,
        (None, TriggerOn::ParameterChange(Scope::One(id))) => *id,
        (None, _) => {
            let message = "which parameter is compared is not said: the trigger fires only when it is activated";
            cx.report(Diagnostic::new(&codes::TRIGGER_COMPARISON, case.span(), message).hint("name it: `id=\"…\"`"));
            return Err(Unusable);
        }
    };
    let Some(value) = time.attribute("value") else {
        let message = "what is compared with is missing: the trigger fires only when it is activated";
        cx.report(Diagnostic::new(&codes::TRIGGER_COMPARISON, case.span(), message).hint("give it: `value=\"…\"`"));
        return Err(Unusable);
    };
    let with = if time.flag("nr", &mut cx.diagnostics) {
        ComparedWith::Param(cx.param(value, &codes::REFERENCE_UNKNOWN).ok_or(Unusable)?)
    } else {
        let number = match cx.declared.value_kind(param) {
            Some(ValueKind::Number) => parse_number(value.text()),
            Some(ValueKind::Text) | None => None,
        };
        ComparedWith::Value(number.map_or_else(|| Value::text(value.raw()), Value::Number))
    };
    Ok(Some(TimeComparison { param, cases, with }))
}

/// `equal`, `not equal`, `greater`, `less`, or several of them, with `or`, a comma, a semicolon or a blank in between.
fn cases(cx: &mut Lowering<'_>, case: Field<'_>) -> Result<Vec<Comparison>, Unusable> {
    let lower = case.text().to_ascii_lowercase();
    let mut words = lower
        .split(|character: char| character.is_whitespace() || ",;|".contains(character))
        .filter(|word| !matches!(*word, "" | "or"));
    let read: Option<Vec<Comparison>> = std::iter::from_fn(|| {
        Some(match words.next()? {
            "equal" => Some(Comparison::Equal),
            "greater" => Some(Comparison::Greater),
            "less" => Some(Comparison::Less),
            "not" if words.next() == Some("equal") => Some(Comparison::NotEqual),
            _ => None,
        })
    })
    .collect();
    read.filter(|read| !read.is_empty()).ok_or_else(|| {
        let message = format!(
            "`{}` is no comparison: the trigger fires only when it is activated",
            case.text()
        );
        let hint = "use equal, not equal, greater or less, or several of them with `or`";
        cx.report(Diagnostic::new(&codes::TRIGGER_COMPARISON, case.span(), message).hint(hint));
        Unusable
    })
}
