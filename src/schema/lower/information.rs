//! `Info`: which values of a parameter are worth an information event.
//!
//! Rules: ALM-24. It stands beside the thresholds and does not ask whether the parameter is monitored.

use std::collections::BTreeMap;

use crate::model::alarm::{Comparison, InfoDef, comparison};
use crate::model::id::ParamId;
use crate::model::param::{Param, ParamKind};
use crate::model::places::Places;
use crate::schema::lower::Lowering;
use crate::schema::lower::alarms::limit;

/// What is worth an information event, by parameter.
pub(super) fn information(cx: &mut Lowering<'_>, params: &[Param]) -> BTreeMap<ParamId, InfoDef> {
    let declared = cx.declared;
    let places = Places::new(params.iter().map(|param| param.id.0));
    let mut information = BTreeMap::new();
    for (id, node) in declared.params.iter() {
        let field = node.child("Alarm").and_then(|tag| tag.filled("Info"));
        let (Some(field), Some(param)) = (field, places.of(id.0).and_then(|place| params.get(place))) else {
            continue;
        };
        let mut limits = Vec::new();
        for part in field.parts(';').filter(|part| !part.is_empty()) {
            // A number may be given as a pattern too.
            let compared = match part.text().contains(['*', '?']) {
                true => Comparison::Equality,
                false => comparison(param),
            };
            limits.extend(limit(cx, part, compared, param));
        }
        // What is not shown raises nothing, as it does not alarm (ALM-1).
        let seen = param.display.rtdisplay && param.kind != ParamKind::Write && param.table.is_none();
        if seen && !limits.is_empty() {
            let exceptions = param.interprete.exceptions.iter();
            let exceptions = exceptions
                .map(|exception| (exception.value.clone(), exception.mapped.clone()))
                .collect();
            let mut info = InfoDef { limits, exceptions };
            info.sort();
            information.insert(id, info);
        }
    }
    information
}
