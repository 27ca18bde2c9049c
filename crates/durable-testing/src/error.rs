//! Errors of tests that have no result of their execution.

use std::fmt;

use durable_types::api::ServiceError;
use durable_types::{ErrorObject, ExecutionStatus, InvalidArn};

/// The number of invocations within which an execution has to end.
pub(crate) const MAX_INVOCATIONS: u64 = 10_000;

/// The reason why a test has no result of its execution.
///
/// `Debug` has the same output as `Display`, so that a test that unwraps the error shows why its execution failed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// The service rejected a request of the runner.
    #[error("the service refused: {0}")]
    Refused(ServiceError),
    /// An input or a result cannot be serialized or deserialized as expected.
    #[error("not the JSON that was expected: {0}")]
    Json(serde_json::Error),
    /// The execution did not succeed, so it has no result.
    #[error("the execution is {0}: {1}")]
    NotSucceeded(ExecutionStatus, ErrorObject),
    /// The execution is waiting for something that never happens, or did not end within 10,000 invocations.
    #[error(
        "the execution waits for something that never happens, or did not end within {MAX_INVOCATIONS} invocations"
    )]
    Endless,
    /// The runner's own ARN is invalid; this is a bug in durable.
    #[error("{0}; this is a bug in durable")]
    Arn(InvalidArn),
}

impl From<ServiceError> for TestError {
    fn from(error: ServiceError) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Debug for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
