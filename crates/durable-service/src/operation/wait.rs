//! WAIT: ends after a duration.

use std::time::Duration;

use durable_types::api::ServiceError;
use durable_types::history::{EventDetails, WaitCancelledDetails, WaitStartedDetails, WaitSucceededDetails};
use durable_types::{
    ErrorObject, Operation, OperationAction, OperationStatus, OperationType, OperationUpdate, Timestamp,
    WaitDetails, is_legal,
};
use serde::{Deserialize, Serialize};

use super::rejection::{INVALID_ACTION, reject};

/// A change of a wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum WaitChange {
    /// The wait started.
    Started {
        /// The duration in seconds.
        seconds: u64,
    },
    /// The duration has elapsed.
    Succeeded {
        /// The duration in seconds.
        seconds: u64,
    },
    /// The wait was cancelled.
    Cancelled {
        /// The reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
    },
}

impl WaitChange {
    /// Converts an update of a wait into a change, or rejects it.
    pub(super) fn decide(
        update: &mut OperationUpdate,
        recorded: Option<&Operation>,
    ) -> Result<Self, ServiceError> {
        let status = recorded.map(|operation| &operation.status);
        let is_legal = is_legal(&OperationType::Wait, status, &update.action);
        match update.action {
            OperationAction::Start if is_legal => Ok(Self::Started { seconds: seconds(update)? }),
            OperationAction::Start => reject("Cannot start a WAIT that already exist."),
            OperationAction::Cancel if is_legal => Ok(Self::Cancelled { error: update.error.take() }),
            OperationAction::Cancel => {
                reject("Cannot cancel a WAIT that does not exist or has already completed.")
            }
            OperationAction::Succeed
            | OperationAction::Fail
            | OperationAction::Retry
            | OperationAction::Unknown(_) => reject(INVALID_ACTION),
        }
    }

    pub(super) fn apply(self, operation: &mut Operation, at: Timestamp) {
        operation.status = match self {
            Self::Started { seconds } => {
                operation.details = Some(WaitDetails::new(Some(end(at, seconds))).into());
                OperationStatus::Started
            }
            Self::Succeeded { .. } => OperationStatus::Succeeded,
            Self::Cancelled { .. } => OperationStatus::Cancelled,
        };
    }

    pub(super) fn history(&self, at: Timestamp) -> EventDetails {
        match self {
            Self::Started { seconds } => {
                EventDetails::WaitStarted(WaitStartedDetails::new(*seconds, end(at, *seconds)))
            }
            Self::Succeeded { seconds } => {
                EventDetails::WaitSucceeded(WaitSucceededDetails::new(Some(*seconds)))
            }
            Self::Cancelled { error } => {
                EventDetails::WaitCancelled(WaitCancelledDetails::new(error.clone().map(Into::into)))
            }
        }
    }

    /// Returns when the wait elapses.
    pub(super) fn due(operation: &Operation) -> Option<Timestamp> {
        if operation.status.is_terminal() {
            return None;
        }
        operation.wait_details()?.scheduled_end_timestamp
    }

    /// Returns the change that ends an elapsed wait.
    pub(super) fn elapse(operation: &Operation) -> Self {
        let start = operation.start_timestamp.unwrap_or_default();
        let end = Self::due(operation).unwrap_or(start);
        Self::Succeeded { seconds: end.saturating_since(start).as_secs() }
    }
}

fn end(start: Timestamp, seconds: u64) -> Timestamp {
    start.saturating_add(Duration::from_secs(seconds))
}

/// Returns the duration in seconds, which is required. Its range is validated with the shape of the update.
fn seconds(update: &OperationUpdate) -> Result<u64, ServiceError> {
    match update.wait_options.as_ref().and_then(|options| options.wait_seconds) {
        Some(seconds) => Ok(seconds),
        None => reject("WaitOptions.WaitSeconds must be set when a wait begins"),
    }
}
