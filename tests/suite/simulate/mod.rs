//! Worlds that are not the network: recording, cassettes, and an element that is replayed.

mod matching;
mod record;

use std::sync::Arc;

use adit::connectors;
use adit::engine::effect::Effect;
use adit::engine::saved::Saved;
use adit::engine::settings::ElementSettings;
use adit::model::id::{ElementId, ParamId};
use adit::model::moment::Moment;
use adit::model::protocol::Protocol;
use adit::simulate::cassette::Cassette;
use adit::simulate::replay::Replay;
use adit::simulate::scenario::Scenario;
use adit::simulate::trace::TraceWriter;
use parking_lot::Mutex;

/// The trace of an element that is replayed, a line each.
fn replayed(
    protocol: &Arc<Protocol>,
    port: u16,
    cassette: &Cassette,
    sets: &[(u64, u32, &str)],
    end: u64,
) -> Vec<String> {
    let mut settings = ElementSettings::prefilled(ElementId(1), protocol.name(), protocol);
    if port != 0 {
        "http://127.0.0.1".clone_into(&mut settings.connections[0].host);
        settings.connections[0].port = port;
    }
    let qactions = connectors::qactions_for(protocol).map_or_else(Default::default, |qactions| qactions());
    let mut replay = Replay::new(cassette.clone());
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let written = Arc::clone(&lines);
    let mut writer = TraceWriter::new(Arc::clone(protocol));
    let mut scenario = Scenario::new(
        Arc::clone(protocol),
        settings,
        qactions,
        Box::new(move |request| replay.answer(request)),
        Box::new(move |at: Moment, effect: &Effect| written.lock().extend(writer.line(at, effect))),
    );
    for &(at, param, value) in sets {
        scenario.set_at(Moment(at), ParamId(param), None, value.into());
    }
    scenario.start(Saved::default(), 1_767_225_600_000);
    scenario.run_until(Moment(end));
    drop(scenario);
    Arc::into_inner(lines).unwrap().into_inner()
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let text = include_str!("../../../fixtures/cassettes/opsgenie.har");
    let definition = include_str!("../../../protocol/opsgenie/protocol.xml");
    let run = || {
        let protocol = Arc::new(adit::schema::load("protocol.xml", definition).protocol.unwrap());
        let sets = [
            (1_000, 11, "GenieKey abcdef-123456"),
            (10_000, 51, r#"{"message":"No input"}"#),
        ];
        replayed(&protocol, 0, &Cassette::parse(text).unwrap(), &sets, 13_000)
    };
    let first = run();
    assert!(first.iter().any(|line| line.contains("Completed")), "{first:#?}");
    assert!(!first.concat().contains("abcdef"));
    for _ in 1..100 {
        assert_eq!(run(), first);
    }
}
