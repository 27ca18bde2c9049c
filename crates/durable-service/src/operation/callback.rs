//! CALLBACK: an answer that comes from another system.

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

use super::refusal::{INVALID_ACTION, refuse};
use super::scope::Scope;
use crate::payload::Payload;

/// What happened to a callback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum CallbackChange {
    /// It began.
    Started {
        /// What the other system answers to.
        callback_id: String,
        /// Seconds for the answer, if the update says; 0 is no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_seconds: Option<u64>,
        /// Seconds between heartbeats, if the update says; 0 is no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heartbeat_timeout_seconds: Option<u64>,
    },
    /// The other system says that its answer is on its way. The function does not learn of it.
    HeartbeatReceived,
    /// It was answered with a result.
    Succeeded {
        /// The result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Payload>,
    },
    /// It was answered with an error.
    Failed {
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
    },
    /// No answer, or no heartbeat, came in time.
    TimedOut {
        /// Says which.
        error: ErrorObject,
    },
}

impl CallbackChange {
    /// What an update does to a callback that stands as recorded.
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
            OperationAction::Start => refuse("Cannot start a CALLBACK that already exist."),
            OperationAction::Succeed
            | OperationAction::Fail
            | OperationAction::Retry
            | OperationAction::Cancel
            | OperationAction::Unknown(_) => refuse(INVALID_ACTION),
        }
    }

    pub(super) fn apply(self, operation: &mut Operation) {
        let details = operation.callback_details.get_or_insert_default();
        operation.status = match self {
            Self::Started { callback_id, .. } => {
                details.callback_id = Some(callback_id);
                OperationStatus::Started
            }
            Self::HeartbeatReceived => return,
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

/// When a callback times out, which its record on the wire does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CallbackTimers {
    deadline: Option<Timestamp>,
    heartbeat_timeout: Option<Duration>,
    heartbeat_deadline: Option<Timestamp>,
}

impl CallbackTimers {
    /// The timers of a callback that begins. 0 seconds are no limit.
    pub(super) fn start(timeout: Option<u64>, heartbeat_timeout: Option<u64>, at: Timestamp) -> Self {
        let limit = |seconds: Option<u64>| seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs);
        let timers = Self {
            deadline: limit(timeout).map(|timeout| at.saturating_add(timeout)),
            heartbeat_timeout: limit(heartbeat_timeout),
            heartbeat_deadline: None,
        };
        timers.beat(at)
    }

    /// The timers after a heartbeat, which puts off no timeout but its own.
    pub(super) fn beat(self, at: Timestamp) -> Self {
        let heartbeat_deadline = self.heartbeat_timeout.map(|timeout| at.saturating_add(timeout));
        Self { heartbeat_deadline, ..self }
    }

    /// When the callback times out.
    pub(super) fn due(self) -> Option<Timestamp> {
        [self.deadline, self.heartbeat_deadline].into_iter().flatten().min()
    }

    /// What the timer does that goes off first.
    pub(super) fn elapse(self) -> CallbackChange {
        let error = if self.deadline.is_some() && self.deadline == self.due() {
            ErrorObject::new("Callback.Timeout", "Callback timed out")
        } else {
            ErrorObject::new("Callback.Heartbeat", "Callback timed out on heartbeat")
        };
        CallbackChange::TimedOut { error }
    }
}
