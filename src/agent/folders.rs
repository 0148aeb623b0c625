//! The folders that the action `read file` may read: a path is looked up in each; what leads out of all of them is
//! refused, whichever way it is written.
//!
//! Rules: ACT-15.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::element::world::{Files, WorldFuture};
use crate::engine::file::{FileAnswer, FileError, FileRead};

/// The most bytes of a file that become a value.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The folders that may be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folders {
    folders: Vec<PathBuf>,
}

impl Folders {
    /// These folders, with everything below them.
    #[must_use]
    pub const fn new(folders: Vec<PathBuf>) -> Self {
        Self { folders }
    }

    /// Reads what is asked for.
    ///
    /// # Errors
    /// The file is in none of the folders, cannot be read, or is too large.
    pub fn read_now(&self, read: &FileRead) -> FileAnswer {
        let shown = &read.path;
        let refused = |why: String| FileError(format!("the file {shown:?} is not read: {why}"));
        if self.folders.is_empty() {
            return Err(refused("no folder is open to this element (`read_folders`)".to_owned()));
        }
        let file = self
            .find(Path::new(shown.trim()))
            .ok_or_else(|| refused("it is in none of the folders that are open to this element".to_owned()))?;
        content(&file, read).map_err(|error| refused(error.to_string()))
    }

    /// The file, as it lies on the disk: links are followed before it is asked whether it lies in a folder.
    fn find(&self, path: &Path) -> Option<PathBuf> {
        self.folders.iter().find_map(|folder| {
            let folder = folder.canonicalize().ok()?;
            let file = folder.join(path).canonicalize().ok()?;
            (file.starts_with(&folder) && file.is_file()).then_some(file)
        })
    }
}

fn content(path: &Path, read: &FileRead) -> std::io::Result<Arc<[u8]>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(read.offset))?;
    let wanted = read.count.unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(wanted.min(LARGEST + 1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other(format!(
            "it has more than {LARGEST} bytes; read a part of it"
        )));
    }
    Ok(bytes.into())
}

impl Files for Folders {
    fn read(&self, read: FileRead) -> WorldFuture<FileAnswer> {
        let folders = self.clone();
        Box::pin(async move {
            let reading = tokio::task::spawn_blocking(move || folders.read_now(&read));
            reading
                .await
                .unwrap_or_else(|error| Err(FileError(format!("the file could not be read: {error}"))))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Folders;
    use crate::engine::file::{FileError, FileRead};

    fn read(folders: &Folders, path: &str, offset: u64, count: Option<u64>) -> Result<String, FileError> {
        let read = FileRead {
            path: path.into(),
            offset,
            count,
        };
        let bytes = folders.read_now(&read)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A folder `open` with a file, and a secret beside it.
    fn folders() -> (tempfile::TempDir, Folders) {
        let dir = tempfile::tempdir().expect("a folder");
        let open = dir.path().join("open");
        std::fs::create_dir(&open).expect("a folder in it");
        std::fs::write(open.join("list.txt"), "one two three").expect("a file");
        std::fs::write(dir.path().join("secret.txt"), "secret").expect("a file");
        let folders = Folders::new(vec![open]);
        (dir, folders)
    }

    #[test]
    fn act_15_a_file_is_read_whole_or_in_part() {
        let (dir, folders) = folders();
        assert_eq!(read(&folders, "list.txt", 0, None).as_deref(), Ok("one two three"));
        assert_eq!(read(&folders, "list.txt", 4, Some(3)).as_deref(), Ok("two"));
        assert_eq!(read(&folders, "list.txt", 100, None).as_deref(), Ok(""));
        let absolute = dir.path().join("open/list.txt");
        assert_eq!(
            read(&folders, &absolute.to_string_lossy(), 0, Some(3)).as_deref(),
            Ok("one")
        );
    }

    #[test]
    fn err_act_15_what_lies_outside_is_refused() {
        let (dir, folders) = folders();
        let absolute = dir.path().join("secret.txt").to_string_lossy().into_owned();
        for path in [
            "../secret.txt",
            "./../open/../secret.txt",
            &absolute,
            "missing.txt",
            "",
            ".",
        ] {
            let refused = read(&folders, path, 0, None).expect_err(path).0;
            assert!(
                refused.ends_with("is in none of the folders that are open to this element"),
                "{refused}"
            );
        }
        let none = read(&Folders::new(Vec::<PathBuf>::new()), "list.txt", 0, None);
        assert!(none.expect_err("nothing is open").0.contains("no folder is open"));
    }

    #[cfg(unix)]
    #[test]
    fn err_act_15_a_link_that_leads_outside_is_refused() {
        let (dir, folders) = folders();
        std::os::unix::fs::symlink(dir.path().join("secret.txt"), dir.path().join("open/link.txt")).expect("a link");
        assert!(read(&folders, "link.txt", 0, None).is_err());
    }
}
