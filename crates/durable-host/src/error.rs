//! Errors of executions that cannot be recorded, read or waited for.

use std::sync::Arc;

use durable_service::ReplayError;
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};
use thiserror::Error;

use crate::causes::with_causes;
use crate::store::{StoreError, StoreErrorKind};

/// An execution cannot continue, because what happened to it cannot be recorded or read.
///
/// Everything acknowledged is in the store, so the execution resumes from there once the cause is gone, unless the record
/// itself is damaged.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Its events could not be recorded or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An event in the record cannot be parsed.
    #[error(
        "event {sequence} of execution `{execution_id}` cannot be read; the record is damaged or from another version of \
         this command"
    )]
    Unreadable {
        /// The execution.
        execution_id: String,
        /// The number of the event.
        sequence: u64,
        /// The cause.
        source: Arc<serde_json::Error>,
    },
    /// The events in the record do not make an execution.
    #[error(
        "the events of execution `{execution_id}` contradict each other; the record is damaged or from another version of \
         this command"
    )]
    Replay {
        /// The execution.
        execution_id: String,
        /// The cause.
        source: ReplayError,
    },
    /// An event could not be written as JSON.
    #[error("an event cannot be written as JSON; this is a bug in durable")]
    Unwritable(#[source] Arc<serde_json::Error>),
}

impl RecordError {
    /// Returns whether a retry may succeed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.kind() == StoreErrorKind::Transient,
            Self::Unreadable { .. } | Self::Replay { .. } | Self::Unwritable(_) => false,
        }
    }

    /// Returns whether the record itself is damaged.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Store(error) => error.kind() == StoreErrorKind::Damaged,
            Self::Unreadable { .. } | Self::Replay { .. } => true,
            Self::Unwritable(_) => false,
        }
    }
}

/// The error in the API's response. Clients retry it.
impl From<RecordError> for ServiceError {
    fn from(error: RecordError) -> Self {
        Self::new(ServiceErrorKind::Service, with_causes(&error))
    }
}

/// Returns the error for an execution that does not exist.
pub fn execution_not_found(arn: &DurableExecutionArn) -> ServiceError {
    ServiceError::new(ServiceErrorKind::ResourceNotFound, format!("Durable execution not found: {arn}"))
}

/// An execution cannot be waited for or watched.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ExecutionLost {
    /// There is no such execution.
    #[error("there is no execution {0}")]
    Unknown(DurableExecutionArn),
    /// It has not ended, and does not run in this service.
    #[error("execution {0} has not ended, but does not run here; start it again by its name to resume it")]
    Dormant(DurableExecutionArn),
    /// It cannot continue in this service.
    #[error(transparent)]
    Failed(#[from] RecordError),
    /// The service is stopping. The execution resumes at the next start.
    #[error("the service is being stopped")]
    Stopping,
}

impl ExecutionLost {
    /// Returns whether the record itself is damaged, so that a retry is in vain.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Failed(error) => error.is_damage(),
            Self::Unknown(_) | Self::Dormant(_) | Self::Stopping => false,
        }
    }
}
