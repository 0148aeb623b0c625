//! `adit table`: the rows of a table in aligned columns.

use std::collections::BTreeSet;
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
    /// A text to find in any column, or a comparison such as State=Error, Retries>2, Alias~fan. A column is
    /// named as it is headed here, or by its name or id.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// A column to sort by, with :desc for the reverse.
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
    let path = ["elements", &args.element, "parameters", &args.table];
    let described = args.target.get(&path, &[]).await?;
    print(&lines(&table, &member(&described, "description")))?;
    let shown = table["rows"].as_array().map_or(0, Vec::len);
    if table["total"].as_u64().is_some_and(|total| total > shown as u64) {
        complain(&format!("{shown} of {} rows: see --limit and --offset", table["total"]));
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(table: &Value, description: &str) -> String {
    let items = |of: &Value| of.as_array().cloned().unwrap_or_default();
    let mut rows = vec![heads(&items(&table["columns"]), description)];
    for row in items(&table["rows"]) {
        rows.push(items(&row["cells"]).iter().map(display).collect());
    }
    columns(&rows)
}

/// What the columns are called: their descriptions, without the ` (Table)` that they end with by convention; their names
/// where two would then be called the same.
pub(super) fn heads(columns: &[Value], table: &str) -> Vec<String> {
    let suffix = format!(" ({table})");
    let heads = columns.iter().map(|column| {
        let description = member(column, "description");
        description.strip_suffix(&suffix).unwrap_or(&description).to_owned()
    });
    let heads: Vec<String> = heads.collect();
    let told_apart: BTreeSet<&String> = heads.iter().filter(|head| !head.is_empty()).collect();
    if told_apart.len() < heads.len() {
        return columns.iter().map(|column| member(column, "name")).collect();
    }
    heads
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::heads;

    fn heads_of(descriptions: &[&str]) -> Vec<String> {
        let columns = descriptions.iter().zip(1..);
        let columns = columns.map(|(text, id)| json!({ "name": format!("Name{id}"), "description": text }));
        heads(&columns.collect::<Vec<_>>(), "Fans (Rear)")
    }

    #[test]
    fn columns_are_headed_by_their_descriptions_without_the_table() {
        let descriptions = ["ID (Fans (Rear))", "Speed (rpm) (Fans (Rear))", "Name"];
        assert_eq!(heads_of(&descriptions), ["ID", "Speed (rpm)", "Name"]);
    }

    #[test]
    fn names_tell_apart_what_descriptions_do_not() {
        assert_eq!(heads_of(&["State", "State (Fans (Rear))"]), ["Name1", "Name2"]);
        assert_eq!(heads_of(&["", "State"]), ["Name1", "Name2"]);
    }
}
