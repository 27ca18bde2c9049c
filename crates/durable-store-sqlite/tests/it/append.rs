//! What is appended can be read, now and after opening again.

use durable_store_sqlite::{Append, StatusChange, Store, StoreError};
use durable_types::{ExecutionStatus, Timestamp};

use super::{continuation, creation, event, row, unfinished};

#[tokio::test]
async fn what_was_acknowledged_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    let more = Append { events: vec![event("a", 2), event("a", 3)], ..continuation("a", 2) };
    store.append(more).await.unwrap();
    drop(store);

    let store = Store::open(folder.path()).unwrap();

    assert_eq!(store.events("id-a", 0).await.unwrap(), [event("a", 1), event("a", 2), event("a", 3)]);
    assert_eq!(store.events("id-a", 2).await.unwrap(), [event("a", 3)]);
    assert_eq!(store.events("id-b", 0).await.unwrap(), [""; 0]);
    assert_eq!(store.last_events("id-a", 2).await.unwrap(), [event("a", 3), event("a", 2)]);
    assert_eq!(store.last_events("id-b", 2).await.unwrap(), [""; 0]);
    assert_eq!(store.unfinished().await.unwrap(), [unfinished("a")]);
}

/// How many files of this folder the process has open by this name.
fn open_files(folder: &tempfile::TempDir, name: &str) -> usize {
    let path = folder.path().join(name);
    let files = std::fs::read_dir("/proc/self/fd").unwrap();
    files.filter(|file| std::fs::read_link(file.as_ref().unwrap().path()).is_ok_and(|it| it == path)).count()
}

#[tokio::test]
async fn however_many_read_at_once_few_files_are_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();

    let readers: Vec<_> = (0..500)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.events("id-a", 0).await.unwrap().len() })
        })
        .collect();
    let mut most = 0;
    for reader in readers {
        assert_eq!(reader.await.unwrap(), 1);
        most = most.max(open_files(&folder, "durable.sqlite3"));
    }

    assert!((2..=5).contains(&most), "{most}");
}

#[tokio::test]
async fn an_execution_is_found_by_its_id_its_arn_and_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();

    store.append(creation("a")).await.unwrap();

    assert_eq!(store.execution("id-a").await.unwrap(), Some(row("a")));
    assert_eq!(store.execution_by_arn(&row("a").arn).await.unwrap(), Some(row("a")));
    assert_eq!(store.execution_by_name("order", "a").await.unwrap(), Some(row("a")));
    assert_eq!(store.execution("a").await.unwrap(), None);
    assert_eq!(store.execution_by_arn("a").await.unwrap(), None);
    assert_eq!(store.execution_by_name("hello", "a").await.unwrap(), None);
}

#[tokio::test]
async fn an_execution_that_ended_is_no_longer_unfinished() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let ended_at = Some(Timestamp::from_millis(1_767_323_100_000));
    store.append(creation("a")).await.unwrap();
    store.append(creation("b")).await.unwrap();

    let change = StatusChange { status: ExecutionStatus::Succeeded, ended_at, expires_at: None };
    store.append(Append { status: Some(change), ..continuation("a", 2) }).await.unwrap();

    let found = store.execution("id-a").await.unwrap().unwrap();
    assert_eq!((found.status, found.ended_at), (ExecutionStatus::Succeeded, ended_at));
    assert_eq!(store.unfinished().await.unwrap(), [unfinished("b")]);
}

#[tokio::test]
async fn events_that_leave_a_gap_or_repeat_a_number_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();

    for given in [0, 1, 3, u64::MAX] {
        let refused = store.append(continuation("a", given)).await.unwrap_err();

        assert!(
            matches!(&refused, StoreError::OutOfSequence { expected: 2, given: reported, .. } if *reported == given),
            "{refused}"
        );
    }
    assert_eq!(store.events("id-a", 0).await.unwrap(), [event("a", 1)]);
    store.append(continuation("a", 2)).await.unwrap();
}

