//! Definitions from files: read, loaded, and what was found in them told on stderr.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;

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
        let text = read(path).map_err(|reason| anyhow!("{shown} cannot be read: {reason}"))?;
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

/// The text of a file, or why there is none and what to do about it.
pub(super) fn read(file: &Path) -> Result<String, String> {
    let bytes = std::fs::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file; check the path".to_owned(),
        io::ErrorKind::IsADirectory => "this is a folder; name the protocol.xml in it".to_owned(),
        io::ErrorKind::PermissionDenied => "the file may not be read; check its permissions".to_owned(),
        _ => error.to_string(),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = sound.split(|&byte| byte == b'\n').count();
        format!("line {line} is not UTF-8; save the file as UTF-8")
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::read;

    #[test]
    fn err_a_file_that_cannot_be_read_says_why_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let reason = |name: &str| read(&folder.path().join(name)).unwrap_err();
        assert_eq!(reason("none.xml"), "there is no such file; check the path");
        assert_eq!(reason(""), "this is a folder; name the protocol.xml in it");
        fs::write(folder.path().join("utf16.xml"), b"\xff\xfe<\0P\0").unwrap();
        assert_eq!(reason("utf16.xml"), "line 1 is not UTF-8; save the file as UTF-8");
        fs::write(folder.path().join("latin1.xml"), b"<Protocol>\n<Name>\n\xe9").unwrap();
        assert_eq!(reason("latin1.xml"), "line 3 is not UTF-8; save the file as UTF-8");
    }
}
