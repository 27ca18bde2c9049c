//! The details of operations, by type.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error_object::ErrorObject;
use crate::redacted::redacted;
use crate::timestamp::Timestamp;

/// Details of the execution itself.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExecutionDetails {
    /// The payload of the Invoke request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_payload: Option<String>,
}

impl ExecutionDetails {
    /// Creates the details of an execution with this input.
    pub fn new(input_payload: Option<String>) -> Self {
        Self { input_payload }
    }
}

/// Details of a context.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ContextDetails {
    /// Whether the service keeps the operations inside the context after it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_children: Option<bool>,
    /// The result, if it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The error, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<ErrorObject>>,
}

impl ContextDetails {
    /// Creates the details of a context with its outcome; neither is set while it runs.
    pub fn new(result: Option<String>, error: Option<ErrorObject>) -> Self {
        Self { replay_children: None, result, error: error.map(Box::new) }
    }
}

/// Details of a step.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StepDetails {
    /// The number of attempts that have ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The time at which a pending step becomes ready.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub next_attempt_timestamp: Option<Timestamp>,
    /// The result, or the state that a condition passes to its next poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The error of the last attempt that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<ErrorObject>>,
}

impl StepDetails {
    /// Creates the details of a step with the outcome of its last attempt, if one has ended.
    pub fn new(result: Option<String>, error: Option<ErrorObject>) -> Self {
        Self { attempt: None, next_attempt_timestamp: None, result, error: error.map(Box::new) }
    }
}

/// Details of a wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WaitDetails {
    /// The end time.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub scheduled_end_timestamp: Option<Timestamp>,
}

impl WaitDetails {
    /// Creates the details of a wait with its end time.
    pub fn new(scheduled_end_timestamp: Option<Timestamp>) -> Self {
        Self { scheduled_end_timestamp }
    }
}

/// Details of a callback.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallbackDetails {
    /// The id with which the callback is completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_id: Option<String>,
    /// The result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The error, or the timeout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<ErrorObject>>,
}

impl CallbackDetails {
    /// Creates the details of a callback with its outcome; neither is set until it is completed.
    pub fn new(result: Option<String>, error: Option<ErrorObject>) -> Self {
        Self { callback_id: None, result, error: error.map(Box::new) }
    }
}

/// Details of a chained invoke.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeDetails {
    /// The result of the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The error of the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<ErrorObject>>,
}

impl ChainedInvokeDetails {
    /// Creates the details of a chained invoke with its outcome; neither is set while it runs.
    pub fn new(result: Option<String>, error: Option<ErrorObject>) -> Self {
        Self { result, error: error.map(Box::new) }
    }
}

impl fmt::Debug for ExecutionDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecutionDetails").field("input_payload", &redacted(&self.input_payload)).finish()
    }
}

impl fmt::Debug for ContextDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextDetails")
            .field("replay_children", &self.replay_children)
            .field("result", &redacted(&self.result))
            .field("error", &self.error)
            .finish()
    }
}

impl fmt::Debug for StepDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepDetails")
            .field("attempt", &self.attempt)
            .field("next_attempt_timestamp", &self.next_attempt_timestamp)
            .field("result", &redacted(&self.result))
            .field("error", &self.error)
            .finish()
    }
}

impl fmt::Debug for CallbackDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackDetails")
            .field("callback_id", &self.callback_id)
            .field("result", &redacted(&self.result))
            .field("error", &self.error)
            .finish()
    }
}

impl fmt::Debug for ChainedInvokeDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainedInvokeDetails")
            .field("result", &redacted(&self.result))
            .field("error", &self.error)
            .finish()
    }
}
