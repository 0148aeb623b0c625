//! The task of an element, the only one that touches it.
//!
//! ```text
//!            ┌────────────── durable commit, inbox, answered request, next wake-up
//!            ▼
//!    wait for the first ─▶ take what else is there ─▶ engine.handle, each ─▶ hand the effects over ─┐
//!            ▲                                                                                      │
//!            └──────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! It costs nothing while it waits. While the disk syncs it goes on with what comes next; what comes meanwhile shares the
//! next sync. When the store or the code fails, the element is in error and the process goes on; started again, it begins
//! with what was stored.
//!
//! Rules: ELM-1, ELM-10 to ELM-16, PAR-109, MDL-2.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::element::lifecycle::{Decision, StateRequest, decide};
use crate::element::neighbours::Neighbours;
use crate::element::publish::Publisher;
use crate::element::run::{Failure, Run, Woken};
use crate::element::view::ElementState;
use crate::element::world::{StoreError, World};
use crate::element::{Command, Element, SetTarget};
use crate::engine::connection_test::TestOutcome;
use crate::engine::event::{AlarmRequest, Card, Event};
use crate::engine::saved::{Paused, Record};
use crate::engine::set::{RefusedReason, SetRefused};
use crate::engine::to_element::ToElement;
use crate::model::alarm_template::AlarmTemplate;

/// Commands that share one round of the task at most.
const BATCH: usize = 256;

/// The task of an element: to be spawned once, it ends in order when no handle is left. The element is stopped at
/// first.
pub fn run(
    element: &Element,
    commands: mpsc::Receiver<Command>,
    world: World,
    neighbours: Neighbours,
) -> impl Future<Output = ()> + Send + use<> {
    let publisher = Publisher {
        config: Arc::clone(&element.config),
        view: Arc::clone(&element.view),
        followers: element.followers.clone(),
        log: Arc::clone(&element.log),
        information: Arc::clone(&element.information),
        clock: Arc::clone(&world.clock),
    };
    let task = Task {
        publisher,
        world,
        neighbours,
        run: None,
        card: Card::default(),
        alarm_template: None,
        is_first_run: true,
    };
    task.run(commands)
}

struct Task {
    publisher: Publisher,
    world: World,
    /// The elements that its QActions can ask.
    neighbours: Neighbours,
    /// The current run: there is one while the element is active or paused.
    run: Option<Run>,
    /// Whether a client has the element card open, also while it is stopped.
    card: Card,
    /// The alarm template that was assigned in this process; that of its settings otherwise (ALM-33).
    alarm_template: Option<AlarmTemplate>,
    /// Whether it has not run in this process yet.
    is_first_run: bool,
}

