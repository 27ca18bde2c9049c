//! ResumeDurableExecution: resumes a paused execution.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::redacted::redacted;
use crate::validate::{Check, TextRule};
use crate::violation::Violations;

/// The request of [ResumeDurableExecution].
///
/// The ARN is part of the path; the other members are the body. `Debug` output redacts the reason.
///
/// [ResumeDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_ResumeDurableExecution.html
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ResumeRequest {
    /// The ARN of the execution.
    #[serde(default, skip)]
    pub durable_execution_arn: String,
    /// An idempotency token, 1 to 64 characters: the same on every delivery of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
    /// The reason, at most 1,024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ResumeRequest {
    /// Creates a request to resume an execution.
    pub fn new(durable_execution_arn: impl Into<String>) -> Self {
        Self { durable_execution_arn: durable_execution_arn.into(), client_token: None, reason: None }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.execution_arn(&self.durable_execution_arn);
        check.optional_text("ClientToken", &TextRule::CLIENT_TOKEN, self.client_token.as_deref());
        check.optional_text("Reason", &TextRule::PAUSE_REASON, self.reason.as_deref());
        check.finish()
    }
}

/// The response of [ResumeDurableExecution], which is empty.
///
/// [ResumeDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_ResumeDurableExecution.html
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResumeResponse {}

impl fmt::Debug for ResumeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumeRequest")
            .field("durable_execution_arn", &self.durable_execution_arn)
            .field("reason", &redacted(&self.reason))
            .finish_non_exhaustive()
    }
}
