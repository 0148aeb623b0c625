//! What survives a restart, a `kill -9` included: everything that was accepted is in an SQLite file before it is answered.
//!
//! A record is a kind, a key and a JSON text. Keys, logins, faults and switches are not here: they are given anew at each
//! start. The teams, heartbeats and alerts of a seed count for a new file only.

use std::path::Path;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::emulator::opsgenie::heartbeats::Heartbeat;
use crate::emulator::opsgenie::saved::Saved;
use crate::emulator::opsgenie::teams::Team;

/// The version of the file's format.
const VERSION: u32 = 1;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Alert,
    Request,
    Job,
    Counters,
    Configuration,
}

/// The names of the kinds in the file.
const KINDS: [(&str, Kind); 5] = [
    ("alert", Kind::Alert),
    ("request", Kind::Request),
    ("job", Kind::Job),
    ("counters", Kind::Counters),
    ("configuration", Kind::Configuration),
];

/// A record as it was read: its kind, its key, its body.
pub(super) type Record = (Kind, u64, Value);

/// A record to be written, or to be deleted when it has no body.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) kind: Kind,
    pub(super) key: u64,
    pub(super) body: Option<String>,
}

/// What counts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Counters {
    pub(super) random: u64,
    pub(super) last_tiny: u64,
    pub(super) last_request: u64,
    pub(super) attached: u64,
    /// How far the clock was moved, in milliseconds.
    pub(super) moved: u64,
}

/// What can be changed beside the alerts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Configuration {
    pub(super) teams: Vec<Team>,
    pub(super) heartbeats: Vec<Heartbeat>,
    pub(super) searches: Vec<Saved>,
}

/// An open file.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
}

impl Change {
    /// A record as it is now.
    pub(super) fn new(kind: Kind, key: u64, body: Option<&impl Serialize>) -> Self {
        // What is kept has neither keys that are no texts nor numbers that are none, so it can be written.
        let body = body.map(|body| serde_json::to_string(body).unwrap_or_default());
        Self { kind, key, body }
    }
}

impl Store {
    /// Opens a file, or makes it; gives its records in order of their keys.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Record>), String> {
        let named = |error: rusqlite::Error| format!("{}: {error}", path.display());
        let connection = Connection::open(path).map_err(named)?;
        // A commit then survives the end of the process; that of the machine may take the last ones away.
        connection
            .execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
            .map_err(named)?;
        let version: u32 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(named)?;
        match version {
            0 => connection
                .execute_batch(&format!(
                    "BEGIN; CREATE TABLE record (kind TEXT, key INTEGER, body TEXT NOT NULL, PRIMARY KEY (kind, key)) \
                     WITHOUT ROWID; PRAGMA user_version = {VERSION}; COMMIT;"
                ))
                .map_err(named)?,
            VERSION => {}
            other => {
                return Err(format!(
                    "{}: the format is {other}, this program knows {VERSION}: name another file",
                    path.display()
                ));
            }
        }
        let store = Self { connection };
        let records = store
            .records()
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Ok((store, records))
    }

    fn records(&self) -> Result<Vec<Record>, String> {
        let named = |error: rusqlite::Error| error.to_string();
        let mut statement = self
            .connection
            .prepare("SELECT kind, key, body FROM record ORDER BY key")
            .map_err(named)?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, String>(2)?,
                ))
            })
            .map_err(named)?;
        let mut records = Vec::new();
        for row in rows {
            let (kind, key, body) = row.map_err(named)?;
            let known = KINDS.iter().find(|(name, _)| *name == kind);
            let (_, known) = known.ok_or_else(|| format!("a record of the unknown kind \"{kind}\""))?;
            let body = serde_json::from_str(&body).map_err(|error| format!("{kind} {key}: {error}"))?;
            records.push((*known, u64::try_from(key).unwrap_or_default(), body));
        }
        Ok(records)
    }

    /// Writes all of these, or none.
    pub(super) fn write(&mut self, changes: &[Change]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        {
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3)")?;
            let mut delete = transaction.prepare_cached("DELETE FROM record WHERE kind = ?1 AND key = ?2")?;
            for change in changes {
                let name = KINDS
                    .iter()
                    .find(|(_, kind)| *kind == change.kind)
                    .map_or("", |(name, _)| name);
                let key = i64::try_from(change.key).unwrap_or(i64::MAX);
                match &change.body {
                    Some(body) => put.execute(params![name, key, body])?,
                    None => delete.execute(params![name, key])?,
                };
            }
        }
        transaction.commit()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Change, Kind, Store};

    #[test]
    fn what_is_written_is_there_again_and_what_is_deleted_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("platform.sqlite");
        let (mut store, records) = Store::open(&path).unwrap();
        assert_eq!(records, []);
        let change = |key, body: Option<&str>| Change::new(Kind::Alert, key, body.as_ref());
        store.write(&[change(2, Some("b")), change(1, Some("a"))]).unwrap();
        store.write(&[change(2, Some("c")), change(1, None)]).unwrap();
        drop(store);
        let (_, records) = Store::open(&path).unwrap();
        assert_eq!(records, [(Kind::Alert, 2, json!("c"))]);
    }

    #[test]
    fn err_a_file_of_another_format_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("platform.sqlite");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA user_version = 9").unwrap();
        drop(connection);
        let error = Store::open(&path).unwrap_err();
        assert!(
            error.ends_with("the format is 9, this program knows 1: name another file"),
            "{error}"
        );
        std::fs::write(&path, "no database at all, however long it is").unwrap();
        assert!(Store::open(&path).is_err());
    }
}
