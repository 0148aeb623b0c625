//! The program: see `adit::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    adit::cli::run()
}
