//! Reads a page of a list.

use durable_host::store::{ExecutionFilter, ExecutionPage, ExecutionRow, PagePosition, PositionRange};
use rusqlite::{Connection, params};

use super::group::{GroupReader, groups};
use super::merge::merge;
use crate::execution_name::IS_NAMED;
use crate::reader::{ROW_COLUMNS, row};

/// Reads one page of at most `limit` executions.
///
/// Indexes answer each filter, whatever it combines:
/// - By name or id, if the filter has a name. At most one execution per function has it, and these are sorted.
/// - By start time, if the filter has nothing but times.
/// - By group otherwise. The groups that pass are merged.
pub(crate) fn page(
    connection: &Connection,
    filter: &ExecutionFilter,
    limit: usize,
) -> rusqlite::Result<ExecutionPage> {
    // All statements see the same executions.
    let snapshot = connection.unchecked_transaction()?;
    // One more than asked for tells whether there is a next page.
    let fetched = limit.saturating_add(1);
    let mut found = match &filter.execution_name {
        Some(name) => named(&snapshot, filter, name)?,
        None => {
            let positions = positions(&snapshot, filter, fetched)?;
            rows(&snapshot, positions)?
        }
    };
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().map(|(position, _)| *position).filter(|_| more);
    Ok(ExecutionPage { executions: found.into_iter().map(|(_, row)| row).collect(), next })
}

/// The executions of this name that pass the filter, in order.
fn named(
    connection: &Connection,
    filter: &ExecutionFilter,
    name: &str,
) -> rusqlite::Result<Vec<(PagePosition, ExecutionRow)>> {
    let by_name = format!("SELECT {ROW_COLUMNS}, key FROM executions WHERE {IS_NAMED}");
    let (bounds, mut found) = (filter.bounds(), Vec::new());
    let mut select = connection.prepare_cached(&by_name)?;
    let rows = match &filter.function_name {
        Some(function) => {
            select = connection.prepare_cached(&format!("{by_name} AND function_name = ?2"))?;
            select.query_map([name, function], positioned)?
        }
        None => select.query_map([name], positioned)?,
    };
    for row in rows {
        let (position, row) = row?;
        if bounds.contains(position) && filter.passes(&row) {
            found.push((position, row));
        }
    }
    found.sort_unstable_by_key(|(position, _)| *position);
    if filter.newest_first {
        found.reverse();
    }
    Ok(found)
}

/// The first positions that pass a filter without a name.
fn positions(
    connection: &Connection,
    filter: &ExecutionFilter,
    limit: usize,
) -> rusqlite::Result<Vec<PagePosition>> {
    let bounds = filter.bounds();
    let by_time_alone =
        filter.function_name.is_none() && filter.function_version.is_none() && filter.statuses.is_empty();
    if by_time_alone {
        return started(connection, bounds, filter.newest_first, limit);
    }
    let mut reader = GroupReader::new(connection, filter.newest_first)?;
    merge(&mut reader, groups(connection, filter)?, bounds, limit)
}

/// The first positions within the bounds.
fn started(
    connection: &Connection,
    bounds: PositionRange,
    newest_first: bool,
    limit: usize,
) -> rusqlite::Result<Vec<PagePosition>> {
    let PositionRange { after, before } = bounds;
    let order = if newest_first { "DESC" } else { "ASC" };
    let mut select = connection.prepare_cached(&format!(
        "SELECT started_at, key FROM executions INDEXED BY executions_by_start
         WHERE (started_at, key) > (?1, ?2) AND (started_at, key) < (?3, ?4)
         ORDER BY started_at {order}, key {order} LIMIT ?5"
    ))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let parameters = params![after.started_at, after.key, before.started_at, before.key, limit];
    select.query_map(parameters, position)?.collect()
}

/// The executions at these positions.
fn rows(
    connection: &Connection,
    positions: Vec<PagePosition>,
) -> rusqlite::Result<Vec<(PagePosition, ExecutionRow)>> {
    let mut select =
        connection.prepare_cached(&format!("SELECT {ROW_COLUMNS} FROM executions WHERE key = ?1"))?;
    let at = |position: PagePosition| Ok((position, select.query_row([position.key], row)?));
    positions.into_iter().map(at).collect()
}

fn positioned(columns: &rusqlite::Row<'_>) -> rusqlite::Result<(PagePosition, ExecutionRow)> {
    let position = PagePosition { started_at: columns.get("started_at")?, key: columns.get("key")? };
    Ok((position, row(columns)?))
}

fn position(columns: &rusqlite::Row<'_>) -> rusqlite::Result<PagePosition> {
    Ok(PagePosition { started_at: columns.get(0)?, key: columns.get(1)? })
}
