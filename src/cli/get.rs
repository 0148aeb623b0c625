//! `adit get`: the value of a parameter or a cell, or all values of an element.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::Value;

use crate::cli::client::Target;
use crate::cli::output::{columns, display, member, print, print_json, printable};

/// The arguments of `adit get`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The element: its name or id.
    element: String,
    /// The parameter: its name or id. All of the element when there is none.
    parameter: Option<String>,
    /// Of a table: the primary key of the row.
    #[arg(long, value_name = "KEY", requires = "column", requires = "parameter")]
    row: Option<String>,
    /// Of a table: the column, its name or id.
    #[arg(long, requires = "row")]
    column: Option<String>,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let answer = args.target.get(&path(args), &[]).await?;
    if args.target.json {
        print_json(&answer)?;
    } else if answer.is_array() {
        print(&lines(&answer))?;
    } else if answer["type"] == "table" {
        let name = member(&answer, "name");
        bail!("{name} is a table: use adit table {} {name}", args.element);
    } else {
        print(&format!("{}\n", printable(&display(&answer))))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn path(args: &Args) -> Vec<&str> {
    match (&args.parameter, &args.row, &args.column) {
        (Some(table), Some(row), Some(column)) => vec!["elements", &args.element, "tables", table, "rows", row, column],
        (Some(parameter), _, _) => vec!["elements", &args.element, "parameters", parameter],
        (None, _, _) => vec!["elements", &args.element, "parameters"],
    }
}

fn lines(parameters: &Value) -> String {
    let mut rows = vec![["ID", "NAME", "VALUE"].map(str::to_owned).to_vec()];
    for parameter in parameters.as_array().into_iter().flatten() {
        let value = match parameter["type"] == "table" {
            true => "(table)".to_owned(),
            false => display(parameter),
        };
        rows.push(vec![member(parameter, "id"), member(parameter, "name"), value]);
    }
    columns(&rows)
}
