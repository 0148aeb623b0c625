//! The definition of the change event benches: a set fires a trigger, whose action changes another parameter.

use std::sync::Arc;

use adit::engine::Engine;
use adit::engine::qaction::QActionSet;
use adit::model::protocol::Protocol;

use super::{definition, loaded, param, set, started};

/// The definition.
pub(crate) fn counter() -> Arc<Protocol> {
    let sections = format!(
        "<Params>{}{}</Params>\
         <Triggers><Trigger id=\"1\"><On id=\"1\">parameter</On><Time>change</Time><Type>action</Type><Content><Id>1</Id></Content></Trigger></Triggers>\
         <Actions><Action id=\"1\"><On id=\"2\">parameter</On><Type>increment</Type></Action></Actions>",
        param(1, "write", "double", "number"),
        param(2, "read", "double", "number"),
    );
    loaded(&definition(&sections))
}

/// An element of it.
pub(crate) fn element(protocol: &Arc<Protocol>) -> Engine {
    started(protocol, QActionSet::default())
}

/// Sets it so often.
pub(crate) fn sets(engine: &mut Engine, sets: u32) {
    let user = Arc::from("bench");
    for value in 0..sets {
        set(engine, 1, f64::from(value), &user);
    }
}

/// Sets two elements, on a core each.
pub(crate) fn sets_side_by_side(elements: &mut [Engine; 2], count: u32) {
    std::thread::scope(|scope| {
        for element in elements {
            scope.spawn(move || sets(element, count));
        }
    });
}
