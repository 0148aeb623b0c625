//! `adit alarms`: the active alarms, or the information events.

use std::process::ExitCode;

use serde_json::Value;

use crate::cli::client::Target;
use crate::cli::output::{columns, member, print, print_json};

/// The arguments of `adit alarms`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only those of this element: its name or id.
    element: Option<String>,
    /// The newest information events instead: sets, states, timeouts, values worth telling.
    #[arg(long)]
    information: bool,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let query: Vec<(&str, &str)> = args
        .element
        .iter()
        .map(|element| ("element", element.as_str()))
        .collect();
    let (route, members) = if args.information {
        ("information", &INFORMATION)
    } else {
        ("alarms", &ALARM)
    };
    let found = args.target.get(&[route], &query).await?;
    if args.target.json {
        print_json(&found)?;
    } else {
        print(&lines(&found, members))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is printed of an alarm.
const ALARM: [&str; 7] = ["time", "severity", "element", "parameter", "key", "value", "status"];

/// What is printed of an information event.
const INFORMATION: [&str; 7] = [
    "time",
    "severity",
    "element",
    "parameter",
    "description",
    "displayKey",
    "display",
];

fn lines(found: &Value, members: &[&str]) -> String {
    let mut rows = vec![members.iter().map(|name| name.to_uppercase()).collect::<Vec<_>>()];
    for one in found.as_array().into_iter().flatten() {
        rows.push(members.iter().map(|name| member(one, name)).collect());
    }
    columns(&rows)
}
