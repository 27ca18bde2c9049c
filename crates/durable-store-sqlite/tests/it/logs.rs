//! The log of functions: files of the first version, and lines that are not in the order of time.

use std::path::Path;

use durable_store_sqlite::logs::{LogLine, LogQuery, LogStore};
use durable_types::Timestamp;
use rusqlite::Connection;

const PLENTY: u64 = 64 * 1024 * 1024;

/// A log as the first version laid it out; the third line is older than the second.
const FIRST_VERSION: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA user_version = 1;
    CREATE TABLE lines (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        function TEXT NOT NULL,
        stream TEXT NOT NULL,
        request_id TEXT,
        execution TEXT,
        text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX lines_by_execution ON lines (execution, id) WHERE execution IS NOT NULL;
    INSERT INTO lines VALUES (3, 10, 'order', 'process/1', NULL, NULL, 'one');
    INSERT INTO lines VALUES (4, 30, 'order', 'process/1', 'r-2', 'arn/a', 'two');
    INSERT INTO lines VALUES (7, 20, 'order', 'process/1', 'r-3', 'arn/b', 'three');
    INSERT INTO lines VALUES (8, 40, 'order', 'process/1', 'r-2', 'arn/a', 'four');
";

fn line(at: i64, request_id: &str, text: &str) -> LogLine {
    LogLine {
        at: Timestamp::from_millis(at),
        function: "order".to_owned(),
        stream: "process/1".to_owned(),
        request_id: Some(request_id.to_owned()),
        execution: None,
        text: text.to_owned(),
    }
}

fn query() -> LogQuery {
    LogQuery { limit: 100, ..LogQuery::default() }
}

async fn texts(log: &LogStore, query: LogQuery) -> Vec<String> {
    log.read(query).await.unwrap().lines.into_iter().map(|(_, line)| line.text).collect()
}

fn schema_version(folder: &Path) -> i64 {
    let file = Connection::open(folder.join("logs.sqlite3")).unwrap();
    file.pragma_query_value(None, "schema_version", |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_log_of_the_first_version_keeps_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let old = Connection::open(folder.path().join("logs.sqlite3")).unwrap();
    old.execute_batch(FIRST_VERSION).unwrap();
    old.close().unwrap();

    let log = LogStore::open(folder.path(), PLENTY).unwrap();
    log.write(line(15, "r-4", "five"));

    assert_eq!(texts(&log, query()).await, ["one", "two", "three", "four", "five"]);
    let of_a = LogQuery { execution: Some("arn/a".to_owned()), ..query() };
    assert_eq!(texts(&log, of_a).await, ["two", "four"]);
    assert_eq!(texts(&log, LogQuery { start: Some(20), ..query() }).await, ["two", "three", "four"]);
    assert_eq!(texts(&log, LogQuery { start: Some(11), ..query() }).await, ["two", "three", "four", "five"]);
    log.forget("arn/a");
    assert_eq!(texts(&log, query()).await, ["one", "three", "five"]);
    drop(log);
    let schema = schema_version(folder.path());
    drop(LogStore::open(folder.path(), PLENTY).unwrap());
    assert_eq!(schema_version(folder.path()), schema, "it is migrated once");
}

#[tokio::test]
async fn lines_are_found_by_time_whatever_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let log = LogStore::open(folder.path(), PLENTY).unwrap();
    for (at, text) in [(10, "a"), (50, "b"), (20, "c")] {
        log.write(line(at, "r", text));
    }
    drop(log);

    let log = LogStore::open(folder.path(), PLENTY).unwrap();
    for (at, text) in [(30, "d"), (60, "e"), (5, "f")] {
        log.write(line(at, "r", text));
    }

    for (start, expected) in [(0, "abcdef"), (6, "abcde"), (21, "bde"), (51, "e"), (61, "")] {
        let found = texts(&log, LogQuery { start: Some(start), ..query() }).await.concat();
        assert_eq!(found, expected, "since {start}");
    }
}
