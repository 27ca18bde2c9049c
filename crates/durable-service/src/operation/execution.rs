//! EXECUTION: the execution itself, which a checkpoint may end.

use durable_types::api::ServiceError;
use durable_types::history::{
    EventDetails, ExecutionFailedDetails, ExecutionStoppedDetails, ExecutionSucceededDetails,
    ExecutionTimedOutDetails,
};
use durable_types::{ErrorObject, ExecutionStatus, OperationAction, OperationStatus, OperationUpdate};
use serde::{Deserialize, Serialize};

use super::rejection::reject;
use crate::payload::Payload;

/// The end of an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum ExecutionEnd {
    /// The execution succeeded.
    Succeeded {
        /// The result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Payload>,
    },
    /// The execution failed.
    Failed {
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
    },
    /// The execution timed out.
    TimedOut {
        /// The error.
        error: ErrorObject,
    },
    /// The execution was stopped.
    Stopped {
        /// The reason.
        error: ErrorObject,
    },
}

impl ExecutionEnd {
    /// Creates the end of an execution that violated a rule of the service.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Failed { error: Some(ErrorObject::new("InvalidParameterValueException", message)) }
    }

    /// Creates the end of an execution that timed out after `seconds`.
    pub(crate) fn timed_out(seconds: u32) -> Self {
        let mut error = ErrorObject::default();
        error.error_message = Some(format!("Execution timed out after {seconds} seconds."));
        Self::TimedOut { error }
    }

    /// Converts an update of the execution into its end, or rejects it.
    pub(super) fn decide(update: &mut OperationUpdate) -> Result<Self, ServiceError> {
        match update.action {
            OperationAction::Succeed => {
                Ok(Self::Succeeded { result: update.result.take().map(Payload::from) })
            }
            OperationAction::Fail => Ok(Self::Failed { error: update.error.take() }),
            OperationAction::Start
            | OperationAction::Retry
            | OperationAction::Cancel
            | OperationAction::Unknown(_) => reject("Invalid EXECUTION action."),
        }
    }

    /// Returns the resulting status of the execution.
    pub fn execution_status(&self) -> ExecutionStatus {
        match self {
            Self::Succeeded { .. } => ExecutionStatus::Succeeded,
            Self::Failed { .. } => ExecutionStatus::Failed,
            Self::TimedOut { .. } => ExecutionStatus::TimedOut,
            Self::Stopped { .. } => ExecutionStatus::Stopped,
        }
    }

    /// Returns the resulting status of the EXECUTION operation.
    pub(crate) fn operation_status(&self) -> OperationStatus {
        match self {
            Self::Succeeded { .. } => OperationStatus::Succeeded,
            Self::Failed { .. } => OperationStatus::Failed,
            Self::TimedOut { .. } => OperationStatus::TimedOut,
            Self::Stopped { .. } => OperationStatus::Stopped,
        }
    }

    /// Returns the result and the error.
    pub(crate) fn into_parts(self) -> (Option<String>, Option<ErrorObject>) {
        match self {
            Self::Succeeded { result } => (result.map(Payload::into_string), None),
            Self::Failed { error } => (None, error),
            Self::TimedOut { error } | Self::Stopped { error } => (None, Some(error)),
        }
    }

    pub(crate) fn history(&self) -> EventDetails {
        match self {
            Self::Succeeded { result } => {
                let result = result.clone().map(Payload::into_string);
                EventDetails::ExecutionSucceeded(ExecutionSucceededDetails::new(result))
            }
            Self::Failed { error } => {
                EventDetails::ExecutionFailed(ExecutionFailedDetails::new(error.clone()))
            }
            // As in Lambda, the event has no error; GetDurableExecution returns it.
            Self::TimedOut { .. } => EventDetails::ExecutionTimedOut(ExecutionTimedOutDetails::new(None)),
            Self::Stopped { error } => {
                EventDetails::ExecutionStopped(ExecutionStoppedDetails::new(error.clone()))
            }
        }
    }
}
