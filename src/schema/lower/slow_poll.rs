//! `SlowPoll`, `SlowPollBase` and `PingInterval` of `PortSettings`: settings of the element, for its main connection.
//!
//! Rules: PRT-6 to PRT-8, TMO-19, TMO-21.

use crate::model::connection::{SlowPoll, SlowPollBegin};
use crate::model::id::GroupId;
use crate::model::moment::Span;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// The unit of `SlowPoll`.
#[derive(Clone, Copy)]
enum Base {
    Time,
    Number,
}

const BASES: &[(&str, Base)] = &[("time", Base::Time), ("number", Base::Number)];

/// What `PortSettings` prefills.
pub(super) fn slow_poll(cx: &mut Lowering<'_>, protocol: Node<'_>) -> SlowPoll {
    let further = protocol
        .children("Ports")
        .flat_map(|ports| ports.children("PortSettings"));
    for tag in further.flat_map(|settings| ["SlowPoll", "PingInterval"].map(|tag| settings.child(tag))) {
        let Some(tag) = tag else { continue };
        let message = format!("`{}` counts for the main connection only", tag.name());
        cx.report(Diagnostic::new(&codes::NOT_RUN, tag.name_span(), message));
    }
    let mut slow_poll = SlowPoll::default();
    let Some(settings) = protocol.child("PortSettings") else {
        return slow_poll;
    };
    let default_of = |tag| settings.child(tag)?.filled("DefaultValue");
    if let Some(interval) = default_of("PingInterval") {
        let interval = interval.number(1000..=300_000, &mut cx.diagnostics).map(Span);
        slow_poll.ping_interval = interval.unwrap_or(slow_poll.ping_interval);
    }
    let Some(after) = default_of("SlowPoll") else {
        return slow_poll;
    };
    // The schema gives no base: its one example is a time.
    let base = default_of("SlowPollBase").and_then(|base| base.one_of(BASES, &mut cx.diagnostics));
    slow_poll.begins = match base.unwrap_or(Base::Time) {
        Base::Time => after
            .number(1000..=300_000, &mut cx.diagnostics)
            .map(|after| SlowPollBegin::After(Span(after))),
        Base::Number => after.number(1..=500, &mut cx.diagnostics).map(SlowPollBegin::Times),
    };
    if slow_poll.begins.is_some() && !cx.declared.groups.contains(GroupId::PING) {
        let message = "slow poll is on, but there is no ping group: the element polls on as ever";
        let hint = "declare `<Group id=\"-1\">` with a session that the device answers";
        cx.report(Diagnostic::new(&codes::SLOW_POLL_WITHOUT_PING, after.span(), message).hint(hint));
    }
    slow_poll
}
