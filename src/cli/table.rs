//! `adit table`: the rows of a table in aligned columns.

use std::process::ExitCode;

use serde_json::Value;

use crate::cli::client::Target;
use crate::cli::output::{columns, complain, display, member, print, print_json};

/// The arguments of `adit table`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The element: its name or id.
    element: String,
    /// The table: its name or id.
    table: String,
    /// A text to find in any column, or a comparison such as State=Error, Retries>2, Alias~fan.
    #[arg(long)]
    filter: Option<String>,
    /// A column to sort by: its name or id, with :desc for the reverse.
    #[arg(long, value_name = "COLUMN[:desc]")]
    sort: Option<String>,
    /// Rows at most; 1000 unless given, 10000 at most.
    #[arg(long, value_name = "ROWS")]
    limit: Option<usize>,
    /// Rows to skip.
    #[arg(long, value_name = "ROWS")]
    offset: Option<usize>,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let limit = args.limit.map(|limit| limit.to_string());
    let offset = args.offset.map(|offset| offset.to_string());
    let query: Vec<(&str, &str)> = [
        ("filter", args.filter.as_deref()),
        ("sort", args.sort.as_deref()),
        ("limit", limit.as_deref()),
        ("offset", offset.as_deref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    let path = ["elements", &args.element, "tables", &args.table];
    let table = args.target.get(&path, &query).await?;
    if args.target.json {
        print_json(&table)?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&lines(&table))?;
    let shown = table["rows"].as_array().map_or(0, Vec::len);
    if table["total"].as_u64().is_some_and(|total| total > shown as u64) {
        complain(&format!("{shown} of {} rows: see --limit and --offset", table["total"]));
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(table: &Value) -> String {
    let items = |of: &Value| of.as_array().cloned().unwrap_or_default();
    let heads = items(&table["columns"]);
    let mut rows = vec![heads.iter().map(|column| member(column, "name")).collect::<Vec<_>>()];
    for row in items(&table["rows"]) {
        rows.push(items(&row["cells"]).iter().map(display).collect());
    }
    columns(&rows)
}
