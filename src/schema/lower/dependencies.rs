//! `Dependencies`: what has to be filled before a write can be set from outside.
//!
//! Rules: PAR-50, VAL-20, VAL-22.

use crate::model::id::ParamId;
use crate::model::param::{Dependency, ParamKind};
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::{Lowering, display};
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The dependencies of a write. They work only among parameters that are displayed.
pub(super) fn dependencies(cx: &mut Lowering<'_>, param: Node<'_>, kind: ParamKind) -> Vec<Dependency> {
    let Some(tag) = param.child("Dependencies") else {
        return Vec::new();
    };
    if kind != ParamKind::Write {
        let message = "only the set of a `write` has dependencies; these are not used";
        cx.report(Diagnostic::new(&codes::NOT_RUN, tag.name_span(), message));
        return Vec::new();
    }
    let hint = "give it `<RTDisplay>true</RTDisplay>`";
    if !display::is_displayed(param) {
        let message = "a parameter that is not displayed is not set from outside; its dependencies are not used";
        cx.report(Diagnostic::new(&codes::DEPENDENCIES_HIDDEN, tag.name_span(), message).hint(hint));
        cx.lacks_rtdisplay(param, tag.name_span());
        return Vec::new();
    }
    let mut dependencies: Vec<Dependency> = Vec::new();
    for node in tag.children("Id") {
        let post_set = node.flag("postSet", &mut cx.diagnostics);
        let Some(param) = displayed(cx, node.content()) else {
            continue;
        };
        if dependencies.iter().all(|other| other.param != param) {
            dependencies.push(Dependency { param, post_set });
        }
    }
    dependencies
}

fn displayed(cx: &mut Lowering<'_>, field: Field<'_>) -> Option<ParamId> {
    let id = cx.param(field, &codes::DEPENDENCIES_UNKNOWN)?;
    let node = cx.declared.params.node(id)?;
    if display::is_displayed(node) {
        return Some(id);
    }
    let message = format!("parameter {id} is not displayed: sets do not depend on it");
    let hidden = Diagnostic::new(&codes::DEPENDENCIES_ON_HIDDEN, field.span(), message);
    let hint = "give it `<RTDisplay>true</RTDisplay>`";
    cx.report(hidden.second(node.name_span(), "declared here").hint(hint));
    cx.lacks_rtdisplay(node, field.span());
    None
}
