//! A folder or a file that cannot be used is refused with its reason, and left as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use durable_store_sqlite::{Append, Store, StoreError};
use tokio::time::timeout;

use super::random_text::random_texts;
use super::{continuation, creation};

fn database(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("durable.sqlite3")
}

/// A folder with a record of a few hundred pages, closed.
async fn folder_with_a_record() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    for sequence in 2..100 {
        let mut append = continuation("a", sequence);
        append.events = random_texts(1, 10_000);
        store.append(append).await.unwrap();
    }
    folder
}

#[tokio::test]
async fn a_record_of_a_newer_version_is_refused_and_kept() {
    let folder = folder_with_a_record().await;
    let newer = rusqlite::Connection::open(database(&folder)).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    newer.close().unwrap();
    let before = fs::read(database(&folder)).unwrap();

    let refused = Store::open(folder.path()).unwrap_err();

    assert!(matches!(refused, StoreError::Newer { found: 99, known: 7, .. }), "{refused}");
    assert!(refused.to_string().ends_with("update this command or choose another data folder"));
    assert_eq!(fs::read(database(&folder)).unwrap(), before);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let text = "not a database\n".repeat(1_000);
    fs::write(database(&folder), &text).unwrap();

    let refused = Store::open(folder.path()).unwrap_err();

    assert!(matches!(refused, StoreError::NotAStore { .. }), "{refused}");
    assert_eq!(fs::read_to_string(database(&folder)).unwrap(), text);
}

#[test]
fn a_database_of_something_else_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let other = rusqlite::Connection::open(database(&folder)).unwrap();
    other.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    other.close().unwrap();
    let before = fs::read(database(&folder)).unwrap();

    let refused = Store::open(folder.path()).unwrap_err();

    assert!(matches!(refused, StoreError::NotAStore { .. }), "{refused}");
    assert_eq!(fs::read(database(&folder)).unwrap(), before);
}

#[tokio::test]
async fn a_truncated_record_is_refused() {
    let folder = folder_with_a_record().await;
    let file = fs::OpenOptions::new().write(true).open(database(&folder)).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();

    let refused = Store::open(folder.path()).unwrap_err();

    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn a_record_with_overwritten_pages_is_refused() {
    let folder = folder_with_a_record().await;
    let mut bytes = fs::read(database(&folder)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xff);
    fs::write(database(&folder), bytes).unwrap();

    let refused = Store::open(folder.path()).unwrap_err();

    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
}

#[test]
fn a_file_in_place_of_the_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    fs::write(&file, "").unwrap();

    for path in [file.clone(), file.join("below")] {
        let refused = Store::open(&path).unwrap_err();

        assert!(matches!(refused, StoreError::NotAFolder { .. }), "{refused}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    // Permissions do not stop root, who often runs tests; sysfs takes no folders from anybody.
    let folder = Path::new("/sys/durable-store-test");
    if !Path::new("/sys/kernel").exists() {
        eprintln!("skipped: there is no sysfs here, so no folder that root cannot write");
        return;
    }

    let refused = Store::open(folder).unwrap_err();

    assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused:?}");
}

#[test]
fn a_folder_in_use_is_refused_until_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(folder.path()).unwrap();

    let refused = Store::open(folder.path()).unwrap_err();

    let own = std::process::id();
    assert!(matches!(refused, StoreError::InUse { process: Some(id), .. } if id == own), "{refused}");
    drop(first);
    Store::open(folder.path()).unwrap();
}

#[test]
fn a_folder_in_use_is_refused_by_whatever_name() {
    let place = tempfile::tempdir().unwrap();
    let (folder, link) = (place.path().join("data"), place.path().join("link"));
    let _first = Store::open(&folder).unwrap();
    std::os::unix::fs::symlink(&folder, &link).unwrap();

    for name in [link, place.path().join("data/../data")] {
        let refused = Store::open(&name).unwrap_err();

        assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
    }
}

