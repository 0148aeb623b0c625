//! An agent with its API, from the first line on stdout until Ctrl-C.
//!
//! ```text
//! first line on stdout ─▶ API ─▶ elements start ─▶ planned sets: exit 1 when one is refused
//! Ctrl-C ─▶ the API ends ─▶ the elements stop ─▶ the store closes: exit 0
//! ```

use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::agent::Agent;
use crate::agent::plan::PlannedSet;
use crate::api::{self, ApiOptions, auth};
use crate::element::SetTarget;
use crate::element::config::ElementConfig;
use crate::element::view::ElementState;
use crate::element::world::World;
use crate::model::id::ParamId;
use crate::model::value::Value;

/// Who the planned sets are made by.
const USER: &str = "command line";

/// An agent that is about to run.
pub(super) struct Serving {
    /// Where its API listens.
    pub(super) listener: TcpListener,
    /// What the API asks for.
    pub(super) token: Option<auth::Secret>,
    /// Its elements.
    pub(super) elements: Vec<Planned>,
    /// Their outside.
    pub(super) world: World,
}

/// An element that is planned.
pub(super) struct Planned {
    /// What it is made of.
    pub(super) config: ElementConfig,
    /// What is set after its start, in order.
    pub(super) sets: Vec<(ParamId, PlannedSet)>,
}

impl Serving {
    /// Runs until it is stopped, and ends in order.
    pub(super) async fn until_stopped(self, stopped: impl Future<Output = ()>) -> io::Result<ExitCode> {
        announce(self.listener.local_addr()?)?;
        let (configs, sets): (Vec<_>, Vec<_>) = self
            .elements
            .into_iter()
            .map(|planned| (planned.config, planned.sets))
            .unzip();
        let agent = Arc::new(Agent::spawn(configs, &self.world));
        // The elements keep the store open, and nobody else.
        drop(self.world);
        let ended = CancellationToken::new();
        let options = ApiOptions {
            token: self.token,
            ..ApiOptions::default()
        };
        let shutdown = ended.clone().cancelled_owned();
        let mut server = pin!(api::serve(self.listener, Arc::clone(&agent), options, shutdown));
        let code = tokio::select! {
            served = &mut server => {
                complain(&format!("the API has ended: {served:?}"));
                ExitCode::FAILURE
            }
            code = run(&agent, &sets, stopped) => {
                ended.cancel();
                if let Err(error) = server.await {
                    complain(&format!("the API did not end in order: {error}"));
                }
                code
            }
        };
        agent.shutdown().await;
        Ok(code)
    }
}

/// Starts the elements and makes the planned sets, then waits for the end.
async fn run(agent: &Agent, sets: &[Vec<(ParamId, PlannedSet)>], stopped: impl Future<Output = ()>) -> ExitCode {
    let mut stopped = pin!(stopped);
    tokio::select! {
        () = &mut stopped => return ExitCode::SUCCESS,
        begun = begin(agent, sets) => if let Err(refusals) = begun {
            refusals.iter().for_each(|refusal| complain(refusal));
            return ExitCode::FAILURE;
        },
    }
    stopped.await;
    ExitCode::SUCCESS
}

/// Starts the elements and makes the planned sets. An element that cannot start does not hold the others; when none
/// can, nothing runs.
async fn begin(agent: &Agent, sets: &[Vec<(ParamId, PlannedSet)>]) -> Result<(), Vec<String>> {
    agent.activate().await;
    let elements = agent.elements();
    let failures: Vec<String> = elements
        .iter()
        .filter(|element| element.look(|view| view.state) != ElementState::Active)
        .map(|element| {
            let error = element.look(|view| view.error.clone()).unwrap_or_default();
            format!("{} cannot start: {error}", element.config().settings.name)
        })
        .collect();
    if !elements.is_empty() && failures.len() == elements.len() {
        return Err(failures);
    }
    let mut refusals = Vec::new();
    for (element, sets) in elements.iter().zip(sets) {
        for (param, set) in sets {
            let target = SetTarget {
                param: *param,
                key: None,
            };
            if let Err(refused) = element.set(target, Value::from(set.value.as_str()), USER).await {
                let name = &element.config().settings.name;
                refusals.push(format!("{name}: {} was not set: {refused}", set.param));
            }
        }
    }
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// The first line on stdout; a closed pipe is no fault.
fn announce(address: SocketAddr) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "listening on http://{address}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a line to stderr. When even that fails there is nowhere left to tell.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "adit: {text}");
}

/// Done at Ctrl-C, and where there is one at the signal to terminate.
#[cfg(unix)]
pub(super) fn interrupted() -> io::Result<impl Future<Output = ()>> {
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
pub(super) fn interrupted() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
