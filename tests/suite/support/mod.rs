//! What a test may use.

pub(crate) mod device;
pub(crate) mod served;
