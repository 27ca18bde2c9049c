//! Classifies failed requests: they concern the whole execution, or only this invocation.

use durable_core::error::BoxError;
use durable_core::transport::TransportError;

use crate::error_response::ErrorResponse;
use crate::request_error::RequestError;

/// The codes of errors in the credentials or the clock of this sandbox, which another one does not share.
const SANDBOX_CODES: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "RequestExpired",
    "RequestTimeTooSkewed",
];

/// Classifies a request without a response that can be read.
pub(crate) fn unanswered(operation: &'static str, source: impl Into<BoxError>) -> TransportError {
    TransportError::invocation(RequestError::Unanswered { operation, source: source.into() })
}

/// Classifies a request that was refused in spite of all retries.
///
/// A status below 400 is not one of the service's errors, so the response does not come from the service.
pub(crate) fn refused(operation: &'static str, response: ErrorResponse) -> TransportError {
    let (status, code, message) = (response.status, response.code.clone(), response.message.clone());
    let source = RequestError::Refused { operation, response };
    if status < 400 {
        return unanswered(operation, source);
    }
    if code.as_deref().is_some_and(|code| SANDBOX_CODES.contains(&code)) {
        return TransportError::invocation(source);
    }
    TransportError::rejected(status, code.as_deref(), message.as_deref(), source)
}
