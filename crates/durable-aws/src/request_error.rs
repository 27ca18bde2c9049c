//! What went wrong with one request, in words that say what to do.

use std::fmt;

use durable_core::error::BoxError;

/// A request that failed.
#[derive(Debug)]
pub(crate) struct RequestError {
    operation: &'static str,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    /// No answer came that could be read.
    Unanswered(BoxError),
    /// The service refused.
    Refused { status: u16, code: Option<String>, message: Option<String>, request_id: Option<String> },
}

impl RequestError {
    pub(crate) fn unanswered(operation: &'static str, source: impl Into<BoxError>) -> Self {
        Self { operation, problem: Problem::Unanswered(source.into()) }
    }

    pub(crate) fn refused(
        operation: &'static str,
        status: u16,
        code: Option<&str>,
        message: Option<&str>,
        request_id: Option<&str>,
    ) -> Self {
        let [code, message, request_id] = [code, message, request_id].map(|text| text.map(str::to_owned));
        Self { operation, problem: Problem::Refused { status, code, message, request_id } }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation;
        match &self.problem {
            Problem::Unanswered(_) => write!(f, "{operation} got no answer that could be read"),
            Problem::Refused { status, code, message, request_id } => {
                write!(f, "{operation} was refused with {status}")?;
                if let Some(code) = code {
                    write!(f, " {code}")?;
                }
                if let Some(message) = message {
                    write!(f, ": {message}")?;
                }
                if let Some(request_id) = request_id {
                    write!(f, " (request {request_id})")?;
                }
                if *status == 403 {
                    write!(
                        f,
                        "; the function's role needs lambda:{operation}, \
                         as in the managed policy AWSLambdaBasicDurableExecutionRolePolicy"
                    )?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for RequestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Unanswered(source) => Some(source.as_ref()),
            Problem::Refused { .. } => None,
        }
    }
}
