//! Finds executions by a prefix of their names or ids.

use std::collections::BTreeSet;

use durable_host::store::ExecutionRow;
use rusqlite::{Connection, params};

use crate::reader::{ROW_COLUMNS, row};

/// Executions by a prefix of their names. [`IDS`] selects those whose names are their ids.
const NAMES: &str = "SELECT key FROM executions INDEXED BY executions_by_name
     WHERE execution_name >= ?1 AND execution_name < ?2";

/// Executions by a prefix of their ids.
const IDS: &str = "SELECT key FROM executions WHERE execution_id >= ?1 AND execution_id < ?2";

/// Reads at most `limit` executions, of one function or of all, whose names or ids start with a prefix.
pub(crate) fn beginning_with(
    connection: &Connection,
    prefix: &str,
    function_name: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<ExecutionRow>> {
    let snapshot = connection.unchecked_transaction()?;
    let mut keys = BTreeSet::new();
    for (select, order) in [(NAMES, "execution_name, function_name"), (IDS, "execution_id")] {
        keys.extend(matches(&snapshot, (select, order), prefix, function_name, limit)?);
    }
    let mut select =
        snapshot.prepare_cached(&format!("SELECT {ROW_COLUMNS} FROM executions WHERE key = ?1"))?;
    keys.into_iter().take(limit).map(|key| select.query_row([key], row)).collect()
}

fn matches(
    connection: &Connection,
    (select, order): (&str, &str),
    prefix: &str,
    function_name: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    // SQLite compares text by bytes, and no valid name or id contains the greatest character.
    let end = format!("{prefix}{}", char::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let key = |row: &rusqlite::Row<'_>| row.get(0);
    match function_name {
        Some(function) => connection
            .prepare_cached(&format!("{select} AND function_name = ?3 ORDER BY {order} LIMIT ?4"))?
            .query_map(params![prefix, end, function, limit], key)?
            .collect(),
        None => connection
            .prepare_cached(&format!("{select} ORDER BY {order} LIMIT ?3"))?
            .query_map(params![prefix, end, limit], key)?
            .collect(),
    }
}
