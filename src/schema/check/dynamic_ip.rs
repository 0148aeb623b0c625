//! Addresses from parameters and connections from parameters do not go together on HTTP.
//!
//! Rules: PRT-13.

use crate::model::protocol::Protocol;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;

/// Looks at every group with a `connectionPID`.
pub(super) fn check(cx: &mut Lowering<'_>, protocol: &Protocol) {
    let parts = protocol.parts();
    let Some(param) = parts.params.iter().find(|param| param.dynamic_ip.is_some()) else {
        return;
    };
    for group in parts.groups.iter().filter(|group| group.connection_pid.is_some()) {
        let node = cx.declared.groups.node(group.id);
        let Some(field) = node.and_then(|node| node.attribute("connectionPID")) else {
            continue;
        };
        let message = format!(
            "`connectionPID` is not supported together with the dynamic IP of parameter {}",
            param.id
        );
        let hint = "give the group a fixed `connection`, or the connections fixed addresses";
        cx.report(Diagnostic::new(&codes::GROUP_CONNECTION_DYNAMIC, field.span(), message).hint(hint));
    }
}
