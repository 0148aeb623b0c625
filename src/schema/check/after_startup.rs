//! After startup, a trigger queues a group at the front: what it runs directly runs before timers and lanes are active.
//!
//! Rules: TRG-14, TRG-10 (several such triggers run in document order here; the product gives no order).

use crate::model::action::{Action, ActionKind, Execute, Targets};
use crate::model::protocol::Protocol;
use crate::model::trigger::{Trigger, TriggerContent, TriggerOn};
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;

/// The way out of all of these.
const PATTERN: &str = "let the trigger run an action `execute next` on a group of type `poll action`";

/// Looks at every after-startup trigger.
pub(super) fn check(cx: &mut Lowering<'_>, protocol: &Protocol) {
    let triggers: Vec<&Trigger> = protocol
        .parts()
        .triggers
        .iter()
        .filter(|trigger| trigger.on == Some(TriggerOn::AfterStartup))
        .collect();
    for (index, trigger) in triggers.iter().enumerate() {
        if index > 0 {
            let message = format!(
                "trigger {} fires after startup too: their order is not promised",
                triggers[0].id
            );
            report_trigger(
                cx,
                trigger,
                &codes::AFTER_STARTUP_SEVERAL,
                message,
                "make it one trigger",
            );
        }
        match &trigger.content {
            TriggerContent::Triggers(_) => {
                let message = "after startup this trigger fires others, before timers and groups are active".to_owned();
                report_trigger(cx, trigger, &codes::AFTER_STARTUP_TYPE, message, PATTERN);
            }
            TriggerContent::Actions(entries) => {
                for action in entries.iter().filter_map(|(id, _)| protocol.action(*id)) {
                    check_action(cx, protocol, action);
                }
            }
        }
    }
}

fn check_action(cx: &mut Lowering<'_>, protocol: &Protocol, action: &Action) {
    let ActionKind::ExecuteGroup(execute, targets) = &action.kind else {
        let message = "after startup this runs before timers and groups are active";
        report_action(cx, action, &codes::AFTER_STARTUP_ON, message.to_owned());
        return;
    };
    let in_front = matches!(
        execute,
        Execute::Execute | Execute::ExecuteNext | Execute::ExecuteOneNow | Execute::ExecuteOneTop
    );
    if !in_front {
        let message = "after startup this group may run behind those of the timers";
        report_action(cx, action, &codes::AFTER_STARTUP_EXECUTE, message.to_owned());
    }
    let listed: &[_] = match targets {
        Targets::Listed(groups) => groups,
        Targets::Triggering => &[],
    };
    let queued = listed.iter().filter_map(|&id| protocol.group(id));
    if let Some(group) = queued.into_iter().find(|group| !group.kind.is_poll_class()) {
        let message = format!("group {}, queued after startup, is not of a poll type", group.id);
        report_action(cx, action, &codes::AFTER_STARTUP_GROUP, message);
    }
}

fn report_trigger(cx: &mut Lowering<'_>, trigger: &Trigger, code: &'static Code, message: String, hint: &str) {
    if let Some(node) = cx.declared.triggers.node(trigger.id) {
        cx.report(Diagnostic::new(code, node.name_span(), message).hint(hint));
    }
}

fn report_action(cx: &mut Lowering<'_>, action: &Action, code: &'static Code, message: String) {
    if let Some(node) = cx.declared.actions.node(action.id) {
        cx.report(Diagnostic::new(code, node.name_span(), message).hint(PATTERN));
    }
}
