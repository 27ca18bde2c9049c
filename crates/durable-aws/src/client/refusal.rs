//! A request that the service refused.

use std::fmt;

use durable_types::api::ServiceErrorKind;

use super::subject::Subject;
use crate::error_response::ErrorResponse;

/// A request that the service refused, in spite of all attempts.
#[derive(Clone, Debug)]
pub struct Refusal {
    operation: &'static str,
    subject: Subject,
    kind: ServiceErrorKind,
    message: Option<String>,
    status: u16,
    request_id: Option<String>,
    may_have_taken_effect: bool,
}

impl Refusal {
    pub(super) fn new(
        operation: &'static str,
        subject: Subject,
        response: ErrorResponse,
        may_have_taken_effect: bool,
    ) -> Self {
        let ErrorResponse { status, code, message, request_id, .. } = response;
        let kind = ServiceErrorKind::from(code.unwrap_or_default().as_str());
        Self { operation, subject, kind, message, status, request_id, may_have_taken_effect }
    }

    /// Returns the operation of the API, such as `Invoke`.
    pub fn operation(&self) -> &str {
        self.operation
    }

    /// Returns what the request was about.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Returns the kind of error. It is unknown and empty if the response names none.
    pub fn kind(&self) -> &ServiceErrorKind {
        &self.kind
    }

    /// Returns the message of the service.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the id of the request, for AWS's support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns whether the response to an earlier attempt was lost, so that the request may have taken effect all the
    /// same.
    ///
    /// A callback that was completed that way is refused at the next attempt.
    pub fn may_have_taken_effect(&self) -> bool {
        self.may_have_taken_effect
    }

    /// Returns what the caller can do.
    fn advice(&self) -> Option<String> {
        match &self.kind {
            ServiceErrorKind::AccessDenied => {
                let action = if self.operation == "Invoke" { "InvokeFunction" } else { self.operation };
                Some(format!("the caller needs the permission lambda:{action}"))
            }
            ServiceErrorKind::DurableExecutionAlreadyStarted => Some(
                "an execution of this name has another input; use another name, or the same input".to_owned(),
            ),
            ServiceErrorKind::CallbackTimeout => Some("it was completed before, or has timed out".to_owned()),
            ServiceErrorKind::ResourceNotFound => {
                Some("check its name, the account and the region, and whether it was deleted".to_owned())
            }
            ServiceErrorKind::TooManyRequests => {
                Some("send fewer requests at a time, or try again later".to_owned())
            }
            ServiceErrorKind::InvalidParameterValue
            | ServiceErrorKind::InvalidRequestContent
            | ServiceErrorKind::ResourceConflict
            | ServiceErrorKind::RequestTooLarge
            | ServiceErrorKind::Service
            | ServiceErrorKind::KmsAccessDenied
            | ServiceErrorKind::KmsDisabled
            | ServiceErrorKind::KmsInvalidState
            | ServiceErrorKind::KmsNotFound
            | ServiceErrorKind::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, subject, kind, status, .. } = self;
        write!(f, "{operation} of {subject} was refused with {status}")?;
        if !kind.as_str().is_empty() {
            write!(f, " {kind}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {}", message.trim_end_matches('.'))?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        if let Some(advice) = self.advice() {
            write!(f, "; {advice}")?;
        }
        if self.may_have_taken_effect {
            f.write_str("; an earlier attempt got no response, and may have taken effect")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
