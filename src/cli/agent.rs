//! An agent with its API, from the first line on stdout until Ctrl-C.
//!
//! ```text
//! elements start: exit 1 when none can ─▶ first line on stdout ─▶ API ─▶ planned sets: exit 1 when one is refused
//! Ctrl-C ─▶ the API ends ─▶ the elements stop ─▶ the store closes: exit 0
//! ```

use std::future::{self, Future};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::anyhow;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::agent::Agent;
use crate::agent::plan::{ElementPlan, PlannedSet};
use crate::api::{self, ApiOptions, auth};
use crate::cli::listen::announce;
use crate::cli::output::complain;
use crate::connectors;
use crate::element::SetTarget;
use crate::element::config::ElementConfig;
use crate::element::view::ElementState;
use crate::element::world::World;
use crate::model::id::{ElementId, ParamId};
use crate::model::protocol::Protocol;
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

impl Planned {
    /// The element of a plan, with the QActions of its connector.
    ///
    /// # Errors
    /// The definition does not have what is planned.
    pub(super) fn new(plan: &ElementPlan, id: ElementId, protocol: &Arc<Protocol>) -> anyhow::Result<Self> {
        let element = plan.element(id, Arc::clone(protocol));
        let mut config = element.map_err(|reason| anyhow!(reason))?;
        if let Some(qactions) = connectors::qactions_for(protocol) {
            config.qactions = qactions;
        }
        let mut sets = Vec::new();
        for set in &plan.sets {
            let param = set.target(protocol).map_err(|reason| anyhow!("a set: {reason}"))?;
            sets.push((param.id, set.clone()));
        }
        Ok(Self { config, sets })
    }
}

impl Serving {
    /// Runs until it is stopped, and ends in order. Once the elements have begun, `meanwhile` goes on beside them.
    pub(super) async fn until_stopped(
        self,
        stopped: impl Future<Output = ()>,
        meanwhile: impl AsyncFnOnce(&Agent),
    ) -> anyhow::Result<ExitCode> {
        let (configs, sets): (Vec<_>, Vec<_>) = self
            .elements
            .into_iter()
            .map(|planned| (planned.config, planned.sets))
            .unzip();
        let agent = Arc::new(Agent::spawn(configs, &self.world));
        // The elements keep the store open, and nobody else.
        drop(self.world);
        // Whoever reads the first line finds the elements running. Who connects before waits: the address is taken.
        if let Err(failures) = activate(&agent).await {
            failures.iter().for_each(|failure| complain(failure));
            agent.shutdown().await;
            return Ok(ExitCode::FAILURE);
        }
        announce(self.listener.local_addr()?)?;
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
            code = run(&agent, &sets, stopped, meanwhile) => {
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

/// Makes the planned sets, then waits for the end.
async fn run(
    agent: &Agent,
    sets: &[Vec<(ParamId, PlannedSet)>],
    stopped: impl Future<Output = ()>,
    meanwhile: impl AsyncFnOnce(&Agent),
) -> ExitCode {
    let refused = async {
        match set(agent, sets).await {
            Ok(()) => {
                meanwhile(agent).await;
                future::pending().await
            }
            Err(refusals) => refusals,
        }
    };
    tokio::select! {
        () = stopped => ExitCode::SUCCESS,
        refusals = refused => {
            refusals.iter().for_each(|refusal: &String| complain(refusal));
            ExitCode::FAILURE
        }
    }
}

/// Starts the elements. One that cannot start does not hold the others; when none can, nothing runs.
async fn activate(agent: &Agent) -> Result<(), Vec<String>> {
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
    Ok(())
}

/// Makes the planned sets, each element's in order.
async fn set(agent: &Agent, sets: &[Vec<(ParamId, PlannedSet)>]) -> Result<(), Vec<String>> {
    let mut refusals = Vec::new();
    for (element, sets) in agent.elements().iter().zip(sets) {
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
