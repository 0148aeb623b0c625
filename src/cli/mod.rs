//! The command line: arguments → one command → an exit code.
//!
//! Exit codes: 0 done, 1 the thing asked for failed, 2 unusable arguments or files. Results go to stdout, everything
//! else to stderr.

use std::fmt;
use std::future::Future;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

mod output;

mod client;

mod alarms;
mod completions;
mod opsgenie;

mod agent;
mod check;
mod definition;
mod demo;
mod listen;
mod replay;
mod run;

mod elements;
mod get;
mod set;
mod table;
mod watch;

/// Runs DataMiner connectors without a DataMiner System.
#[derive(Parser)]
#[command(name = "adit", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The commands: a row each.
#[derive(Subcommand)]
enum Command {
    /// Show the whole story: an emulated Opsgenie platform, an element that sends messages to it, and the local API.
    Demo(demo::DemoArgs),
    /// Run an element from a definition, or all elements of an agent file.
    Run(run::RunArgs),
    /// Load definitions and report what is wrong with them.
    Check(check::CheckArgs),
    /// Run an element on virtual time against recorded exchanges, and print its trace.
    Replay(replay::ReplayArgs),
    /// Run an emulated Opsgenie platform.
    Opsgenie(opsgenie::OpsgenieArgs),
    /// List the elements.
    Elements(elements::Args),
    /// Read a parameter, or all of an element.
    Get(get::Args),
    /// Set a parameter, or a cell of a table.
    Set(set::Args),
    /// Read the rows of a table.
    Table(table::Args),
    /// Follow the changes of an element, until Ctrl-C.
    Watch(watch::Args),
    /// List the active alarms.
    Alarms(alarms::Args),
    /// Print the completions of a shell.
    Completions(completions::Args),
}

impl Command {
    fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Demo(args) => wait_for(demo::run(&args)).map_err(unusable),
            Self::Run(args) => wait_for(run::run(&args)).map_err(unusable),
            Self::Check(args) => Ok(check::run(&args)),
            Self::Replay(args) => replay::run(&args).map_err(unusable),
            Self::Opsgenie(args) => wait_for(opsgenie::run(args)).map_err(unusable),
            Self::Elements(args) => wait_for(elements::run(&args)),
            Self::Get(args) => wait_for(get::run(&args)),
            Self::Set(args) => wait_for(set::run(&args)),
            Self::Table(args) => wait_for(table::run(&args)),
            Self::Watch(args) => wait_for(watch::run(&args)),
            Self::Alarms(args) => wait_for(alarms::run(&args)),
            Self::Completions(args) => completions::run(&args, &mut Cli::command()),
        }
    }

    /// Which log lines there are unless `ADIT_LOG` says otherwise.
    const fn log_level(&self) -> LevelFilter {
        match self {
            // What is worth knowing is told on stdout.
            Self::Demo(_) => LevelFilter::WARN,
            Self::Run(_)
            | Self::Check(_)
            | Self::Replay(_)
            | Self::Opsgenie(_)
            | Self::Elements(_)
            | Self::Get(_)
            | Self::Set(_)
            | Self::Table(_)
            | Self::Watch(_)
            | Self::Alarms(_)
            | Self::Completions(_) => LevelFilter::INFO,
        }
    }
}

/// Runs the command that the arguments name.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr(cli.command.log_level());
    cli.command.run().unwrap_or_else(|error| failed(&error))
}

/// Runs a command that waits for others.
fn wait_for(command: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(command)
}

/// Arguments or files that cannot be used: the program ends with 2 instead of 1.
#[derive(Debug)]
pub(super) struct Unusable(pub(super) String);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unusable {}

/// An error of a command that serves: whatever keeps it from serving are its arguments, its files or its address.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
fn unusable(error: anyhow::Error) -> anyhow::Error {
    Unusable(format!("{error:#}")).into()
}

fn failed(error: &anyhow::Error) -> ExitCode {
    output::complain(&format!("{error:#}"));
    if error.is::<Unusable>() {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    }
}

/// Log lines go to stderr, in colour on a terminal only; `ADIT_LOG` says which, such as `debug` or `adit=trace`.
fn log_to_stderr(level: LevelFilter) {
    let filter = EnvFilter::builder()
        .with_default_directive(level.into())
        .with_env_var("ADIT_LOG")
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
