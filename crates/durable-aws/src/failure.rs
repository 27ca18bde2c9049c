//! Classifies failed requests: they concern the whole execution, or only this invocation.

use durable_core::error::BoxError;
use durable_core::transport::TransportError;

use crate::refusal::Refusal;
use crate::request_error::RequestError;

/// Classifies a request without a response that can be read.
pub(crate) fn unanswered(operation: &'static str, source: impl Into<BoxError>) -> TransportError {
    TransportError::invocation(RequestError::unanswered(operation, source))
}

/// Classifies a request that was refused in spite of all retries.
///
/// A status below 400 is not one of the service's errors, so the response does not come from the service.
pub(crate) fn refused(operation: &'static str, refusal: Refusal<'_>) -> TransportError {
    let Refusal { status, code, message, .. } = refusal;
    let source = RequestError::refused(operation, refusal);
    if status < 400 {
        return unanswered(operation, source);
    }
    TransportError::rejected(status, code, message, source)
}
