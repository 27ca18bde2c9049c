//! The schema of the log file, and the migration from its first version.

use rusqlite::Connection;

/// The version of the schema, which is recorded in the file.
const VERSION: i64 = 2;

/// The schema of a new file.
///
/// # Invariants
/// - `at + behind` never decreases with `id`: it is the latest time among the lines up to this one. `behind` is 0 unless
///   a line is older than one before it, because it was imported or the clock was set back. So a time is found by a
///   binary search over ids, without an index.
/// - Lines of an execution are indexed by the end of its ARN, which holds the id. Whole ARNs would make the index larger
///   than the text of most lines.
const SCHEMA: &str = "
    CREATE TABLE lines (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        function TEXT NOT NULL,
        stream TEXT NOT NULL,
        request_id TEXT,
        execution TEXT,
        text TEXT NOT NULL,
        behind INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX lines_by_execution ON lines (substr(execution, -36), id) WHERE execution IS NOT NULL;
";

/// The migration from the first version to the second.
const SECOND_VERSION: &str = "
    ALTER TABLE lines ADD COLUMN behind INTEGER NOT NULL DEFAULT 0;
    UPDATE lines SET behind = latest - lines.at
        FROM (SELECT id, max(at) OVER (ORDER BY id) AS latest FROM lines) AS running
        WHERE running.id = lines.id AND latest > lines.at;
    DROP INDEX lines_by_execution;
    CREATE INDEX lines_by_execution ON lines (substr(execution, -36), id) WHERE execution IS NOT NULL;
";

/// Migrates a file in one transaction. A file of an unknown version is emptied, because a log holds nothing that must be
/// kept.
pub(super) fn lay_out(connection: &Connection) -> rusqlite::Result<()> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let statements = match version {
        VERSION => return Ok(()),
        1 => SECOND_VERSION.to_owned(),
        _ => format!("DROP TABLE IF EXISTS lines; {SCHEMA}"),
    };
    connection
        .execute_batch(&format!("BEGIN IMMEDIATE; {statements} PRAGMA user_version = {VERSION}; COMMIT;"))
}
