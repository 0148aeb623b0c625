//! What a test may use.

pub(crate) mod fixture;
pub(crate) mod script_qaction;
