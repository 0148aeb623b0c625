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
use crate::emulator::opsgenie::limits::Limits;
use crate::emulator::opsgenie::pending::{Pending, PendingStyle};
use crate::emulator::opsgenie::rates::{OverLimit, Rate};
use crate::emulator::opsgenie::seed::Seed;
use crate::emulator::opsgenie::{Options, Platform, serve};

/// What stands below the options in `--help`.
const HELP: &str = "\
Fault rules:
  OP:WHAT             always
  OP:WHAT@10%         by chance, from --random
  OP:WHAT@3           the first 3 requests of that operation
  OP:WHAT@3-5         the 3rd to the 5th
  OP is create, close, acknowledge, note, update (every other write on an alert), attach, get,
  list, status, teams, account, heartbeat or any. WHAT is
  503, 429=60         this status instead of anything else, with the seconds to wait
  reset, lost         the connection is closed before, or after, the request is processed
  swallow, vanish     accepted, then pending for ever, or forgotten
  fail, fail=TEXT     accepted, then processed without success, with this status text
  slow=5s             the answer takes so long
  slowbody=5s, cut    the body comes slowly, or only half of it
  notjson, empty      the body is an HTML page, or is not there
  noid                the answer has no request id

Request limits: alert:150/min, alert:5/s, search:…, configuration:…, heartbeat:… or all:…

Control, without a key (GET /emulator shows every switch):
  curl -X PUT  http://ADDR/emulator/faults  -d '{\"faults\":[\"create:503@2\"]}'
  curl -X PUT  http://ADDR/emulator/pending -d '{\"pending\":\"1s..10s\",\"style\":\"python\"}'
  curl -X PUT  http://ADDR/emulator/rates   -d '{\"rates\":[\"alert:5/s\"],\"over\":\"reject\"}'
  curl -X PUT  http://ADDR/emulator/limits  -d '{\"limits\":\"truncate\"}'
  curl -X PUT  http://ADDR/emulator/latency -d '{\"latency\":\"20ms..200ms\"}'
  curl -X POST http://ADDR/emulator/clock   -d '{\"advance\":\"1h\"}'
  curl        'http://ADDR/emulator/journal?after=0'    (DELETE forgets it)
  curl         http://ADDR/emulator/alerts

Jira Service Management: integration events under /jsm/ops/integration with the same key; REST under
/jsm/ops/api/{cloudId}/v1 with a login, demo@example.org:demo-token unless the seed names others;
GET /_edge/tenant_info tells the cloud id.

Not there (404): users, schedules, on-calls, escalations, roles of teams, incidents, heartbeats of
Jira Service Management.";

/// The arguments of `adit opsgenie`.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(super) struct OpsgenieArgs {
    /// The address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8421")]
    listen: SocketAddr,
    /// A key of a global API integration, may be repeated; without any, the demo key
    /// 0ad17000-0000-4000-8000-000000000000 is accepted
    #[arg(long = "key", value_name = "KEY", value_parser = key)]
    keys: Vec<String>,
    /// Accept a key also as ?apiKey=KEY and as Authorization: basic BASE64
    #[arg(long)]
    old_key_forms: bool,
    /// Teams, keys (kind api, team, readonly, restricted, account or disabled), alerts, heartbeats, logins and an alias
    /// prefix to begin with: {"teams":[{"name":"NOC"}],"keys":[{"key":"…","kind":"readonly"}],"aliasPrefix":"x-"}
    #[arg(long, value_name = "FILE.json")]
    seed: Option<PathBuf>,
    /// Keeps everything in this SQLite file, so that it survives a restart; the seed counts for a new file only, its keys
    /// apart
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Writes every request and its answer to this file, a JSON object a line; the last 10,000 are kept in memory anyway
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// What goes wrong: OP:WHAT, such as create:503@10%, may be repeated; see below
    #[arg(long = "fault", value_name = "RULE")]
    faults: Vec<Fault>,
    /// How long an accepted request stays unprocessed: 0ms, 500ms, 10s, 1s..10s for a random time, never
    #[arg(long, value_name = "DURATION", default_value_t)]
    pending: Pending,
    /// What the status of a request is until it is processed: header (404 and X-Opsgenie-Errortype), bare (404 alone) or
    /// python (200 and isSuccess false)
    #[arg(long, value_name = "STYLE", default_value_t)]
    pending_style: PendingStyle,
    /// How long every answer takes: 20ms, 20ms..200ms, never
    #[arg(long, value_name = "DURATION", default_value = "0ms")]
    latency: Pending,
    /// What happens to what is over a field limit: strict (422) or truncate
    #[arg(long, value_name = "HOW", default_value_t)]
    limits: Limits,
    /// A request limit: DOMAIN:N/s or DOMAIN:N/min, may be repeated; see below
    #[arg(long = "rate", value_name = "LIMIT")]
    rates: Vec<Rate>,
    /// What happens to a request over a limit: reject (429) or delay
    #[arg(long, value_name = "HOW", default_value_t)]
    over_limit: OverLimit,
    /// Where ids and chance begin: the same number and the same requests give the same answers
    #[arg(long, value_name = "NUMBER", default_value_t)]
    random: u64,
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
        old_key_forms: args.old_key_forms,
        seed,
        store: args.store,
        journal: args.journal,
        faults: args.faults,
        pending: args.pending,
        pending_style: args.pending_style,
        latency: args.latency,
        limits: args.limits,
        rates: args.rates,
        over_limit: args.over_limit,
        random: args.random,
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
