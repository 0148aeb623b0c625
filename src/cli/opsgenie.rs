//! `adit opsgenie`: the emulated Opsgenie platform on its own.

use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;

use crate::emulator::opsgenie::faults::Fault;
use crate::emulator::opsgenie::keys::DEMO_KEY;
use crate::emulator::opsgenie::pending::Pending;
use crate::emulator::opsgenie::seed::Seed;
use crate::emulator::opsgenie::{Options, Platform, serve};

/// The arguments of `adit opsgenie`.
#[derive(Debug, Args)]
pub(crate) struct OpsgenieArgs {
    /// The address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8421")]
    listen: SocketAddr,
    /// A key of a global API integration; without any, the demo key 0ad17000-0000-4000-8000-000000000000 is accepted
    #[arg(long = "key", value_name = "KEY", value_parser = key)]
    keys: Vec<String>,
    /// Teams, keys and alerts to begin with: {"teams":[{"name":"NOC"}],"keys":[{"key":"…","kind":"readonly"}],
    /// "alerts":[{"message":"…"}]}
    #[arg(long, value_name = "FILE.json")]
    seed: Option<PathBuf>,
    /// What goes wrong: OP:WHAT, OP:WHAT@PERCENT% or OP:WHAT@N for the first N requests. OP: create, close,
    /// acknowledge, note, update, get, list, status, teams, account, any. WHAT: a status such as 503, reset, lost,
    /// swallow, fail, slow=5s
    #[arg(long = "fault", value_name = "RULE")]
    faults: Vec<Fault>,
    /// How long an accepted request stays unprocessed: 0ms, 500ms, 10s, never
    #[arg(long, value_name = "DURATION", default_value_t)]
    pending: Pending,
}

/// Runs the platform until Ctrl-C.
pub(crate) fn run(args: OpsgenieArgs) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start");
    match runtime.and_then(|runtime| runtime.block_on(platform(args))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done about a standard error that cannot be written.
            let _ = writeln!(io::stderr().lock(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn platform(args: OpsgenieArgs) -> anyhow::Result<()> {
    let seed = match &args.seed {
        None => Seed::demo(),
        Some(path) => {
            let named = || path.display().to_string();
            let text = std::fs::read_to_string(path).with_context(named)?;
            Seed::parse(&text).map_err(anyhow::Error::msg).with_context(named)?
        }
    };
    let demo_key = args.keys.is_empty() && seed.keys.is_empty();
    let options = Options {
        keys: args.keys,
        seed,
        faults: args.faults,
        pending: args.pending,
        ..Options::default()
    };
    let platform = Platform::new(&options).map_err(anyhow::Error::msg)?;
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr().context("cannot listen")?;
    let shutdown = interrupted()?;
    announce(address, demo_key)?;
    serve(listener, platform, shutdown).await;
    Ok(())
}

/// The first lines of the output; a closed pipe is no fault.
fn announce(address: SocketAddr, demo_key: bool) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let mut write = || {
        writeln!(output, "listening on http://{address}")?;
        if demo_key {
            writeln!(output, "key: GenieKey {DEMO_KEY}")?;
        }
        output.flush()
    };
    match write() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Done at Ctrl-C, and where there is one at the signal to terminate.
#[cfg(unix)]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done at Ctrl-C.
#[cfg(not(unix))]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn key(text: &str) -> Result<String, String> {
    match crate::emulator::opsgenie::keys::is_uuid(text) {
        true => Ok(text.to_owned()),
        false => Err("a key is shaped like a UUID, such as 0ad17000-0000-4000-8000-000000000000".to_owned()),
    }
}
