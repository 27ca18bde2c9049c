//! Reads concurrently with the writer, without waiting for it.

use std::sync::{Arc, Mutex, PoisonError};

use durable_host::store::{ExecutionRow, Expiry, Unfinished, WakeUp};
use durable_types::{ExecutionStatus, Timestamp};
use rusqlite::{Connection, OptionalExtension, Params, Row};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::database::Database;
use super::error::StoreError;
use super::execution_name::IS_NAMED;
use super::input_digest::InputDigest;

/// Limit on concurrent reads, and thereby on the threads, connections and open files for them.
const READS_AT_ONCE: usize = 4;

/// The columns that [`row`] reads.
///
/// A name is stored only if it is not the id, and an ARN only if the other columns do not determine it.
pub(super) const ROW_COLUMNS: &str = "execution_id, function_name, function_version, \
     coalesce(execution_name, execution_id) AS execution_name, input_digest, \
     started_at, status, ended_at, expires_at, imported, wakes_at, \
     coalesce(arn, (SELECT prefix FROM arn_prefixes WHERE arn_prefixes.key = arn_prefix) || function_name || ':' \
         || function_version || '/durable-execution/' || coalesce(execution_name, execution_id) || '/' \
         || execution_id) AS arn";

/// The read side of the database. In WAL mode a read sees everything that was committed before it began.
#[derive(Debug)]
pub(super) struct Reader {
    database: Database,
    turns: Arc<Semaphore>,
    /// Connections without a read in progress.
    idle: Mutex<Vec<Connection>>,
}

/// A permit for one read.
pub(super) struct Turn {
    // None if the semaphore is closed, which never happens; reads would only be unlimited then.
    _permit: Option<OwnedSemaphorePermit>,
}

impl Reader {
    pub(super) fn new(database: Database) -> Self {
        Self { database, turns: Arc::new(Semaphore::new(READS_AT_ONCE)), idle: Mutex::default() }
    }

    /// Waits for a permit.
    pub(super) async fn turn(&self) -> Turn {
        Turn { _permit: Arc::clone(&self.turns).acquire_owned().await.ok() }
    }

    /// Runs a query on a connection of its own. Blocks the thread.
    pub(super) fn read<T>(
        &self,
        _turn: Turn,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let connection = match self.with_idle(Vec::pop) {
            Some(connection) => connection,
            None => self.open()?,
        };
        let answer = query(&connection).map_err(|error| self.database.failure(error))?;
        self.with_idle(|idle| idle.push(connection));
        Ok(answer)
    }

    fn open(&self) -> Result<Connection, StoreError> {
        self.database.check_place()?;
        self.database.open_reader().map_err(|error| self.database.failure(error))
    }

    fn with_idle<T>(&self, change: impl FnOnce(&mut Vec<Connection>) -> T) -> T {
        change(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The executions that have not ended and were not imported, in the order in which they were recorded.
pub(super) fn unfinished(connection: &Connection) -> rusqlite::Result<Vec<Unfinished>> {
    let mut select = connection.prepare_cached(
        "SELECT execution_id, wakes_at FROM executions INDEXED BY executions_by_group
         WHERE (ended_at IS NULL) = 1 AND imported = 0 ORDER BY key",
    )?;
    let unfinished =
        |row: &Row<'_>| Ok(Unfinished { execution_id: row.get(0)?, wake_up: wake_up(row.get(1)?) });
    select.query_map((), unfinished)?.collect()
}

/// Converts the value of the column `wakes_at`.
fn wake_up(wakes_at: Option<i64>) -> WakeUp {
    match wakes_at {
        None => WakeUp::AtStart,
        Some(i64::MAX) => WakeUp::OnDemand,
        Some(micros) => WakeUp::At(Timestamp::from_micros(micros)),
    }
}

/// Returns the value of the column `wakes_at`.
pub(super) fn wakes_at(wake_up: WakeUp) -> Option<i64> {
    match wake_up {
        WakeUp::AtStart => None,
        WakeUp::OnDemand => Some(i64::MAX),
        WakeUp::At(time) => Some(time.as_micros()),
    }
}

/// Executions that have expired by now.
pub(super) fn expired(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> rusqlite::Result<Vec<ExecutionRow>> {
    let text = format!(
        "SELECT {ROW_COLUMNS} FROM executions WHERE expires_at <= ?1 ORDER BY expires_at, key LIMIT ?2"
    );
    connection.prepare_cached(&text)?.query_map((now.as_micros(), limit), row)?.collect()
}

/// Positions of executions that have expired by now, after another such position.
///
/// This reads only the index of expiries, so damaged rows are no obstacle.
pub(super) fn expired_behind(
    connection: &Connection,
    now: Timestamp,
    last: Option<Expiry>,
    limit: u32,
) -> rusqlite::Result<Vec<Expiry>> {
    let last = last.map_or((i64::MIN, i64::MIN), |last| (last.at, last.key));
    let mut select = connection.prepare_cached(
        "SELECT expires_at, key FROM executions WHERE expires_at <= ?1 AND (expires_at, key) > (?2, ?3)
         ORDER BY expires_at, key LIMIT ?4",
    )?;
    let expiry = |row: &Row<'_>| Ok(Expiry { at: row.get(0)?, key: row.get(1)? });
    select.query_map((now.as_micros(), last.0, last.1, limit), expiry)?.collect()
}

/// The execution selected by a condition on unique columns.
pub(super) fn execution(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> rusqlite::Result<Option<ExecutionRow>> {
    let text = format!("SELECT {ROW_COLUMNS} FROM executions WHERE {condition}");
    connection.prepare_cached(&text)?.query_row(parameters, row).optional()
}

/// The execution of a function with this name.
pub(super) fn execution_by_name(
    connection: &Connection,
    function_name: &str,
    execution_name: &str,
) -> rusqlite::Result<Option<ExecutionRow>> {
    let condition = format!("{IS_NAMED} AND function_name = ?2");
    execution(connection, &condition, [execution_name, function_name])
}

pub(super) fn row(columns: &Row<'_>) -> rusqlite::Result<ExecutionRow> {
    Ok(ExecutionRow {
        execution_id: columns.get("execution_id")?,
        arn: columns.get("arn")?,
        function_name: columns.get("function_name")?,
        function_version: columns.get("function_version")?,
        execution_name: columns.get("execution_name")?,
        input_digest: columns.get::<_, InputDigest>("input_digest")?.0,
        started_at: Timestamp::from_micros(columns.get("started_at")?),
        status: ExecutionStatus::from(columns.get::<_, String>("status")?.as_str()),
        ended_at: columns.get::<_, Option<i64>>("ended_at")?.map(Timestamp::from_micros),
        expires_at: columns.get::<_, Option<i64>>("expires_at")?.map(Timestamp::from_micros),
        is_imported: columns.get("imported")?,
        wake_up: wake_up(columns.get("wakes_at")?),
    })
}
