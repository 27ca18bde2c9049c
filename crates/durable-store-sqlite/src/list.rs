//! Lists of executions, page by page.

use durable_types::{ExecutionStatus, Timestamp};
use rusqlite::{Connection, params};

use super::reader::{ROW_COLUMNS, row};
use super::row::ExecutionRow;

/// Which executions a list shows. The default shows all, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// Those of this function.
    pub function_name: Option<String>,
    /// Those of this version of their function.
    pub function_version: Option<String>,
    /// Those of this name.
    pub execution_name: Option<String>,
    /// Those with one of these statuses; any status if empty.
    pub statuses: Vec<ExecutionStatus>,
    /// Those started after this moment.
    pub started_after: Option<Timestamp>,
    /// Those started before this moment.
    pub started_before: Option<Timestamp>,
    /// The newest first.
    pub newest_first: bool,
    /// Those behind this position, where an earlier page ended.
    pub after: Option<PagePosition>,
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagePosition(i64);

impl PagePosition {
    /// The position as a number, to be put into a marker.
    pub fn into_number(self) -> i64 {
        self.0
    }

    /// The position that a marker's number means.
    pub fn from_number(number: i64) -> Self {
        Self(number)
    }
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionPage {
    /// Its executions.
    pub executions: Vec<ExecutionRow>,
    /// Where the next page begins, if there is more.
    pub next: Option<PagePosition>,
}

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
        |columns| Ok((row(columns)?, PagePosition(columns.get("key")?))),
    )?;
    let mut found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().map(|(_, position)| *position).filter(|_| more);
    Ok(ExecutionPage { executions: found.into_iter().map(|(row, _)| row).collect(), next })
}
