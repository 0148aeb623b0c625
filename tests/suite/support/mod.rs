//! What a test may use.

pub(crate) mod served;
pub(crate) mod shown;
