//! The agent: many elements in one process.

use std::sync::Arc;

use adit::agent::Agent;
use adit::element::SetTarget;
use adit::element::config::ElementConfig;
use adit::element::view::ElementState;
use adit::element::world::{Store, SystemClock, World};
use adit::engine::qaction::QActionSet;
use adit::engine::to_element::StateRequest;
use adit::model::id::{ElementId, ParamId, QActionId};
use adit::model::protocol::{Parts, Protocol};
use adit::model::value::Value;
use adit::schema;

use crate::support::device::{Device, Reaching};
use crate::support::faulty_store::FaultyStore;

/// An agent with elements of these ids and names.
fn agent(elements: &[(u32, &str)], store: &Arc<FaultyStore>) -> Agent {
    let protocol = Arc::new(Protocol::build(Parts::default()));
    let config = |&(id, name): &(u32, &str)| ElementConfig::prefilled(ElementId(id), name, Arc::clone(&protocol));
    Agent::spawn(elements.iter().map(config).collect(), &world(store))
}

fn world(store: &Arc<FaultyStore>) -> World {
    World {
        network: Arc::new(Reaching(Device::new())),
        store: Arc::clone(store) as Arc<dyn Store>,
        clock: Arc::new(SystemClock),
        trace: None,
    }
}

/// A write whose QAction asks the element that it names for a pause, and sets parameter 2 of it.
const ASKING: &str = r#"<Protocol><Name>Asking</Name><Version>1.0.0.1</Version><Type>virtual</Type><Params>
    <Param id="1"><Name>Ask</Name><Type>write</Type><Interprete><RawType>other</RawType><Type>string</Type></Interprete>
        <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>string</Type></Measurement></Param>
    <Param id="2"><Name>Told</Name><Type>write</Type><Interprete><RawType>other</RawType><Type>string</Type></Interprete>
        <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>string</Type></Measurement></Param>
</Params><QActions><QAction id="1" encoding="csharp" triggers="1" /></QActions></Protocol>"#;

fn asking() -> QActionSet {
    let mut qactions = QActionSet::default();
    qactions.add(QActionId(1), |protocol| {
        Box::pin(async move {
            let other = protocol.get_text(ParamId(1)).await;
            protocol.set_element(&*other, ParamId(2), None, "asked").await;
            protocol.set_element(&*other, ParamId(9), None, "asked").await;
            protocol.set_element_state(&*other, StateRequest::Pause).await;
            Ok(())
        })
    });
    qactions
}

#[tokio::test(start_paused = true)]
async fn nt_115_nt_50_nt_167_elm_1_an_element_asks_another_one_and_itself() {
    let loaded = schema::load("protocol.xml", ASKING);
    let protocol = Arc::new(loaded.protocol.expect("the definition loads"));
    let config = |(id, name)| ElementConfig {
        qactions: Arc::new(asking),
        ..ElementConfig::prefilled(ElementId(id), name, Arc::clone(&protocol))
    };
    let agent = Agent::spawn([(1, "One"), (2, "Two")].map(config).into(), &world(&FaultyStore::new()));
    agent.activate().await;
    let target = || SetTarget {
        param: ParamId(1),
        key: None,
    };
    let states = || [0, 1].map(|at: usize| agent.elements()[at].look(|view| view.state));
    let one = &agent.elements()[0];
    let log = |at: usize| {
        let lines = agent.elements()[at].log().into_iter().map(|line| line.text);
        lines.filter(|line| !line.contains("start")).collect::<Vec<_>>()
    };

    let asked = one.set(target(), "TWO".into(), "tester").await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(
        (asked, states()),
        (Ok(()), [ElementState::Active, ElementState::Paused])
    );
    let told = agent.elements()[1].look(|view| view.value(ParamId(2)).cloned());
    assert_eq!(told, Some("asked".into()));
    let refused = "a set that a QAction of another element asked for was refused: there is no parameter 9";
    assert!(log(1).iter().any(|line| line.starts_with(refused)), "{:?}", log(1));

    let asked = one.set(target(), "Three".into(), "tester").await;
    assert_eq!(asked, Ok(()));
    let unknown = "a QAction asks element \"Three\", which this agent does not have";
    assert!(log(0).iter().any(|line| line == unknown), "{:?}", log(0));

    // Its own pause is asked for behind the answer to the set.
    let asked = one.set(target(), "One".into(), "tester").await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!((asked, states()), (Ok(()), [ElementState::Paused; 2]));
    agent.shutdown().await;
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
