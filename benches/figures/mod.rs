//! What the benches measure with and report by: memory, medians, a runtime, lines on stdout.
#![allow(dead_code, reason = "each bench uses some of it")]

/// The bytes of memory that the process holds; 0 where the system does not tell.
pub(crate) fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// A runtime on two cores.
pub(crate) fn on_two_cores() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
}

/// The one in the middle.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Reports a line.
#[expect(clippy::print_stdout, reason = "the result of the run")]
pub(crate) fn tell(line: &str) {
    println!("{line}");
}
