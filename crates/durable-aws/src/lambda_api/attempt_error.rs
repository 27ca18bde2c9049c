//! An attempt that failed.

use std::time::SystemTime;

use durable_core::transport::TransportError;

use super::container_credentials::CredentialsError;
use super::http_error::HttpError;
use super::retry::{RetryHint, RetryReason};
use crate::error_response::ErrorResponse;
use crate::failure;

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum AttemptError {
    /// There are no credentials to sign the request with.
    Credentials(CredentialsError),
    /// The request cannot be put into headers.
    Header(http::Error),
    Http(HttpError),
    Refused {
        response: ErrorResponse,
        /// The date of the signature.
        signed_at: SystemTime,
    },
    /// The response is a success that cannot be read.
    Unreadable(serde_json::Error),
}

impl AttemptError {
    /// Returns how the request may be repeated, if at all. It is the same as with the AWS SDK, which does not repeat a
    /// request whose response cannot be read.
    pub(super) fn retry_hint(&self) -> Option<RetryHint> {
        let transient = RetryHint { reason: RetryReason::Transient, retry_after: None };
        match self {
            Self::Credentials(_) => Some(transient),
            Self::Http(error) => error.is_transient().then_some(transient),
            Self::Refused { response, .. } => {
                let reason = RetryReason::of(response.status, response.code.as_deref())?;
                Some(RetryHint { reason, retry_after: response.retry_after })
            }
            Self::Header(_) | Self::Unreadable(_) => None,
        }
    }

    /// Returns the date of a signature that was refused, and the time of the service at the refusal.
    pub(super) fn clocks(&self) -> Option<(SystemTime, SystemTime)> {
        match self {
            Self::Refused { response, signed_at } => response.date.map(|date| (*signed_at, date)),
            Self::Credentials(_) | Self::Header(_) | Self::Http(_) | Self::Unreadable(_) => None,
        }
    }

    /// Classifies the failure of the last attempt.
    pub(super) fn into_transport_error(self, operation: &'static str) -> TransportError {
        match self {
            Self::Credentials(error) => failure::unanswered(operation, error),
            Self::Header(error) => failure::unanswered(operation, error),
            Self::Http(error) => failure::unanswered(operation, error),
            Self::Refused { response, .. } => failure::refused(operation, response),
            Self::Unreadable(error) => failure::unanswered(operation, error),
        }
    }
}
