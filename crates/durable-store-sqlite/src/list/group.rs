//! Groups of executions that a filter selects, found without reading the executions in them.

use durable_host::store::{ExecutionFilter, PagePosition, PositionRange};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

/// The statuses that follow one in the index.
const NEXT_STATUS: &str = "SELECT status FROM executions INDEXED BY executions_by_group
     WHERE (ended_at IS NULL) = ?1 AND status > ?2 ORDER BY status LIMIT 1";

/// The functions that follow one among executions of a status.
const NEXT_FUNCTION: &str = "SELECT function_name FROM executions INDEXED BY executions_by_group
     WHERE (ended_at IS NULL) = ?1 AND status = ?2 AND function_name > ?3 ORDER BY function_name LIMIT 1";

/// The versions that follow one among executions of a status and a function.
const NEXT_VERSION: &str = "SELECT function_version FROM executions INDEXED BY executions_by_group
     WHERE (ended_at IS NULL) = ?1 AND status = ?2 AND function_name = ?3 AND function_version > ?4
     ORDER BY function_version LIMIT 1";

/// The positions of a group's executions, in order.
const POSITIONS: &str = "SELECT started_at, key FROM executions INDEXED BY executions_by_group
     WHERE (ended_at IS NULL) = ?1 AND status = ?2 AND function_name = ?3 AND function_version = ?4
         AND (started_at, key) > (?5, ?6) AND (started_at, key) < (?7, ?8)";

/// Executions that the index `executions_by_group` holds next to each other, in the order of lists.
#[derive(Clone, Debug)]
pub(super) struct Group {
    is_unfinished: bool,
    status: String,
    function_name: String,
    function_version: String,
}

/// Returns the groups whose executions pass the filter, apart from its times. Some may be empty.
///
/// For each column that the filter leaves open, the index is asked for the next larger value until there is none (a skip
/// scan). So the cost depends on the number of groups, not of executions.
pub(super) fn groups(connection: &Connection, filter: &ExecutionFilter) -> rusqlite::Result<Vec<Group>> {
    let mut statuses = connection.prepare_cached(NEXT_STATUS)?;
    let mut functions = connection.prepare_cached(NEXT_FUNCTION)?;
    let mut versions = connection.prepare_cached(NEXT_VERSION)?;
    let wanted: Vec<String> = filter.statuses.iter().map(|status| status.as_str().to_owned()).collect();
    let mut groups = Vec::new();
    for is_unfinished in [false, true] {
        for status in values(&wanted, |last| next(&mut statuses, params![is_unfinished, last]))? {
            let wanted = filter.function_name.as_slice();
            for function_name in
                values(wanted, |last| next(&mut functions, params![is_unfinished, status, last]))?
            {
                let wanted = filter.function_version.as_slice();
                let found = values(wanted, |last| {
                    next(&mut versions, params![is_unfinished, status, function_name, last])
                })?;
                groups.extend(found.into_iter().map(|function_version| Group {
                    is_unfinished,
                    status: status.clone(),
                    function_name: function_name.clone(),
                    function_version,
                }));
            }
        }
    }
    Ok(groups)
}

/// Reads positions of groups, by one statement for all groups.
pub(super) struct GroupReader<'c> {
    select: CachedStatement<'c>,
    newest_first: bool,
}

impl<'c> GroupReader<'c> {
    pub(super) fn new(connection: &'c Connection, newest_first: bool) -> rusqlite::Result<Self> {
        let order = if newest_first { "DESC" } else { "ASC" };
        let text = format!("{POSITIONS} ORDER BY started_at {order}, key {order} LIMIT ?9");
        Ok(Self { select: connection.prepare_cached(&text)?, newest_first })
    }

    pub(super) fn newest_first(&self) -> bool {
        self.newest_first
    }

    /// Reads at most `limit` positions within the bounds.
    pub(super) fn read(
        &mut self,
        group: &Group,
        bounds: PositionRange,
        limit: usize,
    ) -> rusqlite::Result<Vec<PagePosition>> {
        let PositionRange { after, before } = bounds;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = params![
            group.is_unfinished,
            group.status,
            group.function_name,
            group.function_version,
            after.started_at,
            after.key,
            before.started_at,
            before.key,
            limit
        ];
        let position =
            |row: &rusqlite::Row<'_>| Ok(PagePosition { started_at: row.get(0)?, key: row.get(1)? });
        self.select.query_map(parameters, position)?.collect()
    }
}

/// The wanted values, each once, or else all that there are.
fn values(
    wanted: &[String],
    mut next: impl FnMut(&str) -> rusqlite::Result<Option<String>>,
) -> rusqlite::Result<Vec<String>> {
    let mut values = wanted.to_vec();
    values.sort_unstable();
    values.dedup();
    if values.is_empty() {
        // Statuses, names and versions are never empty, so the empty text precedes them all.
        let mut last = String::new();
        while let Some(value) = next(&last)? {
            last.clone_from(&value);
            values.push(value);
        }
    }
    Ok(values)
}

fn next(
    select: &mut CachedStatement<'_>,
    parameters: &[&dyn rusqlite::ToSql],
) -> rusqlite::Result<Option<String>> {
    select.query_row(parameters, |row| row.get(0)).optional()
}
