//! Stand-ins for the outside of an element.

pub(crate) mod device;
pub(crate) mod faulty_store;
