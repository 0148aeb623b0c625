//! What the benches share: definitions as text, an element that has started, a store that keeps nothing.
#![allow(dead_code, reason = "each bench uses some of it")]

use std::hint::black_box;
use std::sync::Arc;

use adit::engine::event::{Event, MenuEntries, SetId, SetRequest};
use adit::engine::qaction::QActionSet;
use adit::engine::saved::Saved;
use adit::engine::settings::ElementSettings;
use adit::engine::{Engine, EngineOptions};
use adit::model::id::{ElementId, ParamId};
use adit::model::moment::Moment;
use adit::model::protocol::Protocol;
use adit::model::value::Value;

pub(crate) mod counter;
pub(crate) mod loopback;
pub(crate) mod nothing;
pub(crate) mod scanned;
pub(crate) mod wide;

/// A definition with these sections.
pub(crate) fn definition(sections: &str) -> String {
    format!("<Protocol><Name>Bench</Name><Version>1.0.0.1</Version><Type>http</Type>{sections}</Protocol>")
}

/// A definition, loaded.
pub(crate) fn loaded(text: &str) -> Arc<Protocol> {
    let loaded = adit::schema::load("bench.xml", text);
    Arc::new(loaded.protocol.expect("the definition of a bench loads"))
}

/// A parameter that is shown.
pub(crate) fn param(id: u32, kind: &str, interprete: &str, measurement: &str) -> String {
    format!(
        "<Param id=\"{id}\"><Name>P{id}{kind}</Name><Description>P{id}</Description><Type>{kind}</Type>\
         <Interprete><RawType>other</RawType><Type>{interprete}</Type><LengthType>next param</LengthType></Interprete>\
         <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>{measurement}</Type></Measurement></Param>"
    )
}

/// An element that has started.
pub(crate) fn started(protocol: &Arc<Protocol>, qactions: QActionSet) -> Engine {
    let settings = ElementSettings::prefilled(ElementId(1), "Bench", protocol);
    let mut engine = Engine::new(Arc::clone(protocol), settings, qactions, EngineOptions::default());
    let saved = Saved::default();
    engine.handle(Event::Start { saved, unix_ms: 0 }, Moment::START);
    engine
}

/// Sets a parameter of it.
pub(crate) fn set(engine: &mut Engine, param: u32, value: f64, user: &Arc<str>) {
    let request = SetRequest {
        menu: MenuEntries::default(),
        id: SetId(0),
        param: ParamId(param),
        key: None,
        value: Value::Number(value),
        user: Arc::clone(user),
    };
    black_box(engine.handle(Event::Set(request), Moment::START));
}
