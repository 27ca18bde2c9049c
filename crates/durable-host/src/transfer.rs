//! Exports the records of executions, and imports them into other services.

use std::sync::Arc;

use durable_service::{Event, Execution};
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};
use thiserror::Error;
use tokio::task::spawn_blocking;

use crate::error::RecordError;
use crate::host::Host;
use crate::record::{parse, row};
use crate::store::{Append, ExecutionRow, StoreError, StoreErrorKind};

/// The record of an execution cannot be imported.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The events do not form a valid execution, or belong to another one.
    #[error("the record is invalid: {0}")]
    Invalid(String),
    /// The execution, or another one with its name, already exists.
    #[error("function {} already has an execution named {}", .0.function_name(), .0.execution_name())]
    Exists(DurableExecutionArn),
    /// The execution could not be recorded.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<ImportError> for ServiceError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Invalid(_) => Self::invalid(error.to_string()),
            ImportError::Exists(_) => Self::new(ServiceErrorKind::ResourceConflict, error.to_string()),
            ImportError::Record(error) => error.into(),
        }
    }
}

impl Host {
    /// Returns all recorded events of an execution, or `None` if there is no such execution.
    pub async fn export(&self, arn: &DurableExecutionArn) -> Result<Option<Vec<Event>>, RecordError> {
        let Some(row) = self.row(arn).await? else { return Ok(None) };
        let texts = self.store().events(&row.execution_id, 0, u64::MAX).await?;
        parse(texts, &row.execution_id, 0).await.map(Some)
    }

    /// Records an execution of another service. It can be read and deleted, but this service never runs it.
    pub async fn import(&self, arn: &DurableExecutionArn, events: Vec<Event>) -> Result<(), ImportError> {
        let expected = arn.clone();
        let append = spawn_blocking(move || imported(&expected, events)).await;
        let append = append
            .map_err(|error| RecordError::from(StoreError::new(StoreErrorKind::Permanent, error)))??;
        match self.store().append(append).await {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == StoreErrorKind::AlreadyRecorded => {
                Err(ImportError::Exists(arn.clone()))
            }
            Err(error) => Err(RecordError::from(error).into()),
        }
    }
}

fn imported(arn: &DurableExecutionArn, events: Vec<Event>) -> Result<Append, ImportError> {
    let texts: Result<Vec<String>, _> = events.iter().map(serde_json::to_string).collect();
    let texts = texts.map_err(|error| RecordError::Unwritable(Arc::new(error)))?;
    let execution = Execution::replay(events).map_err(|error| ImportError::Invalid(error.to_string()))?;
    if execution.arn() != arn {
        return Err(ImportError::Invalid("its events belong to another execution".to_owned()));
    }
    Ok(Append {
        execution_id: arn.execution_id().to_owned(),
        first_sequence: 1,
        events: texts,
        // An imported execution does not expire, no matter when it ended.
        created: Some(ExecutionRow { is_imported: true, ..row(&execution) }),
        ..Append::default()
    })
}
