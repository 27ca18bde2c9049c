//! Errors of executions that cannot be recorded, read or awaited.

use std::sync::Arc;

use durable_service::ReplayError;
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};
use thiserror::Error;

use crate::causes::with_causes;
use crate::store::{StoreError, StoreErrorKind};

/// An execution cannot continue because its events cannot be recorded or read.
///
/// All acknowledged changes are in the store, so the execution can resume from there once the cause is resolved, unless
/// the record itself is damaged.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The store failed to record or read the events.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An event in the record cannot be parsed.
    #[error(
        "event {sequence} of execution `{execution_id}` cannot be read; the record is damaged or from another version of \
         this command"
    )]
    Unreadable {
        /// The id of the execution.
        execution_id: String,
        /// The sequence number of the event.
        sequence: u64,
        /// The cause.
        source: Arc<serde_json::Error>,
    },
    /// The recorded events do not form a valid execution.
    #[error(
        "the events of execution `{execution_id}` contradict each other; the record is damaged or from another version of \
         this command"
    )]
    Replay {
        /// The id of the execution.
        execution_id: String,
        /// The cause.
        source: ReplayError,
    },
    /// An event could not be serialized as JSON.
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

/// The error in the API's response. Clients retry it because it is a server error.
impl From<RecordError> for ServiceError {
    fn from(error: RecordError) -> Self {
        Self::new(ServiceErrorKind::Service, with_causes(&error))
    }
}

/// Returns the error for an execution that does not exist.
pub fn execution_not_found(arn: &DurableExecutionArn) -> ServiceError {
    ServiceError::new(ServiceErrorKind::ResourceNotFound, format!("Durable execution not found: {arn}"))
}

/// An execution cannot be awaited or watched.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ExecutionLost {
    /// The execution does not exist.
    #[error("there is no execution {0}")]
    Unknown(DurableExecutionArn),
    /// The execution has not ended, but this service is not running it.
    #[error(
        "execution {0} has not ended, but is not running in this service; start it again by name to resume it"
    )]
    Dormant(DurableExecutionArn),
    /// The execution cannot continue in this service.
    #[error(transparent)]
    Failed(#[from] RecordError),
    /// The service is stopping. The execution resumes the next time it starts.
    #[error("the service is being stopped")]
    Stopping,
}

impl ExecutionLost {
    /// Returns whether the record itself is damaged, so that a retry cannot succeed.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Failed(error) => error.is_damage(),
            Self::Unknown(_) | Self::Dormant(_) | Self::Stopping => false,
        }
    }
}
