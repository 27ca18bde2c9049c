//! The prefixes of ARNs, which name the partition, the region and the account.

use durable_host::store::ExecutionRow;
use rusqlite::{Connection, OptionalExtension};

/// Returns the part of the ARN of an execution that precedes the name of its function, if the other columns determine the
/// rest.
pub(super) fn prefix(row: &ExecutionRow) -> Option<&str> {
    let ExecutionRow { function_name, function_version, execution_name, execution_id, .. } = row;
    let rest =
        format!("{function_name}:{function_version}/durable-execution/{execution_name}/{execution_id}");
    row.arn.strip_suffix(&rest)
}

/// Returns the key of a prefix, recording it if it is new.
///
/// There is one for each region and account, so prefixes are never deleted.
pub(super) fn key(connection: &Connection, prefix: &str) -> rusqlite::Result<i64> {
    let mut select = connection.prepare_cached("SELECT key FROM arn_prefixes WHERE prefix = ?1")?;
    match select.query_row([prefix], |row| row.get(0)).optional()? {
        Some(key) => Ok(key),
        None => connection.prepare_cached("INSERT INTO arn_prefixes (prefix) VALUES (?1)")?.insert([prefix]),
    }
}
