//! The program: see `adit::cli`.

fn main() {}
