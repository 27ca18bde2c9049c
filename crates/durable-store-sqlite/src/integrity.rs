//! Checks that a database is complete and consistent.

use rusqlite::{Connection, OptionalExtension};

/// Returns the first structural damage of the database. It reads every page.
pub(super) fn structural_damage(connection: &Connection) -> rusqlite::Result<Option<String>> {
    verdict(connection, "PRAGMA quick_check(1)")
}

/// Returns the first damage that a copy of a file in use may have: of the structure, or an index or events that do not
/// match their table.
///
/// Such a copy mixes pages of different times. Its structure can be sound although some pages are outdated.
pub(super) fn any_damage(connection: &Connection) -> rusqlite::Result<Option<String>> {
    if let Some(damage) = verdict(connection, "PRAGMA integrity_check(1)")? {
        return Ok(Some(damage));
    }
    let gap = "SELECT execution FROM events GROUP BY execution
        HAVING min(sequence) <> 1 OR count(*) <> max(sequence) LIMIT 1";
    if let Some(key) = first(connection, gap)? {
        return Ok(Some(format!("events of execution {key} are missing")));
    }
    let orphan = "SELECT execution FROM (SELECT DISTINCT execution FROM events)
        WHERE execution NOT IN (SELECT key FROM executions) LIMIT 1";
    if let Some(key) = first(connection, orphan)? {
        return Ok(Some(format!("execution {key} is missing, but not its events")));
    }
    Ok(None)
}

fn verdict(connection: &Connection, check: &str) -> rusqlite::Result<Option<String>> {
    let verdict: String = connection.query_row(check, [], |row| row.get(0))?;
    Ok((verdict != "ok").then(|| verdict.replace('\n', " ")))
}

fn first(connection: &Connection, query: &str) -> rusqlite::Result<Option<i64>> {
    connection.query_row(query, [], |row| row.get(0)).optional()
}
