//! What is deleted is gone, and what has expired is found.

use durable_store_sqlite::{Append, StatusChange, Store, StoreError};
use durable_types::{ExecutionStatus, Timestamp};

use super::{continuation, creation};

async fn end(store: &Store, name: &str, expires_at: i64) {
    let change = StatusChange {
        status: ExecutionStatus::Succeeded,
        ended_at: Some(Timestamp::EPOCH),
        expires_at: Some(Timestamp::from_millis(expires_at)),
    };
    store.append(Append { status: Some(change), ..continuation(name, 2) }).await.unwrap();
}

#[tokio::test]
async fn a_deleted_execution_is_gone_for_good_and_the_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for name in ["a", "b"] {
        store.append(creation(name)).await.unwrap();
        store.append(continuation(name, 2)).await.unwrap();
    }

    store.delete("id-a").await.unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();

    assert_eq!(store.execution("id-a").await.unwrap(), None);
    assert_eq!(store.events("id-a", 0).await.unwrap(), Vec::<String>::new());
    assert_eq!(store.events("id-b", 0).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_name_of_a_deleted_execution_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    assert!(matches!(store.append(creation("a")).await, Err(StoreError::AlreadyRecorded { .. })));

    store.delete("id-a").await.unwrap();

    store.append(creation("a")).await.unwrap();
}

#[tokio::test]
async fn what_is_not_recorded_cannot_be_deleted_nor_continued_after_that() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    store.delete("id-a").await.unwrap();

    let again = store.delete("id-a").await;
    let continued = store.append(continuation("a", 2)).await;

    assert!(matches!(again, Err(StoreError::UnknownExecution { .. })), "{again:?}");
    assert!(matches!(continued, Err(StoreError::UnknownExecution { .. })), "{continued:?}");
}

#[tokio::test]
async fn what_has_expired_is_found_the_first_to_expire_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for name in ["a", "b", "c", "d"] {
        store.append(creation(name)).await.unwrap();
    }
    end(&store, "a", 3_000).await;
    end(&store, "b", 1_000).await;
    end(&store, "c", 4_000).await;

    let expired = async |at: i64, limit: u32| {
        let rows = store.expired(Timestamp::from_millis(at), limit).await.unwrap();
        rows.into_iter().map(|row| row.execution_name).collect::<Vec<_>>()
    };

    assert_eq!(expired(3_000, 10).await, ["b", "a"]);
    assert_eq!(expired(9_000, 2).await, ["b", "a"]);
    assert_eq!(expired(999, 10).await, Vec::<String>::new());
}
