//! The options of updates, by the type of operation.

use serde::{Deserialize, Serialize};

/// Options of a context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ContextOptions {
    /// Whether the service keeps the operations inside the context after it has ended, so that they can be replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_children: Option<bool>,
}

/// Options of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StepOptions {
    /// The delay before the next attempt in seconds, 1 to 31,622,400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_delay_seconds: Option<u64>,
}

/// Options of a wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WaitOptions {
    /// The duration in seconds, 1 to 31,622,400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u64>,
}

/// Options of a callback.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallbackOptions {
    /// The timeout in seconds, at most 99,999,999; 0 is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
    /// The heartbeat timeout in seconds, at most 99,999,999; 0 is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_timeout_seconds: Option<u64>,
}

/// Options of a chained invoke.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChainedInvokeOptions {
    /// The function, as a name, a partial ARN or an ARN of at most 256 characters.
    pub function_name: String,
    /// The tenant id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The trace header to pass on, at most 8,192 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_amzn_trace_id: Option<String>,
}

impl ChainedInvokeOptions {
    /// Creates the options of a chained invoke without a tenant and a trace header.
    pub fn new(function_name: impl Into<String>) -> Self {
        Self { function_name: function_name.into(), tenant_id: None, x_amzn_trace_id: None }
    }
}
