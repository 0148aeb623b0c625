//! A running element: its task, what it shows, what it stores, and how it comes through faults of the outside.

use std::sync::Arc;
use std::time::Duration;

use adit::element::config::ElementConfig;
use adit::element::lifecycle::StateRequest;
use adit::element::neighbours::Neighbours;
use adit::element::task;
use adit::element::view::{ElementEvent, ElementState};
use adit::element::world::{Store, SystemClock, TraceSink, World};
use adit::element::{Element, INBOX, PendingFor, SetTarget};
use adit::engine::connection_test::TestOutcome;
use adit::engine::effect::Effect;
use adit::engine::pending_calls::Pending;
use adit::engine::qaction::{QActionSet, Redefined, S_OK};
use adit::engine::set::{RefusedReason, SetRefused};
use adit::model::id::{ElementId, GroupId, ParamId, QActionId};
use adit::model::moment::{Moment, Span};
use adit::model::protocol::Protocol;
use adit::model::value::Value;
use adit::schema;
use adit::testing::{Setup, TestElement};
use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::device::{Device, Reaching};
use crate::support::faulty_store::FaultyStore;

/// A write that is saved.
const KEPT: ParamId = ParamId(1);
/// A write that is not.
const PLAIN: ParamId = ParamId(2);
/// The status line of the last response.
const STATUS: ParamId = ParamId(3);
/// A write that makes a QAction panic.
const CRASH: ParamId = ParamId(4);
/// A write that is saved, and makes the element poll.
const POLL: ParamId = ParamId(5);
/// A write that is done a second later.
const WAIT: ParamId = ParamId(6);

const SECOND: Duration = Duration::from_secs(1);

const DEFINITION: &str = r#"<Protocol xmlns="http://www.skyline.be/protocol">
    <Name>Element Test</Name>
    <Version>1.0.0.1</Version>
    <Type>http</Type>
    <Params>
        PARAMS
    </Params>
    <HTTP>
        <Session id="1">
            <Connection id="1">
                <Request verb="GET" url="/" />
                <Response statusCode="3" />
            </Connection>
        </Session>
    </HTTP>
    <Groups>
        <Group id="1" ping="true"><Type>poll</Type><Content><Session>1</Session></Content></Group>
    </Groups>
    <Triggers>
        <Trigger id="1">
            <On id="5">parameter</On><Time>change</Time><Type>action</Type><Content><Id>1</Id></Content>
        </Trigger>
    </Triggers>
    <Actions>
        <Action id="1"><On id="1">group</On><Type>execute</Type></Action>
    </Actions>
    <QActions>
        <QAction id="1" encoding="csharp" triggers="4" />
        <QAction id="2" encoding="csharp" triggers="6" />
    </QActions>
</Protocol>"#;

fn protocol() -> Arc<Protocol> {
    let param = |(id, kind, save)| {
        format!(
            r#"<Param id="{id}" save="{save}">
                <Name>P{id}{kind}</Name><Description>P{id}</Description><Type>{kind}</Type>
                <Interprete><RawType>other</RawType><LengthType>next param</LengthType><Type>string</Type></Interprete>
                <Display><RTDisplay>true</RTDisplay></Display>
                <Measurement><Type>string</Type></Measurement>
            </Param>"#
        )
    };
    let params = [
        (KEPT, "write", true),
        (PLAIN, "write", false),
        (STATUS, "read", false),
        (CRASH, "write", false),
        (POLL, "write", true),
        (WAIT, "write", false),
    ];
    let definition = DEFINITION.replace("PARAMS", &params.map(param).concat());
    let loaded = schema::load("protocol.xml", &definition);
    Arc::new(loaded.protocol.expect("the definition loads"))
}

fn qactions() -> QActionSet {
    let mut qactions = QActionSet::default();
    qactions.add(QActionId(1), |_| Box::pin(async { panic!("crashed as asked") }));
    qactions.add(QActionId(2), |protocol| {
        Box::pin(async move {
            protocol.sleep(Span::seconds(1)).await;
            Ok(())
        })
    });
    qactions
}

