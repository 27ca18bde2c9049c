//! StopDurableExecution: ends an execution.

use serde::{Deserialize, Serialize};

use crate::error_object::ErrorObject;
use crate::timestamp::Timestamp;
use crate::validate::Check;
use crate::violation::Violations;

/// The request of [StopDurableExecution].
///
/// The ARN is part of the path. The body is the error itself, or empty.
///
/// [StopDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_StopDurableExecution.html
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct StopRequest {
    /// The ARN of the execution.
    #[serde(default, skip)]
    pub durable_execution_arn: String,
    /// The error to record for the execution.
    pub error: Option<ErrorObject>,
}

impl StopRequest {
    /// Creates a request to stop an execution, with the error to record for it.
    pub fn new(durable_execution_arn: impl Into<String>, error: Option<ErrorObject>) -> Self {
        Self { durable_execution_arn: durable_execution_arn.into(), error }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.execution_arn(&self.durable_execution_arn);
        check.error(self.error.as_ref());
        check.finish()
    }
}

/// The response of [StopDurableExecution].
///
/// [StopDurableExecution]: https://docs.aws.amazon.com/lambda/latest/api/API_StopDurableExecution.html
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StopResponse {
    /// The end time of the execution, which may have ended before the request.
    pub stop_timestamp: Timestamp,
}

impl StopResponse {
    /// Creates a response with the time at which the execution ended.
    pub fn new(stop_timestamp: Timestamp) -> Self {
        Self { stop_timestamp }
    }
}
