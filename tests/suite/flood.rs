//! Definitions and QActions that flood: an element keeps its bounds, says so, and goes on.

use std::sync::Arc;

use adit::engine::effect::{Effect, Phase, Step};
use adit::engine::event::{Event, MenuEntries, SetId, SetRequest};
use adit::engine::qaction::QActionSet;
use adit::engine::saved::Saved;
use adit::engine::settings::ElementSettings;
use adit::engine::sl_protocol::SlProtocol;
use adit::engine::{Engine, EngineOptions};
use adit::model::id::{ActionId, ElementId, ParamId, QActionId};
use adit::model::moment::{Moment, Span};
use adit::model::value::Value;

/// Writes 1 to 3, a text 4, a group that is queued by action 1, a text that action 2 appends to itself.
const DEFINITION: &str = r#"<Protocol><Name>Flood</Name><Version>1.0.0.1</Version><Type>http</Type>
<Params>PARAMS</Params>
<Groups><Group id="1"><Type>poll action</Type><Content><Action>3</Action></Content></Group></Groups>
<Triggers>
  <Trigger id="1"><On id="3">parameter</On><Time>change</Time><Type>action</Type><Content><Id>2</Id></Content></Trigger>
  <Trigger id="2"><On id="4">parameter</On><Time>change</Time><Type>action</Type><Content><Id>2</Id></Content></Trigger>
</Triggers>
<Actions>
  <Action id="1"><On id="1">group</On><Type>add to execute</Type></Action>
  <Action id="2"><On id="4">parameter</On><Type id="4">append data</Type></Action>
  <Action id="3"><On id="4">parameter</On><Type>save</Type></Action>
</Actions>
<QActions>
  <QAction id="1" encoding="csharp" triggers="1"/>
  <QAction id="2" encoding="csharp" triggers="2" options="queued"/>
</QActions></Protocol>"#;

/// How often the QActions of these tests do what they do.
const OFTEN: usize = 21_000;

struct Element {
    engine: Engine,
    now: Moment,
}

impl Element {
    fn started(qactions: QActionSet) -> Self {
        let params: String = [("1", "write"), ("2", "write"), ("3", "write"), ("4", "read")]
            .iter()
            .map(|(id, kind)| {
                format!(
                    "<Param id='{id}'><Name>P{id}</Name><Description>P{id}</Description><Type>{kind}</Type><Interprete>\
                     <RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType>\
                     <DefaultValue>x</DefaultValue></Interprete><Display><RTDisplay>true</RTDisplay></Display>\
                     <Measurement><Type>string</Type></Measurement></Param>"
                )
            })
            .collect();
        let loaded = adit::schema::load("flood.xml", &DEFINITION.replace("PARAMS", &params));
        let protocol = Arc::new(loaded.protocol.unwrap());
        let settings = ElementSettings::prefilled(ElementId(1), "Flood", &protocol);
        let options = EngineOptions {
            trace: true,
            ..EngineOptions::default()
        };
        let mut engine = Engine::new(protocol, settings, qactions, options);
        let saved = Saved::default();
        engine.handle(Event::Start { saved, unix_ms: 0 }, Moment::START);
        let now = Moment::START;
        Self { engine, now }
    }

    /// Sets a parameter, and lets a minute pass. All effects, in order.
    fn set(&mut self, param: u32) -> Vec<Effect> {
        let request = SetRequest {
            menu: MenuEntries::default(),
            id: SetId(0),
            param: ParamId(param),
            key: None,
            value: Value::from("go"),
            user: Arc::from("test"),
        };
        let mut effects = self.engine.handle(Event::Set(request), self.now);
        let end = self.now + Span::seconds(60);
        while let Some(due) = self.engine.next_wakeup().filter(|&due| due <= end) {
            self.now = self.now.max(due);
            effects.extend(self.engine.handle(Event::Tick, self.now));
        }
        self.now = end;
        effects
    }
}

fn count(effects: &[Effect], wanted: impl Fn(&Effect) -> bool) -> usize {
    effects.iter().filter(|&effect| wanted(effect)).count()
}

fn logged(effects: &[Effect], text: &str) -> usize {
    count(
        effects,
        |effect| matches!(effect, Effect::Log(entry) if entry.text.contains(text)),
    )
}

fn replies(effects: &[Effect]) -> usize {
    count(effects, |effect| matches!(effect, Effect::Reply(_, Ok(()))))
}

#[test]
fn gq_18_a_queue_holds_ten_thousand_groups_and_the_element_goes_on() {
    let mut qactions = QActionSet::default();
    qactions.add(QActionId(1), |protocol: &SlProtocol| {
        Box::pin(async move {
            for _ in 0..OFTEN {
                protocol.run_action(ActionId(1)).await;
            }
            Ok(())
        })
    });
    let mut element = Element::started(qactions);
    for _ in 0..2 {
        let effects = element.set(1);
        let ran = |effect: &Effect| matches!(effect, Effect::Trace(Step::Group(_, Phase::Begin, _)));
        assert_eq!(count(&effects, ran), 10_000);
        assert_eq!(logged(&effects, "more than 1000 groups"), 1);
        assert_eq!(
            logged(&effects, "further ones are not queued"),
            1,
            "once, and again when it was empty"
        );
        assert_eq!(replies(&effects), 1);
    }
}

#[test]
fn qa_16_queued_runs_have_a_bound() {
    let mut qactions = QActionSet::default();
    qactions.add(QActionId(1), |protocol: &SlProtocol| {
        Box::pin(async move {
            for _ in 0..OFTEN {
                protocol.set(ParamId(2), Value::from("again")).await;
            }
            Ok(())
        })
    });
    qactions.add(QActionId(2), |protocol: &SlProtocol| {
        Box::pin(async move {
            protocol
                .log(adit::engine::effect::LogLevel::Info, "ran".to_owned())
                .await;
            Ok(())
        })
    });
    let mut element = Element::started(qactions);
    let effects = element.set(1);
    assert!(
        (10_000..=20_000).contains(&logged(&effects, "ran")),
        "{}",
        logged(&effects, "ran")
    );
    assert_eq!(logged(&effects, "QAction 2 is not queued"), 1);
    assert_eq!(replies(&effects), 1);
    assert_eq!(logged(&element.set(2), "ran"), 1, "the next one runs");
}

#[test]
fn trg_20_a_text_that_grows_by_itself_stops_at_its_longest() {
    let mut element = Element::started(QActionSet::default());
    let effects = element.set(3);
    let longest = effects.iter().filter_map(|effect| match effect {
        Effect::Parameter(change) => change.value.as_text().map(str::len),
        _ => None,
    });
    assert_eq!(longest.max(), Some(128 << 20));
    assert_eq!(logged(&effects, "parameter P4 (4) cannot take"), 1);
    assert_eq!(replies(&effects), 1);
}
