//! Change events of any definition without loops, beside a model of a few lines: the same values in the same order.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use adit::engine::effect::Effect;
use adit::engine::event::{Event, MenuEntries, SetId, SetRequest};
use adit::engine::qaction::QActionSet;
use adit::engine::saved::Saved;
use adit::engine::settings::ElementSettings;
use adit::engine::{Engine, EngineOptions};
use adit::model::id::{ElementId, ParamId};
use adit::model::moment::Moment;
use adit::model::value::Value;
use proptest::prelude::*;

/// The parameters; the first is a write, the others are reads.
const PARAMS: u32 = 6;

/// A trigger on the first parameter, with an action on the second, which comes later.
#[derive(Debug, Clone, Copy)]
struct Edge {
    from: u32,
    to: u32,
    action: Action,
}

#[derive(Debug, Clone, Copy)]
enum Action {
    Copy,
    Increment,
}

/// What the rules say, as recursion: an event is done, with all that it causes, before the next trigger goes off.
struct Model<'a> {
    edges: &'a [Edge],
    values: BTreeMap<u32, f64>,
    told: Vec<(u32, f64)>,
}

impl Model<'_> {
    fn change(&mut self, param: u32, value: f64) {
        self.values.insert(param, value);
        self.told.push((param, value));
        for edge in self.edges.iter().filter(|edge| edge.from == param) {
            let old = self.values.get(&edge.to).copied();
            let new = match edge.action {
                Action::Copy => self.values[&param],
                Action::Increment => old.unwrap_or_default() + 1.0,
            };
            if old != Some(new) {
                self.change(edge.to, new);
            }
        }
    }
}

fn definition(edges: &[Edge]) -> String {
    let (mut params, mut triggers, mut actions) = (String::new(), String::new(), String::new());
    for id in 1..=PARAMS {
        let kind = if id == 1 { "write" } else { "read" };
        write!(
            params,
            "<Param id='{id}'><Name>P{id}</Name><Description>P{id}</Description><Type>{kind}</Type><Interprete>\
             <RawType>other</RawType><Type>double</Type><LengthType>next param</LengthType></Interprete>\
             <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>number</Type></Measurement></Param>"
        )
        .unwrap();
    }
    for (Edge { from, to, action }, id) in edges.iter().zip(1..) {
        let action = match action {
            Action::Copy => format!("<Type id='{from}'>copy</Type>"),
            Action::Increment => "<Type>increment</Type>".to_owned(),
        };
        write!(
            triggers,
            "<Trigger id='{id}'><On id='{from}'>parameter</On><Time>change</Time><Type>action</Type>\
             <Content><Id>{id}</Id></Content></Trigger>"
        )
        .unwrap();
        write!(
            actions,
            "<Action id='{id}'><On id='{to}'>parameter</On>{action}</Action>"
        )
        .unwrap();
    }
    format!(
        "<Protocol><Name>Test</Name><Version>1.0.0.1</Version><Type>http</Type><Params>{params}</Params>\
         <Triggers>{triggers}</Triggers><Actions>{actions}</Actions></Protocol>"
    )
}

/// What an element tells when its first parameter is set to these values.
fn told(edges: &[Edge], sets: &[f64]) -> Vec<(u32, f64)> {
    let protocol = Arc::new(adit::schema::load("test.xml", &definition(edges)).protocol.unwrap());
    let settings = ElementSettings::prefilled(ElementId(1), "Test", &protocol);
    let mut element = Engine::new(protocol, settings, QActionSet::default(), EngineOptions::default());
    let saved = Saved::default();
    element.handle(Event::Start { saved, unix_ms: 0 }, Moment::START);
    let mut told = Vec::new();
    for (&value, id) in sets.iter().zip(0..) {
        let request = SetRequest {
            menu: MenuEntries::default(),
            id: SetId(id),
            param: ParamId(1),
            key: None,
            value: Value::Number(value),
            user: Arc::from("test"),
        };
        for effect in element.handle(Event::Set(request), Moment::START) {
            match effect {
                Effect::Parameter(change) => told.push((change.id.0, change.value.as_number().unwrap())),
                Effect::Reply(_, result) => assert_eq!(result, Ok(())),
                Effect::Information(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    told
}

fn edge() -> impl Strategy<Value = Edge> {
    let action = prop_oneof![Just(Action::Copy), Just(Action::Increment)];
    (1..PARAMS, 1..PARAMS, action).prop_map(|(from, further, action)| Edge {
        from,
        to: (from + further).min(PARAMS),
        action,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn chg_1_chg_2_chg_6_trg_10_every_change_comes_in_the_order_of_the_model(
        edges in prop::collection::vec(edge(), 0..9),
        sets in prop::collection::vec((0..4_i32).prop_map(f64::from), 1..6),
    ) {
        let (values, told_by_model) = (BTreeMap::new(), Vec::new());
        let mut model = Model { edges: &edges, values, told: told_by_model };
        for &value in &sets {
            model.change(1, value);
        }
        prop_assert_eq!(told(&edges, &sets), model.told);
    }
}
