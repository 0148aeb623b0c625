//! `Type@alarmRegistration`: which parameters are told of the alarm levels of others.
//!
//! Rules: PAR-29.

use std::collections::BTreeMap;

use crate::model::id::ParamId;
use crate::schema::codes;
use crate::schema::lower::Lowering;

/// The parameters that are told, by the one whose level changes.
pub(super) fn alarm_registrations(cx: &mut Lowering<'_>) -> BTreeMap<ParamId, Vec<ParamId>> {
    let declared = cx.declared;
    let mut registrations: BTreeMap<ParamId, Vec<ParamId>> = BTreeMap::new();
    for (receiver, node) in declared.params.iter() {
        let field = node.child("Type").and_then(|tag| tag.attribute("alarmRegistration"));
        let parts = field.into_iter().flat_map(|field| field.parts(';'));
        for part in parts.filter(|part| !part.is_empty()) {
            let Some(watched) = cx.param(part, &codes::REFERENCE_UNKNOWN) else {
                continue;
            };
            let receivers = registrations.entry(watched).or_default();
            if !receivers.contains(&receiver) {
                receivers.push(receiver);
            }
        }
    }
    registrations
}
