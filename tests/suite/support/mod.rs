//! What a test may use.

pub(crate) mod alert_operations;
pub(crate) mod device;
pub(crate) mod faulty_store;
pub(crate) mod fixture;
pub(crate) mod program;
pub(crate) mod script_qaction;
pub(crate) mod script_rows;
pub(crate) mod served;
pub(crate) mod shown;
