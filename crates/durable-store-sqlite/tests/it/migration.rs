//! A record of an older version is brought up to date.

use durable_store_sqlite::Store;
use durable_types::Timestamp;

use super::{continuation, creation, event};

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
    INSERT INTO executions VALUES (1, 'id-a', 'arn:a', 'order', '$LATEST', 'a', 'digest', 1, 'SUCCEEDED', 2);
    INSERT INTO executions VALUES (2, 'id-b', 'arn:b', 'order', '$LATEST', 'b', 'digest', 3, 'RUNNING', NULL);
    INSERT INTO events VALUES (2, 1, '{"event":"b-1"}');
"#;

#[tokio::test]
async fn a_record_of_the_first_version_is_kept_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let old = rusqlite::Connection::open(folder.path().join("durable.sqlite3")).unwrap();
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
