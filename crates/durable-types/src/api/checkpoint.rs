//! CheckpointDurableExecution: records updates and returns what has changed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::operation::Operation;
use crate::update::OperationUpdate;
use crate::validate::{Check, TextRule};
use crate::violation::Violations;

/// The request of [CheckpointDurableExecution].
///
/// The ARN is part of the path; the other members are the body.
///
/// [CheckpointDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CheckpointRequest {
    /// The ARN of the execution.
    #[serde(default, skip)]
    pub durable_execution_arn: String,
    /// The token from the previous response. Each token is valid for one checkpoint.
    pub checkpoint_token: String,
    /// The updates, recorded atomically and in this order. An empty list only reads changes.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "crate::nullable::null_as_default"
    )]
    pub updates: Vec<OperationUpdate>,
    /// An idempotency token, 1 to 64 characters. The service records requests with the same token once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
}

impl CheckpointRequest {
    /// Creates a request that records these updates, without a client token.
    pub fn new(
        durable_execution_arn: impl Into<String>,
        checkpoint_token: impl Into<String>,
        updates: Vec<OperationUpdate>,
    ) -> Self {
        Self {
            durable_execution_arn: durable_execution_arn.into(),
            checkpoint_token: checkpoint_token.into(),
            updates,
            client_token: None,
        }
    }

    /// Validates the request and its updates and returns all violations.
    ///
    /// Rules that depend on the recorded state or on combinations of updates are not checked.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.execution_arn(&self.durable_execution_arn);
        check.text("CheckpointToken", &TextRule::CHECKPOINT_TOKEN, &self.checkpoint_token);
        for (index, update) in self.updates.iter().enumerate() {
            check.inside(&format!("Updates[{index}]"), update.validate());
        }
        check.optional_text("ClientToken", &TextRule::CLIENT_TOKEN, self.client_token.as_deref());
        check.finish()
    }
}

/// The response of [CheckpointDurableExecution].
///
/// [CheckpointDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CheckpointResponse {
    /// The token of the next checkpoint. `None` if the execution has ended or is paused: no checkpoint may follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_token: Option<String>,
    /// The changes since the previous response, including the updates of this request.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub new_execution_state: CheckpointUpdatedExecutionState,
}

impl CheckpointResponse {
    /// Creates a response with the token of the next checkpoint, which reports no changes.
    pub fn new(checkpoint_token: Option<String>) -> Self {
        Self { checkpoint_token, new_execution_state: CheckpointUpdatedExecutionState::default() }
    }
}

/// The changes of an execution, or the first page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CheckpointUpdatedExecutionState {
    /// The operations that changed.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "crate::nullable::null_as_default"
    )]
    pub operations: Vec<Operation>,
    /// The marker of the next page; absent or empty on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

impl CheckpointUpdatedExecutionState {
    /// Creates a page of changed operations.
    pub fn new(operations: Vec<Operation>, next_marker: Option<String>) -> Self {
        Self { operations, next_marker }
    }
}

impl fmt::Debug for CheckpointRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckpointRequest")
            .field("durable_execution_arn", &self.durable_execution_arn)
            .field("updates", &self.updates)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CheckpointResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckpointResponse")
            .field("has_checkpoint_token", &self.checkpoint_token.is_some())
            .field("new_execution_state", &self.new_execution_state)
            .finish()
    }
}
