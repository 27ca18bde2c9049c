//! Why a test learned nothing of its execution.

use std::fmt;

use durable_types::api::ServiceError;
use durable_types::{ErrorObject, ExecutionStatus, InvalidArn};

use crate::running::MAX_INVOCATIONS;

/// Why a test learned nothing of its execution.
///
/// A test that unwraps it shows what its execution failed with: the debug format is that for people, in which nothing is
/// redacted.
#[non_exhaustive]
pub enum TestError {
    /// The service refused what the runner asked for.
    Refused(ServiceError),
    /// Something is not the JSON it should be.
    Json(serde_json::Error),
    /// The execution did not succeed, so it has no result.
    NotSucceeded(ExecutionStatus, ErrorObject),
    /// The execution waits for something that never comes, or did not end in 10,000 invocations.
    Endless,
    /// The runner's own ARN is not one; this is a bug in durable.
    Arn(InvalidArn),
}

impl From<ServiceError> for TestError {
    fn from(error: ServiceError) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "the service refused: {error}"),
            Self::Json(error) => write!(f, "not the JSON that was expected: {error}"),
            Self::NotSucceeded(status, error) => write!(f, "the execution is {status}: {error}"),
            Self::Endless => write!(
                f,
                "the execution waits for something that never comes, or did not end in {MAX_INVOCATIONS} invocations"
            ),
            Self::Arn(error) => write!(f, "{error}; this is a bug in durable"),
        }
    }
}

impl fmt::Debug for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for TestError {}
