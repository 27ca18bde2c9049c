//! What the hooks of plugins receive.

use std::time::Duration;

use durable_engine::{OperationInfo, Operations};
use durable_types::{ErrorObject, OperationStatus, Timestamp};

use crate::lambda::LambdaContext;
use crate::transport::TransportError;

/// An invocation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct InvocationInfo<'a> {
    /// The ARN of the execution.
    pub execution_arn: &'a str,
    /// The start time of the execution.
    pub execution_start_timestamp: Option<Timestamp>,
    /// The input of the execution, as JSON.
    pub input: Option<&'a str>,
    /// Lambda's data about the invocation, such as its request id and trace header.
    pub lambda_context: &'a LambdaContext,
    /// Whether nothing was recorded before this invocation.
    pub is_first: bool,
    /// The operations of the execution, including those that [changed](Operations::updated) since the previous
    /// invocation.
    pub operations: &'a Operations,
    /// The time of the event that is reported.
    pub timestamp: Timestamp,
}

/// The end of an invocation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct InvocationEnd<'a> {
    /// The invocation.
    pub invocation: InvocationInfo<'a>,
    /// How it ended.
    pub status: InvocationStatus,
    /// The result of the execution, if it succeeded: JSON, unless the handler set another serdes. `None` if it is too large
    /// for the output of the invocation, about 6 MB.
    pub result: Option<&'a str>,
    /// The error of the execution if it failed, or of the invocation if it is retried.
    pub error: Option<&'a ErrorObject>,
}

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvocationStatus {
    /// The execution succeeded.
    Succeeded,
    /// The execution failed.
    Failed,
    /// The execution is suspended.
    Pending,
    /// The invocation failed, and the service will invoke the function again.
    Retrying,
}

impl InvocationStatus {
    /// Returns the status in the spelling of the Lambda API, such as `SUCCEEDED`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Pending => "PENDING",
            Self::Retrying => "RETRYING",
        }
    }

    /// Returns whether the execution ended with this invocation.
    pub fn is_terminal(self) -> bool {
        match self {
            Self::Succeeded | Self::Failed => true,
            Self::Pending | Self::Retrying => false,
        }
    }
}

/// The start of an operation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OperationStart<'a> {
    /// The operation.
    pub operation: &'a OperationInfo,
    /// Whether an earlier invocation started it.
    pub is_replay: bool,
    /// When the code reached it in this invocation.
    pub timestamp: Timestamp,
}

/// Changes that a checkpoint recorded.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OperationsChange<'a> {
    /// The ARN of the execution.
    pub execution_arn: &'a str,
    /// All operations of the execution, after the changes.
    pub operations: &'a Operations,
    /// Those that changed.
    pub updated: &'a [&'a OperationInfo],
    /// When the response arrived.
    pub timestamp: Timestamp,
}

/// The end of an operation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OperationEnd<'a> {
    /// The operation, with its status and error.
    pub operation: &'a OperationInfo,
    /// Its result as it is recorded, if it succeeded with one.
    pub result: Option<&'a str>,
    /// Whether it ended between the previous invocation and this one.
    pub is_replay: bool,
    /// When this invocation learned of the end.
    pub timestamp: Timestamp,
}

impl OperationEnd<'_> {
    /// Returns whether the operation succeeded.
    pub fn is_success(&self) -> bool {
        self.operation.status == OperationStatus::Succeeded
    }
}

/// The start of an attempt: of the body of a step, a condition or a context.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttemptStart<'a> {
    /// The operation.
    pub operation: &'a OperationInfo,
    /// The number of the attempt, starting at 1, or `None` for the body of a context.
    pub attempt: Option<u32>,
    /// Whether an earlier invocation started the operation.
    pub is_replay: bool,
    /// Whether recorded operations are replayed inside a context.
    pub is_replaying_children: bool,
    /// When the attempt started.
    pub timestamp: Timestamp,
}

/// The end of an attempt.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttemptEnd<'a> {
    /// The attempt.
    pub start: AttemptStart<'a>,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Its error, if it failed.
    pub error: Option<&'a ErrorObject>,
    /// When it ended.
    pub timestamp: Timestamp,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttemptOutcome {
    /// It returned a value. The check of a condition succeeds whether the condition is met or not.
    Succeeded,
    /// It returned an error, panicked, or exceeded its time limit.
    Failed,
    /// It was dropped: the invocation ended, or the code stopped waiting for it.
    Incomplete,
}

impl AttemptOutcome {
    /// Returns the outcome in the spelling of AWS's SDKs, such as `SUCCEEDED`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Incomplete => "INCOMPLETE",
        }
    }
}

/// The end of a checkpoint request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CheckpointEnd<'a> {
    /// The number of updates that it contained; zero if it only asked for changes.
    pub updates: usize,
    /// The size of the updates in bytes, at most.
    pub bytes: usize,
    /// How long the service took to answer, with retries.
    pub elapsed: Duration,
    /// The error, if the request failed for good.
    pub error: Option<&'a TransportError>,
}

/// A place in the code of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeLocation<'a> {
    /// The innermost recorded operation whose body contains the code, or `None` in the handler itself.
    pub operation_id: Option<&'a str>,
    /// The number of the attempt, starting at 1, or `None` outside of steps and conditions.
    pub attempt: Option<u32>,
}

/// A chained invoke that is about to start.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ChainedInvokeStart<'a> {
    /// The ARN of the execution.
    pub execution_arn: &'a str,
    /// The id of the operation.
    pub operation_id: &'a str,
    /// The name of the operation.
    pub operation_name: Option<&'a str>,
    /// The id of the context that contains it, or `None` at the top level.
    pub parent_id: Option<&'a str>,
    /// The function that is invoked: its name or ARN, with version or alias.
    pub function_name: &'a str,
}
