//! Opening a store: is it ours, of a version we know, free, and does its key fit?
//!
//! Whatever is wrong, nothing is changed or deleted, and the message names the file and the way out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::element::world::StoreError;
use crate::model::value::Value;
use crate::store::history;
use crate::store::record::{TABLE_ROW, TABLES, VERSION};
use crate::store::secret::Key;
use crate::store::upgrade::upgrade;

/// Marks the file as ours: `adit` in ASCII.
const APPLICATION_ID: i64 = 0x6164_6974;

/// What is sealed to recognise the key, and its place.
const KEY_PROOF: &str = "key proof";

/// A store that is open: the connection that has the file for itself, and its key.
#[derive(Debug)]
pub(super) struct Opened {
    /// The connection.
    pub(super) db: Connection,
    /// The key of its secrets.
    pub(super) key: Key,
}

/// Opens the store, or makes it.
pub(super) fn open(path: &Path) -> Result<Opened, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags).map_err(|error| explain(path, &error))?;
    let fresh = recognise(&db, path)?;
    make_durable(&db).map_err(|error| explain(path, &error))?;
    let key = match fresh {
        Fresh::Yes => make(&mut db, path)?,
        Fresh::No(VERSION) => fitting_key(&db, path)?,
        Fresh::No(older) => {
            let key = fitting_key(&db, path)?;
            bring_up_to_date(&mut db, path, older)?;
            key
        }
    };
    Ok(Opened { db, key })
}

/// Whether there is nothing in the file yet.
enum Fresh {
    Yes,
    /// No: it is a store of this format.
    No(i64),
}

/// Looks at the file without changing it, and takes it for this process.
fn recognise(db: &Connection, path: &Path) -> Result<Fresh, StoreError> {
    let look = || -> rusqlite::Result<(i64, i64, bool)> {
        // A second process is told at once, instead of after a wait.
        db.busy_timeout(std::time::Duration::ZERO)?;
        db.pragma_update(None, "locking_mode", "exclusive")?;
        let application = db.pragma_query_value(None, "application_id", |line| line.get(0))?;
        let version = db.pragma_query_value(None, "user_version", |line| line.get(0))?;
        let empty = db.query_row("select count(*) = 0 from sqlite_schema", [], |line| line.get(0))?;
        Ok((application, version, empty))
    };
    let shown = path.display();
    match look().map_err(|error| explain(path, &error))? {
        (0, 0, true) => Ok(Fresh::Yes),
        (APPLICATION_ID, format @ 1..=VERSION, _) => Ok(Fresh::No(format)),
        (APPLICATION_ID, newer, _) if newer > VERSION => Err(StoreError(format!(
            "{shown} was written by a newer adit (format {newer}, this one knows {VERSION}): use that one, or another store"
        ))),
        _ => Err(StoreError(format!(
            "{shown} is a database of another program, not a store of adit: give another path"
        ))),
    }
}

/// A commit is on the disk when it is done, and the file is ours until the connection is closed.
fn make_durable(db: &Connection) -> rusqlite::Result<()> {
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    // Only macOS knows the difference between written and really written; elsewhere it does nothing.
    db.pragma_update(None, "fullfsync", true)
}

/// Makes the tables and the key. A key that is there already, from a store that was moved away, stays in use.
fn make(db: &mut Connection, path: &Path) -> Result<Key, StoreError> {
    let key_path = key_path(path);
    let read = |error: rusqlite::Error| explain(path, &error);
    let transaction = db
        .transaction_with_behavior(TransactionBehavior::Exclusive)
        .map_err(read)?;
    let key = match read_key(&key_path)? {
        Some(key) => key,
        None => Key::create(&key_path)
            .map_err(|error| StoreError(format!("{} cannot be written: {error}", key_path.display())))?,
    };
    let proof = key
        .seal(KEY_PROOF, &Value::text(KEY_PROOF))
        .map_err(|error| StoreError(error.to_string()))?;
    transaction.execute_batch(TABLES).map_err(read)?;
    transaction.execute_batch(TABLE_ROW).map_err(read)?;
    transaction.execute_batch(history::TABLES).map_err(read)?;
    transaction
        .execute("insert into meta (name, value) values (?, ?)", (KEY_PROOF, proof))
        .map_err(read)?;
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(read)?;
    transaction.pragma_update(None, "user_version", VERSION).map_err(read)?;
    transaction.commit().map_err(read)?;
    Ok(key)
}

