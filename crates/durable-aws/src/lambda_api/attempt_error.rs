//! An attempt that failed.

use std::time::SystemTime;

use durable_core::error::BoxError;

use super::http_error::HttpError;
use super::retry::{RetryHint, RetryReason};
use crate::error_response::ErrorResponse;

/// Why an attempt failed.
#[derive(Debug)]
pub(crate) enum AttemptError {
    /// There are no credentials to sign the request with.
    Credentials(BoxError),
    /// The request cannot be put into headers.
    Header(http::Error),
    Http(HttpError),
    Refused {
        response: ErrorResponse,
        /// The date of the signature.
        signed_at: SystemTime,
    },
}

impl AttemptError {
    /// Returns how the request may be repeated, if at all, provided that it is idempotent.
    pub(super) fn retry_hint(&self) -> Option<RetryHint> {
        let transient = RetryHint { reason: RetryReason::Transient, retry_after: None };
        match self {
            Self::Credentials(_) => Some(transient),
            Self::Http(error) => error.is_transient().then_some(transient),
            Self::Refused { response, .. } => {
                let reason = RetryReason::of(response.status, response.code.as_deref())?;
                Some(RetryHint { reason, retry_after: response.retry_after })
            }
            Self::Header(_) => None,
        }
    }

    /// Returns whether the service may have carried the request out.
    pub(crate) fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::Credentials(_) | Self::Header(_) => false,
            Self::Http(error) => error.may_have_been_sent(),
            Self::Refused { response, .. } => {
                match RetryReason::of(response.status, response.code.as_deref()) {
                    Some(RetryReason::Transient) => true,
                    Some(
                        RetryReason::Throttling
                        | RetryReason::ExpiredCredentials
                        | RetryReason::RefusedSignature,
                    )
                    | None => false,
                }
            }
        }
    }

    /// Returns the date of a signature that was refused, and the time of the service at the refusal.
    pub(super) fn clocks(&self) -> Option<(SystemTime, SystemTime)> {
        match self {
            Self::Refused { response, signed_at } => response.date.map(|date| (*signed_at, date)),
            Self::Credentials(_) | Self::Header(_) | Self::Http(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use super::*;

    fn refused(status: u16, code: &str) -> AttemptError {
        let header = |name: &str| (name == "x-amzn-errortype").then_some(code);
        let response = ErrorResponse::read(status, header, b"");
        AttemptError::Refused { response, signed_at: SystemTime::UNIX_EPOCH }
    }

    #[test]
    fn a_request_without_a_connection_or_refused_before_the_service_acted_has_taken_no_effect() {
        let (host, source) = ("host".to_owned(), io::ErrorKind::ConnectionRefused.into());
        let none = [
            AttemptError::Credentials("not signed in".into()),
            AttemptError::Http(HttpError::Connect { host, source }),
            AttemptError::Http(HttpError::ConnectTimeout { host: String::new(), limit: Duration::ZERO }),
            refused(429, "TooManyRequestsException"),
            refused(502, "EC2ThrottledException"),
            refused(403, "ExpiredTokenException"),
            refused(403, "InvalidSignatureException"),
            refused(404, "ResourceNotFoundException"),
        ];

        for error in none {
            assert!(!error.may_have_taken_effect(), "{error:?}");
        }
    }

    #[test]
    fn a_request_without_a_complete_response_or_with_a_failure_of_the_service_may_have_taken_effect() {
        let some = [
            AttemptError::Http(HttpError::ResponseTimeout(Duration::ZERO)),
            AttemptError::Http(HttpError::IncompleteResponseTimeout(Duration::ZERO)),
            AttemptError::Http(HttpError::ResponseTooLarge(1)),
            refused(500, "ServiceException"),
            refused(503, ""),
            refused(504, ""),
        ];

        for error in some {
            assert!(error.may_have_taken_effect(), "{error:?}");
        }
    }
}
