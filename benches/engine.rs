//! How fast the core is: change events, table fills, loading, virtual time. Run with `cargo bench --bench engine`.
//!
//! Absolute times mean little on a shared machine: compare the rows of one run. Loading stands beside the reading of
//! its events by quick-xml alone, which is its baseline.

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;

use adit::engine::event::{Event, MenuEntries, SetId, SetRequest};
use adit::engine::exchange::Response;
use adit::engine::qaction::{CellAction, Fill, QActionSet};
use adit::engine::saved::Saved;
use adit::engine::settings::ElementSettings;
use adit::engine::sl_protocol::SlProtocol;
use adit::engine::{Engine, EngineOptions};
use adit::model::id::{ElementId, ParamId, QActionId};
use adit::model::moment::{Moment, Span};
use adit::model::protocol::Protocol;
use adit::model::value::Value;
use adit::simulate::scenario::Scenario;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};

fn main() {
    divan::main();
}

/// A definition with these sections.
fn definition(sections: &str) -> String {
    format!("<Protocol><Name>Bench</Name><Version>1.0.0.1</Version><Type>http</Type>{sections}</Protocol>")
}

fn loaded(text: &str) -> Arc<Protocol> {
    let loaded = adit::schema::load("bench.xml", text);
    Arc::new(loaded.protocol.expect("the definition of a bench loads"))
}

fn param(id: u32, kind: &str, interprete: &str, measurement: &str) -> String {
    format!(
        "<Param id=\"{id}\"><Name>P{id}{kind}</Name><Description>P{id}</Description><Type>{kind}</Type>\
         <Interprete><RawType>other</RawType><Type>{interprete}</Type><LengthType>next param</LengthType></Interprete>\
         <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>{measurement}</Type></Measurement></Param>"
    )
}

/// An element that has started.
fn started(protocol: &Arc<Protocol>, qactions: QActionSet) -> Engine {
    let settings = ElementSettings::prefilled(ElementId(1), "Bench", protocol);
    let mut engine = Engine::new(Arc::clone(protocol), settings, qactions, EngineOptions::default());
    engine.handle(
        Event::Start {
            saved: Saved::default(),
            unix_ms: 0,
        },
        Moment::START,
    );
    engine
}

fn set(engine: &mut Engine, param: u32, value: f64) {
    let request = SetRequest {
        menu: MenuEntries::default(),
        id: SetId(0),
        param: ParamId(param),
        key: None,
        value: Value::Number(value),
        user: Arc::from("bench"),
    };
    black_box(engine.handle(Event::Set(request), Moment::START));
}

/// Sets, each with a trigger, an action and a changed parameter: 1,000 of them.
#[divan::bench]
fn change_events(bencher: Bencher<'_, '_>) {
    const SETS: u32 = 1000;
    let sections = format!(
        "<Params>{}{}</Params>\
         <Triggers><Trigger id=\"1\"><On id=\"1\">parameter</On><Time>change</Time><Type>action</Type><Content><Id>1</Id></Content></Trigger></Triggers>\
         <Actions><Action id=\"1\"><On id=\"2\">parameter</On><Type>increment</Type></Action></Actions>",
        param(1, "write", "double", "number"),
        param(2, "read", "double", "number"),
    );
    let mut engine = started(&loaded(&definition(&sections)), QActionSet::default());
    bencher.counter(ItemsCount::new(SETS)).bench_local(|| {
        for value in 0..SETS {
            set(&mut engine, 1, f64::from(value));
        }
    });
}