/// A store of an older format becomes one of this format, or stays as it was.
fn bring_up_to_date(db: &mut Connection, path: &Path, older: i64) -> Result<(), StoreError> {
    let read = |error: rusqlite::Error| explain(path, &error);
    let transaction = db
        .transaction_with_behavior(TransactionBehavior::Exclusive)
        .map_err(read)?;
    upgrade(&transaction, older).map_err(read)?;
    transaction.commit().map_err(read)
}

/// The key beside the store, when it is the one that the secrets were sealed with.
fn fitting_key(db: &Connection, path: &Path) -> Result<Key, StoreError> {
    let key_path = key_path(path);
    let (store, file) = (path.display(), key_path.display());
    let Some(key) = read_key(&key_path)? else {
        return Err(StoreError(format!(
            "{file} is missing: it opens the secrets in {store}. Put it back; or, to start with nothing saved, move \
             {store} away or give another store. Nothing was changed"
        )));
    };
    let proof: Vec<u8> = db
        .query_row("select value from meta where name = ?", [KEY_PROOF], |line| line.get(0))
        .map_err(|error| explain(path, &error))?;
    if key.open(KEY_PROOF, &proof).is_err() {
        return Err(StoreError(format!(
            "{file} is not the key of {store}: the secrets in there were encrypted with another. Put the right one \
             back; or, to start with nothing saved, move {store} away or give another store. Nothing was changed"
        )));
    }
    Ok(key)
}

/// The key in the file; none when there is no file.
fn read_key(path: &Path) -> Result<Option<Key>, StoreError> {
    let shown = path.display();
    match Key::read(path) {
        Ok(Some(key)) => Ok(Some(key)),
        Ok(None) => Err(StoreError(format!(
            "{shown} holds no key of a store: put the right file back, or move this one away. Nothing was changed"
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError(format!("{shown} cannot be read: {error}"))),
    }
}

/// The key file of a store: `<store>.key`.
fn key_path(path: &Path) -> PathBuf {
    path.with_added_extension("key")
}

/// What a failure of the database means, and what can be done about it.
pub(super) fn explain(path: &Path, error: &rusqlite::Error) -> StoreError {
    let shown = path.display();
    StoreError(match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("{shown} is in use by another program, perhaps another adit: stop that one, or give another store")
        }
        Some(ErrorCode::NotADatabase) => format!("{shown} is not a store of adit: give another path"),
        Some(ErrorCode::DatabaseCorrupt) => {
            format!("{shown} is damaged ({error}): put back a copy of it, or move it away to start with nothing saved")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            format!("{shown} cannot be written: its owner or its folder's does not allow it")
        }
        Some(ErrorCode::DiskFull) => format!("{shown} cannot grow: the disk is full"),
        Some(ErrorCode::CannotOpen) => format!("{shown} cannot be opened: {}", why_not(path)),
        _ => format!("{shown}: {error}"),
    })
}

/// Why a file cannot be opened: the database does not say.
fn why_not(path: &Path) -> String {
    if path.is_dir() {
        return "it is a folder; give a file in it".to_owned();
    }
    match path.parent().map(fs::metadata) {
        Some(Ok(folder)) if folder.is_dir() => "its owner or its folder's does not allow it".to_owned(),
        Some(Ok(_)) => "it lies in what is no folder".to_owned(),
        Some(Err(error)) => format!("its folder: {error}"),
        None => "it is no file".to_owned(),
    }
}
