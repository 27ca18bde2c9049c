//! The response of an invocation.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error_object::ErrorObject;
use crate::redacted::redacted;

/// The response of an invocation of a durable function.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Status")]
pub enum InvocationOutput {
    /// The handler returned a result, which ends the execution.
    #[serde(rename = "SUCCEEDED", rename_all = "PascalCase")]
    Succeeded {
        /// The result as JSON; empty if it was checkpointed because it is too large for a response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<String>,
    },
    /// The handler returned an error, which ends the execution.
    #[serde(rename = "FAILED", rename_all = "PascalCase")]
    Failed {
        /// The error; `None` if it was checkpointed because it is too large for a response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
    },
    /// The execution is waiting. The service invokes the function again when an operation has changed.
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
