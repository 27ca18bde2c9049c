//! The error of a failed invocation.

use crate::error::BoxError;

/// The error of a failed invocation, after which the service invokes the function again.
#[derive(Debug, thiserror::Error)]
#[error("this invocation of {execution_arn} cannot continue; recorded operations are kept")]
pub struct InvocationError {
    execution_arn: String,
    source: BoxError,
}

impl InvocationError {
    pub(crate) fn new(execution_arn: &str, source: impl Into<BoxError>) -> Self {
        Self { execution_arn: execution_arn.to_owned(), source: source.into() }
    }

    /// Returns the ARN of the execution.
    pub fn execution_arn(&self) -> &str {
        &self.execution_arn
    }
}
