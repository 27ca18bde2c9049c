//! CALLBACK: waits for the answer of an external system.

use std::time::Duration;

use durable_types::api::ServiceError;
use durable_types::history::{
    CallbackFailedDetails, CallbackStartedDetails, CallbackSucceededDetails, CallbackTimedOutDetails,
    EventDetails,
};
use durable_types::{
    ErrorObject, Operation, OperationAction, OperationStatus, OperationType, OperationUpdate, Timestamp,
    is_legal,
};
use serde::{Deserialize, Serialize};

use super::rejection::{INVALID_ACTION, reject};
use super::scope::Scope;
use crate::payload::Payload;

/// A change of a callback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum CallbackChange {
    /// The callback started.
    Started {
        /// The id with which the external system completes the callback.
        callback_id: String,
        /// The timeout in seconds, if the update sets one; 0 means no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_seconds: Option<u64>,
        /// The maximum interval between heartbeats in seconds, if the update sets one; 0 means no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heartbeat_timeout_seconds: Option<u64>,
    },
    /// A heartbeat was received. It is not reported to the function, and replaces the previous one in the record.
    HeartbeatReceived,
    /// The callback succeeded.
    Succeeded {
        /// The result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Payload>,
    },
    /// The callback failed.
    Failed {
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
    },
    /// The callback timed out, or a heartbeat was missed.
    TimedOut {
        /// An error that names the timeout.
        error: ErrorObject,
    },
}

impl CallbackChange {
    /// Converts an update of a callback into a change, or rejects it.
    pub(super) fn decide(
        update: &OperationUpdate,
        recorded: Option<&Operation>,
        scope: &Scope<'_>,
    ) -> Result<Self, ServiceError> {
        let status = recorded.map(|operation| &operation.status);
        match update.action {
            OperationAction::Start if is_legal(&OperationType::Callback, status, &update.action) => {
                let options = update.callback_options.as_ref();
                Ok(Self::Started {
                    callback_id: scope.callback_id(&update.operation_id),
                    timeout_seconds: options.and_then(|options| options.timeout_seconds),
                    heartbeat_timeout_seconds: options.and_then(|options| options.heartbeat_timeout_seconds),
                })
            }
            OperationAction::Start => reject("Cannot start a CALLBACK that already exist."),
            OperationAction::Succeed
            | OperationAction::Fail
            | OperationAction::Retry
            | OperationAction::Cancel
            | OperationAction::Unknown(_) => reject(INVALID_ACTION),
        }
    }

    pub(super) fn apply(self, operation: &mut Operation) {
        let mut details = operation.take_callback_details();
        operation.status = match self {
            Self::Started { callback_id, .. } => {
                details.callback_id = Some(callback_id);
                OperationStatus::Started
            }
            Self::HeartbeatReceived => OperationStatus::Started,
            Self::Succeeded { result } => {
                details.result = result.map(Payload::into_string);
                OperationStatus::Succeeded
            }
            Self::Failed { error } => {
                details.error = error.map(Box::new);
                OperationStatus::Failed
            }
            Self::TimedOut { error } => {
                details.error = Some(Box::new(error));
                OperationStatus::TimedOut
            }
        };
        operation.details = Some(details.into());
    }

    pub(super) fn history(&self) -> Option<EventDetails> {
        Some(match self {
            Self::Started { callback_id, timeout_seconds, heartbeat_timeout_seconds } => {
                let mut details = CallbackStartedDetails::new(callback_id.clone());
                details.heartbeat_timeout = *heartbeat_timeout_seconds;
                details.timeout = *timeout_seconds;
                EventDetails::CallbackStarted(details)
            }
            Self::HeartbeatReceived => return None,
            Self::Succeeded { result } => {
                let result = result.clone().map(Payload::into_string);
                EventDetails::CallbackSucceeded(CallbackSucceededDetails::new(result))
            }
            Self::Failed { error } => EventDetails::CallbackFailed(CallbackFailedDetails::new(error.clone())),
            Self::TimedOut { error } => {
                EventDetails::CallbackTimedOut(CallbackTimedOutDetails::new(error.clone()))
            }
        })
    }
}

/// The timers of a callback, which its wire record does not contain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CallbackTimers {
    deadline: Option<Timestamp>,
    heartbeat_timeout: Option<Duration>,
    heartbeat_deadline: Option<Timestamp>,
}

impl CallbackTimers {
    /// Creates the timers of a callback that starts. A timeout of 0 seconds means no limit.
    pub(super) fn start(timeout: Option<u64>, heartbeat_timeout: Option<u64>, at: Timestamp) -> Self {
        let limit = |seconds: Option<u64>| seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs);
        let timers = Self {
            deadline: limit(timeout).map(|timeout| at.saturating_add(timeout)),
            heartbeat_timeout: limit(heartbeat_timeout),
            heartbeat_deadline: None,
        };
        timers.beat(at)
    }

    /// Returns the timers after a heartbeat, which extends the heartbeat deadline only.
    pub(super) fn beat(self, at: Timestamp) -> Self {
        let heartbeat_deadline = self.heartbeat_timeout.map(|timeout| at.saturating_add(timeout));
        Self { heartbeat_deadline, ..self }
    }

    /// Returns when the callback times out.
    pub(super) fn due(self) -> Option<Timestamp> {
        [self.deadline, self.heartbeat_deadline].into_iter().flatten().min()
    }

    /// Returns the change that the earlier timer causes.
    pub(super) fn elapse(self) -> CallbackChange {
        let error = if self.deadline.is_some() && self.deadline == self.due() {
            ErrorObject::new("Callback.Timeout", "Callback timed out")
        } else {
            ErrorObject::new("Callback.Heartbeat", "Callback timed out on heartbeat")
        };
        CallbackChange::TimedOut { error }
    }
}
