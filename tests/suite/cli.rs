//! The commands of the binary, as a shell sees them.
