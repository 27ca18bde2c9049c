//! The record of one execution: events out to the store, and back.

use std::sync::Arc;

use durable_service::{Event, Execution, Settings};
use durable_store_sqlite::{Append, ExecutionRow, StatusChange, Store};
use sha2::{Digest, Sha256};

use super::failure::LaneFailure;

/// Where the events of one execution go.
///
/// # Invariants
/// - `sequence` is the number of the last event on disk, as far as this process knows. A failed append leaves that
///   open; nothing may be appended after it.
pub(super) struct Record {
    pub(super) store: Store,
    pub(super) execution_id: String,
    pub(super) sequence: u64,
}

impl Record {
    /// Writes events to disk, together with what they change about the execution's row.
    pub(super) async fn append(
        &mut self,
        events: &[Event],
        status: Option<StatusChange>,
        created: Option<ExecutionRow>,
    ) -> Result<(), LaneFailure> {
        if events.is_empty() {
            return Ok(());
        }
        let texts: Vec<String> = events
            .iter()
            .map(serde_json::to_string)
            .collect::<Result<_, _>>()
            .map_err(|error| LaneFailure::Unwritable(Arc::new(error)))?;
        let count = u64::try_from(texts.len()).unwrap_or(u64::MAX);
        let append = Append {
            execution_id: self.execution_id.clone(),
            first_sequence: self.sequence.saturating_add(1),
            events: texts,
            created,
            status,
        };
        self.store.append(append).await?;
        self.sequence = self.sequence.saturating_add(count);
        Ok(())
    }
}

/// Rebuilds an execution from its events; also gives how many there are.
pub(crate) async fn load(store: &Store, execution_id: &str) -> Result<(Execution, u64), LaneFailure> {
    let texts = store.events(execution_id, 0).await?;
    let events = parse(&texts, execution_id, 0)?;
    let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
    match Execution::replay(events) {
        Ok(execution) => Ok((execution, count)),
        Err(source) => Err(LaneFailure::Replay { execution_id: execution_id.to_owned(), source }),
    }
}

/// Reads the events that follow the one with this number.
pub(crate) fn parse(texts: &[String], execution_id: &str, after: u64) -> Result<Vec<Event>, LaneFailure> {
    (after.saturating_add(1)..)
        .zip(texts)
        .map(|(sequence, text)| {
            serde_json::from_str(text).map_err(|error| LaneFailure::Unreadable {
                execution_id: execution_id.to_owned(),
                sequence,
                source: Arc::new(error),
            })
        })
        .collect()
}

/// What the store keeps besides its events of an execution that is not to be forgotten by itself, as a new one is.
pub(crate) fn row(execution: &Execution) -> ExecutionRow {
    let arn = execution.arn();
    ExecutionRow {
        execution_id: arn.execution_id().to_owned(),
        arn: arn.to_string(),
        function_name: arn.function_name().to_owned(),
        function_version: arn.version().to_owned(),
        execution_name: arn.execution_name().to_owned(),
        input_digest: input_digest(execution.input()),
        started_at: execution.start_timestamp(),
        status: execution.status().clone(),
        ended_at: execution.end_timestamp(),
        expires_at: None,
        is_imported: false,
    }
}

/// What a new status changes about an execution's row.
pub(super) fn status_change(execution: &Execution, settings: &Settings) -> StatusChange {
    StatusChange {
        status: execution.status().clone(),
        ended_at: execution.end_timestamp(),
        // After its retention, or at once if somebody deletes it.
        expires_at: execution.deletion_timestamp().or_else(|| execution.expires_at(settings)),
    }
}

/// What tells two inputs apart. No input is the same as an empty one.
pub(crate) fn input_digest(input: Option<&str>) -> String {
    let digest = Sha256::digest(input.unwrap_or_default());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
