//! `Timers`: when a timer ticks and what it queues. The options of a multithreaded timer: `timer_options`.
//!
//! Rules: TIM-1 to TIM-5, TIM-11 to TIM-14, TIM-16, TIM-24, TIM-25, MTT-1, MTT-11.

use crate::model::id::{GroupId, ParamId, TimerId};
use crate::model::moment::Span;
use crate::model::timer::{Initial, Timer, TimerBase, TimerTime};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::condition::{self, condition};
use crate::schema::lower::{Lowering, timer_options};
use crate::schema::reader::{Field, word_list};
use crate::schema::tree::Node;

/// 24 days, the longest period (TIM-2).
const LONGEST: u64 = 2_073_600_000;

const CONDITION: condition::Codes = condition::Codes {
    invalid: &codes::TIMER_CONDITION,
    missing: &codes::TIMER_CONDITION_PARAM,
};

/// `Timers`. A timer without a usable `Time` is left out, and so is one that is meant to be multithreaded and cannot be:
/// run as an ordinary timer it would do something else.
pub(super) fn timers(cx: &mut Lowering<'_>, protocol: Node<'_>) -> Vec<Timer> {
    let relative = are_relative(cx, protocol);
    let declared = cx.declared;
    declared
        .timers
        .iter()
        .filter_map(|(id, node)| timer(cx, id, node, relative))
        .collect()
}

/// Whether the timer base scales the timers that do not say otherwise (TIM-14).
fn are_relative(cx: &mut Lowering<'_>, protocol: Node<'_>) -> bool {
    let mut field = |tag: &str, values: &[&str]| {
        let field = protocol.child(tag)?.attribute("relativeTimers")?;
        if !field.is_empty() && !values.iter().any(|value| field.is(value)) {
            let message = format!("`{}` is not a value of `relativeTimers`", field.text());
            let hint = format!("use {}", word_list(values.iter().copied()));
            cx.report(Diagnostic::new(&codes::NOT_IN_LIST, field.span(), message).hint(hint));
        }
        Some(field)
    };
    let on_type = field("Type", &["true", "true with reset", "false"]);
    let on_timers = field("Timers", &["true", "false"]);
    on_type.is_some_and(|field| field.is("true") || field.is("true with reset"))
        || on_timers.is_some_and(|field| field.is("true"))
}

/// What a change of the timer base does (TIM-16).
pub(super) fn timer_base(protocol: Node<'_>) -> TimerBase {
    let on_type = protocol.child("Type").and_then(|node| node.attribute("relativeTimers"));
    if on_type.is_some_and(|field| field.is("true with reset")) {
        TimerBase::AtOnce
    } else {
        TimerBase::FromTheNextInterval
    }
}

fn timer(cx: &mut Lowering<'_>, id: TimerId, node: Node<'_>, relative: bool) -> Option<Timer> {
    let time = time(cx, node);
    let condition = condition(cx, node, &CONDITION);
    let mut multithreaded = timer_options::multithreaded(cx, node);
    let driving_table = match &multithreaded {
        Ok(options) => options.as_ref().map(|options| options.table),
        Err(unusable) => unusable.table,
    };
    let (groups, group_column) = groups(cx, node, driving_table);
    if let Ok(Some(options)) = &mut multithreaded {
        options.group_column = group_column;
    }
    Some(Timer {
        id,
        name: node
            .filled("Name")
            .map(|field| field.text().to_owned())
            .unwrap_or_default(),
        time: time?,
        data_display: data_display(cx, node),
        initial: initial(cx, node),
        interval: node
            .filled("Interval")
            .and_then(|field| field.number(0.., &mut cx.diagnostics))
            .map_or(Span::ZERO, Span),
        condition,
        relative: relative && !node.flag("fixedTimer", &mut cx.diagnostics),
        groups,
        multithreaded: multithreaded.ok()?,
        line: cx.line(node),
    })
}

/// `Time`: milliseconds or `loop` (TIM-1 to TIM-3).
fn time(cx: &mut Lowering<'_>, timer: Node<'_>) -> Option<TimerTime> {
    let Some(field) = timer.field("Time") else {
        let message = "a timer without `Time` is left out";
        let hint = "write `<Time>1000</Time>` for every second, or `<Time>loop</Time>`";
        cx.report(Diagnostic::new(&codes::TIMER_TIME_MISSING, timer.name_span(), message).hint(hint));
        return None;
    };
    match milliseconds(cx, field) {
        Some(time) => Some(time),
        None => {
            let (code, message) = if field.is_empty() {
                (
                    &codes::TIMER_TIME_EMPTY,
                    "a timer with an empty `Time` is left out".to_owned(),
                )
            } else {
                let message = format!("`{}` is no time, so the timer is left out", field.text());
                (&codes::TIMER_TIME_INVALID, message)
            };
            let hint = "write a number of milliseconds, or `loop`";
            cx.report(Diagnostic::new(code, field.span(), message).hint(hint));
            None
        }
    }
}

