//! `adit run`: one element from a definition, or all elements of an agent file, with the local API.
//!
//! Whatever cannot be used (arguments, files, the store, the address) ends it with 2 before anything runs.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use toml::Spanned;

use crate::agent::config::{AgentConfig, StorePlace};
use crate::agent::plan::{ConnectionPlan, ElementPlan, PlannedSet};
use crate::agent::range::{
    SlowPollChoice, allowed_element_timeout, allowed_ping_interval, allowed_retries, allowed_slow_poll, allowed_timeout,
};
use crate::api::auth;
use crate::cli::agent::{Planned, Serving};
use crate::cli::definition::Definitions;
use crate::cli::listen::{self, interrupted};
use crate::cli::output::complain;
use crate::element::world::{Store, SystemClock, World};
use crate::http::{ClientCertificateFiles, HttpNetwork, HttpOptions};
use crate::model::moment::Span;
use crate::simulate::record::Recorder;
use crate::store;
use crate::store::memory::MemoryStore;

/// Where the API listens unless told otherwise.
const LISTEN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8420));

/// The arguments of `adit run`.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The definition of the element: a protocol.xml
    #[arg(
        value_name = "PROTOCOL",
        required_unless_present = "config",
        conflicts_with = "config"
    )]
    protocol: Option<PathBuf>,
    /// The element's name; that of the definition unless given
    #[arg(long, requires = "protocol")]
    name: Option<String>,
    /// Host of the main connection, optionally with http:// or https://
    #[arg(long, requires = "protocol")]
    host: Option<String>,
    /// Port of the main connection
    #[arg(long, requires = "protocol")]
    port: Option<u16>,
    /// Bus address of the main connection: ByPassProxy for no proxy
    #[arg(long, value_name = "B", requires = "protocol")]
    bus_address: Option<String>,
    /// Time limit of one attempt on the main connection: 500ms, 10s
    #[arg(long, value_name = "DURATION", requires = "protocol", value_parser = allowed_timeout)]
    timeout: Option<Span>,
    /// Attempts after the first on the main connection
    #[arg(long, value_name = "N", requires = "protocol", value_parser = retries)]
    retries: Option<u8>,
    /// How long without success until the element is in timeout
    #[arg(long, value_name = "DURATION", requires = "protocol", value_parser = allowed_element_timeout)]
    element_timeout: Option<Span>,
    /// When slow poll begins: after a time in timeout (60s), with the n-th timeout (3), or off
    #[arg(long, value_name = "DURATION|N|off", requires = "protocol", value_parser = allowed_slow_poll)]
    slow_poll: Option<SlowPollChoice>,
    /// How long between two pings in slow poll
    #[arg(long, value_name = "DURATION", requires = "protocol", value_parser = allowed_ping_interval)]
    ping_interval: Option<Span>,
    /// A set after the start, as by a user; may be repeated
    // Clap repeats a value that its parser refuses, and this one may be a secret: it is refused later.
    #[arg(long = "set", value_name = "PARAM=VALUE", requires = "protocol", value_parser = planned_set)]
    sets: Vec<Result<PlannedSet, String>>,
    /// A folder that the action `read file` may read; may be repeated
    #[arg(long, value_name = "FOLDER", requires = "protocol")]
    read_folder: Vec<PathBuf>,
    /// An agent file with any number of elements
    #[arg(long, value_name = "adit.toml")]
    config: Option<PathBuf>,
    /// Where the local API and the page are served; port 0 picks a free one [default: 127.0.0.1:8420]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// A file with the token that the API asks for; needed where other machines can reach it
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Where saved values are kept: a file, or `memory` for nowhere [default: a file named after the element in the
    /// user's data folder; with an agent file, one beside it]
    #[arg(long, value_name = "PATH|memory")]
    store: Option<StorePlace>,
    /// A file with certificate authorities (PEM) to trust besides those of the system; may be repeated
    #[arg(long, value_name = "FILE.pem")]
    ca: Vec<PathBuf>,
    /// The certificate (PEM) that sessions with loginMethod="certificate" show, with its key or with --client-key
    #[arg(long, value_name = "FILE.pem")]
    client_certificate: Option<PathBuf>,
    /// The private key of the client certificate (PEM)
    #[arg(long, value_name = "FILE.pem", requires = "client_certificate")]
    client_key: Option<PathBuf>,
    /// Write what is exchanged with devices to a HAR file, which `adit replay` reads; secrets are left out
    #[arg(long, value_name = "FILE.har")]
    record: Option<PathBuf>,
}

