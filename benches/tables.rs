//! Table fills with change detection: cells a second, for few rows and for a million.
//!
//! Compare the rows of one run: the cells a second should not fall with the number of rows.

use adit::engine::Engine;
use divan::Bencher;
use divan::counter::ItemsCount;

use crate::definition::wide::{COLUMNS, FILL, filling, wide};
use crate::definition::{loaded, set, started};

mod definition;

fn main() {
    divan::main();
}

/// Fills of a table with 18 columns, of which 14 change every time.
#[divan::bench(args = [1_000, 10_000], sample_count = 5)]
fn fill(bencher: Bencher<'_, '_>, rows: u32) {
    let mut engine = with_table(rows);
    let (mut round, user) = (0.0, "bench".into());
    bencher.counter(ItemsCount::new(COLUMNS * rows)).bench_local(|| {
        round += 1.0;
        set(&mut engine, FILL, round, &user);
    });
}

/// The first fill of a table with more than a million rows, then one that changes 14 columns of them all.
#[divan::bench(args = [1_005_000], sample_count = 1, sample_size = 1)]
fn fill_of_an_empty_table_and_again(bencher: Bencher<'_, '_>, rows: u32) {
    let user = "bench".into();
    bencher
        .counter(ItemsCount::new(2 * COLUMNS * rows))
        .with_inputs(|| with_table(rows))
        .bench_local_values(|mut engine| {
            set(&mut engine, FILL, 1.0, &user);
            set(&mut engine, FILL, 2.0, &user);
            engine
        });
}

/// An element with a table that a set fills.
fn with_table(rows: u32) -> Engine {
    started(&loaded(&wide()), filling(rows))
}
