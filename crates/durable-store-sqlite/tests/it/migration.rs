//! A record of an older version is brought up to date.

use std::path::Path;

use durable_store_sqlite::{Append, ExecutionFilter, ExecutionRow, StatusChange, Store, StoreError};
use durable_types::{ExecutionStatus, Timestamp};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{continuation, creation, event, row, unfinished};

/// A file as the first version laid it out, with an execution that has ended and one that has not.
const FIRST_VERSION: &str = r#"
    PRAGMA application_id = 1685418604;
    PRAGMA user_version = 1;
    CREATE TABLE executions (
        key INTEGER PRIMARY KEY,
        execution_id TEXT NOT NULL UNIQUE,
        arn TEXT NOT NULL UNIQUE,
        function_name TEXT NOT NULL,
        function_version TEXT NOT NULL,
        execution_name TEXT NOT NULL,
        input_digest TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        status TEXT NOT NULL,
        ended_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX executions_by_name ON executions (function_name, execution_name);
    CREATE INDEX executions_by_function ON executions (function_name, key);
    CREATE INDEX executions_unfinished ON executions (key) WHERE ended_at IS NULL;
    CREATE TABLE events (
        execution INTEGER NOT NULL REFERENCES executions (key),
        sequence INTEGER NOT NULL,
        event TEXT NOT NULL,
        PRIMARY KEY (execution, sequence)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO executions VALUES (1, 'id-a', 'arn/id-a', 'order', '$LATEST', 'a', 'digest', 1, 'SUCCEEDED', 2);
    INSERT INTO executions VALUES (2, 'id-b', 'arn/id-b', 'order', '$LATEST', 'b', 'digest', 3, 'RUNNING', NULL);
    INSERT INTO events VALUES (2, 1, '{"event":"b-1"}');
"#;

/// What the third version had beyond the first.
const THIRD_VERSION: &str = "
    PRAGMA user_version = 3;
    ALTER TABLE executions ADD COLUMN expires_at INTEGER;
    UPDATE executions SET expires_at = ended_at + 1209600000000 WHERE ended_at IS NOT NULL;
    CREATE INDEX executions_expiring ON executions (expires_at) WHERE expires_at IS NOT NULL;
    ALTER TABLE executions ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;
";

/// A folder of the third version with the executions `e0`, `e1` and so on, every other of which has ended, and `x`,
/// which was imported. Every fifth has its id as its name.
fn folder_of_the_third_version(executions: i64) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut old = connect(folder.path());
    old.execute_batch(FIRST_VERSION).unwrap();
    old.execute_batch("DELETE FROM events; DELETE FROM executions;").unwrap();
    old.execute_batch(THIRD_VERSION).unwrap();
    let transaction = old.transaction().unwrap();
    let names: Vec<String> =
        (0..executions).map(|index| format!("e{index}")).chain(["x".to_owned()]).collect();
    for (name, index) in names.iter().zip(0_i64..) {
        let recorded = recorded(name, index);
        transaction
            .execute(
                "INSERT INTO executions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                rusqlite::params![
                    index * 3 + 1,
                    recorded.execution_id,
                    recorded.arn,
                    recorded.function_name,
                    recorded.function_version,
                    recorded.execution_name,
                    recorded.input_digest,
                    recorded.started_at.as_micros(),
                    recorded.status.as_str(),
                    recorded.ended_at.map(Timestamp::as_micros),
                    recorded.expires_at.map(Timestamp::as_micros),
                    recorded.is_imported,
                ],
            )
            .unwrap();
        for sequence in 1..=2_u64 {
            let values = (index * 3 + 1, i64::try_from(sequence).unwrap(), event(name, sequence));
            transaction.execute("INSERT INTO events VALUES (?1, ?2, ?3)", values).unwrap();
        }
    }
    transaction.commit().unwrap();
    old.close().unwrap();
    folder
}

fn recorded(name: &str, index: i64) -> ExecutionRow {
    let has_ended = name != "x" && index % 2 == 1;
    let mut row = row(name);
    if index % 5 == 0 {
        row.arn = row.arn.replace(&format!("/{name}/"), &format!("/{}/", row.execution_id));
        row.execution_name.clone_from(&row.execution_id);
    }
    let (input_digest, arn) = match name {
        // Earlier versions accepted any digest, and any ARN that ends with the id.
        "x" => ("digest".to_owned(), format!("arn/{}", row.execution_id)),
        _ => (format!("{index:064x}"), row.arn.clone()),
    };
    ExecutionRow {
        input_digest,
        arn,
        started_at: Timestamp::from_micros(index),
        status: if has_ended { ExecutionStatus::Failed } else { ExecutionStatus::Running },
        ended_at: has_ended.then(|| Timestamp::from_micros(index + 1)),
        expires_at: has_ended.then(|| Timestamp::from_micros(index + 2)),
        is_imported: name == "x",
        ..row
    }
}

fn connect(folder: &Path) -> Connection {
    Connection::open(folder.join("durable.sqlite3")).unwrap()
}

fn number(folder: &Path, pragma: &str) -> i64 {
    connect(folder).pragma_query_value(None, pragma, |row| row.get(0)).unwrap()
}

