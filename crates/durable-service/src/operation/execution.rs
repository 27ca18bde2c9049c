//! EXECUTION: the whole of it, which the function may end by a checkpoint.

use durable_types::api::ServiceError;
use durable_types::history::{
    EventDetails, ExecutionFailedDetails, ExecutionStoppedDetails, ExecutionSucceededDetails,
    ExecutionTimedOutDetails,
};
use durable_types::{ErrorObject, ExecutionStatus, OperationAction, OperationStatus, OperationUpdate};
use serde::{Deserialize, Serialize};

use super::refusal::refuse;
use crate::payload::Payload;

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum ExecutionEnd {
    /// With a result.
    Succeeded {
        /// The result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Payload>,
    },
    /// With an error.
    Failed {
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
    },
    /// It took longer than its timeout.
    TimedOut {
        /// Says so.
        error: ErrorObject,
    },
    /// Somebody stopped it.
    Stopped {
        /// Why.
        error: ErrorObject,
    },
}

impl ExecutionEnd {
    /// The end of an execution that broke a rule of the service.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Failed { error: Some(ErrorObject::new("InvalidParameterValueException", message)) }
    }

    /// The end of an execution whose time is up.
    pub(crate) fn timed_out(seconds: u32) -> Self {
        let mut error = ErrorObject::default();
        error.error_message = Some(format!("Execution timed out after {seconds} seconds."));
        Self::TimedOut { error }
    }

    /// The end that an update asks for.
    pub(super) fn decide(update: &mut OperationUpdate) -> Result<Self, ServiceError> {
        match update.action {
            OperationAction::Succeed => {
                Ok(Self::Succeeded { result: update.result.take().map(Payload::from) })
            }
            OperationAction::Fail => Ok(Self::Failed { error: update.error.take() }),
            OperationAction::Start
            | OperationAction::Retry
            | OperationAction::Cancel
            | OperationAction::Unknown(_) => refuse("Invalid EXECUTION action."),
        }
    }

    /// The status of the execution from then on.
    pub fn execution_status(&self) -> ExecutionStatus {
        match self {
            Self::Succeeded { .. } => ExecutionStatus::Succeeded,
            Self::Failed { .. } => ExecutionStatus::Failed,
            Self::TimedOut { .. } => ExecutionStatus::TimedOut,
            Self::Stopped { .. } => ExecutionStatus::Stopped,
        }
    }

    /// The status of the EXECUTION operation from then on.
    pub(crate) fn operation_status(&self) -> OperationStatus {
        match self {
            Self::Succeeded { .. } => OperationStatus::Succeeded,
            Self::Failed { .. } => OperationStatus::Failed,
            Self::TimedOut { .. } => OperationStatus::TimedOut,
            Self::Stopped { .. } => OperationStatus::Stopped,
        }
    }

    /// The result and the error of the execution.
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
            // As in Lambda, the event does not say what its type says; the execution itself does.
            Self::TimedOut { .. } => EventDetails::ExecutionTimedOut(ExecutionTimedOutDetails::new(None)),
            Self::Stopped { error } => {
                EventDetails::ExecutionStopped(ExecutionStoppedDetails::new(error.clone()))
            }
        }
    }
}
