//! Why an invocation ended without an answer.

use crate::BoxError;

/// The invocation cannot answer; the service will invoke the function again.
#[derive(Debug, thiserror::Error)]
#[error("this invocation of {execution_arn} cannot go on; what is recorded is kept")]
pub struct InvocationError {
    execution_arn: String,
    source: BoxError,
}

impl InvocationError {
    pub(crate) fn new(execution_arn: &str, source: impl Into<BoxError>) -> Self {
        Self { execution_arn: execution_arn.to_owned(), source: source.into() }
    }

    /// The execution that it was an invocation of.
    pub fn execution_arn(&self) -> &str {
        &self.execution_arn
    }
}
