//! Change events beside the record processing of EPICS softIoc, on the same machine in the same run.
//!
//! Five rounds of each, in turns, so that whatever else the machine does meets both. A record of softIoc counts itself up;
//! a set of ours fires a trigger and an action, which changes a second parameter. Both use two cores. The medians and
//! their ratio are printed; the goal is 1.5. `softioc.py` installs into `target/softioc`, from PyPI, at the first run.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::definition::counter::{counter, element, sets_side_by_side};
use crate::figures::{median, tell};

mod definition;
mod figures;

const ROUNDS: usize = 5;

/// Sets a round and element.
const SETS: u32 = 1_000_000;

/// Records, and seconds that they are watched. So many ask for 2.25 million a second, which is about all that two cores can
/// do: with fewer, softIoc waits for its clock and the ratio flatters us.
const RECORDS: &str = "300000";
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
    let records = std::env::var("RECORDS").unwrap_or_else(|_| RECORDS.to_owned());
    let protocol = counter();
    let mut elements = [element(&protocol), element(&protocol)];
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut softioc = Command::new(&python);
        softioc.arg(folder.join("benches/softioc.py")).args([&records, SECONDS]);
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
        sets_side_by_side(&mut elements, SETS);
        ours.push(f64::from(2 * SETS) / begin.elapsed().as_secs_f64());
    }
    let (theirs, ours) = (median(theirs), median(ours));
    tell(&format!("softIoc, {records} records: {theirs:.0} records a second"));
    tell(&format!("adit, two elements: {ours:.0} sets a second"));
    tell(&format!("ratio: {:.2}", ours / theirs));
    ExitCode::SUCCESS
}

fn runs(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
