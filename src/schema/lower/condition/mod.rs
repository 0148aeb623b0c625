//! `Condition`: text → tree, with the place of the fault when there is one.
//!
//! Rules: CON-1 to CON-26: words in `token`, what they make in `grammar`. Whether a condition holds is the engine's
//! business.

mod grammar;
mod token;

use crate::model::condition::Condition;
use crate::model::id::ParamId;
use crate::model::param::ParamKind;
use crate::schema::codes::Code;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::condition::grammar::{Operand, read};
use crate::schema::tree::Node;

/// The codes of one kind of item for a condition that cannot be read, and for a parameter in it that does not exist.
pub(super) struct Codes {
    /// The condition cannot be read.
    pub(super) invalid: &'static Code,
    /// A parameter in it does not exist.
    pub(super) missing: &'static Code,
}

/// The `Condition` of an item; none when it is missing or blank, which counts as true (CON-12).
pub(super) fn condition(cx: &mut Lowering<'_>, item: Node<'_>, codes: &Codes) -> Option<Condition> {
    let field = item.filled("Condition")?;
    let text = field.raw();
    match read(text, &|id| operand(cx, id)) {
        Ok(read) => {
            for (id, at) in read.missing {
                let message = format!("there is no parameter {id}; it counts as a text that was never filled");
                let hint = "name a parameter that the definition declares";
                cx.report(Diagnostic::new(codes.missing, field.part(&text[at]).span(), message).hint(hint));
            }
            Some(read.condition)
        }
        Err(fault) => {
            let message = format!("{}; the condition counts as false", fault.message);
            let span = field.part(&text[fault.at]).span();
            let hint = "a condition looks like `id:10 == 5 AND (id:12 != \"a\" OR id:13 == empty)`";
            cx.report(Diagnostic::new(codes.invalid, span, message).hint(hint));
            Some(Condition::Invalid)
        }
    }
}

/// What `id:n` names in this definition.
fn operand(cx: &Lowering<'_>, id: ParamId) -> Operand {
    if cx.columns.contains_key(&id) {
        return Operand::Column;
    }
    match (cx.declared.kind(id), cx.declared.value_kind(id)) {
        (Some(ParamKind::Array), _) => Operand::Table,
        (Some(_), Some(kind)) => Operand::Single(kind),
        (Some(_), None) | (None, _) => Operand::Missing,
    }
}

#[cfg(test)]
mod tests;
