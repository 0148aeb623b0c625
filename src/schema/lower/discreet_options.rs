//! `Discreet@options` and `Value@type`: when a choice can be made, and what it does.
//!
//! Rules: DSP-77 to DSP-79.

use crate::model::id::ParamId;
use crate::model::measurement::{Availability, ChoiceEffect, Discreet, Listed};
use crate::model::value::{Value, ValueKind};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::{Lowering, interprete};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// Options that clients read as they are.
const PUBLISHED: &[&str] = &[
    "confirm",
    "table:selection",
    "table:singleselection",
    "separator",
    "rowtextcolor",
];

/// Options that are known and not run.
const NOT_RUN: &[&str] = &["script", "severity"];

/// The values of `Value@type`. `setvar` and the others speak to a client that has session variables.
const EFFECTS: &[(&str, ChoiceEffect)] = &[
    ("open", ChoiceEffect::Opens),
    ("setvar", ChoiceEffect::Nothing),
    ("setcardvar", ChoiceEffect::Nothing),
    ("setpagevar", ChoiceEffect::Nothing),
    ("dll", ChoiceEffect::Nothing),
];

/// What choosing the discreet does.
pub(super) fn effect(cx: &mut Lowering<'_>, discreet: Node<'_>) -> ChoiceEffect {
    let kind = discreet.child("Value").and_then(|value| value.attribute("type"));
    let Some(field) = kind.filter(|kind| !kind.is_empty()) else {
        return ChoiceEffect::Set;
    };
    let effect = field.one_of(EFFECTS, &mut cx.diagnostics).unwrap_or(ChoiceEffect::Set);
    if effect == ChoiceEffect::Nothing {
        let message = format!(
            "`{}` is for another client: choosing it does nothing here",
            field.text()
        );
        cx.report(Diagnostic::new(&codes::NOT_RUN, field.span(), message));
    }
    effect
}

/// Reads the options into the discreet: separated by `;`, in any order and casing.
pub(super) fn options(cx: &mut Lowering<'_>, node: Node<'_>, discreet: &mut Discreet) {
    let Some(options) = node.attribute("options") else {
        return;
    };
    for option in options.parts(';').filter(|option| !option.is_empty()) {
        let word = option.text().to_ascii_lowercase();
        let name = word.split(['=', ':']).next().unwrap_or_default();
        if let Some(level) = option.strip_prefix("level=") {
            discreet.level = level.number(0..=u32::MAX, &mut cx.diagnostics);
        } else if let Some(rule) = option.strip_prefix("disabled=") {
            discreet.availability = availability(cx, rule, Listed::Disables);
        } else if let Some(rule) = option.strip_prefix("enabled=") {
            discreet.availability = availability(cx, rule, Listed::Enables);
        } else if PUBLISHED.contains(&word.as_str()) || PUBLISHED.contains(&name) {
            discreet.options.push(option.text().to_owned());
        } else if NOT_RUN.contains(&name) {
            let message = format!("`{name}` is not run here");
            cx.report(Diagnostic::new(&codes::DISCREET_OPTION_NOT_RUN, option.span(), message));
            if name == "script" {
                // Always the last one: what follows belongs to the script. A menu refuses such a choice.
                discreet.options.push(option.text().to_owned());
                return;
            }
        } else {
            let message = format!("`{}` is not an option of a discreet", option.text());
            let unknown = Diagnostic::new(&codes::DISCREET_OPTION_UNKNOWN, option.span(), message);
            cx.report(unknown.hint("remove it, or correct its name; it is ignored"));
        }
    }
}

/// `pid,value,…`, where `\empty` stands for uninitialised.
fn availability(cx: &mut Lowering<'_>, rule: Field<'_>, listed: Listed) -> Option<Availability> {
    let mut parts = rule.parts(',');
    let source = parts.next()?;
    let param = cx.param(source, &codes::DISCREET_AVAILABILITY)?;
    let kind = cx.declared.value_kind(param).unwrap_or(ValueKind::Text);
    let values = parts.map(|part| raw_value(part, kind)).collect();
    Some(Availability { param, values, listed })
}

fn raw_value(field: Field<'_>, kind: ValueKind) -> Value {
    if field.is("\\empty") {
        return Value::Uninitialised;
    }
    // A text that is no number is never what a number holds, and harmless.
    interprete::value(field.text(), kind).unwrap_or_else(|| Value::text(field.text()))
}

/// `custom=disableWrite:pid=value` of a measurement (DSP-62).
pub(super) fn disable_write(cx: &mut Lowering<'_>, option: Field<'_>) -> Option<(ParamId, Value)> {
    let rule = option.strip_prefix("custom=disableWrite:");
    let Some((pid, value)) = rule.and_then(|rule| rule.split_once('=')) else {
        let message = format!("`{}` cannot be read", option.text());
        let fault = Diagnostic::new(&codes::DISABLE_WRITE, option.span(), message);
        cx.report(fault.hint("write `custom=disableWrite:pid=value` with the id of a column"));
        return None;
    };
    let param = cx.param(pid, &codes::DISABLE_WRITE)?;
    let kind = cx.declared.value_kind(param).unwrap_or(ValueKind::Text);
    Some((param, raw_value(value, kind)))
}
