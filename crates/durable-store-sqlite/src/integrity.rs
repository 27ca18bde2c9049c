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
    // Files of earlier versions are checked before they are migrated.
    let is_current = connection.table_exists(None, "event_blocks")?;
    let (events, first, count) =
        if is_current { ("event_blocks", "first_sequence", "count") } else { ("events", "sequence", "1") };
    let gap = format!(
        "SELECT execution FROM {events} GROUP BY execution
         HAVING min({first}) <> 1 OR min({count}) < 1 OR sum({count}) <> max({first} + {count}) - 1 LIMIT 1"
    );
    if let Some(key) = first_key(connection, &gap)? {
        return Ok(Some(format!("events of execution {key} are missing")));
    }
    let orphan = format!(
        "SELECT execution FROM (SELECT DISTINCT execution FROM {events})
         WHERE execution NOT IN (SELECT key FROM executions) LIMIT 1"
    );
    if let Some(key) = first_key(connection, &orphan)? {
        return Ok(Some(format!("execution {key} is missing, but not its events")));
    }
    let nameless = "SELECT key FROM executions
        WHERE arn IS NULL AND arn_prefix NOT IN (SELECT key FROM arn_prefixes) LIMIT 1";
    if is_current && let Some(key) = first_key(connection, nameless)? {
        return Ok(Some(format!("the ARN of execution {key} is missing")));
    }
    Ok(None)
}

fn verdict(connection: &Connection, check: &str) -> rusqlite::Result<Option<String>> {
    let verdict: String = connection.query_row(check, [], |row| row.get(0))?;
    Ok((verdict != "ok").then(|| verdict.replace('\n', " ")))
}

fn first_key(connection: &Connection, query: &str) -> rusqlite::Result<Option<i64>> {
    connection.query_row(query, [], |row| row.get(0)).optional()
}