#[tokio::test]
async fn an_append_replaces_recorded_events_with_or_without_adding_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    store.append(continuation("a", 2)).await.unwrap();
    let replacing = |sequence: u64, text: &str| Append {
        replaced: [(sequence, text.to_owned())].into(),
        ..continuation("a", 3)
    };

    store.append(Append { events: Vec::new(), ..replacing(1, "first") }).await.unwrap();
    store.append(replacing(2, "second")).await.unwrap();
    drop(store);

    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.events("id-a", 0).await.unwrap(), ["first", "second", event("a", 3).as_str()]);
    assert_eq!(store.last_events("id-a", 2).await.unwrap(), [event("a", 3).as_str(), "second"]);
}

#[tokio::test]
async fn an_append_that_replaces_an_event_that_is_not_recorded_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();

    for unknown in [0, 2, u64::MAX] {
        let replaced = [(1, "again".to_owned()), (unknown, "again".to_owned())].into();
        let refused = store.append(Append { replaced, ..continuation("a", 2) }).await.unwrap_err();

        assert!(
            matches!(&refused, StoreError::UnknownEvent { sequence, .. } if *sequence == unknown),
            "{refused}"
        );
    }
    let replaced = [(1, "again".to_owned())].into();
    let refused = store.append(Append { replaced, ..creation("b") }).await.unwrap_err();

    assert!(matches!(refused, StoreError::UnknownEvent { sequence: 1, .. }), "{refused}");
    assert_eq!(store.execution("id-b").await.unwrap(), None);
    assert_eq!(store.events("id-a", 0).await.unwrap(), [event("a", 1)]);
    store.append(continuation("a", 2)).await.unwrap();
}

#[tokio::test]
async fn an_event_with_a_line_feed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    let added = Append { events: vec![event("a", 2), "{\n}".to_owned()], ..continuation("a", 2) };
    let replaced = Append { replaced: [(1, "{\n}".to_owned())].into(), ..continuation("a", 2) };

    for (append, wrong) in [(added, 3), (replaced, 1)] {
        let refused = store.append(append).await.unwrap_err();

        assert!(matches!(&refused, StoreError::LineFeed { sequence, .. } if *sequence == wrong), "{refused}");
    }
    assert_eq!(store.events("id-a", 0).await.unwrap(), [event("a", 1)]);
}

#[tokio::test]
async fn digests_and_arns_of_every_form_are_read_as_they_were_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let other_region = row("b").arn.replace("us-east-1", "eu-central-1");
    let other_function = row("c").arn.replace(":order:", ":tax:");
    let arns = [row("a").arn, other_region, other_function, "arn/id-d".to_owned()];
    let digests = [&"0a".repeat(32), &"0A".repeat(32), "", "digest"];
    let mut recorded = Vec::new();

    for ((name, arn), digest) in ["a", "b", "c", "d"].into_iter().zip(arns).zip(digests) {
        let mut append = creation(name);
        let created = append.created.as_mut().unwrap();
        (created.arn, created.input_digest) = (arn, digest.to_owned());
        recorded.push(created.clone());
        store.append(append).await.unwrap();
    }

    for row in recorded {
        assert_eq!(store.execution_by_arn(&row.arn).await.unwrap(), Some(row));
    }
}

#[tokio::test]
async fn an_execution_cannot_begin_with_a_later_event() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();

    let refused = store.append(Append { first_sequence: 2, ..creation("a") }).await.unwrap_err();

    assert!(matches!(refused, StoreError::OutOfSequence { expected: 1, given: 2, .. }), "{refused}");
    assert_eq!(store.unfinished().await.unwrap(), []);
}

#[tokio::test]
async fn events_of_an_execution_that_was_never_created_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();

    let refused = store.append(continuation("a", 1)).await.unwrap_err();

    assert!(matches!(refused, StoreError::UnknownExecution { .. }), "{refused}");
}

