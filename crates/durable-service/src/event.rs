//! The events of an execution, which are its record.

use durable_types::{
    DurableConfig, DurableExecutionArn, ErrorObject, Operation, OperationStatus, SmallString, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::headers::InvocationHeaders;
use crate::operation::{ChainedInvokeChange, ExecutionEnd, OperationChange};
use crate::payload::Payload;
use crate::seed::Seed;

/// An event of an execution.
///
/// Events contain the outcome of every decision, so replaying them needs no settings. Each payload is stored in exactly
/// one event. `Debug` output redacts payloads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The execution started. This is always the first event and occurs once.
    ExecutionStarted(ExecutionStarted),
    /// An invocation of the function started.
    InvocationStarted(InvocationStarted),
    /// An invocation of the function ended.
    InvocationCompleted(InvocationCompleted),
    /// The state of an operation changed.
    OperationChanged(OperationChanged),
    /// A checkpoint was accepted. The changes it made precede this event.
    Checkpointed(Checkpointed),
    /// A pause was requested.
    PauseRequested(PauseRequested),
    /// A pause took effect.
    ExecutionPaused(ExecutionPaused),
    /// The execution was resumed.
    ExecutionResumed(ExecutionResumed),
    /// The execution ended.
    ExecutionEnded(ExecutionEnded),
    /// The deletion of the execution, which has ended, was requested.
    DeletionRequested(DeletionRequested),
}

impl Event {
    /// Returns the time of the event.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::ExecutionStarted(started) => started.at,
            Self::InvocationStarted(started) => started.at,
            Self::InvocationCompleted(completed) => completed.at,
            Self::OperationChanged(changed) => changed.at,
            Self::Checkpointed(checkpointed) => checkpointed.at,
            Self::PauseRequested(requested) => requested.at,
            Self::ExecutionPaused(paused) => paused.at,
            Self::ExecutionResumed(resumed) => resumed.at,
            Self::ExecutionEnded(ended) => ended.at,
            Self::DeletionRequested(requested) => requested.at,
        }
    }

    /// Returns the id of the operation that started a chained invoke, if this event did.
    pub(crate) fn started_call(&self) -> Option<&str> {
        let Self::OperationChanged(changed) = self else { return None };
        let OperationChange::ChainedInvoke(ChainedInvokeChange::Started(_)) = &changed.change else {
            return None;
        };
        Some(&changed.id)
    }
}

/// The execution started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionStarted {
    /// The time of the event.
    pub at: Timestamp,
    /// The ARN of the execution.
    pub execution_arn: DurableExecutionArn,
    /// The input, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// The durable settings of the function.
    pub durable_config: DurableConfig,
    /// The execution timeout in seconds, including the default.
    pub execution_timeout: u32,
    /// Whether a caller waits for the result, which raises its size limit.
    pub synchronous: bool,
    /// The headers that every invocation receives with the payload.
    #[serde(default)]
    pub headers: InvocationHeaders,
    /// The random seed from which checkpoint tokens and callback ids are derived.
    #[serde(default)]
    pub seed: Seed,
}

/// An invocation of the function started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvocationStarted {
    /// The time of the event.
    pub at: Timestamp,
    /// The number of the invocation; the first is 1.
    pub number: u64,
    /// The id of the invocation.
    pub request_id: String,
}

/// An invocation of the function ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvocationCompleted {
    /// The time of the event.
    pub at: Timestamp,
    /// When the invocation started.
    pub started_at: Timestamp,
    /// The id of the invocation.
    pub request_id: String,
    /// The outcome, as far as the next invocation depends on it.
    pub ending: InvocationEnding,
    /// The error, if the function did not respond.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorObject>,
    /// When to retry, unless that is immediately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
}

/// The outcome of an invocation, as far as the next one depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvocationEnding {
    /// The function responded.
    Answered,
    /// The function responded with PENDING although no operation is pending.
    Idle,
    /// The process of the function or its environment failed. The invocation is retried at once.
    RuntimeError,
    /// The function failed. The invocation is retried after a backoff.
    HandlerError,
    /// The service was restarted during the invocation.
    Lost,
    /// The invocation was withdrawn before the function received it, because the execution ended or was paused.
    Withdrawn,
}

/// The state of an operation changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OperationChanged {
    /// The time of the event.
    pub at: Timestamp,
    /// The id of the operation.
    pub id: SmallString,
    /// The id of the parent context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<SmallString>,
    /// The name of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<SmallString>,
    /// The subtype of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<SmallString>,
    /// The change.
    pub change: OperationChange,
}

impl OperationChanged {
    /// Creates the event of a change to a recorded operation.
    pub(crate) fn of(operation: &Operation, change: OperationChange, at: Timestamp) -> Self {
        Self {
            at,
            id: operation.id.clone(),
            parent_id: operation.parent_id.clone(),
            name: operation.name.clone(),
            sub_type: operation.sub_type.clone(),
            change,
        }
    }

    /// Creates the operation that this event introduces, before the change is applied.
    pub(crate) fn introduced(&self) -> Operation {
        let operation_type = self.change.operation_type();
        let mut operation = Operation::new(self.id.clone(), operation_type, OperationStatus::Started);
        operation.parent_id.clone_from(&self.parent_id);
        operation.name.clone_from(&self.name);
        operation.sub_type.clone_from(&self.sub_type);
        operation.start_timestamp = Some(self.at);
        operation
    }
}

/// A checkpoint was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Checkpointed {
    /// The time of the event.
    pub at: Timestamp,
    /// The client token of the request, which identifies retries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
    /// A digest of the updates, if the request has a client token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updates_digest: Option<String>,
}

/// A pause was requested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PauseRequested {
    /// The time of the event.
    pub at: Timestamp,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Payload>,
    /// Whether the execution timeout is suspended during the pause.
    pub execution_timeout_paused: bool,
    /// The client token of the request, which identifies retries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
}

/// A pause took effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionPaused {
    /// The time of the event.
    pub at: Timestamp,
    /// The id of the execution.
    pub id: String,
    /// When the pause was requested.
    pub requested_at: Timestamp,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Payload>,
    /// Whether the execution timeout is suspended during the pause.
    pub execution_timeout_paused: bool,
}

/// The execution was resumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionResumed {
    /// The time of the event.
    pub at: Timestamp,
    /// The id of the execution.
    pub id: String,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Payload>,
    /// The client token of the request, which identifies retries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
    /// Whether the pause had taken effect. If not, the pause was cancelled and the history omits this event.
    pub pause_took_effect: bool,
}

/// The execution ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionEnded {
    /// The time of the event.
    pub at: Timestamp,
    /// The id of the execution.
    pub id: String,
    /// The outcome.
    pub end: ExecutionEnd,
}

/// The deletion of the execution was requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeletionRequested {
    /// The time of the event.
    pub at: Timestamp,
}
