//! GetDurableExecutionState: returns the recorded operations, page by page.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::operation::Operation;
use crate::validate::{self, Check, TextRule};
use crate::violation::Violations;

/// The request of [GetDurableExecutionState].
///
/// [GetDurableExecutionState]: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecutionState.html
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetStateRequest {
    /// The ARN of the execution.
    #[serde(default, skip)]
    pub durable_execution_arn: String,
    /// The current checkpoint token of the invocation, which remains valid.
    pub checkpoint_token: String,
    /// The marker of the page, from the previous response; `None` for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// The maximum number of operations per page, at most 1,000; 0 or `None` is 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
}

impl GetStateRequest {
    /// Creates a request for the first page of the operations of an execution.
    pub fn new(durable_execution_arn: impl Into<String>, checkpoint_token: impl Into<String>) -> Self {
        Self {
            durable_execution_arn: durable_execution_arn.into(),
            checkpoint_token: checkpoint_token.into(),
            marker: None,
            max_items: None,
        }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.execution_arn(&self.durable_execution_arn);
        check.text("CheckpointToken", &TextRule::CHECKPOINT_TOKEN, &self.checkpoint_token);
        if let Some(items) = self.max_items {
            check.add(validate::max_items(items));
        }
        check.finish()
    }
}

/// The response of [GetDurableExecutionState].
///
/// [GetDurableExecutionState]: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecutionState.html
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetStateResponse {
    /// The operations, in the order in which they started.
    #[serde(default, deserialize_with = "crate::operation::operations")]
    pub operations: Vec<Operation>,
    /// The marker of the next page; absent or empty on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

impl GetStateResponse {
    /// Creates a page of operations.
    pub fn new(operations: Vec<Operation>, next_marker: Option<String>) -> Self {
        Self { operations, next_marker }
    }
}

impl fmt::Debug for GetStateRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetStateRequest")
            .field("durable_execution_arn", &self.durable_execution_arn)
            .field("marker", &self.marker)
            .field("max_items", &self.max_items)
            .finish_non_exhaustive()
    }
}
