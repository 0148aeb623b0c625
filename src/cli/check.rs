//! `adit check`: loads definitions and reports what is wrong with them.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::cli::definition::read;
use crate::schema::diagnostic::Severity;
use crate::schema::render::{self, Paint};
use crate::schema::{self, Loaded};

/// Something was found that has to be put right.
const FOUND: u8 = 1;

/// A file could not be read.
const UNREADABLE: u8 = 2;

/// Loads definitions and reports what is wrong with them, with a way out.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Definitions to check: protocol.xml files.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// How findings are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,

    /// What is an error beside the errors.
    #[arg(long, value_enum)]
    deny: Option<Deny>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: the line, a caret and a way out.
    Human,
    /// One JSON array for all files.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

/// What is an error beside the errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Warnings are errors too.
    Warnings,
}

/// Runs the command: 0 when nothing has to be put right, 1 when something has, 2 when a file could not be read.
pub(crate) fn run(args: &CheckArgs) -> ExitCode {
    let mut loaded = Vec::new();
    let mut unreadable = false;
    for file in &args.files {
        match read(file) {
            Ok(text) => loaded.push(schema::load(&file.display().to_string(), &text)),
            Err(reason) => {
                unreadable = true;
                // Nobody is left to be told when stderr is closed.
                let _ = writeln!(io::stderr(), "adit: {}: {reason}", file.display());
            }
        }
    }
    let text = match args.format {
        Format::Human => human(&loaded),
        Format::Json => render::json(&loaded) + "\n",
        Format::Sarif => render::sarif(&loaded) + "\n",
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => {}
        // The reader has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => {
            let _ = writeln!(io::stderr(), "adit: the findings could not be written: {error}");
            return ExitCode::from(UNREADABLE);
        }
    }
    if unreadable {
        return ExitCode::from(UNREADABLE);
    }
    let worst = match args.deny {
        Some(Deny::Warnings) => Severity::Warning,
        None => Severity::Error,
    };
    let found = loaded.iter().flat_map(|loaded| &loaded.diagnostics);
    if found
        .map(|finding| finding.severity())
        .any(|severity| severity <= worst)
    {
        ExitCode::from(FOUND)
    } else {
        ExitCode::SUCCESS
    }
}

/// The findings of every file, and how many there are.
fn human(loaded: &[Loaded]) -> String {
    let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let paint = if colour { Paint::Colour } else { Paint::Plain };
    let files = loaded.iter();
    files
        .map(|loaded| {
            format!(
                "{}{}: {}\n",
                render::human(loaded, paint),
                loaded.source.file(),
                summary(loaded)
            )
        })
        .collect()
}

/// `2 errors, 1 warning`.
fn summary(loaded: &Loaded) -> String {
    let count = |severity| {
        let findings = loaded.diagnostics.iter();
        findings.filter(|finding| finding.severity() == severity).count()
    };
    let parts = [
        (count(Severity::Error), "error", "errors"),
        (count(Severity::Warning), "warning", "warnings"),
        (count(Severity::Info), "note", "notes"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    if parts.is_empty() {
        return "nothing found".to_owned();
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::ExitCode;

    use super::{CheckArgs, Deny, Format, run};

    const SOUND: &str = "<Protocol><Name>P</Name><Version>1</Version><Type>virtual</Type></Protocol>";

    fn check(text: &[u8], deny: Option<Deny>) -> ExitCode {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("protocol.xml");
        fs::write(&file, text).unwrap();
        run(&CheckArgs {
            files: vec![file],
            format: Format::Json,
            deny,
        })
    }

    #[test]
    fn the_exit_code_says_what_was_found() {
        let doubtful = SOUND.replace("<Name>", "<Alias/><Name>");
        let faulty = SOUND.replace("virtual", "");
        assert_eq!(check(SOUND.as_bytes(), Some(Deny::Warnings)), ExitCode::SUCCESS);
        assert_eq!(check(doubtful.as_bytes(), None), ExitCode::SUCCESS);
        assert_eq!(check(doubtful.as_bytes(), Some(Deny::Warnings)), ExitCode::from(1));
        assert_eq!(check(faulty.as_bytes(), None), ExitCode::from(1));
    }

    #[test]
    fn err_a_file_that_cannot_be_read_is_unusable() {
        assert_eq!(check(b"<Protocol>\xff</Protocol>", None), ExitCode::from(2));
    }
}
