//! What a function answers to an invocation.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error_object::ErrorObject;
use crate::redacted::redacted;

/// The answer to one invocation of a durable function.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Status")]
pub enum InvocationOutput {
    /// The handler returned a result: the execution ends.
    #[serde(rename = "SUCCEEDED", rename_all = "PascalCase")]
    Succeeded {
        /// The result as JSON; empty if it was checkpointed because it is too large for an answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<String>,
    },
    /// The handler returned an error: the execution ends.
    #[serde(rename = "FAILED", rename_all = "PascalCase")]
    Failed {
        /// The error; none if it was checkpointed because it is too large for an answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
    },
    /// The execution waits; the service invokes the function again when there is something to do.
    #[serde(rename = "PENDING")]
    Pending,
}

impl fmt::Debug for InvocationOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded { result } => {
                f.debug_struct("Succeeded").field("result", &redacted(result)).finish()
            }
            Self::Failed { error } => f.debug_struct("Failed").field("error", error).finish(),
            Self::Pending => f.write_str("Pending"),
        }
    }
}
