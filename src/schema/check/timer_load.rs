//! A timer has to be able to keep its time: the waits alone that its groups ask for may not exceed it.
//!
//! Rules: TIM-8, TIM-9, TIM-11, GRP-9, GRP-10.

use crate::model::action::ActionKind;
use crate::model::group::{Group, Item};
use crate::model::moment::Span;
use crate::model::protocol::Protocol;
use crate::model::timer::{Timer, TimerTime};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;

/// Looks at every ordinary timer.
pub(super) fn check(cx: &mut Lowering<'_>, protocol: &Protocol) {
    for timer in protocol
        .parts()
        .timers
        .iter()
        .filter(|timer| timer.multithreaded.is_none())
    {
        check_waits(cx, protocol, timer);
        check_last_group(cx, protocol, timer);
    }
}

fn groups<'p>(protocol: &'p Protocol, timer: &'p Timer) -> impl DoubleEndedIterator<Item = &'p Group> {
    timer.groups.iter().filter_map(|&id| protocol.group(id))
}

fn check_waits(cx: &mut Lowering<'_>, protocol: &Protocol, timer: &Timer) {
    let period = match timer.time {
        TimerTime::Every(period) => period,
        TimerTime::Loop => return,
    };
    let waits = groups(protocol, timer)
        .map(|group| waits(protocol, timer, group).0)
        .fold(0, u64::saturating_add);
    let waits = Span(waits);
    if waits <= period {
        return;
    }
    let Some(node) = cx.declared.timers.node(timer.id) else {
        return;
    };
    let span = node.field("Time").map_or(node.name_span(), |time| time.span());
    let message = format!("the groups wait {waits} in all, more than the {period} of the timer");
    let hint = "it ticks as often as they allow; give it more time, or shorten `Interval`, `next` or `sleep`";
    cx.report(Diagnostic::new(&codes::TIMER_LOAD, span, message).hint(hint));
}

/// How long a group takes by what it says itself, without any request.
fn waits(protocol: &Protocol, timer: &Timer, group: &Group) -> Span {
    let interval = if group.kind.is_poll_class() {
        timer.interval.0
    } else {
        0
    };
    let waits = group.items.iter().map(|item| {
        let sleep = match item.what {
            Item::Action(id) => match protocol.action(id).map(|action| &action.kind) {
                Some(ActionKind::Sleep(span)) => span.0,
                _ => 0,
            },
            Item::Session(..) | Item::Trigger(_) => 0,
        };
        item.next.unwrap_or(Span::ZERO).0.saturating_add(sleep)
    });
    Span(waits.fold(interval, u64::saturating_add))
}

/// Only the last group is waited for, and one that is not queued is done at once (TIM-9).
fn check_last_group(cx: &mut Lowering<'_>, protocol: &Protocol, timer: &Timer) {
    let mut groups = groups(protocol, timer).rev();
    let Some(last) = groups.next().filter(|last| !last.kind.is_poll_class()) else {
        return;
    };
    let Some(queued) = groups.find(|group| group.kind.is_poll_class()) else {
        return;
    };
    let Some(node) = cx.declared.timers.node(timer.id) else {
        return;
    };
    let message = format!(
        "the timer does not wait for group {}: only for its last one, {}",
        queued.id, last.id
    );
    let hint = "make the last group one of a poll type";
    cx.report(Diagnostic::new(&codes::TIMER_LAST_GROUP, node.name_span(), message).hint(hint));
}
