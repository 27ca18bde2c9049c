//! Invocations of functions, and their failures.

use std::time::Duration;

use bytes::Bytes;
use durable_service::response_too_large;
use durable_types::limits::{MAX_ANSWER_ENVELOPE_BYTES, MAX_EXECUTION_PAYLOAD_BYTES};
use durable_types::{ErrorObject, Timestamp};

/// The error type of an invocation that exceeded its timeout.
pub const TIMED_OUT: &str = "Sandbox.Timedout";

/// The maximum size of a response, in bytes.
pub(super) const MAX_ANSWER_BYTES: usize = MAX_EXECUTION_PAYLOAD_BYTES + MAX_ANSWER_ENVELOPE_BYTES;

/// An invocation of a function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The request id, which the function's response refers to.
    pub request_id: String,
    /// The ARN that the caller used.
    pub function_arn: String,
    /// The X-Ray trace header.
    pub trace_id: Option<String>,
    /// The id of the tenant.
    pub tenant_id: Option<String>,
    /// The client context, as base64-encoded JSON on one line.
    pub client_context: Option<String>,
    /// The ARN of the durable execution that the invocation belongs to, if there is one.
    pub execution_arn: Option<String>,
    /// The event, as JSON.
    pub event: Bytes,
}

/// A failed invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvocationFailure {
    /// The function responded with an error.
    Handler(ErrorObject),
    /// The process did not start, exited, or timed out before it responded.
    Process(ErrorObject),
    /// The function does not exist.
    UnknownFunction {
        /// The unknown name.
        name: String,
    },
    /// The service is stopping and killed the process. It is not a failure of the function.
    Stopping,
}

impl InvocationFailure {
    /// The process exited before it responded.
    pub(super) fn exited(request_id: &str, cause: &str) -> Self {
        let message = format!("RequestId: {request_id} Error: {cause}");
        Self::Process(ErrorObject::new("Runtime.ExitError", message))
    }

    /// The response exceeds the size limit.
    pub(super) fn too_large() -> Self {
        Self::Handler(response_too_large(MAX_ANSWER_BYTES))
    }

    /// Other responses and requests occupy the memory budget that the response needs. It is not a failure of the
    /// function, so the invocation can be retried.
    pub(super) fn over_budget() -> Self {
        let message = "the response exceeds the memory budget of the service; retry the invocation, return a smaller \
                       response, or limit the concurrency";
        Self::Process(ErrorObject::new("Runtime.AnswersOverBudget", message))
    }

    /// The launcher, the Runtime API or the output thread of the process could not be started.
    pub(super) fn not_started(cause: &str) -> Self {
        Self::Process(ErrorObject::new("Runtime.InvalidEntrypoint", cause))
    }

    /// The invocation, or the start of its process, exceeded the timeout.
    pub(super) fn timed_out(request_id: &str, limit: Duration, now: Timestamp) -> Self {
        let seconds = limit.as_secs_f64();
        let message = format!("{now} {request_id} Task timed out after {seconds:.2} seconds");
        Self::Process(ErrorObject::new(TIMED_OUT, message))
    }

    /// Converts the failure into the error that the service records.
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
