//! PauseDurableExecution: keeps an execution from being invoked until it is resumed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::redacted::redacted;
use crate::validate::{Check, TextRule};
use crate::violation::Violations;

/// The request of [PauseDurableExecution].
///
/// The ARN travels in the path; the other members are the body. `Debug` does not show the reason.
///
/// [PauseDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_PauseDurableExecution.html
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PauseRequest {
    /// The execution.
    #[serde(default, skip)]
    pub durable_execution_arn: String,
    /// The same text on every delivery of the same request, 1 to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
    /// Why, at most 1,024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the execution timeout stands still meanwhile; so it does if this is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_timeout_paused: Option<bool>,
}

impl PauseRequest {
    /// Creates a request to pause an execution and its timeout.
    pub fn new(durable_execution_arn: impl Into<String>) -> Self {
        Self {
            durable_execution_arn: durable_execution_arn.into(),
            client_token: None,
            reason: None,
            execution_timeout_paused: None,
        }
    }

    /// Finds every rule this request breaks.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.execution_arn(&self.durable_execution_arn);
        check.optional_text("ClientToken", &TextRule::CLIENT_TOKEN, self.client_token.as_deref());
        check.optional_text("Reason", &TextRule::PAUSE_REASON, self.reason.as_deref());
        check.finish()
    }
}

/// The response of [PauseDurableExecution], which says nothing.
///
/// [PauseDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_PauseDurableExecution.html
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PauseResponse {}

impl fmt::Debug for PauseRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PauseRequest")
            .field("durable_execution_arn", &self.durable_execution_arn)
            .field("reason", &redacted(&self.reason))
            .field("execution_timeout_paused", &self.execution_timeout_paused)
            .finish_non_exhaustive()
    }
}
