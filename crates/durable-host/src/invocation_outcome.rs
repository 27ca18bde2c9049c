//! The outcome of an invocation, as metrics and spans name it.

use bytes::Bytes;
use durable_service::InvocationEnd;
use durable_types::ErrorObject;

/// The outcome of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvocationOutcome {
    /// The function responded.
    Answered,
    /// The function raised an error.
    FunctionError,
    /// The process of the function exited, did not start, or reported an error of its runtime.
    RuntimeError,
    /// The invocation exceeded its timeout.
    TimedOut,
    /// The invocation ended before the function received it.
    Withdrawn,
    /// The service stopped, or lost interest in the invocation.
    Aborted,
}

impl InvocationOutcome {
    /// Returns the name in labels and fields.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::FunctionError => "function_error",
            Self::RuntimeError => "runtime_error",
            Self::TimedOut => "timed_out",
            Self::Withdrawn => "withdrawn",
            Self::Aborted => "aborted",
        }
    }

    fn of_error(error: &ErrorObject) -> Self {
        match error.error_type.as_deref().unwrap_or_default() {
            "Sandbox.Timedout" => Self::TimedOut,
            error if ["Runtime.", "Sandbox.", "Extension."].iter().any(|it| error.starts_with(it)) => {
                Self::RuntimeError
            }
            _ => Self::FunctionError,
        }
    }
}

impl From<&InvocationEnd> for InvocationOutcome {
    fn from(end: &InvocationEnd) -> Self {
        match end {
            InvocationEnd::Answered(_) => Self::Answered,
            InvocationEnd::Failed(error) => Self::of_error(error),
            InvocationEnd::Withdrawn => Self::Withdrawn,
            InvocationEnd::Lost => Self::Aborted,
        }
    }
}

impl From<&Result<Bytes, ErrorObject>> for InvocationOutcome {
    fn from(answer: &Result<Bytes, ErrorObject>) -> Self {
        answer.as_ref().map_or_else(Self::of_error, |_| Self::Answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_apart_by_who_raised_them() {
        let outcome = |error_type: &str| {
            InvocationOutcome::from(&InvocationEnd::Failed(ErrorObject::new(error_type, "failed")))
        };

        assert_eq!(outcome("PaymentError"), InvocationOutcome::FunctionError);
        assert_eq!(outcome("Runtime.ExitError"), InvocationOutcome::RuntimeError);
        assert_eq!(outcome("Sandbox.Failed"), InvocationOutcome::RuntimeError);
        assert_eq!(outcome("Sandbox.Timedout"), InvocationOutcome::TimedOut);
    }
}
