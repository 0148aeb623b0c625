//! A set through the API: only on an element that is active (contract, section 2).
//!
//! The engine itself also takes sets while it is paused (ELM-11); the API answers 409 then, so that nobody takes a set
//! for one that has its full effect.

use crate::api::USER;
use crate::element::view::ElementState;
use crate::element::{Element, SetTarget};
use crate::engine::event::MenuEntries;
use crate::engine::set::{RefusedReason, SetRefused};
use crate::model::id::ParamId;
use crate::model::value::Value;

/// Sets a parameter or a cell.
pub(super) async fn set(element: &Element, target: SetTarget, value: Value) -> Result<(), SetRefused> {
    check_active(element)?;
    element.set(target, value, USER).await
}

/// Chooses an item of a context menu.
pub(super) async fn choose(
    element: &Element,
    menu: ParamId,
    item: Value,
    entries: MenuEntries,
) -> Result<(), SetRefused> {
    check_active(element)?;
    element.choose(menu, item, entries, USER).await
}

pub(super) fn check_active(element: &Element) -> Result<(), SetRefused> {
    if element.look(|view| view.state) == ElementState::Paused {
        let detail = format!("{} is paused; activate it first", element.config().settings.name);
        let reason = RefusedReason::NotActive;
        return Err(SetRefused { reason, detail });
    }
    Ok(())
}
