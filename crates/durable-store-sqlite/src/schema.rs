//! How the file is laid out, version by version.

/// Tells our files from those of others: `durl` in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x6475_726c;

/// What each version of the schema adds to the one before it. The first begins with an empty file.
///
/// A version that was released stays as it is: files of it exist.
const VERSIONS: [&str; 3] = [
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
    // What ended before there was an expiry is kept for 14 days, which is the default.
    "
    ALTER TABLE executions ADD COLUMN expires_at INTEGER;
    UPDATE executions SET expires_at = ended_at + 1209600000000 WHERE ended_at IS NOT NULL;
    CREATE INDEX executions_expiring ON executions (expires_at) WHERE expires_at IS NOT NULL;
    ",
    // What comes from another store is there to be looked at.
    "
    ALTER TABLE executions ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;
    ",
];

/// The version of the schema, kept in the file.
pub(super) fn version() -> i64 {
    i64::try_from(VERSIONS.len()).unwrap_or(i64::MAX)
}

/// What brings a file of this version up to date; 0 is an empty one. One transaction: a crash in between leaves the
/// file as it was.
pub(super) fn upgrade(from: i64) -> Option<String> {
    let missing = VERSIONS.get(usize::try_from(from).ok()?..).filter(|missing| !missing.is_empty())?;
    let (version, statements) = (version(), missing.concat());
    Some(format!(
        "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}; {statements} \
         COMMIT;"
    ))
}
