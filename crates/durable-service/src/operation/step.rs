//! STEP: runs code, and retries it after failed attempts.

use std::time::Duration;

use durable_types::api::ServiceError;
use durable_types::history::{
    EventDetails, RetryDetails, StepFailedDetails, StepStartedDetails, StepSucceededDetails,
};
use durable_types::{
    ErrorObject, Operation, OperationAction, OperationStatus, OperationType, OperationUpdate, Timestamp,
    is_legal,
};
use serde::{Deserialize, Serialize};

use super::rejection::{INVALID_ACTION, reject};
use crate::payload::Payload;

/// A change of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum StepChange {
    /// An attempt started.
    Started,
    /// The step succeeded.
    Succeeded {
        /// The number of the attempt that ended; the first is 1.
        attempt: u32,
        /// The result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Payload>,
    },
    /// The step failed.
    Failed {
        /// The number of the attempt that ended; the first is 1.
        attempt: u32,
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
    },
    /// An attempt ended, and another is scheduled.
    RetryScheduled {
        /// The number of the attempt that ended; the first is 1.
        attempt: u32,
        /// The delay before the next attempt in seconds.
        delay_seconds: u64,
        /// The state for the next attempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Payload>,
        /// The error of the attempt, or `None` if it polled a condition that does not hold yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
    },
    /// The next attempt is due.
    Ready,
}

impl StepChange {
    /// Converts an update of a step into a change, or rejects it.
    pub(super) fn decide(
        update: &mut OperationUpdate,
        recorded: Option<&Operation>,
    ) -> Result<Self, ServiceError> {
        check_status(update, recorded)?;
        let delay_seconds = delay_seconds(update)?;
        let attempt = attempts(recorded).saturating_add(1);
        let result = update.result.take().map(Payload::from);
        let error = update.error.take();
        match (&update.action, delay_seconds) {
            (OperationAction::Start, _) => Ok(Self::Started),
            (OperationAction::Succeed, _) => Ok(Self::Succeeded { attempt, result }),
            (OperationAction::Fail, _) => Ok(Self::Failed { attempt, error }),
            (OperationAction::Retry, Some(_)) if result.is_some() && error.is_some() => {
                reject("Cannot provide both error and payload to RETRY a STEP.")
            }
            (OperationAction::Retry, Some(delay_seconds)) => {
                Ok(Self::RetryScheduled { attempt, delay_seconds, result, error })
            }
            (OperationAction::Retry | OperationAction::Cancel | OperationAction::Unknown(_), _) => {
                reject(INVALID_ACTION)
            }
        }
    }

    pub(super) fn apply(self, operation: &mut Operation, at: Timestamp) {
        let mut details = operation.take_step_details();
        details.next_attempt_timestamp = None;
        operation.status = match self {
            Self::Started => {
                details.attempt.get_or_insert(0);
                OperationStatus::Started
            }
            Self::Succeeded { attempt, result } => {
                details.attempt = Some(attempt);
                details.result = result.map(Payload::into_string);
                details.error = None;
                OperationStatus::Succeeded
            }
            Self::Failed { attempt, error } => {
                details.attempt = Some(attempt);
                details.result = None;
                details.error = error.map(Box::new);
                OperationStatus::Failed
            }
            Self::RetryScheduled { attempt, delay_seconds, result, error } => {
                details.attempt = Some(attempt);
                details.result = result.map(Payload::into_string);
                details.error = error.map(Box::new);
                details.next_attempt_timestamp = Some(at.saturating_add(Duration::from_secs(delay_seconds)));
                OperationStatus::Pending
            }
            Self::Ready => OperationStatus::Ready,
        };
        operation.details = Some(details.into());
    }

    pub(super) fn history(&self) -> Option<EventDetails> {
        let (attempt, delay, result, error) = match self {
            Self::Started => return Some(EventDetails::StepStarted(StepStartedDetails::default())),
            Self::Ready => return None,
            Self::Succeeded { attempt, result } => (*attempt, None, result.clone(), None),
            Self::Failed { attempt, error } => {
                return Some(failed(*attempt, None, error.clone()));
            }
            Self::RetryScheduled { attempt, delay_seconds, result, error } => {
                (*attempt, Some(*delay_seconds), result.clone(), error.clone())
            }
        };
        if error.is_some() {
            return Some(failed(attempt, delay, error));
        }
        let result = result.map(Payload::into_string);
        let retry_details = retry_details(attempt, delay);
        Some(EventDetails::StepSucceeded(StepSucceededDetails::new(result, retry_details)))
    }

    /// Returns when the next attempt is due.
    pub(super) fn due(operation: &Operation) -> Option<Timestamp> {
        match operation.status {
            OperationStatus::Pending => operation.step_details()?.next_attempt_timestamp,
            OperationStatus::Started
            | OperationStatus::Ready
            | OperationStatus::Succeeded
            | OperationStatus::Failed
            | OperationStatus::Cancelled
            | OperationStatus::TimedOut
            | OperationStatus::Stopped
            | OperationStatus::Unknown(_) => None,
        }
    }
}

fn check_status(update: &OperationUpdate, recorded: Option<&Operation>) -> Result<(), ServiceError> {
    let status = recorded.map(|operation| &operation.status);
    if is_legal(&OperationType::Step, status, &update.action) {
        return Ok(());
    }
    reject(match update.action {
        OperationAction::Start => "Invalid current STEP state to start.",
        OperationAction::Succeed | OperationAction::Fail => "Invalid current STEP state to close.",
        OperationAction::Retry => "Invalid current STEP state to re-attempt.",
        OperationAction::Cancel | OperationAction::Unknown(_) => INVALID_ACTION,
    })
}

/// Returns the delay before the next attempt, which RETRY requires and other actions forbid.
fn delay_seconds(update: &OperationUpdate) -> Result<Option<u64>, ServiceError> {
    let delay = update.step_options.as_ref().map(|options| options.next_attempt_delay_seconds);
    match (update.action == OperationAction::Retry, delay) {
        (true, Some(Some(seconds))) => Ok(Some(seconds)),
        (false, None) => Ok(None),
        (true, None | Some(None)) | (false, Some(_)) => reject("Invalid StepOptions for the given action."),
    }
}

/// Returns the number of attempts that have ended.
fn attempts(recorded: Option<&Operation>) -> u32 {
    recorded.and_then(|operation| operation.step_details()?.attempt).unwrap_or(0)
}

fn failed(attempt: u32, delay: Option<u64>, error: Option<ErrorObject>) -> EventDetails {
    let retry_details = retry_details(attempt, delay);
    EventDetails::StepFailed(StepFailedDetails::new(error, retry_details))
}

fn retry_details(attempt: u32, delay: Option<u64>) -> RetryDetails {
    RetryDetails::new(attempt, delay)
}
