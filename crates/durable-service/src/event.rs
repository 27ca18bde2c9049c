//! The record of an execution: what happened, in the order in which it happened.

use durable_types::{DurableConfig, DurableExecutionArn, ErrorObject, Operation, OperationStatus, Timestamp};
use serde::{Deserialize, Serialize};

use crate::headers::InvocationHeaders;
use crate::operation::{ChainedInvokeChange, ExecutionEnd, OperationChange};
use crate::payload::Payload;
use crate::seed::Seed;

/// Something that happened to an execution.
///
/// Events say all that was decided, so that reading them back needs no settings. Each payload stands in exactly one
/// of them. `Debug` does not show payloads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The execution began. Always the first event, and only that.
    ExecutionStarted(ExecutionStarted),
    /// The function was invoked.
    InvocationStarted(InvocationStarted),
    /// An invocation of the function ended.
    InvocationCompleted(InvocationCompleted),
    /// An operation began, ended or moved on.
    OperationChanged(OperationChanged),
    /// A checkpoint was accepted; what it recorded stands in the events before.
    Checkpointed(Checkpointed),
    /// Somebody asked for a pause.
    PauseRequested(PauseRequested),
    /// The execution is paused from now on.
    ExecutionPaused(ExecutionPaused),
    /// The execution goes on.
    ExecutionResumed(ExecutionResumed),
    /// The execution ended.
    ExecutionEnded(ExecutionEnded),
    /// Somebody wants the execution, which has ended, to be deleted.
    DeletionRequested(DeletionRequested),
}

impl Event {
    /// When it happened.
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

    /// The operation that begins a call of another function, if that is what happened.
    pub(crate) fn started_call(&self) -> Option<&str> {
        let Self::OperationChanged(changed) = self else { return None };
        let OperationChange::ChainedInvoke(ChainedInvokeChange::Started(_)) = &changed.change else {
            return None;
        };
        Some(&changed.id)
    }
}

/// The execution began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionStarted {
    /// When.
    pub at: Timestamp,
    /// Its ARN.
    pub execution_arn: DurableExecutionArn,
    /// Its input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// The durable settings of its function.
    pub durable_config: DurableConfig,
    /// Seconds it may take, also if the settings do not say.
    pub execution_timeout: u32,
    /// Whether somebody waits for its result, which may then be larger.
    pub synchronous: bool,
    /// What every invocation gets besides its payload.
    #[serde(default)]
    pub headers: InvocationHeaders,
    /// Makes its checkpoint tokens and callback ids unguessable.
    #[serde(default)]
    pub seed: Seed,
}

/// The function was invoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvocationStarted {
    /// When.
    pub at: Timestamp,
    /// How many invocations the execution has had, this one included.
    pub number: u64,
    /// The id of the invocation.
    pub request_id: String,
}

/// An invocation of the function ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvocationCompleted {
    /// When.
    pub at: Timestamp,
    /// When it began.
    pub started_at: Timestamp,
    /// The id of the invocation.
    pub request_id: String,
    /// How it ended, as far as the next invocation depends on it.
    pub ending: InvocationEnding,
    /// Why, if the function did not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorObject>,
    /// When to invoke the function again, if that is not at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
}

/// How an invocation ended, as far as the next one depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvocationEnding {
    /// The function answered.
    Answered,
    /// The function answered that the execution waits, but it waits for nothing.
    Idle,
    /// The function's process or its environment failed; it is tried again at once.
    RuntimeError,
    /// The function failed; it is tried again later.
    HandlerError,
    /// The service was restarted meanwhile.
    Lost,
    /// The function never received it, because the execution ended or was paused first.
    Withdrawn,
}

/// An operation began, ended or moved on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OperationChanged {
    /// When.
    pub at: Timestamp,
    /// The operation.
    pub id: String,
    /// The context it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its subtype.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<String>,
    /// What happened to it.
    pub change: OperationChange,
}

impl OperationChanged {
    /// A change of an operation that is recorded.
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

    /// The operation that this change introduces, as it stands before the change.
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
    /// When.
    pub at: Timestamp,
    /// The client token of the request, by which its repetition is recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
    /// A digest of its updates, if it has a client token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updates_digest: Option<String>,
}

/// Somebody asked for a pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PauseRequested {
    /// When.
    pub at: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Payload>,
    /// Whether the execution timeout is to stand still meanwhile.
    pub execution_timeout_paused: bool,
    /// The client token of the request, by which its repetition is recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
}

/// The execution is paused from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionPaused {
    /// When.
    pub at: Timestamp,
    /// The id of the execution.
    pub id: String,
    /// When the pause was asked for.
    pub requested_at: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Payload>,
    /// Whether the execution timeout stands still meanwhile.
    pub execution_timeout_paused: bool,
}

/// The execution goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionResumed {
    /// When.
    pub at: Timestamp,
    /// The id of the execution.
    pub id: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Payload>,
    /// The client token of the request, by which its repetition is recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
    /// Whether the pause was in effect; else it was given up before, and the history does not tell it.
    pub pause_took_effect: bool,
}

/// The execution ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionEnded {
    /// When.
    pub at: Timestamp,
    /// The id of the execution.
    pub id: String,
    /// How.
    pub end: ExecutionEnd,
}

/// Somebody wants the execution to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeletionRequested {
    /// When.
    pub at: Timestamp,
}
