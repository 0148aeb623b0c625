//! The agent: many elements in one process.

use std::sync::Arc;

use adit::agent::Agent;
use adit::element::SetTarget;
use adit::element::config::ElementConfig;
use adit::element::view::ElementState;
use adit::element::world::{Store, SystemClock, World};
use adit::model::id::{ElementId, ParamId};
use adit::model::protocol::{Parts, Protocol};
use adit::model::value::Value;

use crate::support::device::{Device, Reaching};
use crate::support::faulty_store::FaultyStore;

/// An agent with elements of these ids and names.
fn agent(elements: &[(u32, &str)], store: &Arc<FaultyStore>) -> Agent {
    let protocol = Arc::new(Protocol::build(Parts::default()));
    let config = |&(id, name): &(u32, &str)| ElementConfig::prefilled(ElementId(id), name, Arc::clone(&protocol));
    let world = World {
        network: Arc::new(Reaching(Device::new())),
        store: Arc::clone(store) as Arc<dyn Store>,
        clock: Arc::new(SystemClock),
        trace: None,
    };
    Agent::spawn(elements.iter().map(config).collect(), &world)
}

#[tokio::test]
async fn an_element_is_found_by_id_and_by_name_in_any_casing() {
    let agent = agent(&[(1, "Opsgenie"), (2, "Zürich"), (3, "1")], &FaultyStore::new());
    let found = |name: &str| agent.find(name).map(|element| element.config().settings.id.0);
    assert_eq!(
        ["opsGENIE", "ZÜRICH", "2", "1", "3"].map(found),
        [1, 2, 2, 1, 3].map(Some)
    );
    assert_eq!(["", "4", "Ops"].map(found), [None; 3]);
}

#[tokio::test]
async fn elm_16_an_element_that_cannot_start_does_not_hold_the_others() {
    let store = FaultyStore::new();
    let agent = agent(&[(1, "One"), (2, "Two"), (3, "Three")], &store);
    store.fail_load_of(ElementId(2));
    agent.activate().await;
    let states: Vec<ElementState> = agent
        .elements()
        .iter()
        .map(|element| element.look(|view| view.state))
        .collect();
    assert_eq!(
        states,
        [ElementState::Active, ElementState::Error, ElementState::Active]
    );
}

#[tokio::test]
async fn after_the_shutdown_no_element_takes_a_set() {
    let agent = agent(&[(1, "One")], &FaultyStore::new());
    agent.activate().await;
    let element = agent.find("One").unwrap();
    agent.shutdown().await;
    assert_eq!(element.look(|view| view.state), ElementState::Stopped);
    let target = SetTarget {
        param: ParamId(1),
        key: None,
    };
    assert!(element.set(target, Value::from("late"), "tester").await.is_err());
}
