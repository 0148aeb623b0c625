//! Calls that ask something of an element: a set of the own one waits for its turn, all else is for whoever has the elements.
//!
//! Rules: NT 50, NT 115, NT 167, API-2 of the execution rules.

use crate::engine::Engine;
use crate::engine::effect::Effect;
use crate::engine::set_frame::SetFrame;
use crate::engine::to_element::{ElementRef, ToElement};

impl Engine {
    pub(super) fn ask_element(&mut self, element: ElementRef, asked: ToElement) {
        match asked {
            ToElement::Set {
                param,
                key,
                value,
                user,
            } if element.is_of(&self.settings) => {
                self.ask_set(SetFrame::of_nobody(param, key, value, user));
            }
            ToElement::Set { .. } | ToElement::State(_) => self.effects.push(Effect::ToElement(element, asked)),
        }
    }
}
