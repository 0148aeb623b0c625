//! Loading a definition, beside the reading of its events by quick-xml alone.
//!
//! Compare the rows of one run: loading may take three times as long as its baseline, and per byte the same for one
//! megabyte and for eight.

use std::fmt::Write;
use std::hint::black_box;

use divan::Bencher;
use divan::counter::BytesCount;

use crate::definition::{definition, param};

mod definition;

fn main() {
    divan::main();
}

/// A definition of about so many megabytes.
fn large(megabytes: u32) -> String {
    let mut params = String::new();
    for id in 1..=2600 * megabytes {
        write!(params, "{}", param(id, "read", "string", "string")).expect("a string takes everything");
    }
    definition(&format!("<Params>{params}</Params>"))
}

/// Loading it.
#[divan::bench(args = [1, 8], sample_count = 5)]
fn load(bencher: Bencher<'_, '_>, megabytes: u32) {
    let text = large(megabytes);
    bencher
        .counter(BytesCount::of_str(&text))
        // What is given back is dropped outside the time.
        .bench_local(|| adit::schema::load("bench.xml", &text));
}

/// Its baseline: reading its events.
#[divan::bench(args = [1, 8], sample_count = 5)]
fn load_baseline_quick_xml(bencher: Bencher<'_, '_>, megabytes: u32) {
    let text = large(megabytes);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut events = 0_usize;
        while !matches!(reader.read_event().expect("sound XML"), quick_xml::events::Event::Eof) {
            events += 1;
        }
        black_box(events)
    });
}
