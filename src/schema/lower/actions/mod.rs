//! `Actions`: `On` × `Type` (`table`) and what each works on (`arguments`).
//!
//! Rules: ACT-1, ACT-6. What is not run, and what lacks an argument it needs, is left out.

mod aggregate;
mod arguments;
mod table;

use crate::model::action::Action;
use crate::model::id::ActionId;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::actions::arguments::Arguments;
use crate::schema::lower::actions::table::{Does, ON, On, PAIRS, TAKEN};
use crate::schema::lower::condition::{self, condition};
use crate::schema::reader::{Field, word_list};
use crate::schema::tree::Node;

const CONDITION: condition::Codes = condition::Codes {
    invalid: &codes::ACTION_CONDITION,
    missing: &codes::ACTION_CONDITION_PARAM,
};

/// `Actions`.
pub(super) fn actions(cx: &mut Lowering<'_>) -> Vec<Action> {
    let declared = cx.declared;
    declared
        .actions
        .iter()
        .filter_map(|(id, node)| action(cx, id, node))
        .collect()
}

fn action(cx: &mut Lowering<'_>, id: ActionId, node: Node<'_>) -> Option<Action> {
    let condition = condition(cx, node, &CONDITION);
    let Some(does) = does(cx, node) else {
        check_ids(cx, node);
        return None;
    };
    report_idle_attributes(cx, node, does);
    let kind = Arguments {
        on: node.child("On")?,
        of_type: node.child("Type")?,
    }
    .kind(cx, does)?;
    Some(Action {
        id,
        name: node
            .filled("Name")
            .map(|field| field.text().to_owned())
            .unwrap_or_default(),
        condition,
        kind,
        line: cx.line(node),
    })
}

/// What an action names that is left out for another reason: it is looked at all the same.
fn check_ids(cx: &mut Lowering<'_>, action: Node<'_>) {
    let Some(on) = action.child("On") else { return };
    let ids = on.attribute("id").into_iter().flat_map(|list| list.parts(';'));
    for id in ids.filter(|id| !id.is_empty()) {
        let _ = match on.content().lookup(ON) {
            Some(On::Group) => cx.group(id, &codes::ACTION_ON_ID).is_some(),
            Some(On::Parameter) => cx.param(id, &codes::ACTION_ON_ID).is_some(),
            Some(On::Timer) => cx.timer(id, &codes::ACTION_ON_ID).is_some(),
            Some(On::Protocol | On::Serial) | None => false,
        };
    }
}

/// What the pair of `On` and `Type` does; none when there is no such pair, which is reported.
fn does(cx: &mut Lowering<'_>, action: Node<'_>) -> Option<Does> {
    let (on, of_type) = (required(cx, action, "On"), required(cx, action, "Type"));
    let (on, of_type) = (on?, of_type?);
    let Some(kind) = on.lookup(ON) else {
        let message = format!("an action cannot be on `{}`; it is left out", on.text());
        let hint = format!("use {}", word_list(ON.iter().map(|(word, _)| *word)));
        cx.report(Diagnostic::new(&codes::ACTION_ON, on.span(), message).hint(hint));
        return None;
    };
    let pair = PAIRS.iter().find(|(row, word, _)| *row == kind && of_type.is(word));
    let Some(&(_, _, does)) = pair else {
        let elsewhere = PAIRS.iter().any(|(_, word, _)| of_type.is(word));
        let code = if elsewhere {
            &codes::ACTION_PAIR
        } else {
            &codes::ACTION_TYPE
        };
        let message = format!(
            "there is no action `{}` on `{}`; it is left out",
            of_type.text(),
            on.text()
        );
        let words = PAIRS
            .iter()
            .filter(|(row, _, _)| *row == kind)
            .map(|(_, word, _)| *word);
        let hint = format!("on `{}` there are {}", on.text(), word_list(words));
        cx.report(Diagnostic::new(code, of_type.span(), message).hint(hint));
        return None;
    };
    if let Does::NotRun(why) = does {
        let message = format!(
            "the action `{}` on `{}` is not run here: {why}",
            of_type.text(),
            on.text()
        );
        cx.report(Diagnostic::new(&codes::NOT_RUN, of_type.span(), message));
        return None;
    }
    Some(does)
}

/// Attributes of `Type` that another action takes and this one does not (appendix A.7).
fn report_idle_attributes(cx: &mut Lowering<'_>, action: Node<'_>, does: Does) {
    let Some(of_type) = action.child("Type") else { return };
    for name in TAKEN.iter().filter(|name| !does.takes().contains(name)) {
        let Some(field) = of_type.attribute(name) else { continue };
        let message = format!("`{name}` means nothing to the action `{}`", of_type.content().text());
        cx.report(Diagnostic::new(&codes::NOT_RUN, field.span(), message).hint("remove it"));
    }
}

fn required<'t>(cx: &mut Lowering<'_>, action: Node<'t>, tag: &str) -> Option<Field<'t>> {
    let found = action.filled(tag);
    if found.is_none() {
        let code = if tag == "On" {
            &codes::ACTION_ON_MISSING
        } else {
            &codes::ACTION_TYPE_MISSING
        };
        let message = format!("an action without `{tag}` is left out");
        let hint = format!("give it one: `<{tag}>…</{tag}>`");
        cx.report(Diagnostic::new(code, action.name_span(), message).hint(hint));
    }
    found
}
