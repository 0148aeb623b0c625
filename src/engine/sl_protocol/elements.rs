//! Calls on elements of this agent, which the product makes with `NotifyDataMiner`.
//!
//! Rules: NT 50, NT 69, NT 73, NT 115, NT 167.

use std::sync::Arc;

use crate::engine::port::Call;
use crate::engine::sl_protocol::{SlProtocol, Unsupported};
use crate::engine::to_element::{ElementRef, StateRequest, ToElement};
use crate::model::id::ParamId;
use crate::model::value::Value;

impl SlProtocol {
    /// `NT_SET_PARAMETER` of an element (50, 167), and its queued form: a set as from outside, of a parameter or of a
    /// cell. It waits for its turn behind others, so of the own element it is done after this run and not within it. What
    /// comes of it is told in the log of that element; that there is no such element, in the log of this one.
    pub async fn set_element(
        &self,
        element: impl Into<ElementRef>,
        id: ParamId,
        key: Option<&str>,
        value: impl Into<Value>,
    ) {
        let asked = ToElement::Set {
            param: id,
            key: key.map(Arc::from),
            value: value.into(),
            user: Arc::clone(&self.facts().user),
        };
        self.call(Call::ToElement(element.into(), asked)).await;
    }

    /// `NT_GET_REMOTE_PARAMETER` (69, 73): of another element than the own one it is not supported.
    ///
    /// # Errors
    ///
    /// When the element is another one.
    pub async fn get_element(&self, element: u32, id: ParamId) -> Result<Option<Value>, Unsupported> {
        if element != self.element_id() {
            return Err(self.refuse("NT_GET_PARAMETER of another element", 73).await);
        }
        Ok(self.get(id).await)
    }

    /// `NT_SET_ELEMENT_STATE` (115): asks for a state of an element, which is then as if an operator had asked. It is done
    /// after what is under way, so a run may ask it of its own element and goes on until that stops.
    pub async fn set_element_state(&self, element: impl Into<ElementRef>, command: StateRequest) {
        self.call(Call::ToElement(element.into(), ToElement::State(command)))
            .await;
    }
}
