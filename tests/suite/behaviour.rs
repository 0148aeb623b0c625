//! The rules of the engine: every fixture below `fixtures/behaviour`, run on virtual time; its trace is the snapshot.

use crate::support::fixture::run;

#[test]
fn every_fixture_behaves_as_its_snapshot_says() {
    insta::glob!("../../fixtures/behaviour", "**/*.md", |path| {
        let text = std::fs::read_to_string(path).expect("the fixture can be read");
        insta::assert_snapshot!(run(&text));
    });
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let text = include_str!("../../fixtures/behaviour/queue/gq_6_two_execute_next_run_in_reverse_order.md");
    let first = run(text);
    for _ in 0..100 {
        assert_eq!(run(text), first);
    }
}
