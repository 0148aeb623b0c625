//! `adit watch`: the changes of an element as they happen, a line each.

use std::process::ExitCode;

use anyhow::{Context, bail};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::cli::client::Target;
use crate::cli::output::{Reader, display, member, print, printable};

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
    while let Some(frame) = body.frame().await {
        let frame = frame.context("the stream of changes broke off")?;
        let Ok(bytes) = frame.into_data() else { continue };
        buffer.extend_from_slice(&bytes);
        while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
            let event: Vec<u8> = buffer.drain(..end + 2).collect();
            if let Some(line) = line(&String::from_utf8_lossy(&event), args.target.json) {
                match print(&line)? {
                    Reader::There => {}
                    Reader::Gone => return Ok(ExitCode::SUCCESS),
                }
            }
        }
    }
    bail!("there are no more changes: adit has stopped there")
}

/// An event as a line; nothing for a comment.
fn line(event: &str, as_json: bool) -> Option<String> {
    let field = |name: &str| {
        event
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim_start)
    };
    let (kind, data) = (field("event:")?, field("data:")?);
    let mut change: Value = serde_json::from_str(data).ok()?;
    if as_json {
        change.as_object_mut()?.insert("event".to_owned(), kind.into());
        return Some(format!("{change}\n"));
    }
    let text = match kind {
        "parameter" => format!("{} = {}", member(&change, "name"), display(&change)),
        "row" => row(&change),
        "state" => format!(
            "state {}, timeout {}",
            member(&change, "state"),
            member(&change, "timeout")
        ),
        "resync" => "changes were missed".to_owned(),
        other => other.to_owned(),
    };
    Some(format!("{}\n", printable(&text)))
}

fn row(change: &Value) -> String {
    let cells = change["cells"].as_array().into_iter().flatten();
    let cells: Vec<String> = cells
        .map(|cell| format!("{} = {}", member(cell, "id"), display(cell)))
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

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn an_event_is_a_line_and_a_comment_is_none() {
        let parameter = "event: parameter\ndata: {\"name\":\"Load\",\"display\":\"5 %\"}\n\n";
        assert_eq!(line(parameter, false).as_deref(), Some("Load = 5 %\n"));
        assert_eq!(line(":\n\n", false), None);
        let state = "event: state\ndata: {\"element\":\"E\"}\n\n";
        assert_eq!(
            line(state, true).as_deref(),
            Some("{\"element\":\"E\",\"event\":\"state\"}\n")
        );
    }
}
