//! Change events beside the record processing of EPICS softIoc, on the same machine in the same run.
//!
//! Five rounds of each, in turns, so that whatever else the machine does meets all. A record of softIoc counts itself up
//! when its scan comes. Of ours, a scan changes as many parameters, each of which fires a trigger and an action, which
//! changes a second parameter; and, which softIoc does not do, sets from outside fire a trigger and an action each. All use
//! two cores. The medians and the ratios are printed; the goal is 1.5. `softioc.py` installs into `target/softioc`, from
//! PyPI, at the first run.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use adit::engine::Engine;

use crate::definition::counter::{self, counter, sets_side_by_side};
use crate::definition::scanned::{self, SCANNED, scan_side_by_side, scanned};
use crate::figures::{median, tell};

mod definition;
mod figures;

const ROUNDS: usize = 5;

/// Sets a round and element.
const SETS: u32 = 1_000_000;

/// How often a round scans the parameters.
const SCANS: u64 = 20;

/// Records, and seconds that they are watched. So many ask for 2.25 million a second, which is about all that two cores can
/// do: with fewer, softIoc waits for its clock and the ratio flatters us.
const RECORDS: u32 = 300_000;
const SECONDS: &str = "4";

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = folder.join("target/softioc/bin/python");
    let installed = python.exists()
        || runs(
            Command::new("python3")
                .args(["-m", "venv"])
                .arg(folder.join("target/softioc")),
        ) && runs(Command::new(&python).args(["-m", "pip", "install", "--quiet", "epicscorelibs"]));
    if !installed {
        eprintln!("softIoc could not be installed: Python 3 with venv, and PyPI, are needed");
        return ExitCode::from(2);
    }
    let records = std::env::var("RECORDS").ok().and_then(|records| records.parse().ok());
    let records: u32 = records.unwrap_or(RECORDS);
    let protocol = counter();
    let mut set = [counter::element(&protocol), counter::element(&protocol)];
    let protocol = scanned();
    // As many parameters as softIoc has records, one half on each core.
    let halves = [0, 1].map(|_| {
        (0..records / SCANNED / 2)
            .map(|_| scanned::element(&protocol))
            .collect()
    });
    let mut halves: [Vec<Engine>; 2] = halves;
    let (mut theirs, mut changes, mut sets) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS as u64 {
        let mut softioc = Command::new(&python);
        softioc
            .arg(folder.join("benches/softioc.py"))
            .args([&records.to_string(), SECONDS]);
        let output = softioc.stderr(Stdio::null()).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let processed = text
            .ok()
            .and_then(|text| text.lines().last()?.trim().parse::<f64>().ok());
        let Some(processed) = processed else {
            eprintln!("softIoc did not run: try benches/softioc.py by hand");
            return ExitCode::from(2);
        };
        theirs.push(processed);
        let begin = Instant::now();
        let changed = scan_side_by_side(&mut halves, round * SCANS + 1..(round + 1) * SCANS + 1);
        changes.push(changed as f64 / begin.elapsed().as_secs_f64());
        let begin = Instant::now();
        sets_side_by_side(&mut set, SETS);
        sets.push(f64::from(2 * SETS) / begin.elapsed().as_secs_f64());
    }
    let (theirs, changes, sets) = (median(theirs), median(changes), median(sets));
    tell(&format!("softIoc, {records} records: {theirs:.0} records a second"));
    tell(&format!(
        "adit, {records} parameters: {changes:.0} changes a second, with a trigger and an action each"
    ));
    tell(&format!("ratio: {:.2} (goal: 1.5)", changes / theirs));
    tell(&format!(
        "adit, two elements: {sets:.0} sets a second from outside, so too"
    ));
    tell(&format!("ratio: {:.2}", sets / theirs));
    ExitCode::SUCCESS
}

fn runs(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
