//! `adit watch`: the changes of an element as they happen, a line each.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, bail};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::cli::client::Target;
use crate::cli::output::{Reader, display, member, print, printable};
use crate::cli::table::heads;

/// The arguments of `adit watch`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The element: its name or id.
    element: String,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut body = args.target.follow(&args.element).await?;
    let mut buffer = Vec::new();
    let mut columns = Columns::default();
    while let Some(frame) = body.frame().await {
        let frame = frame.context("the stream of changes broke off")?;
        let Ok(bytes) = frame.into_data() else { continue };
        buffer.extend_from_slice(&bytes);
        while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
            let event: Vec<u8> = buffer.drain(..end + 2).collect();
            let Some((kind, change)) = read(&String::from_utf8_lossy(&event)) else {
                continue;
            };
            let text = if args.target.json {
                change.to_string()
            } else {
                columns.learn(args, &kind, &change).await;
                printable(&told(&kind, &change, &columns))
            };
            match print(&format!("{text}\n"))? {
                Reader::There => {}
                Reader::Gone => return Ok(ExitCode::SUCCESS),
            }
        }
    }
    bail!("there are no more changes: adit has stopped there")
}

/// What the columns of tables are called, as `adit table` heads them: asked for when a row of the table changes first.
#[derive(Debug, Default)]
struct Columns(BTreeMap<String, BTreeMap<String, String>>);

impl Columns {
    async fn learn(&mut self, args: &Args, kind: &str, change: &Value) {
        let table = member(change, "table");
        if kind != "row" || self.0.contains_key(&table) {
            return;
        }
        let path = |what| ["elements", args.element.as_str(), what, table.as_str()];
        let shown = args
            .target
            .get(&path("tables"), &[("limit", "1")])
            .await
            .unwrap_or_default();
        let described = args.target.get(&path("parameters"), &[]).await.unwrap_or_default();
        let columns = shown["columns"].as_array().cloned().unwrap_or_default();
        let ids = columns.iter().map(|column| member(column, "id"));
        let named = ids.zip(heads(&columns, &member(&described, "description"))).collect();
        self.0.insert(table, named);
    }

    /// The name of a column; its id where nothing is known.
    fn name(&self, table: &str, column: String) -> String {
        let name = self.0.get(table).and_then(|columns| columns.get(&column));
        name.cloned().unwrap_or(column)
    }
}

/// The kind of an event, and what it says; nothing for a comment.
fn read(event: &str) -> Option<(String, Value)> {
    let field = |name: &str| {
        event
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim_start)
    };
    let (kind, data) = (field("event:")?, field("data:")?);
    let mut change: Value = serde_json::from_str(data).ok()?;
    change.as_object_mut()?.insert("event".to_owned(), kind.into());
    Some((kind.to_owned(), change))
}

/// An event in words.
fn told(kind: &str, change: &Value, columns: &Columns) -> String {
    match kind {
        "parameter" => format!("{} = {}", member(change, "name"), display(change)),
        "row" => row(change, columns),
        "alarm" => alarm(change),
        "state" => format!(
            "state {}, timeout {}",
            member(change, "state"),
            member(change, "timeout")
        ),
        "resync" => "changes were missed".to_owned(),
        other => other.to_owned(),
    }
}

fn row(change: &Value, columns: &Columns) -> String {
    let table = member(change, "table");
    let cells = change["cells"].as_array().into_iter().flatten();
    let cells: Vec<String> = cells
        .map(|cell| format!("{} = {}", columns.name(&table, member(cell, "id")), display(cell)))
        .collect();
    let row = format!(
        "{} {} {}",
        member(change, "name"),
        member(change, "key"),
        member(change, "change")
    );
    if cells.is_empty() {
        row
    } else {
        format!("{row}: {}", cells.join(", "))
    }
}

/// The severity, the parameter with the row, the value, and what happened.
fn alarm(change: &Value) -> String {
    let parts = ["severity", "parameter", "key", "value"].map(|name| member(change, name));
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    format!("alarm {}: {}", parts.join(" "), member(change, "status"))
}

#[cfg(test)]
mod tests {
    use super::{Columns, read, told};

    fn line(event: &str) -> String {
        let mut columns = Columns::default();
        let named = [("11".to_owned(), "State".to_owned())].into();
        columns.0.insert("10".to_owned(), named);
        let (kind, change) = read(event).unwrap();
        told(&kind, &change, &columns)
    }

    #[test]
    fn an_event_is_a_line_and_a_comment_is_none() {
        let parameter = "event: parameter\ndata: {\"name\":\"Load\",\"display\":\"5 %\"}\n\n";
        assert_eq!(line(parameter), "Load = 5 %");
        assert!(read(":\n\n").is_none());
        let (_, state) = read("event: state\ndata: {\"element\":\"E\"}\n\n").unwrap();
        assert_eq!(state.to_string(), "{\"element\":\"E\",\"event\":\"state\"}");
    }

    #[test]
    fn columns_are_called_by_their_names_and_alarms_say_what_happened() {
        let row = "event: row\ndata: {\"table\":10,\"name\":\"Ports\",\"key\":\"1\",\"change\":\"updated\",\"cells\":[\
            {\"id\":11,\"display\":\"up\"},{\"id\":12,\"display\":\"x\"}]}\n\n";
        assert_eq!(line(row), "Ports 1 updated: State = up, 12 = x");
        let alarm = "event: alarm\ndata: {\"severity\":\"major\",\"parameter\":36,\"key\":null,\"value\":81,\
            \"status\":\"New Alarm\"}\n\n";
        assert_eq!(line(alarm), "alarm major 36 81: New Alarm");
    }
}
