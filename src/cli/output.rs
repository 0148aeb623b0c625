//! What goes to stdout: plain text in aligned columns, or JSON. A reader that closes the pipe early is no error.

use std::io::{self, Write};

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::model::display_text::{MASK, NOT_INITIALIZED};

/// What stands between two columns.
const GAP: usize = 2;

/// Whether somebody still reads stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Somebody does.
    There,
    /// The pipe is closed.
    Gone,
}

/// Writes a text to stdout.
pub(super) fn print(text: &str) -> anyhow::Result<Reader> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(error.into()),
    }
}

/// Writes JSON to stdout, indented.
pub(super) fn print_json(value: &Value) -> anyhow::Result<Reader> {
    print(&format!("{value:#}\n"))
}

/// Writes a line to stderr. When even that fails there is nowhere left to tell.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "adit: {text}");
}

/// The rows in aligned columns, a line each. The last column is not padded.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| printable(cell)).collect())
        .collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.width())
            .max()
    };
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - cell.width() + GAP));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A text on one line, without what a terminal would obey: values come from devices.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            shown.extend(char.escape_default());
        } else {
            shown.push(char);
        }
    }
    shown
}

/// A member of a JSON object as text; nothing for null.
pub(super) fn member(object: &Value, name: &str) -> String {
    match &object[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
    }
}

/// What a person reads of a parameter or a cell.
pub(super) fn display(object: &Value) -> String {
    match (object["secret"] == true, object["updated"].is_null()) {
        (true, true) => NOT_INITIALIZED.to_owned(),
        (true, false) => MASK.to_owned(),
        (false, _) => member(object, "display"),
    }
}

#[cfg(test)]
mod tests {
    use super::{columns, printable};

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let rows = [["Straße", "1", "a"], ["日本", "22", ""], ["", "", "b"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(columns(&rows), "Straße  1   a\n日本    22\n            b\n");
    }

    #[test]
    fn a_value_cannot_command_the_terminal() {
        assert_eq!(printable("a\n\u{1b}[31mb"), "a\\n\\u{1b}[31mb");
    }
}
