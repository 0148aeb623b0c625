//! `adit demo`: a message on its way to an emulated platform and back, with nothing from outside.
//!
//! ```text
//! story ─ sets ─▶ Opsgenie element ─ HTTP ─▶ emulated platform
//!   ▲                 │                          │
//!   └──── changes ────┴──────── alerts ──────────┘
//! ```

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clap::Args;
use tokio_util::sync::CancellationToken;
use toml::Spanned;

use crate::agent::plan::{ConnectionPlan, ElementPlan};
use crate::api::auth;
use crate::cli::agent::{Planned, Serving};
use crate::cli::demo::story::Story;
use crate::cli::listen::{interrupted, listen};
use crate::cli::output::complain;
use crate::element::world::{SystemClock, World};
use crate::emulator::opsgenie::seed::Seed;
use crate::emulator::opsgenie::{Options, Platform, serve};
use crate::http::{HttpNetwork, HttpOptions};
use crate::model::id::ElementId;
use crate::model::protocol::Protocol;
use crate::schema;
use crate::store::memory::MemoryStore;

mod narrator;
mod story;

/// The definition of the element. It is built in: the demonstration needs no file.
const DEFINITION: &str = include_str!("../../../protocol/opsgenie/protocol.xml");

/// Where the definition comes from, as told.
const FILE: &str = "protocol/opsgenie/protocol.xml";

/// The name of the element.
const ELEMENT: &str = "Opsgenie";

/// The arguments of `adit demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Where the local API and the page are served; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
    /// Where the emulated platform is served; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8421")]
    platform: SocketAddr,
}

/// Tells the story, then runs until Ctrl-C. The platform ends last, so that the element can finish what it sends.
pub(super) async fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let stopped = interrupted()?;
    let listener = listen(args.listen, "--listen").await?;
    let address = listener.local_addr()?;
    auth::may_listen(address, None)
        .map_err(|_| anyhow!("{address} can be reached from other machines: the demonstration stays on this one"))?;
    let platform_listener = listen(args.platform, "--platform").await?;
    let platform_address = platform_listener.local_addr()?;
    let platform = Platform::new(&Options {
        seed: Seed::demo(),
        ..Options::default()
    })
    .map_err(anyhow::Error::msg)?;

    let protocol = Arc::new(definition()?);
    let network = HttpNetwork::new(&HttpOptions::default())?;
    let serving = Serving {
        listener,
        token: None,
        elements: vec![Planned::new(&plan(platform_address), ElementId(1), &protocol)?],
        world: World {
            network: Arc::new(network),
            store: Arc::new(MemoryStore::default()),
            clock: Arc::new(SystemClock),
            trace: None,
        },
    };
    let story = Story {
        api: address,
        platform_address,
        platform: platform.clone(),
        protocol,
    };

    let ended = CancellationToken::new();
    let agent = async {
        let code = serving.until_stopped(stopped, async |agent| {
            let Some(element) = agent.find(ELEMENT) else { return };
            if let Err(error) = story.tell(element).await {
                complain(&format!("{error:#}"));
            }
        });
        let code = code.await;
        ended.cancel();
        code
    };
    let platform = serve(platform_listener, platform, ended.clone().cancelled_owned());
    let (code, ()) = tokio::join!(agent, platform);
    code
}

fn definition() -> anyhow::Result<Protocol> {
    // Its findings are for those who write definitions: `adit run` shows them.
    let loaded = schema::load(FILE, DEFINITION);
    loaded.protocol.context("the definition that is built in cannot run")
}

/// The element, connected to the platform.
fn plan(platform: SocketAddr) -> ElementPlan {
    let host = match platform.ip() {
        IpAddr::V4(ip) => format!("http://{ip}"),
        IpAddr::V6(ip) => format!("http://[{ip}]"),
    };
    ElementPlan {
        id: None,
        name: Spanned::new(0..0, ELEMENT.to_owned()),
        protocol: FILE.into(),
        element_timeout: None,
        slow_poll: None,
        ping_interval: None,
        alarm_template: None,
        trend_template: None,
        read_only: false,
        connections: vec![ConnectionPlan {
            host: Some(host),
            port: Some(platform.port()),
            ..ConnectionPlan::default()
        }],
        read_folders: Vec::new(),
        sets: Vec::new(),
    }
}