/// Checks that everything is there that [`folder_of_the_third_version`] holds.
async fn assert_is_whole(store: &Store, executions: i64) {
    let listed = store.list(ExecutionFilter::default(), usize::MAX).await.unwrap().executions;
    let names: Vec<_> = (0..executions).map(|index| format!("e{index}")).chain(["x".to_owned()]).collect();
    let all: Vec<_> = names.iter().zip(0..).map(|(name, index)| recorded(name, index)).collect();
    assert_eq!(listed, all);
    let is_unfinished = |row: &&ExecutionRow| row.ended_at.is_none() && !row.is_imported;
    let key = |row: &ExecutionRow| unfinished(row.execution_id.trim_start_matches("id-"));
    let open: Vec<_> = all.iter().filter(is_unfinished).map(key).collect();
    assert_eq!(store.unfinished().await.unwrap(), open);
    let expired = store.expired(Timestamp::from_millis(1_000), 10_000).await.unwrap();
    assert_eq!(expired.len(), all.iter().filter(|row| row.expires_at.is_some()).count());
    for (row, name) in all.into_iter().zip(names) {
        assert_eq!(store.execution_by_arn(&row.arn).await.unwrap(), Some(row.clone()));
        assert_eq!(store.execution_by_name("order", &row.execution_name).await.unwrap(), Some(row.clone()));
        assert_eq!(store.events(&row.execution_id, 0).await.unwrap(), [event(&name, 1), event(&name, 2)]);
    }
}

#[tokio::test]
async fn a_record_of_the_first_version_is_kept_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let old = connect(folder.path());
    old.execute_batch(FIRST_VERSION).unwrap();
    old.close().unwrap();

    let store = Store::open(folder.path()).unwrap();
    store.append(continuation("b", 2)).await.unwrap();
    store.append(creation("c")).await.unwrap();

    let ended = store.execution("id-a").await.unwrap().unwrap();
    assert_eq!(ended.expires_at, Some(Timestamp::from_micros(2 + 14 * 86_400_000_000)));
    assert_eq!(store.execution("id-b").await.unwrap().unwrap().expires_at, None);
    assert_eq!(store.events("id-b", 0).await.unwrap(), [event("b", 1), event("b", 2)]);
    drop(store);
    assert!(Store::open(folder.path()).is_ok(), "it is brought up to date once");
}

#[tokio::test]
async fn a_record_of_the_third_version_is_whole_after_its_migration() {
    let folder = folder_of_the_third_version(50);

    let store = Store::open(folder.path()).unwrap();

    assert_is_whole(&store, 50).await;
    drop(store);
    let (version, schema) = (number(folder.path(), "user_version"), number(folder.path(), "schema_version"));
    assert_is_whole(&Store::open(folder.path()).unwrap(), 50).await;
    assert_eq!((version, number(folder.path(), "schema_version")), (7, schema), "it is migrated once");
}

#[tokio::test]
async fn a_migrated_record_is_written_like_a_new_one() {
    let folder = folder_of_the_third_version(50);
    let store = Store::open(folder.path()).unwrap();

    store.append(continuation("e0", 3)).await.unwrap();
    store.append(creation("new")).await.unwrap();
    let change = StatusChange {
        status: ExecutionStatus::Stopped,
        ended_at: Some(Timestamp::EPOCH),
        expires_at: Some(Timestamp::EPOCH),
    };
    store.append(Append { status: Some(change), ..continuation("e2", 3) }).await.unwrap();
    store.delete("id-e1").await.unwrap();

    let again = store.append(creation("e4")).await;
    assert!(matches!(again, Err(StoreError::AlreadyRecorded { .. })), "{again:?}");
    assert_eq!(store.events("id-e0", 2).await.unwrap(), [event("e0", 3)]);
    assert_eq!(store.execution("id-e1").await.unwrap(), None);
    assert_eq!(store.events("id-e1", 0).await.unwrap(), [""; 0]);
    let stopped = ExecutionFilter { statuses: vec![ExecutionStatus::Stopped], ..ExecutionFilter::default() };
    assert_eq!(store.list(stopped, 10).await.unwrap().executions.len(), 1);
    drop(store);
    let file = connect(folder.path());
    let problems: i64 =
        file.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(problems, 0);
}

#[tokio::test]
async fn a_migration_shortens_digests_arns_and_names() {
    let folder = folder_of_the_third_version(50);

    drop(Store::open(folder.path()).unwrap());

    let shortened = "SELECT count(*), sum(octet_length(input_digest)), group_concat(DISTINCT prefix),
            count(*) - count(execution_name)
        FROM executions JOIN arn_prefixes ON arn_prefixes.key = arn_prefix WHERE arn IS NULL";
    let found = connect(folder.path()).query_row(shortened, (), |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
    });
    let prefix = "arn:aws:lambda:us-east-1:000000000000:function:";
    assert_eq!(found.unwrap(), (50, 50 * 32, prefix.to_owned(), 10));
}

#[tokio::test]
async fn events_of_a_migrated_record_still_need_their_execution() {
    let folder = folder_of_the_third_version(2);
    drop(Store::open(folder.path()).unwrap());
    let file = connect(folder.path());
    file.pragma_update(None, "foreign_keys", true).unwrap();

    let refused = file.execute("INSERT INTO event_blocks VALUES (999, 1, 1, '{}')", []);

    assert!(refused.is_err());
}
