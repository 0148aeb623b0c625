//! The event of a trigger: `On` × `Time`, table 7.1 of engine-execution.md.
//!
//! Rules: TRG-1, TRG-2, TRG-5 to TRG-7, TMO-16.

use crate::model::trigger::{Scope, TriggerOn};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::definition::{bytes_of_hex, bytes_text};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// What stands in `On`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Parameter,
    Group,
    Session,
    Timer,
    Protocol,
    Communication,
    /// `command`, `response`, `pair`.
    Serial,
}

const ON: &[(&str, On)] = &[
    ("parameter", On::Parameter),
    ("group", On::Group),
    ("session", On::Session),
    ("timer", On::Timer),
    ("protocol", On::Protocol),
    ("communication", On::Communication),
    ("command", On::Serial),
    ("response", On::Serial),
    ("pair", On::Serial),
];

/// What a pair of `On` and `Time` stands for.
#[derive(Debug, Clone, Copy)]
enum Event {
    ParameterChange,
    BeforeGroup,
    AfterGroup,
    SessionTimeout,
    BeforeTimer,
    AfterStartup,
    ParameterTimeout,
    NotRun,
}

/// Table 7.1, without `communication`, whose `Time` is any text.
const EVENTS: &[(On, &str, Event)] = &[
    (On::Parameter, "change", Event::ParameterChange),
    (On::Parameter, "change after response", Event::NotRun),
    (On::Parameter, "timeout", Event::ParameterTimeout),
    (On::Parameter, "timeout after retries", Event::ParameterTimeout),
    (On::Group, "before", Event::BeforeGroup),
    (On::Group, "after", Event::AfterGroup),
    (On::Session, "timeout", Event::SessionTimeout),
    (On::Timer, "before", Event::BeforeTimer),
    (On::Protocol, "after startup", Event::AfterStartup),
    (On::Protocol, "link file change", Event::NotRun),
    (On::Protocol, "link file changed", Event::NotRun),
    (On::Serial, "before", Event::NotRun),
    (On::Serial, "after", Event::NotRun),
    (On::Serial, "succeeded", Event::NotRun),
    (On::Serial, "timeout", Event::NotRun),
    (On::Serial, "timeout after retries", Event::NotRun),
];

/// The event of a trigger; none when it has none, or one that is not run: it then fires only when it is activated.
pub(super) fn event(cx: &mut Lowering<'_>, trigger: Node<'_>) -> Option<TriggerOn> {
    let time = trigger.field("Time");
    let Some(on) = trigger.field("On").filter(|on| !on.is_empty()) else {
        if let Some(time) = time.filter(|time| !time.is_empty()) {
            let message = "`Time` without `On` is no event: the trigger fires only when it is activated";
            cx.report(
                Diagnostic::new(&codes::TRIGGER_EVENT, time.span(), message)
                    .hint("say what it is on: `<On id=\"…\">parameter</On>`"),
            );
        }
        return None;
    };
    let kind = on.one_of(ON, &mut cx.diagnostics)?;
    let Some(time) = time else {
        let message = "`On` without `Time` is no event: the trigger fires only when it is activated";
        cx.report(Diagnostic::new(&codes::TRIGGER_EVENT, on.span(), message).hint(times_hint(kind)));
        check_id(cx, trigger, on, kind);
        return None;
    };
    if kind == On::Communication {
        excessive_id(cx, trigger, on);
        return communication(cx, time);
    }
    // The schema gives an empty `Time` the value `change` (TRG-7).
    let word = if kind == On::Parameter && time.is_empty() {
        "change"
    } else {
        time.text()
    };
    let row = EVENTS
        .iter()
        .find(|(row, text, _)| *row == kind && text.eq_ignore_ascii_case(word));
    let Some((_, _, event)) = row else {
        let message = format!(
            "`{}` has no time `{}`: the trigger fires only when it is activated",
            on.text(),
            time.text()
        );
        cx.report(Diagnostic::new(&codes::TRIGGER_EVENT, time.span(), message).hint(times_hint(kind)));
        check_id(cx, trigger, on, kind);
        return None;
    };
    match event {
        Event::ParameterChange => {
            scope(cx, trigger, on, |cx, id| cx.param(id, &codes::TRIGGER_ON_ID)).map(TriggerOn::ParameterChange)
        }
        Event::BeforeGroup => {
            scope(cx, trigger, on, |cx, id| cx.group(id, &codes::TRIGGER_ON_ID)).map(TriggerOn::BeforeGroup)
        }
        Event::AfterGroup => {
            scope(cx, trigger, on, |cx, id| cx.group(id, &codes::TRIGGER_ON_ID)).map(TriggerOn::AfterGroup)
        }
        Event::SessionTimeout => {
            scope(cx, trigger, on, |cx, id| cx.session(id, &codes::TRIGGER_ON_ID)).map(TriggerOn::SessionTimeout)
        }
        Event::BeforeTimer => {
            scope(cx, trigger, on, |cx, id| cx.timer(id, &codes::TRIGGER_ON_ID)).map(TriggerOn::BeforeTimer)
        }
        Event::AfterStartup => {
            excessive_id(cx, trigger, on);
            Some(TriggerOn::AfterStartup)
        }
        Event::ParameterTimeout => {
            let message = format!(
                "`{}` `{word}` does not occur here: only a trigger or a group fires it",
                on.text()
            );
            cx.report(Diagnostic::new(&codes::NOT_RUN, time.span(), message));
            Some(TriggerOn::ParameterTimeout)
        }
        Event::NotRun => {
            let message = format!(
                "`{}` `{word}` does not occur here: the trigger fires only when it is activated",
                on.text()
            );
            cx.report(Diagnostic::new(&codes::NOT_RUN, time.span(), message));
            None
        }
    }
}

