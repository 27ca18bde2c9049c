//! A copy of a folder in use, whose files and pages are of different times, is refused if it is damaged.

use std::fs;
use std::path::Path;

use durable_store_sqlite::{Append, Store, StoreError};
use tempfile::TempDir;

use super::random_text::random_texts;
use super::{continuation, creation};

const DATABASE: &str = "durable.sqlite3";
const LOG: &str = "durable.sqlite3-wal";

/// Records executions with 3 MB of events in all, most of which end.
async fn record(store: &Store, round: usize) {
    for number in 0..10 {
        let name = format!("{}-{round}-{number}", number * 7 % 10);
        let events = random_texts(150, 2_000 + 10 * number);
        store.append(Append { events, ..creation(&name) }).await.unwrap();
        if number % 3 == 0 {
            store.delete(&format!("id-{name}")).await.unwrap();
        }
    }
}

/// The files of a folder in use, as they were at one time.
struct Snapshot {
    database: Vec<u8>,
    log: Vec<u8>,
}

impl Snapshot {
    fn take(folder: &Path) -> Self {
        let read = |name| fs::read(folder.join(name)).unwrap();
        Self { database: read(DATABASE), log: read(LOG) }
    }

    /// A copy whose pages up to one are of this snapshot, and the others and the log of a later one.
    fn torn(&self, later: &Self, page: usize, lock: &str) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        let place = (page * 4_096).min(self.database.len());
        let mut database = self.database[..place].to_vec();
        database.extend(later.database.get(place..).unwrap_or_default());
        fs::write(copy.path().join(DATABASE), database).unwrap();
        fs::write(copy.path().join(LOG), &later.log).unwrap();
        fs::write(copy.path().join("lock"), lock).unwrap();
        copy
    }
}

fn is_sound(folder: &Path) -> bool {
    let database = rusqlite::Connection::open(folder.join(DATABASE)).unwrap();
    let verdict: String = database.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).unwrap();
    verdict == "ok"
}

#[tokio::test]
async fn a_malformed_copy_of_a_large_record_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for round in 0..25 {
        record(&store, round).await;
    }
    let earlier = Snapshot::take(folder.path());
    for round in 25..40 {
        record(&store, round).await;
    }
    let later = Snapshot::take(folder.path());
    let lock = fs::read_to_string(folder.path().join("lock")).unwrap();
    assert!(earlier.database.len() > 32 * 1024 * 1024, "{}", earlier.database.len());
    let pages = earlier.database.len() / 4_096;
    let mut refused = 0;

    for twentieth in 1..=20 {
        let copy = earlier.torn(&later, pages * twentieth / 20, &lock);
        match Store::open(copy.path()) {
            Ok(store) => {
                drop(store);
                assert!(is_sound(copy.path()), "a copy torn at {twentieth}/20 is malformed");
            }
            Err(StoreError::Damaged { .. }) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }

    assert!(refused >= 10, "only {refused} of 20 copies are damaged");
}

#[tokio::test]
async fn a_copy_of_a_record_in_use_without_events_of_an_execution_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    store.append(continuation("a", 2)).await.unwrap();
    store.append(continuation("a", 3)).await.unwrap();
    drop(store);
    let database = rusqlite::Connection::open(folder.path().join(DATABASE)).unwrap();
    assert_eq!(database.execute("DELETE FROM event_blocks WHERE first_sequence = 2", []).unwrap(), 1);
    database.close().unwrap();

    let refused = Store::open(folder.path()).unwrap_err();

    assert!(refused.to_string().contains("events of execution 1 are missing"), "{refused}");
}

#[tokio::test]
async fn a_copy_of_a_record_in_use_without_the_prefix_of_an_arn_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    drop(store);
    let database = rusqlite::Connection::open(folder.path().join(DATABASE)).unwrap();
    database.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM arn_prefixes").unwrap();
    database.close().unwrap();

    let refused = Store::open(folder.path()).unwrap_err();

    assert!(refused.to_string().contains("the ARN of execution 1 is missing"), "{refused}");
}

#[tokio::test]
async fn a_copy_of_a_closed_record_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    drop(store);

    for name in [DATABASE, "lock"] {
        fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }

    assert_eq!(Store::open(copy.path()).unwrap().events("id-a", 0).await.unwrap().len(), 1);
}
