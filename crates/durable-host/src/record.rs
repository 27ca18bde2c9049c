//! Converts between executions and their recorded form, the events and rows of the store.

use std::sync::Arc;

use durable_service::{Append, Event, Execution, NamedExecution, NewExecution, input_digest};

use tokio::task::spawn_blocking;

use crate::error::RecordError;
use crate::store::{self, AppendCauses, ExecutionRow, StoreError, StoreErrorKind, WakeUp};

/// The total size in bytes up to which texts are parsed inline rather than on tokio's blocking pool.
const MAX_INLINE_BYTES: usize = 64 * 1024;

/// Converts an append of the service into one of the store, with its events serialized.
pub(super) fn append(append: Append, causes: AppendCauses) -> Result<store::Append, RecordError> {
    let Append { execution_id, first_sequence, events, replaced, created, status, wake_up } = append;
    let unwritable = |error| RecordError::Unwritable(Arc::new(error));
    let events: Result<_, _> = events.iter().map(serde_json::to_string).collect();
    let text = |(sequence, event)| Ok((sequence, serde_json::to_string(&event)?));
    let replaced: Result<_, _> = replaced.into_iter().map(text).collect();
    Ok(store::Append {
        execution_id: execution_id.as_str().to_owned(),
        first_sequence,
        events: events.map_err(unwritable)?,
        replaced: replaced.map_err(unwritable)?,
        created: created.map(|created| created_row(*created)),
        status: status.map(|status| store::StatusChange {
            status: status.status,
            ended_at: status.ended_at,
            expires_at: status.expires_at,
        }),
        wake_up,
        causes,
    })
}

/// Applies a function to the texts of events, on tokio's blocking pool if they are long.
pub(crate) async fn off_thread_if_long<R: Send + 'static>(
    texts: Vec<String>,
    f: impl FnOnce(Vec<String>) -> Result<R, RecordError> + Send + 'static,
) -> Result<R, RecordError> {
    if texts.iter().map(String::len).sum::<usize>() <= MAX_INLINE_BYTES {
        return f(texts);
    }
    let result = spawn_blocking(move || f(texts)).await;
    result.map_err(|error| StoreError::new(StoreErrorKind::Permanent, error))?
}

/// Rebuilds an execution from its events.
///
/// Each text is dropped as soon as it has been applied, so that a large history is not held in memory twice.
pub(super) fn replay(texts: Vec<String>, execution_id: &str) -> Result<Execution, RecordError> {
    let mut unreadable = None;
    let events = (1..).zip(texts).map_while(|(sequence, text)| {
        parse_event(&text, execution_id, sequence).map_err(|error| unreadable = Some(error)).ok()
    });
    let replayed = Execution::replay(events);
    if let Some(error) = unreadable {
        return Err(error);
    }
    replayed.map_err(|source| RecordError::Replay { execution_id: execution_id.to_owned(), source })
}

/// Parses the events that follow the one with the sequence number `after`.
pub(crate) async fn parse(
    texts: Vec<String>,
    execution_id: &str,
    after: u64,
) -> Result<Vec<Event>, RecordError> {
    parse_and(texts, execution_id, after, |events| events).await
}

/// Parses the events as [`parse`] does and applies a function to them, on tokio's blocking pool if they are long.
pub(crate) async fn parse_and<R: Send + 'static>(
    texts: Vec<String>,
    execution_id: &str,
    after: u64,
    apply: impl FnOnce(Vec<Event>) -> R + Send + 'static,
) -> Result<R, RecordError> {
    let execution_id = execution_id.to_owned();
    let parse = move |texts: Vec<String>| {
        let numbered = (after.saturating_add(1)..).zip(texts);
        let events = numbered.map(|(sequence, text)| parse_event(&text, &execution_id, sequence));
        events.collect::<Result<_, _>>().map(apply)
    };
    off_thread_if_long(texts, parse).await
}

fn parse_event(text: &str, execution_id: &str, sequence: u64) -> Result<Event, RecordError> {
    serde_json::from_str(text).map_err(|error| RecordError::Unreadable {
        execution_id: execution_id.to_owned(),
        sequence,
        source: Arc::new(error),
    })
}

/// Returns the row of an execution, without an expiry.
pub(crate) fn row(execution: &Execution) -> ExecutionRow {
    let created = NewExecution {
        arn: execution.arn().clone(),
        input_digest: input_digest(execution.input()),
        started_at: execution.start_timestamp(),
        status: execution.status().clone(),
    };
    ExecutionRow { ended_at: execution.end_timestamp(), ..created_row(created) }
}

/// Converts a row that was found by name, or returns `None` if its ARN is invalid.
pub(super) fn named(row: ExecutionRow) -> Option<NamedExecution> {
    let ExecutionRow { arn, status, input_digest, expires_at, .. } = row;
    Some(NamedExecution { arn: arn.parse().ok()?, status, input_digest, expires_at })
}

fn created_row(created: NewExecution) -> ExecutionRow {
    let NewExecution { arn, input_digest, started_at, status } = created;
    ExecutionRow {
        execution_id: arn.execution_id().to_owned(),
        function_name: arn.function_name().to_owned(),
        function_version: arn.version().to_owned(),
        execution_name: arn.execution_name().to_owned(),
        arn: arn.to_string(),
        input_digest,
        started_at,
        status,
        ended_at: None,
        expires_at: None,
        is_imported: false,
        wake_up: WakeUp::AtStart,
    }
}
