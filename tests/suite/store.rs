//! The store on disk: the same as the store in memory, whatever happens to the process and to the files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use adit::element::world::{Store, StoreError};
use adit::engine::saved::{Paused, Record, Saved, SavedRow};
use adit::model::id::{ElementId, ParamId};
use adit::model::value::Value;
use adit::store;
use adit::store::memory::MemoryStore;
use adit::trend::{TrendQuery, Window};
use proptest::prelude::*;

const ELEMENT: ElementId = ElementId(1);
const TABLE: ParamId = ParamId(1000);

fn param(id: u32, value: impl Into<Value>) -> Record {
    Record::Param {
        id: ParamId(id),
        value: value.into(),
        secret: false,
    }
}

fn secret(id: u32, value: &str) -> Record {
    Record::Param {
        id: ParamId(id),
        value: value.into(),
        secret: true,
    }
}

fn row(key: &str, position: u64, cells: Vec<(ParamId, Value, bool)>) -> Record {
    Record::Row(SavedRow {
        table: TABLE,
        key: key.into(),
        position,
        cells,
    })
}

/// A folder of its own, and the store in it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("elements.sqlite")
    }

    fn open(&self) -> Arc<dyn Store> {
        store::open(&self.path()).unwrap()
    }

    /// The message with which the store does not open, without what differs from run to run.
    fn refusal(&self) -> String {
        let Err(StoreError(message)) = store::open(&self.path()) else {
            panic!("the store opened");
        };
        message.replace(&self.folder.path().display().to_string(), "FOLDER")
    }

    fn file(&self, end: &str) -> PathBuf {
        let mut name = self.path().into_os_string();
        name.push(end);
        name.into()
    }
}

async fn value(store: &Arc<dyn Store>, id: u32) -> Option<Value> {
    let saved = store.load(ELEMENT).await.unwrap();
    saved
        .params
        .into_iter()
        .find(|(param, _)| *param == ParamId(id))
        .map(|(_, value)| value)
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let place = Place::new();
    let cells = vec![
        (ParamId(1001), Value::text("a"), false),
        (ParamId(1002), Value::Number(0.1), false),
    ];
    let store = place.open();
    store
        .commit(ELEMENT, vec![param(1, "x"), param(2, 1e300)])
        .await
        .unwrap();
    store.commit(ELEMENT, vec![row("a", 7, cells.clone())]).await.unwrap();
    drop(store);

    let saved = place.open().load(ELEMENT).await.unwrap();
    let expected = Saved {
        params: vec![(ParamId(1), "x".into()), (ParamId(2), 1e300.into())],
        rows: vec![SavedRow {
            table: TABLE,
            key: "a".into(),
            position: 7,
            cells,
        }],
        ..Saved::default()
    };
    assert_eq!(saved, expected);
}

#[tokio::test]
async fn sav_2_empty_text_is_kept_and_uninitialised_is_absence() {
    let place = Place::new();
    let store = place.open();
    store.commit(ELEMENT, vec![param(1, ""), param(2, "x")]).await.unwrap();
    store
        .commit(ELEMENT, vec![param(2, Value::Uninitialised)])
        .await
        .unwrap();
    assert_eq!(value(&store, 1).await, Some("".into()));
    assert_eq!(value(&store, 2).await, None);
}

#[tokio::test]
async fn rows_come_back_in_ascending_position_and_elements_are_apart() {
    let place = Place::new();
    let store = place.open();
    let records = [("a", 9), ("b", 3), ("c", 5)].map(|(key, position)| row(key, position, Vec::new()));
    store.commit(ELEMENT, records.to_vec()).await.unwrap();
    store.commit(ElementId(2), vec![row("z", 1, Vec::new())]).await.unwrap();

    let saved = store.load(ELEMENT).await.unwrap();
    let keys: Vec<&str> = saved.rows.iter().map(|row| &*row.key).collect();
    assert_eq!(keys, ["b", "c", "a"]);
}

#[tokio::test]
async fn err_a_commit_that_fails_leaves_nothing_and_takes_no_other_element_with_it() {
    let place = Place::new();
    let store = place.open();
    let other = ElementId(2);
    let (good, bad, also_good) = tokio::join!(
        store.commit(ELEMENT, vec![param(1, "good")]),
        store.commit(ELEMENT, vec![param(2, "lost"), refused(), param(4, "lost")]),
        store.commit(other, vec![param(5, "good")]),
    );
    assert!(good.is_ok() && also_good.is_ok());
    assert!(bad.is_err());
    assert_eq!(store.load(ELEMENT).await.unwrap().params, [(ParamId(1), "good".into())]);
    assert_eq!(store.load(other).await.unwrap().params, [(ParamId(5), "good".into())]);
}

