//! The details of events, one struct an event type.

use serde::{Deserialize, Serialize};

use super::payload::{EventError, EventInput, EventReason, EventResult, RetryDetails};
use crate::timestamp::Timestamp;

/// The execution began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExecutionStartedDetails {
    /// The input.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub input: EventInput,
    /// Seconds the execution may take.
    pub execution_timeout: u32,
}

impl ExecutionStartedDetails {
    /// Creates the details of an execution with this input and this timeout in seconds.
    pub fn new(input: impl Into<EventInput>, execution_timeout: u32) -> Self {
        Self { input: input.into(), execution_timeout }
    }
}

/// The execution ended with a result.
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

/// The execution ended with an error.
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

/// The execution took longer than its timeout.
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

/// Somebody stopped the execution.
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

/// A context began.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ContextStartedDetails {}

/// A context ended with a result.
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

/// A context ended with an error.
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

/// A wait began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WaitStartedDetails {
    /// Seconds the wait takes.
    pub duration: u64,
    /// When it ends.
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
    /// Seconds the wait takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
}

impl WaitSucceededDetails {
    /// Creates the details of a wait that took this many seconds.
    pub fn new(duration: Option<u64>) -> Self {
        Self { duration }
    }
}

/// A wait was given up.
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

/// An attempt of a step began.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StepStartedDetails {}

/// A step ended with a result, or a condition will be polled again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StepSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
    /// Where its attempts stand.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub retry_details: RetryDetails,
}

impl StepSucceededDetails {
    /// Creates the details of a step that ended with this result.
    pub fn new(result: impl Into<EventResult>, retry_details: RetryDetails) -> Self {
        Self { result: result.into(), retry_details }
    }
}

/// An attempt of a step ended with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StepFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
    /// Where its attempts stand.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub retry_details: RetryDetails,
}

impl StepFailedDetails {
    /// Creates the details of an attempt that ended with this error.
    pub fn new(error: impl Into<EventError>, retry_details: RetryDetails) -> Self {
        Self { error: error.into(), retry_details }
    }
}

/// A call of another function began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeStartedDetails {
    /// The function that is called.
    pub function_name: String,
    /// The tenant it is called for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<EventInput>,
    /// The version that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executed_version: Option<String>,
    /// The execution of the called function, if it is durable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable_execution_arn: Option<String>,
}

impl ChainedInvokeStartedDetails {
    /// Creates the details of a call of this function.
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

/// A called function returned a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
}

impl ChainedInvokeSucceededDetails {
    /// Creates the details of a call that ended with this result.
    pub fn new(result: impl Into<EventResult>) -> Self {
        Self { result: result.into() }
    }
}

/// A called function failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl ChainedInvokeFailedDetails {
    /// Creates the details of a call that ended with this error.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// A called function took too long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeTimedOutDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl ChainedInvokeTimedOutDetails {
    /// Creates the details of a call that timed out with this error.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// The execution of a called function was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeStoppedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl ChainedInvokeStoppedDetails {
    /// Creates the details of a call whose execution was stopped with this error.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// A callback began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallbackStartedDetails {
    /// What the other system answers to.
    pub callback_id: String,
    /// Seconds between heartbeats; 0 is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_timeout: Option<u64>,
    /// Seconds for the answer; 0 is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
}

impl CallbackStartedDetails {
    /// Creates the details of a callback without timeouts.
    pub fn new(callback_id: impl Into<String>) -> Self {
        Self { callback_id: callback_id.into(), heartbeat_timeout: None, timeout: None }
    }
}

/// A callback was answered with a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallbackSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
}

impl CallbackSucceededDetails {
    /// Creates the details of a callback that was answered with this result.
    pub fn new(result: impl Into<EventResult>) -> Self {
        Self { result: result.into() }
    }
}

/// A callback was answered with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallbackFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

impl CallbackFailedDetails {
    /// Creates the details of a callback that was answered with this error.
    pub fn new(error: impl Into<EventError>) -> Self {
        Self { error: error.into() }
    }
}

/// A callback was not answered in time.
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
    /// When the invocation began.
    pub start_timestamp: Timestamp,
    /// When the invocation ended.
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
    /// When the pause was asked for.
    pub pause_request_timestamp: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EventReason>,
    /// Whether the execution timeout stands still meanwhile.
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
    /// When resuming was asked for.
    pub resume_request_timestamp: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EventReason>,
}

impl ExecutionResumedDetails {
    /// Creates the details of a resumption without a reason.
    pub fn new(resume_request_timestamp: Timestamp) -> Self {
        Self { resume_request_timestamp, reason: None }
    }
}
