//! `adit alarms`: the active alarms.

use std::process::ExitCode;

use serde_json::Value;

use crate::cli::client::Target;
use crate::cli::output::{columns, member, print, print_json};

/// The arguments of `adit alarms`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only those of this element: its name or id.
    element: Option<String>,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let query: Vec<(&str, &str)> = args
        .element
        .iter()
        .map(|element| ("element", element.as_str()))
        .collect();
    let alarms = args.target.get(&["alarms"], &query).await?;
    if args.target.json {
        print_json(&alarms)?;
    } else {
        print(&lines(&alarms))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(alarms: &Value) -> String {
    let members = ["time", "severity", "element", "parameter", "key", "value", "status"];
    let mut rows = vec![members.map(str::to_uppercase).to_vec()];
    for alarm in alarms.as_array().into_iter().flatten() {
        rows.push(members.map(|name| member(alarm, name)).to_vec());
    }
    columns(&rows)
}