impl Task {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(command) => {
                        // Those who were answered together ask together: one turn of the runtime, and all behind the
                        // first share a commit.
                        tokio::task::yield_now().await;
                        self.obey(command).await;
                    }
                    None => break,
                },
                woken = woken(self.run.as_mut()) => match woken {
                    Woken::Answered(id, answer) => self.handle(Event::Answered(id, answer)).await,
                    Woken::FileRead(id, answer) => self.handle(Event::FileRead(id, answer)).await,
                    Woken::Durable(done) => self.go_on_durable(done),
                    Woken::Written(Ok(())) => {}
                    Woken::Written(Err(error)) => self.fail(&Failure::Store(error)),
                    // Caught up with below.
                    Woken::Due => {}
                },
            }
            for _ in 1..BATCH {
                let Ok(command) = commands.try_recv() else { break };
                self.keep_disk_busy();
                self.obey(command).await;
            }
            self.go_on(Run::catch_up).await;
            self.hand_over().await;
        }
        self.stop().await;
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Set {
                target,
                value,
                menu,
                user,
                reply,
            } => {
                if self.run.is_none() {
                    let _ = reply.send(Err(self.not_active()));
                    return;
                }
                self.go_on(|run| run.set(target, (value, menu), user, reply)).await;
            }
            Command::Card { card, reply } => {
                self.card = card;
                self.handle(Event::Card(card)).await;
                let _ = reply.send(());
            }
            Command::Alarms { request, reply } => {
                if let AlarmRequest::Assign(template) = &request {
                    self.alarm_template = Some(template.clone());
                }
                self.handle(Event::Alarms(request)).await;
                self.publisher.assigned(self.alarm_template.clone());
                self.perform().await;
                let _ = reply.send(());
            }
            Command::Trend { query, reply } => {
                self.perform().await;
                self.write_history().await;
                let element = self.publisher.config.settings.id;
                let _ = reply.send(self.world.store.trend(element, query).await);
            }
            Command::TestConnection { reply } => {
                if self.run.is_none() {
                    let _ = reply.send(TestOutcome::NotRun(self.not_active().detail));
                    return;
                }
                self.go_on(|run| run.test_connection(reply)).await;
            }
            Command::Pending { reply } => {
                let _ = reply.send(self.run.as_ref().map(Run::pending_calls).unwrap_or_default());
            }
            Command::Asked(ToElement::State(command)) => self.change_state(command).await,
            Command::Asked(ToElement::Set {
                param,
                key,
                value,
                user,
            }) => {
                let target = SetTarget { param, key };
                match self.run {
                    Some(_) => self.go_on(|run| run.set_of_nobody(target, value, user)).await,
                    None => self.publisher.refused_of_nobody(&self.not_active()),
                }
            }
            Command::State { request, reply } => {
                self.change_state(request).await;
                let _ = reply.send(self.publisher.state());
            }
        }
    }

    async fn change_state(&mut self, request: StateRequest) {
        // What was asked before is done before.
        self.perform().await;
        match decide(self.publisher.state(), request) {
            Decision::Ignore | Decision::Refuse => {}
            Decision::Start => self.start().await,
            Decision::Pause => {
                self.change_running(Event::Pause, ElementState::Paused).await;
                self.note(Paused::Yes).await;
            }
            Decision::Resume => {
                self.change_running(Event::Resume, ElementState::Active).await;
                self.note(Paused::No).await;
            }
            Decision::Stop => self.stop().await,
            Decision::Restart => {
                self.stop().await;
                self.start().await;
            }
        }
    }

    async fn start(&mut self) {
        let mut config = Arc::clone(&self.publisher.config);
        if let Some(template) = &self.alarm_template {
            Arc::make_mut(&mut config).settings.alarm_template = template.clone();
        }
        let mut saved = match self.world.store.load(config.settings.id).await {
            Ok(saved) => saved,
            Err(error) => return self.publisher.ended(Some(error.to_string())),
        };
        let was_paused = saved.paused;
        if !std::mem::take(&mut self.is_first_run) {
            // Only the restart of the host leaves a pause standing (ELM-15).
            saved.paused = Paused::No;
        }
        let paused = saved.paused;
        self.publisher
            .information
            .restore(std::mem::take(&mut saved.information));
        self.publisher.restored(&saved.alarms, self.alarm_template.clone());
        match Run::start(&config, (&self.world, &self.neighbours), saved, self.card) {
            Ok(run) => self.run = Some(run),
            Err(failure) => return self.publisher.ended(Some(failure.to_string())),
        }
        self.perform().await;
        self.show_running(match paused {
            Paused::No => ElementState::Active,
            Paused::Yes => ElementState::Paused,
        });
        if was_paused != paused {
            self.note(paused).await;
        }
    }

    /// Notes in the store whether it stays paused over a restart of the host.
    async fn note(&mut self, paused: Paused) {
        let Some(run) = &self.run else { return };
        let noted = self.world.store.commit(run.element, vec![Record::Paused(paused)]).await;
        if let Err(error) = noted {
            self.fail(&Failure::Store(error));
        }
    }

    async fn change_running(&mut self, event: Event, state: ElementState) {
        self.handle(event).await;
        self.perform().await;
        self.show_running(state);
    }

    /// Shows the state, unless the element failed on the way to it.
    fn show_running(&self, state: ElementState) {
        if self.run.is_some() {
            self.publisher.running(state);
        }
    }

    async fn stop(&mut self) {
        let was_running = self.run.is_some();
        self.handle(Event::Stop).await;
        self.perform().await;
        self.write_history().await;
        let name = &self.publisher.config.settings.name;
        match self.run.take() {
            Some(run) => run.end(&refused(
                RefusedReason::NotActive,
                format!("{name} was stopped before the set was done"),
            )),
            // It failed while it stopped: that is what is shown.
            None if was_running => return,
            None => {}
        }
        self.publisher.ended(None);
    }

    async fn handle(&mut self, event: Event) {
        self.go_on(|run| run.handle(event)).await;
    }

    /// Does something in the current run. When that fails, what came before is still performed.
    async fn go_on(&mut self, step: impl FnOnce(&mut Run) -> Result<(), Failure>) {
        let Some(run) = &mut self.run else { return };
        if let Err(failure) = step(run) {
            self.perform().await;
            self.fail(&failure);
        }
    }

    /// Performs what was asked for, as far as nothing has to be durable first; waits only when too much would be held.
    async fn hand_over(&mut self) {
        let Some(run) = &mut self.run else { return };
        run.hand_over(&self.publisher, &*self.world.store);
        run.write_history(&self.publisher, &*self.world.store);
        if run.held.is_full() {
            self.settle().await;
        }
    }

    /// Hands over what is there when the disk has nothing to do: it works while the element goes on, and however many
    /// commands come meanwhile share the next sync.
    fn keep_disk_busy(&mut self) {
        let Some(run) = &mut self.run else { return };
        match run.held.note_durable() {
            Ok(true) => {
                run.perform_durable(&self.publisher);
                run.hand_over(&self.publisher, &*self.world.store);
            }
            Ok(false) => {}
            Err(error) => self.fail(&Failure::Store(error)),
        }
    }

    /// Performs all that was asked for, once it may leave.
    async fn perform(&mut self) {
        self.hand_over().await;
        while self.run.as_ref().is_some_and(|run| !run.held.is_empty()) {
            self.settle().await;
        }
    }

    /// Stores the history that waits.
    async fn write_history(&mut self) {
        let Some(run) = &mut self.run else { return };
        let waiting = run.history.take();
        if waiting.is_empty() {
            return;
        }
        if let Err(error) = self.world.store.commit(run.element, waiting).await {
            self.fail(&Failure::Store(error));
        }
    }

    /// Waits until the oldest of what is held back is durable.
    async fn settle(&mut self) {
        let Some(run) = &mut self.run else { return };
        let done = run.held.durable().await;
        self.go_on_durable(done);
    }

    fn go_on_durable(&mut self, done: Result<(), StoreError>) {
        let Some(run) = &mut self.run else { return };
        match done {
            Ok(()) => run.perform_durable(&self.publisher),
            Err(error) => self.fail(&Failure::Store(error)),
        }
    }

    /// Ends the run, when there still is one, with an error.
    fn fail(&mut self, failure: &Failure) {
        let Some(run) = self.run.take() else { return };
        let name = &self.publisher.config.settings.name;
        let (reason, what) = match failure {
            Failure::Store(_) => (RefusedReason::NotStored, "the value could not be stored"),
            Failure::Panic(_) => (RefusedReason::NotActive, "the set could not be finished"),
        };
        self.publisher.ended(Some(failure.to_string()));
        run.end(&refused(reason, format!("{what}; {name} stopped: {failure}")));
    }

    fn not_active(&self) -> SetRefused {
        let name = &self.publisher.config.settings.name;
        let detail = match self.publisher.error() {
            Some(error) => format!("{name} is in error ({error}): activate it once the cause is gone"),
            None => format!("{name} is stopped: activate it first"),
        };
        refused(RefusedReason::NotActive, detail)
    }
}

/// What wakes the run; without one, nothing. Cancel-safe.
async fn woken(run: Option<&mut Run>) -> Woken {
    match run {
        Some(run) => run.woken().await,
        None => std::future::pending().await,
    }
}

const fn refused(reason: RefusedReason, detail: String) -> SetRefused {
    SetRefused { reason, detail }
}
