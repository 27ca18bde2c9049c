//! Executions as recorded: events and rows of the store, and back.

use std::sync::Arc;

use durable_service::{Append, Event, Execution, NamedExecution, NewExecution, input_digest};

use crate::error::RecordError;
use crate::store::{self, ExecutionRow, WakeUp};

/// Converts an append into that of the store.
pub(super) fn append(append: Append) -> Result<store::Append, RecordError> {
    let Append { execution_id, first_sequence, events, created, status, wake_up } = append;
    let texts: Result<Vec<_>, _> = events.iter().map(serde_json::to_string).collect();
    Ok(store::Append {
        execution_id: execution_id.as_str().to_owned(),
        first_sequence,
        events: texts.map_err(|error| RecordError::Unwritable(Arc::new(error)))?,
        created: created.map(|created| created_row(*created)),
        status: status.map(|status| store::StatusChange {
            status: status.status,
            ended_at: status.ended_at,
            expires_at: status.expires_at,
        }),
        wake_up,
    })
}

/// Rebuilds an execution from its events; also returns how many there are.
pub(super) fn replay(texts: &[String], execution_id: &str) -> Result<(Execution, u64), RecordError> {
    let events = parse(texts, execution_id, 0)?;
    let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
    match Execution::replay(events) {
        Ok(execution) => Ok((execution, count)),
        Err(source) => Err(RecordError::Replay { execution_id: execution_id.to_owned(), source }),
    }
}

/// Reads the events that follow the one with this number.
pub(crate) fn parse(texts: &[String], execution_id: &str, after: u64) -> Result<Vec<Event>, RecordError> {
    (after.saturating_add(1)..)
        .zip(texts)
        .map(|(sequence, text)| {
            serde_json::from_str(text).map_err(|error| RecordError::Unreadable {
                execution_id: execution_id.to_owned(),
                sequence,
                source: Arc::new(error),
            })
        })
        .collect()
}

/// Returns the row of an execution that does not expire.
pub(crate) fn row(execution: &Execution) -> ExecutionRow {
    let created = NewExecution {
        arn: execution.arn().clone(),
        input_digest: input_digest(execution.input()),
        started_at: execution.start_timestamp(),
        status: execution.status().clone(),
    };
    ExecutionRow { ended_at: execution.end_timestamp(), ..created_row(created) }
}

/// Returns the execution of a row that was found by its name, or `None` if its ARN is none.
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