#[tokio::test]
async fn an_arn_that_does_not_end_with_the_id_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut append = creation("a");
    append.created.as_mut().unwrap().arn = row("b").arn;

    let refused = store.append(append).await.unwrap_err();

    assert!(matches!(refused, StoreError::MismatchedArn { .. }), "{refused}");
    assert_eq!(store.execution("id-a").await.unwrap(), None);
}

#[tokio::test]
async fn another_arn_with_the_same_id_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    let mut same_id = creation("a");
    let other = row("a").arn.replace("us-east-1", "eu-central-1");
    let created = same_id.created.as_mut().unwrap();
    (created.arn, created.execution_name) = (other.clone(), "other".to_owned());

    let refused = store.append(same_id).await.unwrap_err();

    assert!(matches!(refused, StoreError::AlreadyRecorded { .. }), "{refused}");
    assert_eq!(store.execution_by_arn(&other).await.unwrap(), None);
}

#[tokio::test]
async fn a_function_has_each_name_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    let mut same_name = creation("b");
    let mut other_function = creation("c");
    for append in [&mut same_name, &mut other_function] {
        append.created.as_mut().unwrap().execution_name = "a".to_owned();
    }
    other_function.created.as_mut().unwrap().function_name = "hello".to_owned();

    let refused = store.append(same_name).await.unwrap_err();
    store.append(other_function).await.unwrap();

    assert!(matches!(refused, StoreError::AlreadyRecorded { .. }), "{refused}");
    assert_eq!(store.execution("id-b").await.unwrap(), None);
}

#[tokio::test]
async fn the_events_of_concurrent_executions_stay_apart_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let names: Vec<String> = (0..20).map(|index| format!("e{index}")).collect();

    let lanes: Vec<_> = names
        .iter()
        .map(|name| {
            let (store, name) = (store.clone(), name.clone());
            tokio::spawn(async move {
                store.append(creation(&name)).await.unwrap();
                for sequence in 2..=20 {
                    store.append(continuation(&name, sequence)).await.unwrap();
                }
            })
        })
        .collect();
    for lane in lanes {
        lane.await.unwrap();
    }

    for name in &names {
        let expected: Vec<String> = (1..=20).map(|sequence| event(name, sequence)).collect();
        assert_eq!(store.events(&format!("id-{name}"), 0).await.unwrap(), expected);
    }
    assert!(store.commits() < 400, "400 appends in {} transactions", store.commits());
}

#[tokio::test]
async fn an_event_that_is_missing_although_later_ones_are_recorded_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    store.append(creation("b")).await.unwrap();
    store.append(continuation("a", 2)).await.unwrap();
    let file = rusqlite::Connection::open(folder.path().join("durable.sqlite3")).unwrap();
    file.execute("DELETE FROM event_blocks WHERE first_sequence = 1", ()).unwrap();

    let replaced = [(1, "again".to_owned())].into();
    let refused = store.append(Append { replaced, ..continuation("a", 3) }).await.unwrap_err();

    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    assert_eq!(store.events("id-a", 1).await.unwrap(), [event("a", 2)]);
    let unreadable = store.events("id-a", 0).await.unwrap_err();
    assert!(unreadable.to_string().contains("events 1 to 1 of execution `id-a` are missing"), "{unreadable}");
}

#[tokio::test]
async fn an_append_is_acknowledged_only_once_it_is_committed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation("a")).await.unwrap();
    let file = rusqlite::Connection::open(folder.path().join("durable.sqlite3")).unwrap();
    // Each statement succeeds, and the commit alone fails.
    file.execute_batch(
        "CREATE TABLE doomed (execution INTEGER REFERENCES executions (key) DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER doom AFTER INSERT ON event_blocks BEGIN INSERT INTO doomed VALUES (-1); END;",
    )
    .unwrap();

    let refused = store.append(continuation("a", 2)).await;
    file.execute_batch("DROP TRIGGER doom").unwrap();

    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(store.events("id-a", 0).await.unwrap(), [event("a", 1)]);
    store.append(continuation("a", 2)).await.unwrap();
}
