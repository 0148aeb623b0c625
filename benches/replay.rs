//! Virtual time: a day of polling.

use std::hint::black_box;
use std::sync::Arc;

use adit::engine::exchange::Response;
use adit::engine::qaction::QActionSet;
use adit::engine::saved::Saved;
use adit::engine::settings::ElementSettings;
use adit::model::id::ElementId;
use adit::model::moment::{Moment, Span};
use adit::simulate::scenario::Scenario;
use divan::Bencher;
use divan::counter::ItemsCount;

use crate::definition::{definition, loaded, param};

mod definition;

fn main() {
    divan::main();
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
