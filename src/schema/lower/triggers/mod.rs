//! `Triggers`: the event, the legacy comparison, and what is run.
//!
//! Rules: TRG-8 to TRG-11. A trigger whose event does not occur, or cannot be read, keeps its content and fires only when
//! it is activated.

mod comparison;
mod event;

use crate::model::id::TriggerId;
use crate::model::trigger::{Branch, Trigger, TriggerContent};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::condition::{self, condition};
use crate::schema::lower::triggers::comparison::{Unusable, can_compare, comparison};
use crate::schema::lower::triggers::event::event;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

const CONDITION: condition::Codes = condition::Codes {
    invalid: &codes::TRIGGER_CONDITION,
    missing: &codes::TRIGGER_CONDITION_PARAM,
};

/// `Triggers`.
pub(super) fn triggers(cx: &mut Lowering<'_>) -> Vec<Trigger> {
    let declared = cx.declared;
    declared
        .triggers
        .iter()
        .map(|(id, node)| trigger(cx, id, node))
        .collect()
}

fn trigger(cx: &mut Lowering<'_>, id: TriggerId, node: Node<'_>) -> Trigger {
    let mut on = event(cx, node);
    let comparison = match &on {
        Some(event) if can_compare(event) => match comparison(cx, node, event) {
            Ok(comparison) => comparison,
            // To fire without the comparison would be to fire when it does not hold.
            Err(Unusable) => {
                on = None;
                None
            }
        },
        Some(_) | None => None,
    };
    Trigger {
        id,
        name: node
            .filled("Name")
            .map(|field| field.text().to_owned())
            .unwrap_or_default(),
        on,
        condition: condition(cx, node, &CONDITION),
        comparison,
        content: content(cx, node),
        line: cx.line(node),
    }
}

fn content(cx: &mut Lowering<'_>, trigger: Node<'_>) -> TriggerContent {
    let of_type = trigger.field("Type");
    if of_type.is_some_and(|field| field.is("action")) {
        return TriggerContent::Actions(entries(cx, trigger, |cx, id| cx.action(id, &codes::TRIGGER_CONTENT_ID)));
    }
    if of_type.is_some_and(|field| field.is("trigger")) {
        return TriggerContent::Triggers(entries(cx, trigger, |cx, id| {
            cx.trigger(id, &codes::TRIGGER_CONTENT_ID)
        }));
    }
    let span = of_type.map_or(trigger.name_span(), Field::span);
    let message = "whether the trigger runs actions or triggers is not said: it does nothing";
    let hint = "make it `<Type>action</Type>` or `<Type>trigger</Type>`";
    cx.report(Diagnostic::new(&codes::TRIGGER_TYPE, span, message).hint(hint));
    TriggerContent::Actions(Vec::new())
}

/// `Content/Id` in order, each with the outcome it is for (TRG-9, TRG-11).
fn entries<Id>(
    cx: &mut Lowering<'_>,
    trigger: Node<'_>,
    reference: impl Fn(&mut Lowering<'_>, Field<'_>) -> Option<Id>,
) -> Vec<(Id, Branch)> {
    let mut entries = Vec::new();
    for node in trigger.children("Content").flat_map(|content| content.children("Id")) {
        let branch = if node.flag("else", &mut cx.diagnostics) {
            Branch::Else
        } else {
            Branch::Then
        };
        entries.extend(reference(cx, node.content()).map(|id| (id, branch)));
    }
    entries
}
