//! Why a lane stopped although its execution has not ended.

use std::fmt;
use std::sync::Arc;

use durable_service::ReplayError;
use durable_store_sqlite::StoreError;
use durable_types::api::{ServiceError, ServiceErrorKind};

use crate::causes::with_causes;

/// Why an execution cannot go on in this process.
///
/// What was acknowledged is on disk, so that the execution goes on from there once the cause is gone, unless the record
/// itself was damaged.
#[derive(Clone, Debug)]
pub enum LaneFailure {
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
    /// It comes from another service, to be looked at.
    Imported {
        /// The execution.
        execution_id: String,
    },
    /// An event could not be written as JSON.
    Unwritable(Arc<serde_json::Error>),
    /// What serves it panicked.
    Panicked,
}

impl LaneFailure {
    /// Whether the execution may go on if it is tried again.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Store(error) => error.may_pass(),
            Self::Panicked => true,
            Self::Unreadable { .. } | Self::Replay { .. } | Self::Imported { .. } | Self::Unwritable(_) => {
                false
            }
        }
    }

    /// Whether what was recorded can no longer be relied on.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Store(error) => matches!(error, StoreError::Damaged { .. } | StoreError::NotAStore { .. }),
            Self::Unreadable { .. } | Self::Replay { .. } => true,
            Self::Imported { .. } | Self::Unwritable(_) | Self::Panicked => false,
        }
    }
}

/// The failure as the API answers it. Clients try again after it.
impl From<LaneFailure> for ServiceError {
    fn from(failure: LaneFailure) -> Self {
        Self::new(ServiceErrorKind::Service, with_causes(&failure))
    }
}

impl From<StoreError> for LaneFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for LaneFailure {
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
            Self::Imported { execution_id } => {
                write!(f, "execution `{execution_id}` was imported to be looked at, and never runs here")
            }
            Self::Unwritable(_) => {
                f.write_str("an event cannot be written as JSON; this is a bug in durable")
            }
            Self::Panicked => f.write_str("what serves the execution panicked; this is a bug in durable"),
        }
    }
}

impl std::error::Error for LaneFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Unreadable { source, .. } | Self::Unwritable(source) => Some(source.as_ref()),
            Self::Replay { source, .. } => Some(source),
            Self::Imported { .. } | Self::Panicked => None,
        }
    }
}
