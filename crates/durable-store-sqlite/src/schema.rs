//! The versions of the database schema and the migrations between them.

/// Identifies our files: `durl` in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x6475_726c;

/// The migration to each version of the schema from the one before. The first starts from an empty file.
///
/// Released versions never change, because files of them exist.
const VERSIONS: [&str; 7] = [
    "
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
    ",
    // Executions that ended before expiries were recorded get the default retention of 14 days.
    "
    ALTER TABLE executions ADD COLUMN expires_at INTEGER;
    UPDATE executions SET expires_at = ended_at + 1209600000000 WHERE ended_at IS NOT NULL;
    CREATE INDEX executions_expiring ON executions (expires_at) WHERE expires_at IS NOT NULL;
    ",
    // Imported executions are read-only.
    "
    ALTER TABLE executions ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;
    ",
    // An ARN ends with the execution id, so ARNs are unique without an index. SQLite cannot drop a table constraint, so
    // the table is rebuilt. Keys stay the same, so events are not touched.
    "
    CREATE TABLE executions_rebuilt (
        key INTEGER PRIMARY KEY,
        execution_id TEXT NOT NULL UNIQUE,
        arn TEXT NOT NULL,
        function_name TEXT NOT NULL,
        function_version TEXT NOT NULL,
        execution_name TEXT NOT NULL,
        input_digest TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        status TEXT NOT NULL,
        ended_at INTEGER,
        expires_at INTEGER,
        imported INTEGER NOT NULL
    ) STRICT;
    INSERT INTO executions_rebuilt
        SELECT key, execution_id, arn, function_name, function_version, execution_name, input_digest, started_at,
            status, ended_at, expires_at, imported
        FROM executions ORDER BY key;
    DROP TABLE executions;
    ALTER TABLE executions_rebuilt RENAME TO executions;
    CREATE UNIQUE INDEX executions_by_name ON executions (execution_name, function_name);
    CREATE INDEX executions_by_start ON executions (started_at);
    CREATE INDEX executions_by_group ON executions
        ((ended_at IS NULL), status, function_name, function_version, started_at);
    CREATE INDEX executions_expiring ON executions (expires_at) WHERE expires_at IS NOT NULL;
    ",
    // When an unfinished execution has to be loaded, in microseconds: NULL is at the start, and the greatest number is not
    // before something happens to it.
    "
    ALTER TABLE executions ADD COLUMN wakes_at INTEGER;
    ",
    // The events of one append are one block, in one of the formats of `EventBlock`. An older event is a block of its own.
    // A digest of 64 hex digits is stored as 32 bytes, and an ARN by its prefix if other columns determine the rest. The
    // rebuilt table keeps its keys.
    "
    CREATE TABLE arn_prefixes (key INTEGER PRIMARY KEY, prefix TEXT NOT NULL UNIQUE) STRICT;
    INSERT INTO arn_prefixes (prefix)
        SELECT DISTINCT substr(arn, 1, length(arn) - length(rest))
        FROM (
            SELECT arn, function_name || ':' || function_version || '/durable-execution/' || execution_name || '/'
                || execution_id AS rest
            FROM executions
        )
        WHERE substr(arn, -length(rest)) = rest;
    CREATE TABLE executions_rebuilt (
        key INTEGER PRIMARY KEY,
        execution_id TEXT NOT NULL UNIQUE,
        arn_prefix INTEGER REFERENCES arn_prefixes (key),
        arn TEXT,
        function_name TEXT NOT NULL,
        function_version TEXT NOT NULL,
        execution_name TEXT NOT NULL,
        input_digest ANY NOT NULL,
        started_at INTEGER NOT NULL,
        status TEXT NOT NULL,
        ended_at INTEGER,
        expires_at INTEGER,
        imported INTEGER NOT NULL,
        wakes_at INTEGER
    ) STRICT;
    INSERT INTO executions_rebuilt
        SELECT executions.key, execution_id, arn_prefixes.key, iif(arn_prefixes.key IS NULL, arn, NULL), function_name,
            function_version, execution_name,
            iif(length(input_digest) = 64 AND input_digest NOT GLOB '*[^0-9a-f]*', unhex(input_digest), input_digest),
            started_at, status, ended_at, expires_at, imported, wakes_at
        FROM executions LEFT JOIN arn_prefixes
            ON prefix = substr(arn, 1, length(arn) - length(function_name || ':' || function_version
                    || '/durable-execution/' || execution_name || '/' || execution_id))
                AND arn = prefix || function_name || ':' || function_version || '/durable-execution/' || execution_name
                    || '/' || execution_id
        ORDER BY executions.key;
    DROP TABLE executions;
    ALTER TABLE executions_rebuilt RENAME TO executions;
    CREATE UNIQUE INDEX executions_by_name ON executions (execution_name, function_name);
    CREATE INDEX executions_by_start ON executions (started_at);
    CREATE INDEX executions_by_group ON executions
        ((ended_at IS NULL), status, function_name, function_version, started_at);
    CREATE INDEX executions_expiring ON executions (expires_at) WHERE expires_at IS NOT NULL;
    CREATE TABLE event_blocks (
        execution INTEGER NOT NULL REFERENCES executions (key),
        first_sequence INTEGER NOT NULL,
        count INTEGER NOT NULL,
        block BLOB NOT NULL,
        PRIMARY KEY (execution, first_sequence)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO event_blocks SELECT execution, sequence, 1, CAST(event AS BLOB) FROM events;
    DROP TABLE events;
    ",
    // A name is NULL if it is the id, as for executions started without a name. The rebuilt table keeps its keys.
    "
    CREATE TABLE executions_rebuilt (
        key INTEGER PRIMARY KEY,
        execution_id TEXT NOT NULL UNIQUE,
        arn_prefix INTEGER REFERENCES arn_prefixes (key),
        arn TEXT,
        function_name TEXT NOT NULL,
        function_version TEXT NOT NULL,
        execution_name TEXT,
        input_digest ANY NOT NULL,
        started_at INTEGER NOT NULL,
        status TEXT NOT NULL,
        ended_at INTEGER,
        expires_at INTEGER,
        imported INTEGER NOT NULL,
        wakes_at INTEGER
    ) STRICT;
    INSERT INTO executions_rebuilt
        SELECT key, execution_id, arn_prefix, arn, function_name, function_version,
            nullif(execution_name, execution_id), input_digest, started_at, status, ended_at, expires_at, imported,
            wakes_at
        FROM executions ORDER BY key;
    DROP TABLE executions;
    ALTER TABLE executions_rebuilt RENAME TO executions;
    CREATE UNIQUE INDEX executions_by_name ON executions (execution_name, function_name)
        WHERE execution_name IS NOT NULL;
    CREATE INDEX executions_by_start ON executions (started_at);
    CREATE INDEX executions_by_group ON executions
        ((ended_at IS NULL), status, function_name, function_version, started_at);
    CREATE INDEX executions_expiring ON executions (expires_at) WHERE expires_at IS NOT NULL;
    ",
];

/// The current version of the schema, which is recorded in the file.
pub(super) fn version() -> i64 {
    i64::try_from(VERSIONS.len()).unwrap_or(i64::MAX)
}

/// Returns the statements that migrate a file from a version, 0 being an empty file, if there is anything to migrate.
///
/// They are one transaction, so a crash leaves the file as it was. Enforcement of foreign keys must be off, because a
/// referenced table may be replaced.
pub(super) fn upgrade(from: i64) -> Option<String> {
    let missing = VERSIONS.get(usize::try_from(from).ok()?..).filter(|missing| !missing.is_empty())?;
    let (version, statements) = (version(), missing.concat());
    Some(format!(
        "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}; {statements} \
         COMMIT;"
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use durable_host::store::ExecutionFilter;
    use rusqlite::Connection;

    use super::*;
    use crate::Store;

    const FILES: [&str; 2] = ["durable.sqlite3", "durable.sqlite3-wal"];

    /// Lays out a file as an earlier version did, with this many executions. The id of every other one is its name.
    fn lay_out_earlier(connection: &Connection, version: usize, executions: usize) {
        let statements = VERSIONS[..version].concat();
        let (imported, zero) = if version < 3 { ("", "") } else { (", imported", ", 0") };
        let events = if version < 6 {
            "events SELECT key, 1, '{}'"
        } else {
            "event_blocks SELECT key, 1, 1, CAST('{}' AS BLOB)"
        };
        connection
            .execute_batch(&format!(
                "PRAGMA journal_mode = WAL;
                 PRAGMA application_id = {APPLICATION_ID};
                 PRAGMA user_version = {version};
                 {statements}
                 WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT {executions})
                 INSERT INTO executions (execution_id, arn, function_name, function_version, execution_name,
                     input_digest, started_at, status{imported})
                     SELECT 'id' || n, 'arn/id' || n, 'order', '1', iif(n % 2, 'e', 'id') || n, '', n,
                         'RUNNING'{zero}
                     FROM numbers;
                 INSERT INTO {events} FROM executions;"
            ))
            .unwrap();
    }

    #[tokio::test]
    async fn a_migration_that_a_crash_cuts_off_is_done_by_the_next_opening() {
        let (folder, left) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let connection = Connection::open(folder.path().join(FILES[0])).unwrap();
        lay_out_earlier(&connection, 3, 5_000);
        connection
            .execute_batch(
                "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA foreign_keys = OFF; PRAGMA cache_size = 10;",
            )
            .unwrap();
        let migration = upgrade(3).unwrap();

        connection.execute_batch(migration.strip_suffix("COMMIT;").unwrap()).unwrap();
        for file in FILES {
            fs::copy(folder.path().join(file), left.path().join(file)).unwrap();
        }

        let written = fs::metadata(left.path().join(FILES[1])).unwrap().len();
        assert!(written > 100_000, "the crash leaves {written} bytes of the migration");
        let store = Store::open(left.path()).unwrap();
        assert_eq!(store.unfinished().await.unwrap().len(), 5_000);
        assert_eq!(store.execution_by_arn("arn/id4711").await.unwrap().unwrap().execution_name, "e4711");
        assert_eq!(store.events("id4711", 0).await.unwrap(), ["{}"]);
    }

    #[tokio::test]
    async fn a_file_of_every_version_is_read_as_before() {
        for version in 1..VERSIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let connection = Connection::open(folder.path().join(FILES[0])).unwrap();
            lay_out_earlier(&connection, version, 3);
            let more = [r#"{"a":1}"#, r#"{"ä":"\n"}"#];
            for (event, sequence) in more.iter().zip(2..) {
                let row = if version < 6 {
                    "events VALUES (2, ?1, ?2)"
                } else {
                    "event_blocks VALUES (2, ?1, 1, CAST(?2 AS BLOB))"
                };
                connection.execute(&format!("INSERT INTO {row}"), (sequence, event)).unwrap();
            }
            connection.close().unwrap();

            let store = Store::open(folder.path()).unwrap();

            let rows = store.list(ExecutionFilter::default(), 10).await.unwrap().executions;
            let texts: Vec<_> = rows
                .iter()
                .map(|row| [&row.arn, &row.execution_name, &row.input_digest].map(String::as_str))
                .collect();
            let expected = [["arn/id1", "e1", ""], ["arn/id2", "id2", ""], ["arn/id3", "e3", ""]];
            assert_eq!(texts, expected, "version {version}");
            for row in rows {
                let named = store.execution_by_name("order", &row.execution_name).await.unwrap();
                assert_eq!(named, Some(row), "version {version}");
            }
            assert_eq!(store.events("id1", 0).await.unwrap(), ["{}"]);
            assert_eq!(store.events("id2", 1).await.unwrap(), more);
        }
    }

    #[test]
    fn every_version_is_brought_to_the_schema_of_a_new_file() {
        let schema = |connection: &Connection| {
            let mut select = connection.prepare("SELECT sql FROM sqlite_schema ORDER BY name").unwrap();
            let statements = select.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap();
            statements.map(Result::unwrap).collect::<Vec<_>>()
        };
        let new = Connection::open_in_memory().unwrap();
        new.execute_batch(&upgrade(0).unwrap()).unwrap();

        for version in 1..VERSIONS.len() {
            let old = Connection::open_in_memory().unwrap();
            lay_out_earlier(&old, version, 3);
            old.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
            old.execute_batch(&upgrade(i64::try_from(version).unwrap()).unwrap()).unwrap();

            assert_eq!(schema(&old), schema(&new), "version {version}");
        }
    }
}
