//! The payload of an invocation.

use std::fmt;

use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};

use crate::operation::AsEpochMillis;
use crate::operation::Operation;
use crate::small_string::SmallString;

/// The payload of an invocation of a durable function.
///
/// `Debug` output redacts the checkpoint token, which is a credential.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InvocationInput {
    /// The ARN of the execution.
    pub durable_execution_arn: String,
    /// The token of the first checkpoint.
    pub checkpoint_token: String,
    /// The recorded operations, or the first page of them.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub initial_execution_state: InitialExecutionState,
    /// The ids of the operations that have changed since the previous invocation ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_operation_ids: Option<Vec<SmallString>>,
}

impl InvocationInput {
    /// Creates a payload without the ids of changed operations.
    pub fn new(
        durable_execution_arn: impl Into<String>,
        checkpoint_token: impl Into<String>,
        initial_execution_state: InitialExecutionState,
    ) -> Self {
        Self {
            durable_execution_arn: durable_execution_arn.into(),
            checkpoint_token: checkpoint_token.into(),
            initial_execution_state,
            updated_operation_ids: None,
        }
    }
}

/// The recorded state of an execution at the start of an invocation, or the first page of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InitialExecutionState {
    /// The operations, in the order in which they started. A page may be empty although it is not the last.
    #[serde(default, deserialize_with = "crate::operation::operations", serialize_with = "as_epoch_millis")]
    pub operations: Vec<Operation>,
    /// The marker of the next page; absent or empty on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

impl InitialExecutionState {
    /// Creates a page of operations.
    pub fn new(operations: Vec<Operation>, next_marker: Option<String>) -> Self {
        Self { operations, next_marker }
    }
}

impl fmt::Debug for InvocationInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvocationInput")
            .field("durable_execution_arn", &self.durable_execution_arn)
            .field("initial_execution_state", &self.initial_execution_state)
            .field("updated_operation_ids", &self.updated_operation_ids)
            .finish_non_exhaustive()
    }
}

fn as_epoch_millis<S: Serializer>(operations: &[Operation], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(operations.len()))?;
    for operation in operations {
        list.serialize_element(&AsEpochMillis(operation))?;
    }
    list.end()
}
