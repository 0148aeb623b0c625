//! Change events: sets, each with a trigger, an action and a second parameter that changes.
//!
//! Compare the rows of one run: two elements of one definition on two cores should do nearly twice as much as one.
//! `softioc` compares the same with EPICS.

use divan::Bencher;
use divan::counter::ItemsCount;

use crate::definition::counter::{counter, element, sets, sets_side_by_side};

mod definition;

/// Sets a round.
const SETS: u32 = 200_000;

fn main() {
    divan::main();
}

/// One element.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn one_element(bencher: Bencher<'_, '_>) {
    let mut element = element(&counter());
    bencher
        .counter(ItemsCount::new(SETS))
        .bench_local(|| sets(&mut element, SETS));
}

/// Two elements of one definition, on a core each.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn two_elements_on_two_cores(bencher: Bencher<'_, '_>) {
    let protocol = counter();
    let mut elements = [element(&protocol), element(&protocol)];
    bencher
        .counter(ItemsCount::new(2 * SETS))
        .bench_local(|| sets_side_by_side(&mut elements, SETS));
}
