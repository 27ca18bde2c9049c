//! A backup holds everything that was acknowledged before it began, and is whole or not there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use durable_store_sqlite::{Append, BackupError, ExistingFile, Store, backup};
use tempfile::TempDir;

use super::random_text::random_texts;
use super::{continuation, creation, event};

/// A folder in which a backup is restored.
fn restored(backup: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(backup, folder.path().join("durable.sqlite3")).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Folders for a record with one event, and for its backups.
async fn places() -> (TempDir, Store, TempDir, PathBuf) {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    let file = target.path().join("backup.sqlite3");
    (folder, store, target, file)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_record_in_use_holds_what_was_acknowledged_before_it() {
    let (folder, store, target, file) = places().await;
    let large = Append { events: random_texts(500, 10_000), ..creation("large") };
    store.append(large).await.unwrap();
    store.delete("id-large").await.unwrap();
    let (mut acknowledged, mut backups) = (1, 0);

    let mut running: Option<tokio::task::JoinHandle<()>> = None;
    let mut before = acknowledged;
    while backups < 3 {
        if running.is_none() {
            before = acknowledged;
            let (folder, file) = (folder.path().to_owned(), file.clone());
            running = Some(tokio::task::spawn_blocking(move || {
                backup(&folder, &file, ExistingFile::Replaced, || false).unwrap();
            }));
        }
        store.append(continuation("a", acknowledged + 1)).await.unwrap();
        acknowledged += 1;
        if let Some(finished) = running.take_if(|running| running.is_finished()) {
            finished.await.unwrap();
            backups += 1;
        }
    }

    let last = Store::open(restored(&file).path()).unwrap().events("id-a", 0).await.unwrap();
    assert!(last.len() >= usize::try_from(before).unwrap(), "{} of {before}", last.len());
    assert_eq!(last, (1..).take(last.len()).map(|number| event("a", number)).collect::<Vec<_>>());
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert!(metadata.len() < 1_000_000, "what was deleted is not part of it: {}", metadata.len());
    assert_eq!(names(target.path()), ["backup.sqlite3"]);
}

#[tokio::test]
async fn a_backup_without_a_service_holds_what_a_crash_left_in_the_log() {
    let (folder, store, _target, file) = places().await;
    let left = tempfile::tempdir().unwrap();
    for name in ["durable.sqlite3", "durable.sqlite3-wal"] {
        fs::copy(folder.path().join(name), left.path().join(name)).unwrap();
    }
    drop(store);

    backup(left.path(), &file, ExistingFile::Kept, || false).unwrap();

    assert_eq!(Store::open(restored(&file).path()).unwrap().events("id-a", 0).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_existing_file_is_replaced_on_request_alone() {
    let (folder, _store, target, file) = places().await;
    fs::write(&file, "precious").unwrap();

    let refused = backup(folder.path(), &file, ExistingFile::Kept, || false).unwrap_err();
    let kept = fs::read_to_string(&file).unwrap();
    backup(folder.path(), &file, ExistingFile::Replaced, || false).unwrap();

    assert!(matches!(refused, BackupError::Exists(_)), "{refused}");
    assert_eq!(kept, "precious");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(target.path()), ["backup.sqlite3"]);
}

#[tokio::test]
async fn a_backup_never_replaces_a_file_of_the_service() {
    let (folder, store, ..) = places().await;

    for name in ["durable.sqlite3", "durable.sqlite3-wal", "lock"] {
        let file = folder.path().join(name);
        let refused = backup(folder.path(), &file, ExistingFile::Replaced, || false).unwrap_err();

        assert!(matches!(refused, BackupError::InUse(_)), "{refused}");
    }
    store.append(continuation("a", 2)).await.unwrap();
}

#[test]
fn a_folder_without_a_record_has_no_backup() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = target.path().join("backup.sqlite3");

    let missing = backup(folder.path(), &file, ExistingFile::Kept, || false).unwrap_err();
    let other = rusqlite::Connection::open(folder.path().join("durable.sqlite3")).unwrap();
    other.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    let foreign = backup(folder.path(), &file, ExistingFile::Kept, || false).unwrap_err();

    assert!(matches!(missing, BackupError::NoRecord(_)), "{missing}");
    assert!(matches!(foreign, BackupError::NotAStore(_)), "{foreign}");
    assert_eq!(names(target.path()), [""; 0]);
}

#[tokio::test]
async fn a_damaged_record_has_no_backup() {
    let (folder, store, target, file) = places().await;
    store.append(Append { events: random_texts(5_000, 1_000), ..creation("b") }).await.unwrap();
    drop(store);
    let database = folder.path().join("durable.sqlite3");
    let mut bytes = fs::read(&database).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xaa);
    fs::write(&database, bytes).unwrap();

    let refused = backup(folder.path(), &file, ExistingFile::Kept, || false).unwrap_err();

    assert!(matches!(refused, BackupError::Record { .. }), "{refused}");
    assert_eq!(names(target.path()), [""; 0]);
}

#[tokio::test]
async fn a_backup_that_is_cancelled_leaves_nothing() {
    let (folder, store, target, file) = places().await;
    let large = Append { events: random_texts(50_000, 100), ..creation("large") };
    store.append(large).await.unwrap();
    let mut asked = 0;
    // In the middle: the copy and its journal exist.
    let is_cancelled = move || {
        asked += 1;
        asked > 20
    };

    let cancelled = backup(folder.path(), &file, ExistingFile::Kept, is_cancelled).unwrap_err();

    assert!(matches!(cancelled, BackupError::Cancelled), "{cancelled}");
    assert_eq!(names(target.path()), [""; 0]);
}

#[tokio::test]
async fn what_is_not_a_regular_file_is_never_replaced() {
    let (folder, _store, target, file) = places().await;
    let socket = std::os::unix::net::UnixListener::bind(&file).unwrap();
    let subfolder = target.path().join("folder");
    fs::create_dir(&subfolder).unwrap();

    for other in [&file, &subfolder] {
        let refused = backup(folder.path(), other, ExistingFile::Replaced, || false).unwrap_err();

        assert!(matches!(refused, BackupError::NotAFile(_)), "{refused}");
    }
    drop(socket);
    assert_eq!(names(target.path()), ["backup.sqlite3", "folder"]);
}
