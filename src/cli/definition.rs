//! Definitions from files: read, loaded, and what was found in them told on stderr.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};

use crate::model::protocol::Protocol;
use crate::schema::{self, Loaded};

/// The definitions loaded so far: elements with the same one share it.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    loaded: HashMap<PathBuf, Arc<Protocol>>,
}

impl Definitions {
    /// The definition in a file.
    ///
    /// # Errors
    /// The file cannot be read, or what is in there is rejected.
    pub(super) fn load(&mut self, path: &Path) -> anyhow::Result<Arc<Protocol>> {
        if let Some(protocol) = self.loaded.get(path) {
            return Ok(Arc::clone(protocol));
        }
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
        let loaded = schema::load(&shown, &text);
        tell(&loaded);
        let protocol = loaded
            .protocol
            .ok_or_else(|| anyhow!("{shown} is not a definition that can run"))?;
        let protocol = Arc::new(protocol);
        self.loaded.insert(path.to_owned(), Arc::clone(&protocol));
        Ok(protocol)
    }
}

/// Writes the findings to stderr, a line each. When even that fails there is nowhere left to tell.
fn tell(loaded: &Loaded) {
    let mut stderr = io::stderr().lock();
    for finding in &loaded.diagnostics {
        let place = loaded.source.place(finding.span);
        let _ = writeln!(
            stderr,
            "{}:{}:{}: {} {}: {}",
            loaded.source.file(),
            place.line,
            place.column,
            finding.severity().word(),
            finding.code.number,
            finding.message
        );
    }
}
