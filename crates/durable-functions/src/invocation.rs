//! One invocation of a function, and the ways in which it fails.

use std::time::Duration;

use bytes::Bytes;
use durable_service::response_too_large;
use durable_types::limits::{MAX_ANSWER_ENVELOPE_BYTES, MAX_EXECUTION_PAYLOAD_BYTES};
use durable_types::{ErrorObject, Timestamp};

/// The error type of an invocation that exceeded its timeout.
pub const TIMED_OUT: &str = "Sandbox.Timedout";

/// Bytes an answer may hold.
pub(super) const MAX_ANSWER_BYTES: usize = MAX_EXECUTION_PAYLOAD_BYTES + MAX_ANSWER_ENVELOPE_BYTES;

/// What a function is invoked with.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The id of the request, which the function's answer names.
    pub request_id: String,
    /// The ARN it was invoked by.
    pub function_arn: String,
    /// The trace the invocation belongs to.
    pub trace_id: Option<String>,
    /// The tenant it runs for.
    pub tenant_id: Option<String>,
    /// What the caller told of itself: base64 of JSON in one line.
    pub client_context: Option<String>,
    /// The ARN of the durable execution it belongs to, if it belongs to one.
    pub execution_arn: Option<String>,
    /// The event, as JSON.
    pub event: Bytes,
}

/// Why an invocation gave no result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvocationFailure {
    /// The function answered with an error of its own.
    Handler(ErrorObject),
    /// Its process did not start, ended or took too long before it answered.
    Process(ErrorObject),
    /// There is no such function.
    UnknownFunction {
        /// The name that no function has.
        name: String,
    },
    /// The service stops and ended the process. It says nothing about the function.
    Stopping,
}

impl InvocationFailure {
    /// The process ended before it answered.
    pub(super) fn exited(request_id: &str, cause: &str) -> Self {
        let message = format!("RequestId: {request_id} Error: {cause}");
        Self::Process(ErrorObject::new("Runtime.ExitError", message))
    }

    /// The answer holds more than it may.
    pub(super) fn too_large() -> Self {
        Self::Handler(response_too_large(MAX_ANSWER_BYTES))
    }

    /// The answers and requests of others hold the memory that the answer needs. It says nothing about the function, so
    /// the invocation can be retried.
    pub(super) fn over_budget() -> Self {
        let message = "the service had no memory left for the answer; retry the invocation, and answer with less, or \
                       limit how many invocations run at once";
        Self::Process(ErrorObject::new("Runtime.AnswersOverBudget", message))
    }

    /// The program that starts the process cannot be started itself.
    pub(super) fn not_started(cause: &str) -> Self {
        Self::Process(ErrorObject::new("Runtime.InvalidEntrypoint", cause))
    }

    /// The invocation, or the start before it, took longer than it may.
    pub(super) fn timed_out(request_id: &str, limit: Duration, now: Timestamp) -> Self {
        let seconds = limit.as_secs_f64();
        let message = format!("{now} {request_id} Task timed out after {seconds:.2} seconds");
        Self::Process(ErrorObject::new(TIMED_OUT, message))
    }

    /// The failure as the service records it.
    pub fn into_error(self) -> ErrorObject {
        match self {
            Self::Handler(error) | Self::Process(error) => error,
            Self::UnknownFunction { name } => {
                ErrorObject::new("ResourceNotFoundException", format!("Function not found: {name}"))
            }
            Self::Stopping => ErrorObject::new("Runtime.Stopping", "the local service is stopping"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_reads_as_lambda_writes_it() {
        let now = "2026-01-02T03:04:05.678Z".parse().unwrap();

        let failure = InvocationFailure::timed_out("r-1", Duration::from_millis(1_500), now);

        let expected = ErrorObject::new(
            "Sandbox.Timedout",
            "2026-01-02T03:04:05.678Z r-1 Task timed out after 1.50 seconds",
        );
        assert_eq!(failure.into_error(), expected);
    }
}