#[tokio::test]
async fn err_after_a_commit_that_failed_none_of_the_element_is_there_without_it() {
    let place = Place::new();
    let store = place.open();
    let bad = store.commit(ELEMENT, vec![refused()]);
    let later = store.commit(ELEMENT, vec![param(1, "later")]);
    let loaded = store.load(ELEMENT);
    let after = store.commit(ELEMENT, vec![param(2, "after")]);
    // Whoever waits for the last only finds all of them done.
    assert_eq!(after.await, Ok(()));
    assert!(bad.await.is_err());
    insta::assert_snapshot!(later.await.unwrap_err(), @"it is not stored: what came before it could not be stored either");
    assert_eq!(loaded.await, Ok(Saved::default()));
    assert_eq!(
        store.load(ELEMENT).await.unwrap().params,
        [(ParamId(2), "after".into())]
    );
}

/// No value is NaN; it is the one thing that the database refuses.
fn refused() -> Record {
    param(3, f64::NAN)
}

#[tokio::test]
async fn many_commits_at_once_are_all_there() {
    let place = Place::new();
    let store = place.open();
    let mut commits = tokio::task::JoinSet::new();
    for id in 0..2000 {
        commits.spawn(store.commit(ElementId(id % 7), vec![param(id, f64::from(id))]));
    }
    assert!(commits.join_all().await.iter().all(Result::is_ok));
    let mut kept = 0;
    for element in 0..7 {
        kept += store.load(ElementId(element)).await.unwrap().params.len();
    }
    assert_eq!(kept, 2000);
}

#[tokio::test]
async fn sav_14_dsp_60_a_secret_stands_in_no_file_and_a_number_is_kept_whole() {
    let place = Place::new();
    let store = place.open();
    let cells = vec![(ParamId(1002), Value::text("GenieKey-in-a-cell"), true)];
    let records = vec![
        param(1, "in the clear"),
        secret(2, "GenieKey-of-a-param"),
        row("a", 1, cells),
        param(3, 0.1 + 0.2),
    ];
    store.commit(ELEMENT, records).await.unwrap();
    assert_eq!(value(&store, 2).await, Some("GenieKey-of-a-param".into()));
    assert_eq!(value(&store, 3).await, Some((0.1 + 0.2).into()), "to the last bit");

    let while_open = bytes_in(place.folder.path());
    drop(store);
    let afterwards = bytes_in(place.folder.path());
    for bytes in [while_open, afterwards] {
        assert!(contains(&bytes, "in the clear"), "the search finds what is there");
        assert!(!contains(&bytes, "GenieKey"));
    }
}