fn times_hint(on: On) -> String {
    let times: Vec<String> = EVENTS
        .iter()
        .filter(|(row, _, _)| *row == on)
        .map(|(_, text, _)| format!("`{text}`"))
        .collect();
    if times.is_empty() {
        "write the text to wait for".to_owned()
    } else {
        format!("`Time` may be {}", times.join(", "))
    }
}

/// `On@id` (TRG-1, TRG-2, TRG-5); none when it names nothing.
fn scope<Id>(
    cx: &mut Lowering<'_>,
    trigger: Node<'_>,
    on: Field<'_>,
    reference: impl Fn(&mut Lowering<'_>, Field<'_>) -> Option<Id>,
) -> Option<Scope<Id>> {
    let Some(id) = on_id(trigger) else {
        let message = format!("without an id the trigger is for every `{}`", on.text());
        cx.report(Diagnostic::new(&codes::TRIGGER_ON_ID_MISSING, on.span(), message).hint("name one, or write `each`"));
        return Some(Scope::All);
    };
    if id.is("each") {
        return Some(Scope::Each);
    }
    if id.text().contains([';', ',']) {
        let message = "a trigger is for one id, so this one fires only when it is activated";
        cx.report(Diagnostic::new(&codes::TRIGGER_ON_ID_MULTIPLE, id.span(), message).hint("write a trigger for each"));
        return None;
    }
    reference(cx, id).map(Scope::One)
}

/// Looks at `On@id` of a trigger that has no event.
fn check_id(cx: &mut Lowering<'_>, trigger: Node<'_>, on: Field<'_>, kind: On) {
    let _ = match kind {
        On::Parameter => scope(cx, trigger, on, |cx, id| cx.param(id, &codes::TRIGGER_ON_ID)).is_some(),
        On::Group => scope(cx, trigger, on, |cx, id| cx.group(id, &codes::TRIGGER_ON_ID)).is_some(),
        On::Session => scope(cx, trigger, on, |cx, id| cx.session(id, &codes::TRIGGER_ON_ID)).is_some(),
        On::Timer => scope(cx, trigger, on, |cx, id| cx.timer(id, &codes::TRIGGER_ON_ID)).is_some(),
        On::Protocol | On::Communication => {
            excessive_id(cx, trigger, on);
            false
        }
        On::Serial => false,
    };
}

fn on_id(trigger: Node<'_>) -> Option<Field<'_>> {
    trigger
        .child("On")
        .and_then(|on| on.attribute("id"))
        .filter(|id| !id.is_empty())
}

fn excessive_id(cx: &mut Lowering<'_>, trigger: Node<'_>, on: Field<'_>) {
    if let Some(id) = on_id(trigger) {
        let message = format!("`{}` has no id, so this one is ignored", on.text());
        cx.report(Diagnostic::new(&codes::TRIGGER_ON_ID_EXCESSIVE, id.span(), message).hint("remove it"));
    }
}

/// The text a connection reports, or the hexadecimal form of it (TMO-16).
fn communication(cx: &mut Lowering<'_>, time: Field<'_>) -> Option<TriggerOn> {
    if time.is_empty() {
        let message = "the text to wait for is missing: the trigger fires only when it is activated";
        cx.report(Diagnostic::new(&codes::TRIGGER_EVENT, time.span(), message).hint("write it in `Time`"));
        return None;
    }
    let in_one = || time.strip_prefix("0x").and_then(|hex| bytes_of_hex(hex.text()));
    let decoded = bytes_text(time.text()).or_else(|| Some(in_one()?.into_iter().map(char::from).collect()));
    Some(TriggerOn::Communication(
        decoded.unwrap_or_else(|| time.text().to_owned()),
    ))
}
