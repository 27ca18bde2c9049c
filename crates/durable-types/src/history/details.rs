//! The details of events, one struct per event type.

use serde::{Deserialize, Serialize};

use super::payload::{EventError, EventInput, EventReason, EventResult, RetryDetails};
use crate::timestamp::Timestamp;

/// The execution started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExecutionStartedDetails {
    /// The input.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub input: EventInput,
    /// The execution timeout in seconds.
    pub execution_timeout: u32,
}

impl ExecutionStartedDetails {
    /// Creates the details of an execution with an input and a timeout in seconds.
    pub fn new(input: impl Into<EventInput>, execution_timeout: u32) -> Self {
        Self { input: input.into(), execution_timeout }
    }
}

/// The execution succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExecutionSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
}

impl ExecutionSucceededDetails {
    /// Creates the details of an execution that ended with this result.
    pub fn new(result: impl Into<EventResult>) -> Self {
        Self { result: result.into() }
    }
}

/// The execution failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExecutionFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl ExecutionFailedDetails {
    /// Creates the details of an execution that ended with this error.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// The execution timed out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExecutionTimedOutDetails {
    /// The error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<EventError>,
}

impl ExecutionTimedOutDetails {
    /// Creates the details of an execution that timed out.
    pub fn new(error: Option<EventError>) -> Self {
        Self { error }
    }
}

/// The execution was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExecutionStoppedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl ExecutionStoppedDetails {
    /// Creates the details of an execution that was stopped with this error.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// A context started.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ContextStartedDetails {}

/// A context succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ContextSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
}

impl ContextSucceededDetails {
    /// Creates the details of a context that ended with this result.
    pub fn new(result: impl Into<EventResult>) -> Self {
        Self { result: result.into() }
    }
}

/// A context failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ContextFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl ContextFailedDetails {
    /// Creates the details of a context that ended with this error.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// A wait started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WaitStartedDetails {
    /// The duration of the wait in seconds.
    pub duration: u64,
    /// The end time.
    pub scheduled_end_timestamp: Timestamp,
}

impl WaitStartedDetails {
    /// Creates the details of a wait with this duration in seconds, which ends at this time.
    pub fn new(duration: u64, scheduled_end_timestamp: Timestamp) -> Self {
        Self { duration, scheduled_end_timestamp }
    }
}

/// A wait ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WaitSucceededDetails {
    /// The duration of the wait in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
}

impl WaitSucceededDetails {
    /// Creates the details of a wait that took this many seconds.
    pub fn new(duration: Option<u64>) -> Self {
        Self { duration }
    }
}

/// A wait was cancelled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WaitCancelledDetails {
    /// The error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<EventError>,
}

impl WaitCancelledDetails {
    /// Creates the details of a cancelled wait.
    pub fn new(error: Option<EventError>) -> Self {
        Self { error }
    }
}

/// An attempt of a step started.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StepStartedDetails {}

/// A step succeeded, or a condition will be polled again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StepSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
    /// The attempt, and the delay before the next one.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub retry_details: RetryDetails,
}

impl StepSucceededDetails {
    /// Creates the details of a step that ended with this result.
    pub fn new(result: impl Into<EventResult>, retry_details: RetryDetails) -> Self {
        Self { result: result.into(), retry_details }
    }
}

/// An attempt of a step failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StepFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
    /// The attempt, and the delay before the next one.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub retry_details: RetryDetails,
}

impl StepFailedDetails {
    /// Creates the details of an attempt that ended with this error.
    pub fn new(error: impl Into<EventError>, retry_details: RetryDetails) -> Self {
        Self { error: error.into(), retry_details }
    }
}

/// A chained invoke started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeStartedDetails {
    /// The name of the invoked function.
    pub function_name: String,
    /// The tenant id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<EventInput>,
    /// The version that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executed_version: Option<String>,
    /// The ARN of the invoked function's execution, if it is durable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable_execution_arn: Option<String>,
}

impl ChainedInvokeStartedDetails {
    /// Creates the details of a chained invoke of this function.
    pub fn new(function_name: impl Into<String>) -> Self {
        Self {
            function_name: function_name.into(),
            tenant_id: None,
            input: None,
            executed_version: None,
            durable_execution_arn: None,
        }
    }
}

/// A chained invoke succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
}

impl ChainedInvokeSucceededDetails {
    /// Creates the details of a chained invoke that succeeded.
    pub fn new(result: impl Into<EventResult>) -> Self {
        Self { result: result.into() }
    }
}

/// A chained invoke failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl ChainedInvokeFailedDetails {
    /// Creates the details of a chained invoke that failed.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// A chained invoke timed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeTimedOutDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl ChainedInvokeTimedOutDetails {
    /// Creates the details of a chained invoke that timed out.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// The execution of an invoked function was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeStoppedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl ChainedInvokeStoppedDetails {
    /// Creates the details of a chained invoke whose execution was stopped.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// A callback was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallbackStartedDetails {
    /// The id with which the callback is completed.
    pub callback_id: String,
    /// The heartbeat timeout in seconds; 0 is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_timeout: Option<u64>,
    /// The timeout in seconds; 0 is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
}

impl CallbackStartedDetails {
    /// Creates the details of a callback without timeouts.
    pub fn new(callback_id: impl Into<String>) -> Self {
        Self { callback_id: callback_id.into(), heartbeat_timeout: None, timeout: None }
    }
}

/// A callback was completed with a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallbackSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
}

impl CallbackSucceededDetails {
    /// Creates the details of a callback that was completed with this result.
    pub fn new(result: impl Into<EventResult>) -> Self {
        Self { result: result.into() }
    }
}

/// A callback was completed with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallbackFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl CallbackFailedDetails {
    /// Creates the details of a callback that was completed with this error.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// A callback timed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallbackTimedOutDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl CallbackTimedOutDetails {
    /// Creates the details of a callback that timed out with this error.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// An invocation of the function ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InvocationCompletedDetails {
    /// The start time of the invocation.
    pub start_timestamp: Timestamp,
    /// The end time of the invocation.
    pub end_timestamp: Timestamp,
    /// The id of the invocation.
    pub request_id: String,
    /// The error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<EventError>,
}

impl InvocationCompletedDetails {
    /// Creates the details of an invocation that ended without an error.
    pub fn new(start_timestamp: Timestamp, end_timestamp: Timestamp, request_id: impl Into<String>) -> Self {
        Self { start_timestamp, end_timestamp, request_id: request_id.into(), error: None }
    }
}

/// The execution was paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExecutionPausedDetails {
    /// The time of the request.
    pub pause_request_timestamp: Timestamp,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EventReason>,
    /// Whether the execution timeout is suspended during the pause.
    pub execution_timeout_paused: bool,
}

impl ExecutionPausedDetails {
    /// Creates the details of a pause without a reason.
    pub fn new(pause_request_timestamp: Timestamp, execution_timeout_paused: bool) -> Self {
        Self { pause_request_timestamp, reason: None, execution_timeout_paused }
    }
}

/// The execution was resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExecutionResumedDetails {
    /// The time of the request.
    pub resume_request_timestamp: Timestamp,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EventReason>,
}

impl ExecutionResumedDetails {
    /// Creates the details of a resumption without a reason.
    pub fn new(resume_request_timestamp: Timestamp) -> Self {
        Self { resume_request_timestamp, reason: None }
    }
}