/// `Time@dataDisplay` (TIM-13).
fn data_display(cx: &mut Lowering<'_>, timer: Node<'_>) -> Option<TimerTime> {
    let field = timer
        .child("Time")?
        .attribute("dataDisplay")
        .filter(|field| !field.is_empty())?;
    let time = milliseconds(cx, field);
    if time.is_none() {
        let message = format!("`{}` is no time, so `Time` holds for everybody", field.text());
        let hint = "write a number of milliseconds, or `loop`";
        cx.report(Diagnostic::new(&codes::TIMER_TIME_INVALID, field.span(), message).hint(hint));
    }
    time
}

/// Milliseconds, at most 24 days of them, or `loop`; none when it is neither.
fn milliseconds(cx: &mut Lowering<'_>, field: Field<'_>) -> Option<TimerTime> {
    if field.is("loop") {
        return Some(TimerTime::Loop);
    }
    let is_number = !field.is_empty() && field.text().bytes().all(|byte| byte.is_ascii_digit());
    // Digits that are no number here are too many of them.
    if is_number && field.digits::<u64>().is_none_or(|milliseconds| milliseconds > LONGEST) {
        let message = "a timer cannot wait longer than 24 days, so it waits 24 days";
        let hint = format!("write at most {LONGEST}");
        cx.report(Diagnostic::new(&codes::TIMER_TIME_TOO_LONG, field.span(), message).hint(hint));
        return Some(TimerTime::Every(Span(LONGEST)));
    }
    let milliseconds = field.digits().filter(|&milliseconds| milliseconds > 0)?;
    Some(TimerTime::Every(Span(milliseconds)))
}

/// `Time@initial` (TIM-4, TIM-5).
fn initial(cx: &mut Lowering<'_>, timer: Node<'_>) -> Initial {
    let Some(field) = timer
        .child("Time")
        .and_then(|time| time.attribute("initial"))
        .filter(|field| !field.is_empty())
    else {
        return Initial::Immediately;
    };
    if let Some(range) = field.strip_prefix("random") {
        let bounds = range.strip_prefix("=").and_then(|range| range.split_once(':'));
        let bounds = bounds.and_then(|(from, to)| Some((from.digits::<u32>()?, to.digits::<u32>()?)));
        if let Some((from, to)) = bounds.filter(|(from, to)| from < to) {
            return Initial::Random { from, to };
        }
        let message = format!(
            "`{}` is no range of seconds, so the first tick is at once",
            field.text()
        );
        cx.report(Diagnostic::new(&codes::TIMER_INITIAL, field.span(), message).hint("write `random=0:300`"));
        return Initial::Immediately;
    }
    match field.boolean(&mut cx.diagnostics) {
        Some(false) => Initial::NotStarted,
        Some(true) | None => Initial::Immediately,
    }
}

/// `Content/Group`: ids, and in a timer over the rows of a table `col:<idx>:<group>` with the column that names the group.
fn groups(cx: &mut Lowering<'_>, timer: Node<'_>, table: Option<ParamId>) -> (Vec<GroupId>, Option<usize>) {
    let mut groups = Vec::new();
    let mut column = None;
    for node in timer.children("Content").flat_map(|content| content.children("Group")) {
        let field = node.content();
        let Some(from_column) = field.strip_prefix("col:") else {
            groups.extend(cx.group(field, &codes::TIMER_GROUP));
            continue;
        };
        let Some(table) = table else {
            let message = "only a multithreaded timer takes its group from a column; the entry is left out";
            cx.report(
                Diagnostic::new(&codes::TIMER_GROUP_INVALID, field.span(), message)
                    .hint("name the group, or give the timer `ip`, `each` and `threadPool`"),
            );
            continue;
        };
        match group_of_column(from_column) {
            Some((index, default)) => {
                if cx.tables.get(&table).is_some_and(|columns| index >= columns.len()) {
                    let message = format!(
                        "table {table} has no column {index}, so the group is always {}",
                        default.text()
                    );
                    let hint = "columns are counted from 0";
                    cx.report(Diagnostic::new(&codes::TIMER_GROUP_INVALID, field.span(), message).hint(hint));
                }
                column = Some(index);
                groups.extend(cx.group(default, &codes::TIMER_GROUP));
            }
            None => {
                let message = format!("`{}` names no column and group; the entry is left out", field.text());
                let hint = "write `col:5:100`: the column that names the group, and the group where it names none";
                cx.report(Diagnostic::new(&codes::TIMER_GROUP_INVALID, field.span(), message).hint(hint));
            }
        }
    }
    (groups, column)
}

fn group_of_column(text: Field<'_>) -> Option<(usize, Field<'_>)> {
    let (index, default) = text.split_once(':')?;
    Some((index.digits()?, default))
}
