//! What a crash leaves in the write-ahead log is taken over, and a damaged log is refused.

use std::fs;
use std::path::PathBuf;

use durable_store_sqlite::{Append, Store, StoreError};
use tempfile::TempDir;

use super::random_text::random_texts;
use super::{continuation, creation};

/// Bytes of a frame: a page and what stands before it.
const FRAME: usize = 4_096 + 24;

fn log(folder: &TempDir) -> PathBuf {
    folder.path().join("durable.sqlite3-wal")
}

/// What a store that is killed now would leave.
fn killed(folder: &TempDir) -> TempDir {
    let left = tempfile::tempdir().unwrap();
    for name in ["durable.sqlite3", "durable.sqlite3-wal"] {
        fs::copy(folder.path().join(name), left.path().join(name)).unwrap();
    }
    left
}

/// A folder whose log holds ten appends.
async fn ten_appends() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    for sequence in 2..=10 {
        store.append(continuation("a", sequence)).await.unwrap();
    }
    killed(&folder)
}

async fn events(folder: &TempDir) -> Result<usize, StoreError> {
    Ok(Store::open(folder.path())?.events("id-a", 0).await?.len())
}

fn flip(folder: &TempDir, place: usize) {
    let mut bytes = fs::read(log(folder)).unwrap();
    bytes[place] ^= 1;
    fs::write(log(folder), bytes).unwrap();
}

#[tokio::test]
async fn what_a_killed_store_left_in_its_log_is_there() {
    assert_eq!(events(&ten_appends().await).await.unwrap(), 10);
}

#[tokio::test]
async fn a_log_that_was_damaged_before_its_last_append_is_refused_and_kept() {
    let bytes = fs::metadata(log(&ten_appends().await)).unwrap().len();
    let frames = (usize::try_from(bytes).unwrap() - 32) / FRAME;

    // In the page, in the checksum and in the salt of frames that whole appends follow.
    for (frame, place) in [(2, 2_000), (frames / 2, 16), (frames / 2, 8), (frames - 8, 4_000)] {
        let folder = ten_appends().await;
        flip(&folder, 32 + frame * FRAME + place);
        let before = fs::read(log(&folder)).unwrap();

        let refused = events(&folder).await.unwrap_err();

        assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
        assert_eq!(fs::read(log(&folder)).unwrap(), before);
    }
}

#[tokio::test]
async fn an_append_that_a_crash_cut_off_is_no_damage() {
    let whole = fs::metadata(log(&ten_appends().await)).unwrap().len();
    let whole = usize::try_from(whole).unwrap();

    for cut in [whole - 1, whole - FRAME + 10, whole - FRAME] {
        let folder = ten_appends().await;
        let file = fs::OpenOptions::new().write(true).open(log(&folder)).unwrap();
        file.set_len(cut.try_into().unwrap()).unwrap();
        assert_eq!(events(&folder).await.unwrap(), 9, "{cut}");
    }
    for torn in [whole - 1, whole - FRAME + 2] {
        let folder = ten_appends().await;
        flip(&folder, torn);
        assert_eq!(events(&folder).await.unwrap(), 9, "{torn}");
    }
}

#[tokio::test]
async fn what_an_earlier_round_of_the_log_left_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    let large = |sequence| Append { events: random_texts(1, 4_500_000), ..continuation("a", sequence) };
    for sequence in 2..=5 {
        store.append(large(sequence)).await.unwrap();
    }
    let before = fs::metadata(log(&folder)).unwrap().len();
    store.append(continuation("a", 6)).await.unwrap();
    store.append(continuation("a", 7)).await.unwrap();

    let left = killed(&folder);

    assert_eq!(fs::metadata(log(&left)).unwrap().len(), before, "the log was overwritten from its start");
    assert_eq!(events(&left).await.unwrap(), 7);
}
