//! The details of events, one struct an event type.

use serde::{Deserialize, Serialize};

use super::{EventError, EventInput, EventReason, EventResult, RetryDetails};
use crate::Timestamp;

/// The execution began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionStartedDetails {
    /// The input.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub input: EventInput,
    /// Seconds the execution may take.
    pub execution_timeout: u32,
}

/// The execution ended with a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
}

/// The execution ended with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

/// The execution took longer than its timeout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionTimedOutDetails {
    /// The error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<EventError>,
}

/// Somebody stopped the execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionStoppedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

/// A context began.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContextStartedDetails {}

/// A context ended with a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContextSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
}

/// A context ended with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContextFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

/// A wait began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WaitStartedDetails {
    /// Seconds the wait takes.
    pub duration: u64,
    /// When it ends.
    pub scheduled_end_timestamp: Timestamp,
}

/// A wait ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WaitSucceededDetails {
    /// Seconds the wait takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
}

/// A wait was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WaitCancelledDetails {
    /// The error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<EventError>,
}

/// An attempt of a step began.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StepStartedDetails {}

/// A step ended with a result, or a condition will be polled again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StepSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
    /// Where its attempts stand.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub retry_details: RetryDetails,
}

/// An attempt of a step ended with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StepFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
    /// Where its attempts stand.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub retry_details: RetryDetails,
}

/// A call of another function began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
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

/// A called function returned a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChainedInvokeSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
}

/// A called function failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChainedInvokeFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

/// A called function took too long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChainedInvokeTimedOutDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

/// The execution of a called function was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChainedInvokeStoppedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

/// A callback began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
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

/// A callback was answered with a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallbackSucceededDetails {
    /// The result.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub result: EventResult,
}

/// A callback was answered with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallbackFailedDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

/// A callback was not answered in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallbackTimedOutDetails {
    /// The error.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub error: EventError,
}

/// An invocation of the function ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
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

/// The execution was paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionPausedDetails {
    /// When the pause was asked for.
    pub pause_request_timestamp: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EventReason>,
    /// Whether the execution timeout stands still meanwhile.
    pub execution_timeout_paused: bool,
}

/// The execution was resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionResumedDetails {
    /// When resuming was asked for.
    pub resume_request_timestamp: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EventReason>,
}
