//! Lists of executions, page by page.

use durable_host::store::{ExecutionFilter, ExecutionPage, PagePosition};
use durable_types::{ExecutionStatus, Timestamp};
use rusqlite::{Connection, params};

use super::reader::{ROW_COLUMNS, row};

/// Reads one page of at most `limit` executions.
pub(super) fn page(
    connection: &Connection,
    filter: &ExecutionFilter,
    limit: usize,
) -> rusqlite::Result<ExecutionPage> {
    let statuses: Vec<&str> = filter.statuses.iter().map(ExecutionStatus::as_str).collect();
    let statuses = (!statuses.is_empty()).then(|| serde_json::Value::from(statuses).to_string());
    let (beyond, order) = if filter.newest_first { ("<", "DESC") } else { (">", "ASC") };
    let mut select = connection.prepare_cached(&format!(
        "SELECT {ROW_COLUMNS}, key FROM executions
         WHERE (?1 IS NULL OR function_name = ?1)
             AND (?2 IS NULL OR execution_name = ?2)
             AND (?3 IS NULL OR status IN (SELECT value FROM json_each(?3)))
             AND (?4 IS NULL OR started_at > ?4)
             AND (?5 IS NULL OR started_at < ?5)
             AND (?6 IS NULL OR key {beyond} ?6)
             AND (?7 IS NULL OR function_version = ?7)
         ORDER BY key {order} LIMIT ?8"
    ))?;
    // One more than asked for tells whether there is a next page.
    let fetched = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let rows = select.query_map(
        params![
            filter.function_name,
            filter.execution_name,
            statuses,
            filter.started_after.map(Timestamp::as_micros),
            filter.started_before.map(Timestamp::as_micros),
            filter.after.map(PagePosition::into_number),
            filter.function_version,
            fetched,
        ],
        |columns| Ok((row(columns)?, PagePosition::from_number(columns.get("key")?))),
    )?;
    let mut found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().map(|(_, position)| *position).filter(|_| more);
    Ok(ExecutionPage { executions: found.into_iter().map(|(row, _)| row).collect(), next })
}