#[tokio::test]
async fn damage_in_a_large_record_is_detected_where_it_is_read_and_leaves_the_rest_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let large = Append { events: random_texts(35_000, 1_000), ..creation("a") };
    store.append(large).await.unwrap();
    store.append(creation("b")).await.unwrap();
    drop(store);
    // Damage by the disk does not change when the file was changed; nor does this, before the store closes the file.
    let store = Store::open(folder.path()).unwrap();
    overwrite_middle(&database(&folder));
    drop(store);

    let store = Store::open(folder.path()).unwrap();
    let read = store.events("id-a", 0).await.unwrap_err();

    assert!(matches!(read, StoreError::Damaged { .. }), "{read}");
    assert!(read.to_string().ends_with("restore it from a backup, or move it away to start without it"));
    store.append(continuation("b", 2)).await.unwrap();
    assert_eq!(store.events("id-b", 0).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_large_record_that_was_changed_after_it_was_closed_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(Append { events: random_texts(35_000, 1_000), ..creation("a") }).await.unwrap();
    drop(store);
    overwrite_middle(&database(&folder));

    let refused = Store::open(folder.path()).unwrap_err();

    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn damage_that_a_large_record_has_after_a_crash_ends_recording() {
    let folder = left_damaged_by_a_crash().await;

    let refused = append_until_refused(&Store::open(folder.path()).unwrap()).await;

    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn damage_that_was_found_after_a_crash_is_refused_at_the_next_start() {
    let folder = left_damaged_by_a_crash().await;
    let store = Store::open(folder.path()).unwrap();
    append_until_refused(&store).await;
    drop(store);

    let refused = Store::open(folder.path()).unwrap_err();

    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn a_check_after_a_crash_that_the_end_of_a_service_interrupts_is_repeated() {
    let folder = left_damaged_by_a_crash().await;

    // The check may be faster than the end of the service.
    let found = (0..3).find_map(|_| Store::open(folder.path()).err());

    let refused = match found.map_or_else(|| Store::open(folder.path()), Err) {
        Ok(store) => append_until_refused(&store).await,
        Err(refused) => refused,
    };
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn a_large_record_that_was_checked_after_a_crash_counts_as_closed() {
    let folder = left_by_a_crash().await;
    let is_closed = || fs::read_to_string(folder.path().join("lock")).unwrap().contains("closed");
    let mut sequence = 2;

    // Each use is longer than the one before it, so one of them is longer than the check.
    for doubled in 0..12 {
        let store = Store::open(folder.path()).unwrap();
        for _ in 0..1 << doubled {
            store.append(continuation("b", sequence)).await.unwrap();
            sequence += 1;
        }
        drop(store);
        if is_closed() {
            break;
        }
    }

    assert!(is_closed());
}

/// A large record as a crash leaves it, without damage.
async fn left_by_a_crash() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(Append { events: random_texts(35_000, 1_000), ..creation("a") }).await.unwrap();
    store.append(creation("b")).await.unwrap();
    let lock = folder.path().join("lock");
    let in_use = fs::read(&lock).unwrap();
    drop(store);
    fs::write(&lock, in_use).unwrap();
    folder
}

async fn left_damaged_by_a_crash() -> tempfile::TempDir {
    let folder = left_by_a_crash().await;
    overwrite_middle(&database(&folder));
    folder
}

/// Appends to the execution `b` until that is refused.
async fn append_until_refused(store: &Store) -> StoreError {
    let mut sequence = 2;
    let refused = async {
        loop {
            match store.append(continuation("b", sequence)).await {
                Ok(()) => sequence += 1,
                Err(refused) => return refused,
            }
        }
    };
    timeout(Duration::from_secs(20), refused).await.expect("it is never refused")
}

/// Overwrites the middle of a file in place.
fn overwrite_middle(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xff);
    fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_folder_whose_lock_file_was_deleted_stays_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(folder.path()).unwrap();
    first.append(creation("a")).await.unwrap();
    fs::remove_file(folder.path().join("lock")).unwrap();

    let refused = Store::open(folder.path()).unwrap_err();

    assert!(matches!(refused, StoreError::InUse { process: None, .. }), "{refused}");
    assert!(durable_store_sqlite::is_claimed(folder.path()));
    first.append(continuation("a", 2)).await.unwrap();
    drop(first);
    assert!(!durable_store_sqlite::is_claimed(folder.path()));
    assert_eq!(Store::open(folder.path()).unwrap().events("id-a", 0).await.unwrap().len(), 2);
}

#[tokio::test]
async fn nothing_is_recorded_once_a_lock_file_was_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    // As by an earlier version, which does not lock the folder itself.
    fs::rename(folder.path().join("lock"), folder.path().join("old")).unwrap();
    fs::write(folder.path().join("lock"), "1\n").unwrap();

    let refused = store.append(continuation("a", 2)).await.unwrap_err();

    assert!(matches!(refused, StoreError::Moved { .. }), "{refused}");
}

#[tokio::test]
async fn nothing_is_recorded_in_a_log_that_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    fs::remove_file(folder.path().join("durable.sqlite3-wal")).unwrap();

    let refused = store.append(continuation("a", 2)).await.unwrap_err();
    drop(store);

    assert!(matches!(refused, StoreError::Moved { .. }), "{refused}");
    let next = Store::open(folder.path()).unwrap();
    assert_eq!(next.events("id-a", 0).await.unwrap().len(), 1, "acknowledged events are kept");
}

#[tokio::test]
async fn nothing_is_recorded_in_a_folder_that_was_moved_away() {
    let place = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (place.path().join("data"), place.path().join("elsewhere"));
    let store = Store::open(&folder).unwrap();
    store.append(creation("a")).await.unwrap();

    fs::rename(&folder, &elsewhere).unwrap();
    let moved = store.append(continuation("a", 2)).await.unwrap_err();
    let other = Store::open(&folder).unwrap();
    let replaced = store.append(continuation("a", 2)).await.unwrap_err();
    drop(other);
    fs::remove_dir_all(&folder).unwrap();
    fs::rename(&elsewhere, &folder).unwrap();

    for refused in [moved, replaced] {
        assert!(matches!(refused, StoreError::Moved { .. }), "{refused}");
    }
    store.append(continuation("a", 2)).await.unwrap();
}