/// Prepares everything, then runs it. Errors are those of arguments, files, store and address.
pub(super) async fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let stopped = interrupted()?;
    let file = args.config.as_deref().map(agent_file).transpose()?;
    let address = args
        .listen
        .or(file.as_ref().and_then(|file| file.listen))
        .unwrap_or(LISTEN);
    let token = args.token_file.as_deref().map(token).transpose()?;
    let listener = listen::listen(address, "--listen").await?;
    auth::may_listen(listener.local_addr()?, token.as_ref()).map_err(|reason| anyhow!(reason))?;

    let mut definitions = Definitions::default();
    let file = match file {
        Some(file) => file,
        None => args.agent_of_one(&mut definitions)?,
    };
    let mut planned = plan(&file, &mut definitions)?;
    let client_certificate = args.client_certificate(&file)?;
    for element in &mut planned {
        element.config.settings.client_certificate = client_certificate.is_some();
    }
    let network = HttpNetwork::new(&HttpOptions {
        extra_ca: args.ca.clone(),
        client_certificate,
        ..HttpOptions::default()
    })?;
    let mut world = World {
        network: Arc::new(network),
        store: args.open_store(&file)?,
        clock: Arc::new(SystemClock),
        trace: None,
    };
    let recorder = args.record.as_deref().map(recorder).transpose()?;
    if let Some(recorder) = &recorder {
        let protocol = |planned: &Planned| (planned.config.settings.id, Arc::clone(&planned.config.protocol));
        world = recorder.around(world, planned.iter().map(protocol).collect());
    }

    let serving = Serving {
        listener,
        token,
        elements: planned,
        world,
    };
    let code = serving.until_stopped(stopped, async |_| {}).await?;
    let whole = recorder.is_none_or(|recorder| tell_recorded(&recorder));
    Ok(if whole { code } else { ExitCode::FAILURE })
}