/// An element with its outside.
struct Stage {
    element: Element,
    task: tokio::task::JoinHandle<()>,
    device: Arc<Device>,
    store: Arc<FaultyStore>,
    trace: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    /// An element that was not activated yet.
    fn stopped() -> Self {
        Self::named("Element", &protocol(), &FaultyStore::new())
    }

    async fn active() -> Self {
        let stage = Self::stopped();
        assert_eq!(stage.request(StateRequest::Activate).await, ElementState::Active);
        stage
    }

    fn named(name: &str, protocol: &Arc<Protocol>, store: &Arc<FaultyStore>) -> Self {
        let mut config = ElementConfig::prefilled(ElementId(1), name, Arc::clone(protocol));
        "device".clone_into(&mut config.settings.connections[0].host);
        config.qactions = Arc::new(qactions);
        Self::of(config, store)
    }

    fn of(config: ElementConfig, store: &Arc<FaultyStore>) -> Self {
        let (device, trace) = (Device::new(), Arc::default());
        let (element, commands) = Element::new(config);
        let written = Arc::clone(&trace);
        let world = World {
            network: Arc::new(Reaching(Arc::clone(&device))),
            store: Arc::clone(store) as Arc<dyn Store>,
            clock: Arc::new(SystemClock),
            trace: Some(Arc::new(move |_| Box::new(Written(Arc::clone(&written))))),
        };
        let task = tokio::spawn(task::run(
            &element,
            commands,
            world,
            Neighbours::of(std::slice::from_ref(&element)),
        ));
        Self {
            element,
            task,
            device,
            store: Arc::clone(store),
            trace,
        }
    }

    async fn request(&self, request: StateRequest) -> ElementState {
        self.element.request_state(request).await
    }

    async fn set(&self, param: ParamId, value: impl Into<Value>) -> Result<(), SetRefused> {
        self.element.set(target(param), value.into(), "tester").await
    }

    /// Sets, and gives why that was refused.
    async fn refusal(&self, param: ParamId, value: impl Into<Value>) -> SetRefused {
        self.set(param, value).await.expect_err("the set is refused")
    }

    fn value(&self, param: ParamId) -> Option<Value> {
        self.element.look(|view| view.value(param).cloned())
    }

    fn state(&self) -> ElementState {
        self.element.look(|view| view.state)
    }

    fn error(&self) -> Option<String> {
        self.element.look(|view| view.error.clone())
    }
}

const fn target(param: ParamId) -> SetTarget {
    SetTarget { param, key: None }
}

/// Writes down which effects were performed, by their names.
struct Written(Arc<Mutex<Vec<String>>>);

