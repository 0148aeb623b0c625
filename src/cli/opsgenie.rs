//! `adit opsgenie`: the emulated Opsgenie platform on its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::cli::listen::{announce, interrupted, listen};
use crate::cli::output::print;
use crate::emulator::opsgenie::faults::Fault;
use crate::emulator::opsgenie::keys::DEMO_KEY;
use crate::emulator::opsgenie::pending::Pending;
use crate::emulator::opsgenie::seed::Seed;
use crate::emulator::opsgenie::{Options, Platform, serve};

/// The arguments of `adit opsgenie`.
#[derive(Debug, Args)]
pub(super) struct OpsgenieArgs {
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
pub(super) async fn run(args: OpsgenieArgs) -> anyhow::Result<ExitCode> {
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
    let listener = listen(args.listen, "--listen").await?;
    let shutdown = interrupted()?;
    announce(listener.local_addr()?)?;
    if demo_key {
        print(&format!("key: GenieKey {DEMO_KEY}\n"))?;
    }
    serve(listener, platform, shutdown).await;
    Ok(ExitCode::SUCCESS)
}

fn key(text: &str) -> Result<String, String> {
    match crate::emulator::opsgenie::keys::is_uuid(text) {
        true => Ok(text.to_owned()),
        false => Err("a key is shaped like a UUID, such as 0ad17000-0000-4000-8000-000000000000".to_owned()),
    }
}
