//! `Param@duplicateAs`: columns of views that have no parameter of their own copy the one they show.
//!
//! Rules: PAR-45, TBL-130. A duplicate is known to all references under its id; a set of it is one of the original.

use std::collections::BTreeMap;

use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::tree::Node;

/// Adds the duplicates behind the parameters. Gives the original of each.
pub(super) fn add(cx: &mut Lowering<'_>, params: &mut Vec<Param>) -> BTreeMap<ParamId, ParamId> {
    let mut originals = BTreeMap::new();
    let mut copies = Vec::new();
    for param in params.iter() {
        let Some(node) = cx.declared.params.node(param.id) else {
            continue;
        };
        let partner = param.partner.and_then(|id| cx.declared.params.node(id));
        let partners = partner.map(duplicates).unwrap_or_default();
        for (place, id) in duplicates(node).into_iter().enumerate() {
            let is_own = cx
                .declared
                .params
                .node(id)
                .is_some_and(|declared| declared.name_span() == node.name_span());
            if !is_own || originals.insert(id, param.id).is_some() {
                let message = format!("the id {id} is taken: no duplicate of parameter {} is made", param.id);
                let span = node
                    .attribute("duplicateAs")
                    .map_or(node.name_span(), |field| field.span());
                let taken = Diagnostic::new(&codes::DUPLICATE_AS_INVALID, span, message);
                cx.report(taken.hint("name an id that no parameter has"));
                continue;
            }
            let mut copy = param.clone();
            copy.id = id;
            copy.partner = partners.get(place).copied();
            copy.display.positions.clear();
            copy.dynamic_ip = None;
            copy.interprete.default = None;
            copy.save = false;
            copies.push(copy);
        }
    }
    params.extend(copies);
    originals
}

/// The ids that a parameter is duplicated as, in their order; what is none is left out.
pub(crate) fn duplicates(param: Node<'_>) -> Vec<ParamId> {
    let list = param.attribute("duplicateAs").filter(|list| !list.is_empty());
    let ids = list.into_iter().flat_map(|list| list.parts(','));
    ids.filter_map(|id| id.digits().map(ParamId)).collect()
}