fn recorder(path: &Path) -> anyhow::Result<Recorder> {
    Recorder::create(path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Tells what was recorded; whether all of it was.
fn tell_recorded(recorder: &Recorder) -> bool {
    let recorded = recorder.recorded();
    complain(&format!("{} exchanges were recorded", recorded.exchanges));
    if let Some(why) = &recorded.ended {
        complain(&format!("the recording ended before its time: {why}"));
    }
    recorded.ended.is_none()
}

/// The elements of the file, each with its planned sets.
fn plan(file: &AgentConfig, definitions: &mut Definitions) -> anyhow::Result<Vec<Planned>> {
    if file.elements.is_empty() {
        bail!("there is no element to run: the agent file has no [[element]]");
    }
    let mut planned = Vec::new();
    for (element, id) in file.with_ids() {
        let protocol = definitions.load(&element.protocol)?;
        planned.push(Planned::new(element, id, &protocol)?);
    }
    Ok(planned)
}

impl RunArgs {
    /// The arguments as an agent file with one element.
    fn agent_of_one(&self, definitions: &mut Definitions) -> anyhow::Result<AgentConfig> {
        let path = self.protocol.as_deref().context("a PROTOCOL or a --config is needed")?;
        let protocol = definitions.load(path)?;
        let name = self.name.as_deref().unwrap_or_else(|| protocol.name());
        if name.trim().is_empty() {
            bail!("the element needs a name: the definition has none, give one with --name");
        }
        let sets = self.sets.iter().cloned().collect::<Result<Vec<_>, _>>();
        let sets = sets.map_err(|reason| anyhow!("--set cannot be used: {reason}"))?;
        let connection = ConnectionPlan {
            host: self.host.clone(),
            port: self.port,
            bus_address: self.bus_address.clone(),
            timeout: self.timeout,
            retries: self.retries,
            skip_certificate_verification: None,
            include_timeout: None,
        };
        // A definition without connections takes none, unless one of the arguments asks for it.
        let connections = if connection == ConnectionPlan::default() {
            Vec::new()
        } else {
            vec![connection]
        };
        Ok(AgentConfig {
            listen: None,
            store: None,
            client_certificate: None,
            client_key: None,
            elements: vec![ElementPlan {
                id: None,
                name: Spanned::new(0..0, name.to_owned()),
                protocol: path.to_owned(),
                element_timeout: self.element_timeout,
                slow_poll: self.slow_poll,
                ping_interval: self.ping_interval,
                alarm_template: None,
                trend_template: None,
                read_only: false,
                connections,
                read_folders: self.read_folder.clone(),
                sets,
            }],
        })
    }

    /// The client certificate of the arguments, else that of the file (HTTP-64).
    fn client_certificate(&self, file: &AgentConfig) -> anyhow::Result<Option<ClientCertificateFiles>> {
        let (certificate, key) = match &self.client_certificate {
            Some(certificate) => (Some(certificate), self.client_key.as_ref()),
            None => (file.client_certificate.as_ref(), file.client_key.as_ref()),
        };
        match (certificate, key) {
            (None, Some(_)) => bail!("the agent file has a client_key, but no client_certificate"),
            (None, None) => Ok(None),
            (Some(certificate), key) => Ok(Some(ClientCertificateFiles {
                certificate: certificate.clone(),
                key: key.unwrap_or(certificate).clone(),
            })),
        }
    }

    /// The store that is asked for, or the one that fits.
    fn open_store(&self, file: &AgentConfig) -> anyhow::Result<Arc<dyn Store>> {
        let place = match (self.store.as_ref().or(file.store.as_ref()), &self.config) {
            (Some(place), _) => place.clone(),
            (None, Some(config)) => StorePlace::File(config.with_extension("sqlite")),
            (None, None) => StorePlace::File(own_store(file)?),
        };
        match place {
            StorePlace::Memory => Ok(Arc::new(MemoryStore::default())),
            StorePlace::File(path) => Ok(store::open(&path)?),
        }
    }
}

/// The store of a single element in the user's data folder. Named after the element, since values are kept by id, and
/// each single element has the id 1.
fn own_store(file: &AgentConfig) -> anyhow::Result<PathBuf> {
    let name = file
        .elements
        .first()
        .map_or("", |element| element.name.get_ref().as_str());
    let folders =
        directories::ProjectDirs::from("", "", "adit").context("this user has no folder for data: give a --store")?;
    let folder = folders.data_local_dir();
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made: give a --store", folder.display()))?;
    Ok(folder.join(format!("{}.sqlite", file_name(name))))
}

/// A name as a file name: letters in small, and nothing that any system gives a meaning.
fn file_name(name: &str) -> String {
    let mut safe = String::new();
    for char in name.to_lowercase().chars() {
        if char.is_alphanumeric() || char == '-' || char == '_' {
            safe.push(char);
        } else {
            safe.push_str(&format!("%{:02X}", u32::from(char)));
        }
    }
    safe
}

fn agent_file(path: &Path) -> anyhow::Result<AgentConfig> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    AgentConfig::parse(path, &text).map_err(|reason| anyhow!(reason))
}

fn token(path: &Path) -> anyhow::Result<auth::Secret> {
    auth::Secret::from_file(path).with_context(|| format!("{} cannot be read", path.display()))
}

#[expect(clippy::unnecessary_wraps, reason = "clap asks for a result")]
fn planned_set(text: &str) -> Result<Result<PlannedSet, String>, Infallible> {
    Ok(text.parse())
}

fn retries(text: &str) -> Result<u8, String> {
    let retries = text.parse().map_err(|error| format!("{error}"))?;
    allowed_retries(retries)
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn different_names_have_different_files() {
        let names = ["Opsgenie", "a/b", "a_b", "../x", "Zürich 1", "con."].map(file_name);
        assert_eq!(
            names,
            ["opsgenie", "a%2Fb", "a_b", "%2E%2E%2Fx", "zürich%201", "con%2E"]
        );
    }
}
