//! The JSON of the API: elements, parameters, cells as they go over the wire.
//!
//! Names and shapes are part of the public contract. Secrets never leave the element: their value and their text are
//! null (DSP-60).

pub(super) mod alarm;
pub(super) mod editor;
pub(super) mod element;
pub(super) mod info;
pub(super) mod information;
pub(super) mod parameter;
pub(super) mod value;
