//! A DataMiner Agent: the elements of this process.
//!
//! Each element is a task of its own; none waits for another, and what fails in one stays there (MDL-2, ELM-16).

use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::JoinSet;

use crate::element::config::ElementConfig;
use crate::element::lifecycle::StateRequest;
use crate::element::neighbours::Neighbours;
use crate::element::world::World;
use crate::element::{Element, task};

pub mod alarm_template;
pub mod config;
pub mod folders;
pub mod plan;
pub mod range;

/// How long the elements have to stop before they are given up.
const GRACE: Duration = Duration::from_secs(10);

/// The elements of this process, in the order of their definition. Dropping it gives their tasks up.
#[derive(Default)]
pub struct Agent {
    elements: Vec<Element>,
    /// Locked to take the tasks out; nothing is awaited meanwhile.
    tasks: Mutex<JoinSet<()>>,
}

impl Agent {
    /// An agent with these elements, whose tasks run elsewhere.
    #[must_use]
    pub fn new(elements: Vec<Element>) -> Self {
        Self {
            elements,
            tasks: Mutex::default(),
        }
    }

    /// An agent that runs these elements, each stopped at first. Their names and ids are unique.
    #[must_use]
    pub fn spawn(configs: Vec<ElementConfig>, world: &World) -> Self {
        let mut tasks = JoinSet::new();
        let (elements, inboxes): (Vec<_>, Vec<_>) = configs.into_iter().map(Element::new).unzip();
        let neighbours = Neighbours::of(&elements);
        for (element, commands) in elements.iter().zip(inboxes) {
            tasks.spawn(task::run(element, commands, world.clone(), neighbours.clone()));
        }
        Self {
            elements,
            tasks: Mutex::new(tasks),
        }
    }

    /// The elements, in order.
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The element with this id or name, in any casing. An id goes before a name that looks like one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Element> {
        let id = name.parse::<u32>().ok();
        let wanted = name.to_lowercase();
        let by_id = |element: &&Element| Some(element.config().settings.id.0) == id;
        let by_name = |element: &&Element| element.config().settings.name.to_lowercase() == wanted;
        let mut elements = self.elements.iter();
        elements.clone().find(by_id).or_else(|| elements.find(by_name))
    }

    /// Activates all elements, and waits until each is active or in error.
    pub async fn activate(&self) {
        self.request(StateRequest::Activate).await;
    }

    /// Stops all elements in order: what they have set is stored. What does not stop in time is given up.
    pub async fn shutdown(&self) {
        if tokio::time::timeout(GRACE, self.request(StateRequest::Stop))
            .await
            .is_err()
        {
            tracing::warn!("some elements did not stop within {GRACE:?} and were given up");
        }
        let mut tasks = std::mem::take(&mut *self.tasks.lock());
        tasks.shutdown().await;
    }

    /// Asks all elements at the same time.
    async fn request(&self, request: StateRequest) {
        let mut asked = JoinSet::new();
        for element in &self.elements {
            let element = element.clone();
            asked.spawn(async move { element.request_state(request).await });
        }
        asked.join_all().await;
    }
}
