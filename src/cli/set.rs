//! `adit set`: a parameter or a cell. Silent when it is done.

use std::io::Read;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use crate::cli::client::Target;
use crate::cli::output::print_json;

/// The arguments of `adit set`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The element: its name or id.
    element: String,
    /// The parameter: its name or id.
    parameter: String,
    /// The value; of a discreet or a button its value, not its text. `-` reads it from stdin, without its last line end:
    /// for secrets, and for long messages. After `--` it may begin with a dash.
    #[arg(allow_negative_numbers = true)]
    value: String,
    /// Of a table: the primary key of the row.
    #[arg(long, value_name = "KEY", requires = "column")]
    row: Option<String>,
    /// Of a table: the column, its name or id.
    #[arg(long, requires = "row")]
    column: Option<String>,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let value = match args.value.as_str() {
        "-" => from_stdin()?,
        value => value.to_owned(),
    };
    let answer = args.target.put(&path(args), &json!({ "value": value })).await?;
    if args.target.json {
        print_json(&answer)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn path(args: &Args) -> Vec<&str> {
    match (&args.row, &args.column) {
        (Some(row), Some(column)) => vec![
            "elements",
            &args.element,
            "tables",
            &args.parameter,
            "rows",
            row,
            column,
        ],
        (_, _) => vec!["elements", &args.element, "parameters", &args.parameter],
    }
}

fn from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("cannot read the value from stdin")?;
    let value = text.strip_suffix('\n').unwrap_or(&text);
    Ok(value.strip_suffix('\r').unwrap_or(value).to_owned())
}
