//! Errors of reading and writing what is recorded of an execution.

use std::fmt;
use std::sync::Arc;

use durable_service::ReplayError;
use durable_store_sqlite::StoreError;
use durable_types::api::{ServiceError, ServiceErrorKind};

use crate::causes::with_causes;

/// An execution cannot continue, because what happened to it cannot be recorded or read.
///
/// What was acknowledged is on disk, so the execution resumes from there once the cause is gone, unless the record itself
/// is damaged.
#[derive(Clone, Debug)]
pub enum RecordError {
    /// Its events could not be recorded or read.
    Store(StoreError),
    /// An event in the record is not one.
    Unreadable {
        /// The execution.
        execution_id: String,
        /// Which event.
        sequence: u64,
        /// What is wrong with it.
        source: Arc<serde_json::Error>,
    },
    /// The events in the record do not make an execution.
    Replay {
        /// The execution.
        execution_id: String,
        /// What is wrong with them.
        source: ReplayError,
    },
    /// An event could not be written as JSON.
    Unwritable(Arc<serde_json::Error>),
}

impl RecordError {
    /// Returns whether a retry may succeed.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.may_pass(),
            Self::Unreadable { .. } | Self::Replay { .. } | Self::Unwritable(_) => false,
        }
    }

    /// Whether what was recorded can no longer be relied on.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Store(error) => matches!(error, StoreError::Damaged { .. } | StoreError::NotAStore { .. }),
            Self::Unreadable { .. } | Self::Replay { .. } => true,
            Self::Unwritable(_) => false,
        }
    }
}

/// The failure as the API answers it. Clients try again after it.
impl From<RecordError> for ServiceError {
    fn from(failure: RecordError) -> Self {
        Self::new(ServiceErrorKind::Service, with_causes(&failure))
    }
}

impl From<StoreError> for RecordError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Unreadable { execution_id, sequence, .. } => write!(
                f,
                "event {sequence} of execution `{execution_id}` cannot be read; the record is damaged or from another \
                 version of this command"
            ),
            Self::Replay { execution_id, .. } => write!(
                f,
                "the events of execution `{execution_id}` contradict each other; the record is damaged or from another \
                 version of this command"
            ),
            Self::Unwritable(_) => {
                f.write_str("an event cannot be written as JSON; this is a bug in durable")
            }
        }
    }
}

impl std::error::Error for RecordError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Unreadable { source, .. } | Self::Unwritable(source) => Some(source.as_ref()),
            Self::Replay { source, .. } => Some(source),
        }
    }
}
