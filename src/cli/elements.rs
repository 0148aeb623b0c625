//! `adit elements`: the elements and their state.

use std::process::ExitCode;

use serde_json::Value;

use crate::cli::client::Target;
use crate::cli::output::{columns, member, print, print_json};

/// The arguments of `adit elements`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let elements = args.target.get(&["elements"], &[]).await?;
    if args.target.json {
        print_json(&elements)?;
    } else {
        print(&lines(&elements))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(elements: &Value) -> String {
    let mut rows = vec![["ID", "NAME", "STATE", "ALARM", "PROTOCOL"].map(str::to_owned).to_vec()];
    for element in elements.as_array().into_iter().flatten() {
        let state = match element["timeout"] == true {
            true => format!("{}, timeout", member(element, "state")),
            false => member(element, "state"),
        };
        let protocol = &element["protocol"];
        rows.push(vec![
            member(element, "id"),
            member(element, "name"),
            state,
            member(element, "alarm"),
            format!("{} {}", member(protocol, "name"), member(protocol, "version")),
        ]);
    }
    columns(&rows)
}