/// Fills of a table with 18 columns and 1,000 rows, of which 14 columns change every time.
#[divan::bench]
fn fill_array(bencher: Bencher<'_, '_>) {
    const COLUMNS: u32 = 18;
    const CHANGING: u32 = 14;
    const ROWS: u32 = 1000;
    let options: String = (0..COLUMNS)
        .map(|idx| {
            format!(
                "<ColumnOption idx=\"{idx}\" pid=\"{}\" type=\"retrieved\" options=\"\"/>",
                1001 + idx
            )
        })
        .collect();
    let columns: String = (0..COLUMNS)
        .map(|idx| match idx {
            0 => param(1001, "read", "string", "string"),
            idx => param(1001 + idx, "read", "double", "number"),
        })
        .collect();
    let table = format!(
        "<Param id=\"1000\"><Name>Table</Name><Description>Table</Description><Type>array</Type>\
         <ArrayOptions index=\"0\" options=\";volatile\">{options}</ArrayOptions>\
         <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>table</Type></Measurement></Param>"
    );
    let sections = format!(
        "<Params>{}{table}{columns}</Params><QActions><QAction id=\"1\" encoding=\"csharp\" triggers=\"1\"/></QActions>",
        param(1, "write", "double", "number")
    );
    let mut qactions = QActionSet::default();
    qactions.add(QActionId(1), |protocol: &SlProtocol| {
        Box::pin(async move {
            let round = protocol.get_number(ParamId(1)).await;
            let cell = |column: u32, row: u32| match column {
                0 => CellAction::Set(Value::from(row.to_string())),
                column if column <= CHANGING => CellAction::Set(Value::Number(round + f64::from(row))),
                _ => CellAction::Set(Value::Number(f64::from(row))),
            };
            let data = (0..COLUMNS).map(|column| (0..ROWS).map(|row| cell(column, row)).collect());
            protocol.fill_array(ParamId(1000), data.collect(), Fill::Full).await;
            Ok(())
        })
    });
    let mut engine = started(&loaded(&definition(&sections)), qactions);
    let mut round = 0.0;
    bencher.counter(ItemsCount::new(COLUMNS * ROWS)).bench_local(|| {
        round += 1.0;
        set(&mut engine, 1, round);
    });
}

/// A definition of about a megabyte.
fn large() -> String {
    let mut params = String::new();
    for id in 1..=2600 {
        write!(params, "{}", param(id, "read", "string", "string")).expect("a string takes everything");
    }
    definition(&format!("<Params>{params}</Params>"))
}

/// Loading it.
#[divan::bench]
fn load(bencher: Bencher<'_, '_>) {
    let text = large();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| black_box(adit::schema::load("bench.xml", &text).protocol.is_some()));
}

/// Its baseline: reading its events.
#[divan::bench]
fn load_baseline_quick_xml(bencher: Bencher<'_, '_>) {
    let text = large();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut events = 0_usize;
        while !matches!(reader.read_event().expect("sound XML"), quick_xml::events::Event::Eof) {
            events += 1;
        }
        black_box(events)
    });
}

/// 24 hours of a poll every 10 s on virtual time, the answer changing every time.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn day_of_polling(bencher: Bencher<'_, '_>) {
    const DAY: Span = Span::seconds(24 * 3600);
    let sections = format!(
        "<Params>{}{}</Params>\
         <HTTP><Session id=\"1\"><Connection id=\"1\"><Request verb=\"GET\" url=\"/a\"/><Response statusCode=\"1\"><Content pid=\"2\"/></Response></Connection></Session></HTTP>\
         <Groups><Group id=\"1\"><Content><Session>1</Session></Content></Group></Groups>\
         <Timers><Timer id=\"1\"><Time initial=\"true\">10000</Time><Interval>0</Interval><Content><Group>1</Group></Content></Timer></Timers>",
        param(1, "read", "string", "string"),
        param(2, "read", "string", "string"),
    );
    let protocol = loaded(&definition(&sections));
    bencher.counter(ItemsCount::new(8640_u32)).bench_local(|| {
        let mut polls = 0_u32;
        let device = move |_: &_| {
            polls += 1;
            let body = polls.to_string().into_bytes().into();
            let (version, reason) = ("HTTP/1.1".to_owned(), "OK".to_owned());
            (
                Span(20),
                Ok(Response {
                    version,
                    status: 200,
                    reason,
                    headers: Vec::new(),
                    body,
                }),
            )
        };
        let settings = ElementSettings::prefilled(ElementId(1), "Bench", &protocol);
        let mut writer = adit::simulate::trace::TraceWriter::new(Arc::clone(&protocol));
        let observer = move |at, effect: &_| {
            black_box(writer.line(at, effect));
        };
        let (qactions, observer) = (QActionSet::default(), Box::new(observer));
        let mut scenario = Scenario::new(Arc::clone(&protocol), settings, qactions, Box::new(device), observer);
        scenario.start(Saved::default(), 0);
        scenario.run_until(Moment::START + DAY);
    });
}