fn bytes_in(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap();
    files.flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Each commit sets three parameters to its number: whatever is left after a crash, the three are equal.
#[tokio::test]
async fn sav_16_after_a_torn_write_the_store_opens_with_the_first_commits_complete() {
    let place = Place::new();
    let store = place.open();
    for commit in 1..=20 {
        let records = (1..=3).map(|id| param(id, f64::from(commit))).collect();
        store.commit(ELEMENT, records).await.unwrap();
    }
    let log = fs::read(place.file("-wal")).unwrap();
    let mut last = 0.0;
    // A step that is no divisor of a page, so that the cuts fall before, in and after its parts.
    for length in (0..=log.len()).step_by(997).chain([log.len()]) {
        let crashed = Place::new();
        fs::copy(place.path(), crashed.path()).unwrap();
        fs::copy(place.file(".key"), crashed.file(".key")).unwrap();
        fs::write(crashed.file("-wal"), &log[..length]).unwrap();

        let params = crashed.open().load(ELEMENT).await.unwrap().params;
        let numbers: Vec<f64> = params.iter().filter_map(|(_, value)| value.as_number()).collect();
        let commit = numbers.first().copied().unwrap_or_default();
        assert_eq!(
            numbers,
            vec![commit; if commit == 0.0 { 0 } else { 3 }],
            "cut at {length}"
        );
        assert!(commit >= last, "cut at {length}: {commit} after {last}");
        last = commit;
    }
    assert_eq!(last, 20.0, "nothing is missing from the whole log");
}

#[test]
fn err_a_store_in_use_says_so() {
    let place = Place::new();
    let _store = place.open();
    insta::assert_snapshot!(place.refusal(), @"FOLDER/elements.sqlite is in use by another program, perhaps another adit: stop that one, or give another store");
}

#[test]
fn err_a_lost_key_is_named_and_nothing_is_deleted() {
    let place = Place::new();
    drop(place.open());
    let before = fs::read(place.path()).unwrap();
    let key = fs::read(place.file(".key")).unwrap();
    fs::remove_file(place.file(".key")).unwrap();
    insta::assert_snapshot!(place.refusal(), @"FOLDER/elements.sqlite.key is missing: it opens the secrets in FOLDER/elements.sqlite. Put it back; or, to start with nothing saved, move FOLDER/elements.sqlite away or give another store. Nothing was changed");

    assert_eq!(fs::read(place.path()).unwrap(), before);
    fs::write(place.file(".key"), key).unwrap();
    place.open();
}

#[test]
fn err_a_wrong_key_is_named() {
    let (place, other) = (Place::new(), Place::new());
    drop((place.open(), other.open()));
    fs::copy(other.file(".key"), place.file(".key")).unwrap();
    insta::assert_snapshot!(place.refusal(), @"FOLDER/elements.sqlite.key is not the key of FOLDER/elements.sqlite: the secrets in there were encrypted with another. Put the right one back; or, to start with nothing saved, move FOLDER/elements.sqlite away or give another store. Nothing was changed");
}

#[test]
fn err_a_key_file_that_holds_no_key_is_named() {
    let place = Place::new();
    drop(place.open());
    fs::write(place.file(".key"), "adit-store-key-1 too short").unwrap();
    insta::assert_snapshot!(place.refusal(), @"FOLDER/elements.sqlite.key holds no key of a store: put the right file back, or move this one away. Nothing was changed");
}

#[test]
fn err_a_file_that_is_no_database_stays_as_it_is() {
    let place = Place::new();
    fs::write(
        place.path(),
        "these are the elements of my house, in plain words".repeat(40),
    )
    .unwrap();
    let before = fs::read(place.path()).unwrap();
    insta::assert_snapshot!(place.refusal(), @"FOLDER/elements.sqlite is not a store of adit: give another path");
    assert_eq!(fs::read(place.path()).unwrap(), before);
}

#[test]
fn err_the_database_of_another_program_stays_as_it_is() {
    let place = Place::new();
    let other = rusqlite::Connection::open(place.path()).unwrap();
    other.execute_batch("create table theirs (x)").unwrap();
    drop(other);
    let before = fs::read(place.path()).unwrap();
    insta::assert_snapshot!(place.refusal(), @"FOLDER/elements.sqlite is a database of another program, not a store of adit: give another path");
    assert_eq!(fs::read(place.path()).unwrap(), before);
}

#[test]
fn err_a_newer_store_is_left_alone() {
    let place = Place::new();
    drop(place.open());
    let newer = rusqlite::Connection::open(place.path()).unwrap();
    newer.pragma_update(None, "user_version", 7).unwrap();
    drop(newer);
    insta::assert_snapshot!(place.refusal(), @"FOLDER/elements.sqlite was written by a newer adit (format 7, this one knows 3): use that one, or another store");
}

#[test]
fn err_a_path_that_cannot_be_a_file_says_why() {
    let place = Place::new();
    fs::create_dir(place.path()).unwrap();
    insta::assert_snapshot!(place.refusal(), @"FOLDER/elements.sqlite cannot be opened: it is a folder; give a file in it");

    let nowhere = place.folder.path().join("not there").join("elements.sqlite");
    let Err(StoreError(message)) = store::open(&nowhere) else {
        panic!("the store opened");
    };
    let message = message.replace(&place.folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!(message, @"FOLDER/not there/elements.sqlite cannot be opened: its folder: No such file or directory (os error 2)");
}

/// What the file holds is a promise to the next version: a change of this text is a new version of the format.
#[test]
fn the_tables_of_format_3() {
    let place = Place::new();
    drop(place.open());
    let db = rusqlite::Connection::open(place.path()).unwrap();
    let mut query = db
        .prepare("select sql from sqlite_schema where sql is not null order by name")
        .unwrap();
    let tables: Vec<String> = query
        .query_map([], |line| line.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let version: i64 = db.pragma_query_value(None, "user_version", |line| line.get(0)).unwrap();
    insta::assert_snapshot!(format!("user_version {version}\n\n{}", tables.join("\n\n")));
}

/// A store of format 1 as another process left it: secrets, numbers and texts come back, and it is of our format then.
#[tokio::test]
async fn a_store_of_format_1_opens() {
    let place = sample("format-1");
    let saved = place.open().load(ELEMENT).await.unwrap();
    insta::assert_debug_snapshot!(saved);
    let db = rusqlite::Connection::open(place.path()).unwrap();
    let format: i64 = db.pragma_query_value(None, "user_version", |line| line.get(0)).unwrap();
    assert_eq!(format, 3);
    drop(db);
    assert_eq!(place.open().load(ELEMENT).await.unwrap(), saved);
}

#[tokio::test]
async fn a_store_of_format_2_opens() {
    let saved = sample("format-2").open().load(ELEMENT).await.unwrap();
    assert_eq!(saved, sample("format-1").open().load(ELEMENT).await.unwrap());
}

/// Format 3 has what came with it: open alarms, information events, trends, and which elements are paused.
#[tokio::test]
async fn a_store_of_format_3_opens() {
    let place = sample("format-3");
    let store = place.open();
    let saved = store.load(ELEMENT).await.unwrap();
    let before = sample("format-2").open().load(ELEMENT).await.unwrap();
    assert_eq!((&saved.params, &saved.rows), (&before.params, &before.rows));
    let mut trends = Vec::new();
    for (param, key, window) in [
        (ParamId(3), None, None),
        (ParamId(3), None, Some(Window::Five)),
        (ParamId(1002), Some("team-1".into()), Some(Window::Sixty)),
    ] {
        let (from, to) = (1_767_225_600_000, 1_767_230_000_000);
        let query = TrendQuery {
            param,
            key,
            window,
            from,
            to,
        };
        trends.push(store.trend(ELEMENT, query).await.unwrap());
    }
    insta::assert_debug_snapshot!((&saved.alarms, &saved.information, saved.paused, trends));
    drop(store);
    assert_eq!(place.open().load(ELEMENT).await.unwrap(), saved);
}

#[tokio::test]
async fn err_a_row_with_damaged_cells_is_named() {
    let place = sample("format-2");
    let db = rusqlite::Connection::open(place.path()).unwrap();
    db.execute("update table_row set cells = x'8101' where row_key = 'team-1'", [])
        .unwrap();
    drop(db);
    let StoreError(message) = place.open().load(ELEMENT).await.unwrap_err();
    let message = message.replace(&place.folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!(message, @"FOLDER/elements.sqlite: row team-1 of table 1000 of element 1 is damaged: put back a copy of the store, or move it away to start with nothing saved");
}

/// A store as another process left it.
fn sample(format: &str) -> Place {
    let place = Place::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/store")
        .join(format);
    let db = rusqlite::Connection::open(place.path()).unwrap();
    db.execute_batch(&fs::read_to_string(sample.join("store.sql")).unwrap())
        .unwrap();
    drop(db);
    fs::copy(sample.join("store.key"), place.file(".key")).unwrap();
    place
}

/// A step in the life of a store.
#[derive(Debug, Clone)]
enum Life {
    Commit(ElementId, Vec<Record>),
    Reopen,
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Uninitialised),
        any::<f64>()
            .prop_filter("values are finite", |number| number.is_finite())
            .prop_map(Value::Number),
        any::<String>().prop_map(Value::from),
    ]
}

fn records() -> impl Strategy<Value = Record> {
    let tables = (0..2_u32).prop_map(|table| ParamId(1000 + table * 100));
    let keys = prop_oneof!["[a-c]", any::<String>()].prop_map(|key| Arc::from(key.as_str()));
    let cells = prop::collection::btree_map(
        (1..4_u32).prop_map(|idx| ParamId(1000 + idx)),
        (values(), any::<bool>()),
        0..4,
    );
    let row = (tables.clone(), keys.clone(), 0..9_u64, cells).prop_map(|(table, key, position, cells)| {
        let cells = cells
            .into_iter()
            .map(|(column, (value, secret))| (column, value, secret))
            .collect();
        Record::Row(SavedRow {
            table,
            key,
            position,
            cells,
        })
    });
    prop_oneof![
        4 => (1..5_u32, values(), any::<bool>()).prop_map(|(id, value, secret)| Record::Param { id: ParamId(id), value, secret }),
        4 => row,
        2 => (tables.clone(), keys).prop_map(|(table, key)| Record::RowRemoved { table, key }),
        1 => tables.prop_map(|table| Record::TableCleared { table }),
        1 => prop_oneof![Just(Paused::No), Just(Paused::Yes)].prop_map(Record::Paused),
    ]
}

fn life() -> impl Strategy<Value = Vec<Life>> {
    let commit = ((1..3_u32).prop_map(ElementId), prop::collection::vec(records(), 0..6))
        .prop_map(|(element, records)| Life::Commit(element, records));
    prop::collection::vec(prop_oneof![6 => commit, 1 => Just(Life::Reopen)], 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_store_on_disk_keeps_what_the_store_in_memory_keeps(life in life()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let memory = MemoryStore::default();
            let mut disk = place.open();
            for step in life {
                match step {
                    Life::Commit(element, records) => {
                        memory.commit(element, records.clone()).await.unwrap();
                        disk.commit(element, records).await.unwrap();
                    }
                    Life::Reopen => {
                        drop(disk);
                        disk = place.open();
                    }
                }
                for element in [1, 2].map(ElementId) {
                    prop_assert_eq!(disk.load(element).await, memory.load(element).await);
                }
            }
            Ok(())
        })?;
    }
}
