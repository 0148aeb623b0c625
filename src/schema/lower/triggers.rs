//! `Triggers`: the event, the legacy comparison, and what is run.
//!
//! Rules: TRG-1 to TRG-11, TRG-16, TRG-17, TMO-16; table 7.1 of engine-execution.md.

use crate::model::condition::Comparison;
use crate::model::id::TriggerId;
use crate::model::trigger::{Branch, ComparedWith, Scope, TimeComparison, Trigger, TriggerContent, TriggerOn};
use crate::model::value::{Value, ValueKind, parse_number};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::condition::{self, condition};
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
    NotRun,
}

/// Table 7.1, without `communication`, whose `Time` is any text.
const EVENTS: &[(On, &str, Event)] = &[
    (On::Parameter, "change", Event::ParameterChange),
    (On::Parameter, "change after response", Event::NotRun),
    (On::Parameter, "timeout", Event::NotRun),
    (On::Parameter, "timeout after retries", Event::NotRun),
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
fn event(cx: &mut Lowering<'_>, trigger: Node<'_>) -> Option<TriggerOn> {
    let time = trigger.field("Time");
    let Some(on) = trigger.field("On").filter(|on| !on.is_empty()) else {
        if let Some(time) = time.filter(|time| !time.is_empty()) {
            let message = "`Time` without `On` is no event: the trigger fires only when it is activated";
            cx.report(Diagnostic::new(&codes::TRIGGER_EVENT, time.span(), message));
        }
        return None;
    };
    let kind = on.one_of(ON, &mut cx.diagnostics)?;
    let Some(time) = time else {
        let message = "`On` without `Time` is no event: the trigger fires only when it is activated";
        cx.report(Diagnostic::new(&codes::TRIGGER_EVENT, on.span(), message).hint(times_hint(kind)));
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
        cx.report(Diagnostic::new(&codes::TRIGGER_EVENT, time.span(), message));
        return None;
    }
    let decoded = time
        .strip_prefix("0x")
        .and_then(|hex| bytes_of_hex(hex.text()))
        .map(|bytes| {
            // What is no UTF-8 was written with one byte a character.
            String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect())
        });
    Some(TriggerOn::Communication(
        decoded.unwrap_or_else(|| time.text().to_owned()),
    ))
}

/// The bytes that pairs of hexadecimal digits stand for.
pub(super) fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

/// Whether the legacy comparison applies; on a timeout it is ignored (TRG-17).
const fn can_compare(on: &TriggerOn) -> bool {
    match on {
        TriggerOn::ParameterChange(_)
        | TriggerOn::BeforeGroup(_)
        | TriggerOn::AfterGroup(_)
        | TriggerOn::BeforeTimer(_)
        | TriggerOn::AfterStartup
        | TriggerOn::Communication(_) => true,
        TriggerOn::SessionTimeout(_) => false,
    }
}

/// The comparison is there and cannot be read; why was reported.
struct Unusable;

/// `Time@case`, `@value`, `@id`, `@nr` (TRG-16).
fn comparison(cx: &mut Lowering<'_>, trigger: Node<'_>, on: &TriggerOn) -> Result<Option<TimeComparison>, Unusable> {
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

/// `equal`, `not equal`, `greater`, `less`, or several of them with `or`, a comma or a semicolon in between.
fn cases(cx: &mut Lowering<'_>, case: Field<'_>) -> Result<Vec<Comparison>, Unusable> {
    const CASES: &[(&str, Comparison)] = &[
        ("equal", Comparison::Equal),
        ("not equal", Comparison::NotEqual),
        ("greater", Comparison::Greater),
        ("less", Comparison::Less),
    ];
    let lower = case.text().to_ascii_lowercase();
    let words = lower
        .split([',', ';', '|'])
        .flat_map(|part| part.split(" or "))
        .map(str::trim);
    let read: Option<Vec<Comparison>> = words
        .map(|word| CASES.iter().find(|(text, _)| *text == word).map(|(_, case)| *case))
        .collect();
    read.ok_or_else(|| {
        let message = format!(
            "`{}` is no comparison: the trigger fires only when it is activated",
            case.text()
        );
        let hint = "use equal, not equal, greater or less, or several of them with `or`";
        cx.report(Diagnostic::new(&codes::TRIGGER_COMPARISON, case.span(), message).hint(hint));
        Unusable
    })
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