impl TraceSink for Written {
    fn record(&mut self, at: Moment, effect: &Effect) {
        let effect = format!("{effect:?}");
        let name = effect.split(['(', ' ']).next().unwrap_or_default();
        self.0.lock().push(format!("{} {name}", at.0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_set_is_answered_when_what_it_saves_is_durable() {
    let stage = Stage::active().await;
    stage.store.take(SECOND);
    let asked = Instant::now();
    stage.set(KEPT, "a").await.unwrap();
    assert_eq!(asked.elapsed(), SECOND);
    assert_eq!(stage.value(KEPT), Some("a".into()));

    stage.set(PLAIN, "b").await.unwrap();
    assert_eq!(asked.elapsed(), SECOND, "nothing to be saved, nothing to wait for");
}

#[tokio::test(start_paused = true)]
async fn the_disk_begins_with_the_first_of_many_sets_and_all_others_share_the_next_commit() {
    let stage = Stage::active().await;
    stage.store.take(SECOND);
    let mut sets = JoinSet::new();
    for number in 0..200 {
        let element = stage.element.clone();
        sets.spawn(async move {
            element
                .set(target(KEPT), Value::from(number.to_string()), "tester")
                .await
        });
    }
    assert!(sets.join_all().await.iter().all(Result::is_ok));
    assert_eq!(stage.store.commits(), 2);
}

#[tokio::test(start_paused = true)]
async fn while_the_disk_syncs_the_element_goes_on_and_answers_wait_in_order() {
    let stage = Stage::active().await;
    stage.store.take(SECOND);
    let asked = Instant::now();
    let at = |after: u32, param, value| {
        let set = stage.element.set(target(param), Value::from(value), "tester");
        async move {
            tokio::time::sleep(SECOND * after / 4).await;
            set.await.unwrap();
            asked.elapsed()
        }
    };
    let (first, plain, second, wait) =
        tokio::join!(at(0, KEPT, "a"), at(1, PLAIN, "b"), at(2, KEPT, "c"), at(3, WAIT, ""));
    let quarters = |elapsed: Duration| elapsed.as_millis() / 250;
    assert_eq!(quarters(first), 4, "its commit takes a second");
    assert_eq!(
        quarters(plain),
        4,
        "it saves nothing, but comes after what is not durable yet"
    );
    assert_eq!(quarters(second), 6, "its commit began while the first was under way");
    assert_eq!(quarters(wait), 7, "it waited a second in the element, not for the disk");
    assert_eq!(stage.store.commits(), 2);
}

#[tokio::test(start_paused = true)]
async fn err_when_a_commit_fails_nothing_that_came_behind_it_leaves_or_stays() {
    let stage = Stage::active().await;
    stage.store.take(SECOND);
    stage.store.fail_commit(1);
    let (first, second) = tokio::join!(stage.refusal(KEPT, "a"), async {
        tokio::time::sleep(SECOND / 2).await;
        stage.refusal(POLL, "now").await
    });
    assert_eq!(
        (first.reason, second.reason),
        (RefusedReason::NotStored, RefusedReason::NotStored)
    );
    tokio::time::sleep(SECOND * 2).await;
    assert_eq!(stage.device.seen(), Vec::<String>::new());
    assert_eq!(stage.request(StateRequest::Activate).await, ElementState::Active);
    assert_eq!((stage.value(KEPT), stage.value(POLL)), (None, None));
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_is_bounded_the_element_then_waits_for_the_disk() {
    let stage = Stage::active().await;
    stage.store.take(SECOND * 1000);
    let mut sets = JoinSet::new();
    for number in 0..100_u32 {
        let element = stage.element.clone();
        sets.spawn(async move { element.set(target(KEPT), number.to_string().into(), "tester").await });
        tokio::time::sleep(SECOND).await;
    }
    assert_eq!(
        stage.store.commits(),
        64 + 1,
        "one batch a second, and no further one; one write of the history"
    );
    assert!(sets.join_all().await.iter().all(Result::is_ok));
    assert_eq!(stage.value(KEPT), Some("99".into()));
}

#[tokio::test(start_paused = true)]
async fn a_request_leaves_only_after_what_came_before_it_is_durable() {
    let stage = Stage::active().await;
    stage.store.take(SECOND);
    stage.device.expect("GET http://device/", SECOND, 204);
    let set = stage.set(POLL, "now");
    let (asked, ()) = tokio::join!(set, async {
        tokio::time::sleep(SECOND / 2).await;
        assert_eq!(stage.device.seen(), Vec::<String>::new());
    });
    asked.unwrap();
    assert_eq!(stage.device.seen(), ["GET http://device/"]);
    tokio::time::sleep(SECOND * 2).await;
    assert_eq!(stage.value(STATUS), Some("HTTP/1.1 204 ".into()));
}

#[tokio::test(start_paused = true)]
async fn err_whichever_commit_fails_what_was_acknowledged_is_there_after_the_restart() {
    for failing in 1..=4 {
        let stage = Stage::active().await;
        stage.store.fail_commit(failing);
        let mut acknowledged = None;
        for number in 1..=4_u32 {
            let value = Value::from(number.to_string());
            match stage.set(KEPT, value.clone()).await {
                Ok(()) => acknowledged = Some(value),
                Err(refused) if number as usize == failing => assert_eq!(refused.reason, RefusedReason::NotStored),
                Err(refused) => assert_eq!(refused.reason, RefusedReason::NotActive),
            }
        }
        assert_eq!((stage.state(), stage.value(KEPT)), (ElementState::Error, None));
        assert_eq!(stage.error().as_deref(), Some("the disk is full"));

        assert_eq!(stage.request(StateRequest::Activate).await, ElementState::Active);
        assert_eq!(
            (stage.value(KEPT), stage.error()),
            (acknowledged, None),
            "commit {failing} failed"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn err_when_the_store_fails_no_request_leaves() {
    let stage = Stage::active().await;
    stage.store.fail_commit(1);
    assert_eq!(stage.refusal(POLL, "now").await.reason, RefusedReason::NotStored);
    tokio::time::sleep(SECOND).await;
    assert_eq!(stage.device.seen(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn err_an_element_whose_values_cannot_be_loaded_is_in_error_until_they_can() {
    let stage = Stage::stopped();
    stage.store.fail_load_of(ElementId(1));
    assert_eq!(stage.request(StateRequest::Activate).await, ElementState::Error);
    assert_eq!(stage.error().as_deref(), Some("the disk is gone"));
    let log = stage.element.log();
    assert_eq!(log.last().unwrap().text, "the element is in error: the disk is gone");

    stage.store.load_again();
    assert_eq!(stage.request(StateRequest::Activate).await, ElementState::Active);
}

#[tokio::test(start_paused = true)]
async fn qa_19_a_panic_in_a_qaction_is_logged_and_the_element_goes_on() {
    let stage = Stage::active().await;
    stage.set(CRASH, "now").await.unwrap();
    assert_eq!(stage.state(), ElementState::Active);
    assert!(
        stage
            .element
            .log()
            .iter()
            .any(|line| line.text.contains("crashed as asked"))
    );
}

#[tokio::test(start_paused = true)]
async fn err_code_that_fails_where_nothing_catches_it_ends_the_element_and_no_other() {
    let (protocol, store) = (protocol(), FaultyStore::new());
    let mut config = ElementConfig::prefilled(ElementId(1), "One", Arc::clone(&protocol));
    config.qactions = Arc::new(|| {
        let mut qactions = QActionSet::default();
        qactions.add(QActionId(2), |protocol| {
            Box::pin(async move {
                let _bomb = Bomb;
                protocol.sleep(Span::seconds(1000)).await;
                Ok(())
            })
        });
        qactions
    });
    let (one, two) = (Stage::of(config, &store), Stage::named("Two", &protocol, &store));
    for stage in [&one, &two] {
        stage.request(StateRequest::Activate).await;
    }
    one.set(KEPT, "before").await.unwrap();
    let waiting = one.set(WAIT, "");
    let (refused, stopped) = tokio::join!(waiting, one.request(StateRequest::Stop));
    assert_eq!((stopped, two.state()), (ElementState::Error, ElementState::Active));
    insta::assert_snapshot!(refused.unwrap_err().detail, @"the set could not be finished; One stopped: a fault in the program (please report it): the bomb went off");

    assert_eq!(one.request(StateRequest::Activate).await, ElementState::Active);
    assert_eq!(one.value(KEPT), Some("before".into()));
}

/// Fails when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the bomb went off");
    }
}

#[tokio::test(start_paused = true)]
async fn err_an_element_whose_qactions_cannot_be_made_does_not_start() {
    let mut config = ElementConfig::prefilled(ElementId(1), "One", protocol());
    config.qactions = Arc::new(|| panic!("no code today"));
    let stage = Stage::of(config, &FaultyStore::new());
    assert_eq!(stage.request(StateRequest::Activate).await, ElementState::Error);
    insta::assert_snapshot!(stage.error().unwrap(), @"a fault in the program (please report it): no code today");
    insta::assert_snapshot!(stage.refusal(KEPT, "a").await.detail, @"One is in error (a fault in the program (please report it): no code today): activate it once the cause is gone");
}

#[tokio::test(start_paused = true)]
async fn elm_11_sets_on_a_stopped_element_are_refused_and_on_a_paused_one_done() {
    let stage = Stage::stopped();
    let refused = stage.refusal(KEPT, "a").await;
    assert_eq!(refused.reason, RefusedReason::NotActive);
    insta::assert_snapshot!(refused.detail, @"Element is stopped: activate it first");

    stage.request(StateRequest::Activate).await;
    assert_eq!(stage.request(StateRequest::Pause).await, ElementState::Paused);
    stage.set(KEPT, "b").await.unwrap();
    assert_eq!(stage.request(StateRequest::Activate).await, ElementState::Active);
    assert_eq!(stage.value(KEPT), Some("b".into()));
}

#[tokio::test(start_paused = true)]
async fn elm_17_a_read_only_element_takes_no_sets_from_outside() {
    let mut config = ElementConfig::prefilled(ElementId(1), "House", protocol());
    config.settings.read_only = true;
    config.qactions = Arc::new(qactions);
    let stage = Stage::of(config, &FaultyStore::new());
    stage.request(StateRequest::Activate).await;
    let refused = stage.refusal(KEPT, "a").await;
    assert_eq!(refused.reason, RefusedReason::NotWritable);
    insta::assert_snapshot!(refused.detail, @"House is read-only: nothing of it is set from outside");
}

#[tokio::test(start_paused = true)]
async fn dsp_96_qap_27_a_definition_is_changed_until_the_element_stops() {
    let definition = protocol();
    let mut config = ElementConfig::prefilled(ElementId(1), "One", Arc::clone(&definition));
    config.qactions = Arc::new(|| {
        let mut qactions = QActionSet::default();
        qactions.add(QActionId(1), |protocol| {
            Box::pin(async move {
                let unit = (STATUS, Redefined::Unit("dB".into()));
                let description = (STATUS, Redefined::Description("Line".into()));
                assert_eq!(protocol.update_description(vec![unit, description]).await, [S_OK, S_OK]);
                Ok(())
            })
        });
        qactions
    });
    let stage = Stage::of(config, &FaultyStore::new());
    let told = || {
        let protocol = stage.element.protocol();
        let status = protocol.param(STATUS).unwrap();
        (status.description.clone(), status.display.units.clone())
    };
    stage.request(StateRequest::Activate).await;
    assert_eq!(told(), ("P3".to_owned(), String::new()));
    stage.set(CRASH, "").await.unwrap();
    assert_eq!(told(), ("Line".to_owned(), "dB".to_owned()));
    assert_eq!(
        definition.param(STATUS).unwrap().description,
        "P3",
        "other elements have it as it was"
    );
    stage.request(StateRequest::Restart).await;
    assert_eq!(told(), ("P3".to_owned(), String::new()));
}

#[tokio::test(start_paused = true)]
async fn elm_1_a_stopped_element_cannot_be_paused_and_repeats_change_nothing() {
    let stage = Stage::stopped();
    assert_eq!(stage.request(StateRequest::Pause).await, ElementState::Stopped);
    assert_eq!(stage.request(StateRequest::Stop).await, ElementState::Stopped);
    stage.request(StateRequest::Activate).await;
    stage.set(PLAIN, "a").await.unwrap();
    assert_eq!(stage.request(StateRequest::Activate).await, ElementState::Active);
    assert_eq!(stage.value(PLAIN), Some("a".into()), "it did not start again");
}

#[tokio::test(start_paused = true)]
async fn elm_12_stop_gives_requests_up_and_clears_what_is_shown() {
    let stage = Stage::active().await;
    stage.device.expect("GET http://device/", SECOND * 60, 200);
    stage.set(POLL, "now").await.unwrap();
    assert_eq!(stage.request(StateRequest::Stop).await, ElementState::Stopped);
    tokio::time::sleep(SECOND * 120).await;
    assert_eq!(stage.device.seen(), ["GET http://device/", "given up"]);
    assert_eq!((stage.value(POLL), stage.value(STATUS)), (None, None));
}

#[tokio::test(start_paused = true)]
async fn grp_16_a_connection_test_is_answered_when_its_group_has_run() {
    let stage = Stage::stopped();
    let not_run = |why: &str| TestOutcome::NotRun(why.to_owned());
    let stopped = not_run("Element is stopped: activate it first");
    assert_eq!(stage.element.test_connection().await, stopped);

    stage.request(StateRequest::Activate).await;
    stage.device.expect("GET http://device/", SECOND, 200);
    stage.device.expect("GET http://device/", SECOND, 503);
    let asked = Instant::now();
    assert_eq!(stage.element.test_connection().await, TestOutcome::Succeeded);
    assert_eq!(asked.elapsed(), SECOND);
    let failed = TestOutcome::Failed("HTTP/1.1 503".to_owned());
    assert_eq!(stage.element.test_connection().await, failed);

    stage.device.expect("GET http://device/", SECOND * 60, 200);
    let (tested, _) = tokio::join!(stage.element.test_connection(), async {
        tokio::task::yield_now().await;
        stage.request(StateRequest::Stop).await
    });
    assert_eq!(tested, not_run("Element stopped before it was tested"));
}

#[tokio::test(start_paused = true)]
async fn log_3_what_is_at_work_is_named_with_its_time() {
    let stage = Stage::stopped();
    assert_eq!(stage.element.pending_calls().await, []);
    stage.request(StateRequest::Activate).await;
    assert_eq!(stage.element.pending_calls().await, []);

    stage.device.expect("GET http://device/", SECOND * 60, 200);
    assert_eq!(stage.set(POLL, "now").await, Ok(()));
    tokio::time::sleep(SECOND * 2).await;
    let (done, pending) = tokio::join!(stage.set(WAIT, "a second"), async {
        tokio::time::sleep(SECOND / 2).await;
        stage.element.pending_calls().await
    });
    let call = |what, elapsed| PendingFor {
        what,
        thread: 0,
        elapsed: Span(elapsed),
    };
    let group = call(Pending::Group(GroupId(1)), 2500);
    let set = [call(Pending::Set(WAIT), 500), call(Pending::QAction(QActionId(2)), 500)];
    assert_eq!((done, pending), (Ok(()), vec![group, set[0], set[1]]));
}

#[test]
fn log_3_a_timer_is_at_work_until_its_last_group_is_finished() {
    let definition = r#"
        <Params><Param id="1"><Name>Count</Name><Type>read</Type>
          <Interprete><RawType>numeric text</RawType><Type>double</Type></Interprete></Param></Params>
        <Groups><Group id="1"><Type>poll action</Type><Content><Action next="3000">1</Action><Action>1</Action></Content></Group></Groups>
        <Actions><Action id="1"><On id="1">parameter</On><Type>increment</Type></Action></Actions>
        <Timers><Timer id="1"><Time initial="true">60000</Time><Interval>0</Interval><Content><Group>1</Group></Content></Timer></Timers>"#;
    let mut element = Setup::new(definition).start();
    let calls = |element: &TestElement| {
        let calls = element.pending_calls().into_iter();
        calls
            .map(|call| format!("{} since {}", call.what, call.since))
            .collect::<Vec<_>>()
    };
    element.advance("1s");
    assert_eq!(calls(&element), ["timer 1 since 0 ms", "group 1 since 0 ms"]);
    element.advance("5s");
    assert_eq!(calls(&element), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn elm_14_restart_brings_back_what_was_saved_and_nothing_else() {
    let stage = Stage::active().await;
    stage.set(KEPT, "kept").await.unwrap();
    stage.set(PLAIN, "forgotten").await.unwrap();
    assert_eq!(stage.request(StateRequest::Restart).await, ElementState::Active);
    assert_eq!((stage.value(KEPT), stage.value(PLAIN)), (Some("kept".into()), None));
}

#[tokio::test(start_paused = true)]
async fn elm_15_a_paused_element_stays_paused_over_a_restart_of_the_host() {
    let store = FaultyStore::new();
    let host = || Stage::named("Element", &protocol(), &store);
    let before = host();
    before.request(StateRequest::Activate).await;
    assert_eq!(before.request(StateRequest::Pause).await, ElementState::Paused);
    before.request(StateRequest::Stop).await;

    let after = host();
    assert_eq!(after.request(StateRequest::Activate).await, ElementState::Paused);
    after.set(POLL, "now").await.unwrap();
    assert!(after.device.seen().is_empty(), "its groups wait");
    // Stopped and started by an operator it is active, and stays so.
    after.request(StateRequest::Stop).await;
    assert_eq!(after.request(StateRequest::Activate).await, ElementState::Active);
    assert_eq!(host().request(StateRequest::Activate).await, ElementState::Active);
}

#[tokio::test(start_paused = true)]
async fn elm_15_err_a_pause_that_cannot_be_stored() {
    let stage = Stage::active().await;
    stage.store.fail_commit(1);
    assert_eq!(stage.request(StateRequest::Pause).await, ElementState::Error);
}

#[tokio::test(start_paused = true)]
async fn mdl_2_an_element_does_not_wait_for_another_of_the_same_connector() {
    let (busy, free) = (Stage::active().await, Stage::active().await);
    let asked = Instant::now();
    let (waited, ()) = tokio::join!(busy.set(WAIT, ""), async {
        free.set(PLAIN, "a").await.unwrap();
        assert_eq!(asked.elapsed(), Duration::ZERO);
    });
    waited.unwrap();
    assert_eq!(asked.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn tim_23_what_is_due_happens_at_its_moment() {
    let stage = Stage::active().await;
    tokio::time::sleep(Duration::from_millis(250)).await;
    let asked = Instant::now();
    stage.set(WAIT, "").await.unwrap();
    assert_eq!(asked.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn followers_see_every_change_in_order() {
    let stage = Stage::stopped();
    let mut changes = stage.element.follow();
    stage.request(StateRequest::Activate).await;
    stage.set(KEPT, "a").await.unwrap();
    stage.set(PLAIN, "b").await.unwrap();
    stage.request(StateRequest::Stop).await;
    let mut seen = Vec::new();
    while let Ok(change) = changes.try_recv() {
        seen.push(match change {
            ElementEvent::Parameter(change) => format!("{} is {}", change.id, change.value),
            ElementEvent::Row(change) => format!("row {}", change.key),
            ElementEvent::Alarm(alarm) => format!("alarm {}", alarm.record.severity.name()),
            ElementEvent::State(state, timeout) => format!("{state:?} {timeout}"),
        });
    }
    assert_eq!(seen, ["Active false", "1 is a", "2 is b", "Stopped false"]);
}

#[tokio::test(start_paused = true)]
async fn the_trace_has_every_effect_in_order_with_its_moment() {
    let stage = Stage::active().await;
    stage.device.expect("GET http://device/", SECOND, 200);
    stage.set(KEPT, "a").await.unwrap();
    tokio::time::sleep(SECOND).await;
    stage.set(POLL, "now").await.unwrap();
    tokio::time::sleep(SECOND * 2).await;
    let expected = [
        "0 Information",
        "0 Parameter",
        "0 Save",
        "0 Information",
        "0 Reply",
        "1000 Parameter",
        "1000 Save",
        "1000 Information",
        "1000 Reply",
        "1000 Send",
        "2000 Parameter",
        "2000 Close",
    ];
    assert_eq!(*stage.trace.lock(), expected);
}

#[tokio::test(start_paused = true)]
async fn err_sets_beyond_the_inbox_are_refused_at_once() {
    let stage = Stage::active().await;
    stage.store.take(SECOND);
    let mut sets = JoinSet::new();
    for _ in 0..=INBOX {
        let element = stage.element.clone();
        sets.spawn(async move { element.set(target(KEPT), Value::from("a"), "tester").await });
    }
    let refused: Vec<RefusedReason> = sets
        .join_all()
        .await
        .into_iter()
        .filter_map(|answer| answer.err().map(|refused| refused.reason))
        .collect();
    assert_eq!(refused, [RefusedReason::QueueFull]);
}

#[tokio::test(start_paused = true)]
async fn without_handles_the_task_ends_and_what_was_set_is_stored() {
    let store = FaultyStore::new();
    let stage = Stage::named("Element", &protocol(), &store);
    stage.request(StateRequest::Activate).await;
    let element = stage.element.clone();
    let set = async move { element.set(target(KEPT), Value::from("last"), "tester").await };
    drop(stage.element);
    set.await.unwrap();
    stage.task.await.unwrap();
    let saved = store.load(ElementId(1)).await.unwrap();
    assert_eq!(saved.params, [(KEPT, "last".into())]);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_elements_run_in_one_process() {
    let (protocol, store) = (protocol(), FaultyStore::new());
    let stages: Vec<Stage> = (0..10_000)
        .map(|number| Stage::named(&format!("Element {number}"), &protocol, &store))
        .collect();
    let asked = Instant::now();
    let mut sets = JoinSet::new();
    for stage in &stages {
        let element = stage.element.clone();
        sets.spawn(async move {
            element.request_state(StateRequest::Activate).await;
            element.set(target(WAIT), Value::from("a"), "tester").await
        });
    }
    assert!(sets.join_all().await.iter().all(Result::is_ok));
    assert_eq!(asked.elapsed(), SECOND, "none waits for another");
}
