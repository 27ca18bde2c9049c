//! The errors of the client, by who must act.

use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::{DurableError, Error};

use super::refusal::Refusal;
use super::subject::Subject;
use crate::lambda_api::attempt_error::AttemptError;
use crate::lambda_api::request_failure::RequestFailure;

/// The error of a [`Client`](super::Client).
///
/// It implements [`std::error::Error`], so `?` converts it in handlers and steps. The error of an execution keeps its
/// type and data on the way, and can be downcast there as well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The execution ended without a result: it failed, timed out or was stopped.
    #[error("the execution `{arn}` ended without a result")]
    #[non_exhaustive]
    Execution {
        /// The ARN of the execution.
        arn: String,
        /// Its error, which can be [downcast](Error::downcast) like that of `ctx.invoke`.
        #[source]
        error: Error,
    },
    /// A function that is not durable failed.
    #[error("the function `{name}` failed")]
    #[non_exhaustive]
    Function {
        /// The name or ARN with which it was invoked.
        name: String,
        /// Its error.
        #[source]
        error: Error,
    },
    /// The execution has not ended within the [time limit](super::WaitForResult::timeout). It continues to run.
    #[error("the execution `{arn}` has not ended within {limit:?}; it continues to run")]
    #[non_exhaustive]
    NotEnded {
        /// The ARN of the execution.
        arn: String,
        /// The time limit.
        limit: Duration,
    },
    /// The function was started, but it is not durable, so there is no execution to follow.
    #[error(
        "the function `{name}` is not durable, so it runs without an execution; use `invoke` for its result"
    )]
    #[non_exhaustive]
    NotDurable {
        /// The name or ARN with which it was started.
        name: String,
    },
    /// The request is invalid, and was not sent.
    #[error("{operation} of {subject} is invalid")]
    #[non_exhaustive]
    InvalidRequest {
        /// The operation of the API.
        operation: &'static str,
        /// What the request is about.
        subject: Subject,
        /// What is wrong with it.
        source: BoxError,
    },
    /// A value cannot be serialized as JSON, and was not sent.
    #[error("the value for {subject} cannot be serialized as JSON")]
    #[non_exhaustive]
    Serialize {
        /// What the value is for.
        subject: Subject,
        /// The reason.
        source: BoxError,
    },
    /// The result cannot be deserialized from JSON as the expected type.
    #[error("the result of {subject} cannot be deserialized as `{expected}`")]
    #[non_exhaustive]
    Deserialize {
        /// What returned the result.
        subject: Subject,
        /// The name of the expected type.
        expected: &'static str,
        /// The reason.
        source: BoxError,
    },
    /// The service refused the request.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The service was not reached, or did not respond completely, in spite of all attempts.
    #[error("{operation} of {subject} got no response{}", unknown_outcome(operation, *may_have_taken_effect))]
    #[non_exhaustive]
    NoResponse {
        /// The operation of the API.
        operation: &'static str,
        /// What the request was about.
        subject: Subject,
        /// Whether the service may have received the request.
        may_have_taken_effect: bool,
        /// The reason.
        source: BoxError,
    },
    /// The service responded with something that is not its response to this request.
    #[error("the response to {operation} of {subject} cannot be read; check the endpoint")]
    #[non_exhaustive]
    UnreadableResponse {
        /// The operation of the API.
        operation: &'static str,
        /// What the request was about.
        subject: Subject,
        /// The reason.
        source: BoxError,
    },
    /// The client cannot be created as it is configured.
    #[error("the client of the Lambda API is not configured correctly")]
    #[non_exhaustive]
    Configuration {
        /// The reason.
        source: BoxError,
    },
}

impl ClientError {
    /// Returns the error of the execution or the function, if it ended without a result.
    pub fn execution_error(&self) -> Option<&Error> {
        match self {
            Self::Execution { error, .. } | Self::Function { error, .. } => Some(error),
            Self::NotEnded { .. }
            | Self::NotDurable { .. }
            | Self::InvalidRequest { .. }
            | Self::Serialize { .. }
            | Self::Deserialize { .. }
            | Self::Refused(_)
            | Self::NoResponse { .. }
            | Self::UnreadableResponse { .. }
            | Self::Configuration { .. } => None,
        }
    }

    /// Returns the error that the handler returned, if it is of this type and was recorded in full.
    pub fn downcast_ref<E: DurableError>(&self) -> Option<&E> {
        self.execution_error()?.downcast_ref()
    }

    /// Returns the refusal of the service, if it is the reason.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Execution { .. }
            | Self::Function { .. }
            | Self::NotEnded { .. }
            | Self::NotDurable { .. }
            | Self::InvalidRequest { .. }
            | Self::Serialize { .. }
            | Self::Deserialize { .. }
            | Self::NoResponse { .. }
            | Self::UnreadableResponse { .. }
            | Self::Configuration { .. } => None,
        }
    }

    pub(super) fn configuration(source: impl Into<BoxError>) -> Self {
        Self::Configuration { source: source.into() }
    }

    pub(super) fn invalid(operation: &'static str, subject: Subject, source: impl Into<BoxError>) -> Self {
        Self::InvalidRequest { operation, subject, source: source.into() }
    }

    pub(super) fn serialize(subject: Subject, source: serde_json::Error) -> Self {
        Self::Serialize { subject, source: source.into() }
    }

    pub(super) fn deserialize<T>(subject: Subject, source: serde_json::Error) -> Self {
        Self::Deserialize { subject, expected: std::any::type_name::<T>(), source: source.into() }
    }

    pub(super) fn unreadable(operation: &'static str, subject: Subject, source: impl Into<BoxError>) -> Self {
        Self::UnreadableResponse { operation, subject, source: source.into() }
    }

    /// Returns the error of a request that was not sent.
    pub(super) fn not_sent(operation: &'static str, subject: Subject, source: impl Into<BoxError>) -> Self {
        Self::NoResponse { operation, subject, may_have_taken_effect: false, source: source.into() }
    }

    /// Returns the error of a request that failed in spite of all attempts.
    pub(super) fn failed(operation: &'static str, subject: Subject, failure: RequestFailure) -> Self {
        let may_have_taken_effect = failure.may_have_taken_effect;
        let no_response = |source, may_have_taken_effect| Self::NoResponse {
            operation,
            subject: subject.clone(),
            may_have_taken_effect,
            source,
        };
        let was_sent = failure.error.may_have_taken_effect();
        match failure.error {
            AttemptError::Credentials(error) => no_response(error, may_have_taken_effect),
            AttemptError::Header(error) => no_response(error.into(), may_have_taken_effect),
            AttemptError::Http(error) => no_response(error.into(), may_have_taken_effect || was_sent),
            AttemptError::Refused { response, .. } => {
                let refusal = Refusal::new(operation, subject, response, may_have_taken_effect);
                Self::Refused(Box::new(refusal))
            }
        }
    }
}

fn unknown_outcome(operation: &str, may_have_taken_effect: bool) -> &'static str {
    match (may_have_taken_effect, operation) {
        (false, _) => "",
        (true, "Invoke") => {
            ", but may have taken effect; a start with an execution name can be repeated safely"
        }
        (true, _) => ", but may have taken effect",
    }
}
