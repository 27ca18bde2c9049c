//! DeleteDurableExecution: deletes an execution that has ended.

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;
use crate::validate::Check;
use crate::violation::Violations;

/// The request of [DeleteDurableExecution].
///
/// The ARN is part of the path; there is no body.
///
/// [DeleteDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_DeleteDurableExecution.html
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteRequest {
    /// The ARN of the execution.
    pub durable_execution_arn: String,
}

impl DeleteRequest {
    /// Creates a request to delete an execution.
    pub fn new(durable_execution_arn: impl Into<String>) -> Self {
        Self { durable_execution_arn: durable_execution_arn.into() }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.execution_arn(&self.durable_execution_arn);
        check.finish()
    }
}

/// The response of [DeleteDurableExecution].
///
/// [DeleteDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_DeleteDurableExecution.html
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeleteResponse {
    /// The time of the request.
    pub deletion_request_timestamp: Timestamp,
}

impl DeleteResponse {
    /// Creates a response with the time of the request.
    pub fn new(deletion_request_timestamp: Timestamp) -> Self {
        Self { deletion_request_timestamp }
    }
}
