//! What an update may set, by the type of its operation.

use serde::{Deserialize, Serialize};

/// Options of a context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ContextOptions {
    /// Whether the service keeps the operations inside the context after it ends, so that they can be replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_children: Option<bool>,
}

/// Options of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StepOptions {
    /// Seconds until the next attempt, 1 to 31,622,400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_delay_seconds: Option<u64>,
}

/// Options of a wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WaitOptions {
    /// Seconds to wait, 1 to 31,622,400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u64>,
}

/// Options of a callback.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallbackOptions {
    /// Seconds until it fails if nobody answers, at most 99,999,999; 0 is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
    /// Seconds until it fails if nobody answers or sends a heartbeat, at most 99,999,999; 0 is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_timeout_seconds: Option<u64>,
}

/// Options of a call of another function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeOptions {
    /// The function: a name, a partial ARN or an ARN, at most 256 characters.
    pub function_name: String,
    /// The tenant to call it for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The trace header to pass on, at most 8,192 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_amzn_trace_id: Option<String>,
}

impl ChainedInvokeOptions {
    /// Creates the options of a call, without a tenant and a trace header.
    pub fn new(function_name: impl Into<String>) -> Self {
        Self { function_name: function_name.into(), tenant_id: None, x_amzn_trace_id: None }
    }
}
