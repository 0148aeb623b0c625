//! The commands of `adit`.

pub(crate) mod check;
