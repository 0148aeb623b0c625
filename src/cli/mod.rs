//! The commands of `adit`: arguments in, one command run, an exit code out.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod agent;
mod definition;

mod opsgenie;
mod run;

/// Runs DataMiner connectors without a DataMiner System.
#[derive(Debug, Parser)]
#[command(name = "adit", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run one element from a definition, or all elements of an agent file.
    Run(run::RunArgs),
    /// An emulated Opsgenie platform.
    Opsgenie(opsgenie::OpsgenieArgs),
}

/// Runs the command that the arguments ask for.
#[must_use]
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Opsgenie(args) => opsgenie::run(args),
    }
}
