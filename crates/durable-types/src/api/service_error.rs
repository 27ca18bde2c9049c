//! The errors of the API.

use std::fmt;

use crate::open_enum::open_enum;

open_enum! {
    /// The kind of an API error, named in the `x-amzn-ErrorType` header.
    pub enum ServiceErrorKind {
        /// The request is invalid (400), or its checkpoint token is not the current one.
        InvalidParameterValue = "InvalidParameterValueException",
        /// The body cannot be parsed (400).
        InvalidRequestContent = "InvalidRequestContentException",
        /// The callback has been completed or has timed out (400).
        CallbackTimeout = "CallbackTimeoutException",
        /// The caller lacks permission (403).
        AccessDenied = "AccessDeniedException",
        /// The function, execution or callback does not exist (404).
        ResourceNotFound = "ResourceNotFoundException",
        /// The state of the resource does not allow the request (409).
        ResourceConflict = "ResourceConflictException",
        /// An execution of this name exists with another input (409).
        DurableExecutionAlreadyStarted = "DurableExecutionAlreadyStartedException",
        /// The body is too large (413).
        RequestTooLarge = "RequestTooLargeException",
        /// The request was throttled (429).
        TooManyRequests = "TooManyRequestsException",
        /// The service failed (500).
        Service = "ServiceException",
        /// Access to the KMS key was denied (502).
        KmsAccessDenied = "KMSAccessDeniedException",
        /// The KMS key is disabled (502).
        KmsDisabled = "KMSDisabledException",
        /// The state of the KMS key does not allow its use (502).
        KmsInvalidState = "KMSInvalidStateException",
        /// The KMS key does not exist (502).
        KmsNotFound = "KMSNotFoundException",
    }
}

impl ServiceErrorKind {
    /// Returns the HTTP status code.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::InvalidParameterValue | Self::InvalidRequestContent | Self::CallbackTimeout => 400,
            Self::AccessDenied => 403,
            Self::ResourceNotFound => 404,
            Self::ResourceConflict | Self::DurableExecutionAlreadyStarted => 409,
            Self::RequestTooLarge => 413,
            Self::TooManyRequests => 429,
            Self::Service | Self::Unknown(_) => 500,
            Self::KmsAccessDenied | Self::KmsDisabled | Self::KmsInvalidState | Self::KmsNotFound => 502,
        }
    }

    /// Returns whether the caller is at fault (`User` in the body's `Type`) and not the service (`Service`).
    pub fn is_client_fault(&self) -> bool {
        self.http_status() < 500
    }

    /// Returns the key of the message in the body, which the service model spells in two ways.
    pub fn message_key(&self) -> &'static str {
        match self {
            Self::InvalidParameterValue
            | Self::InvalidRequestContent
            | Self::TooManyRequests
            | Self::ResourceConflict
            | Self::RequestTooLarge => "message",
            Self::CallbackTimeout
            | Self::AccessDenied
            | Self::ResourceNotFound
            | Self::DurableExecutionAlreadyStarted
            | Self::Service
            | Self::KmsAccessDenied
            | Self::KmsDisabled
            | Self::KmsInvalidState
            | Self::KmsNotFound
            | Self::Unknown(_) => "Message",
        }
    }
}

/// An API error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// The kind of error.
    pub kind: ServiceErrorKind,
    /// A message for people.
    pub message: String,
}

impl ServiceError {
    /// Creates an error.
    pub fn new(kind: ServiceErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Creates an error for an invalid request.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ServiceErrorKind::InvalidParameterValue, message)
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for ServiceError {}
