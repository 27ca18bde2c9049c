//! Why an invocation ended without an answer.

use std::fmt;

use crate::BoxError;

/// The invocation cannot answer; the service will invoke the function again.
#[derive(Debug)]
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

impl fmt::Display for InvocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this invocation of {} cannot go on; what is recorded is kept", self.execution_arn)
    }
}

impl std::error::Error for InvocationError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}
