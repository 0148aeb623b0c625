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
    // Lanes side by side, rows of a pool, redirects, QActions beside each other.
    let rich = [
        include_str!("../../fixtures/behaviour/groups/mdl_4_thr_8_lanes_run_side_by_side.md"),
        include_str!("../../fixtures/behaviour/pools/mtt_6_no_more_rows_at_once_than_the_pool_has.md"),
        include_str!("../../fixtures/behaviour/sessions/http_55_redirects.md"),
        include_str!("../../fixtures/behaviour/qactions/qa_16_a_queued_qaction_does_not_hold_up_the_chain.md"),
    ];
    let first = rich.map(run);
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                for _ in 0..runs().div_ceil(THREADS) {
                    assert_eq!(rich.map(run), first);
                }
            });
        }
    });
}

/// More than a machine that runs these tests may have cores.
const THREADS: usize = 8;

/// How often the same inputs are run: `RUNS=1000` for more than every change needs.
fn runs() -> usize {
    std::env::var("RUNS")
        .ok()
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(40)
}

#[test]
fn a_group_that_queues_itself_without_end_does_not_stop_the_element() {
    let text = include_str!("../../fixtures/endless/group_queues_itself.md");
    let trace = run(text);
    let last = trace.lines().last().expect("a trace");
    let set = trace
        .lines()
        .find(|line| line.contains(r#""id":2,"value":"stop","by":"user""#));
    assert!(
        set.is_some_and(|line| line.starts_with(r#"{"at":1003"#)),
        "the set came through: {set:?}"
    );
    assert!(
        last.contains(r#""kind":"group","id":1,"phase":"end""#),
        "the group came to rest: {last}"
    );
}

#[test]
fn par_111_sets_that_nest_without_end_are_stopped_and_kept() {
    let trace = run(include_str!("../../fixtures/endless/qactions_set_each_other.md"));
    let count = |text: &str| trace.lines().filter(|line| line.contains(text)).count();
    assert_eq!(count(r#""kind":"qaction""#), 257, "the first one and 256 nested ones");
    assert_eq!(
        count(r#""kind":"parameter","id":3,"value":1"#),
        128,
        "the last set is kept"
    );
    assert_eq!(count("log Error: QAction 4 would be the 257th nested one"), 1);
    assert!(trace.ends_with("reply 0 ok"));
}

#[test]
fn a_qaction_that_loops_without_end_lets_others_run() {
    let trace = run(include_str!("../../fixtures/endless/qaction_loops.md"));
    assert!(
        trace.contains("NotActive: Device was stopped before the set was done"),
        "{}",
        trace.len()
    );
}
