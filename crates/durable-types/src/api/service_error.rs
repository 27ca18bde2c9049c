//! The errors that the service answers with.

use std::fmt;

use crate::open_enum::open_enum;

open_enum! {
    /// The kind of an error of the API, by the name in its `x-amzn-ErrorType` header.
    pub enum ServiceErrorKind {
        /// The request breaks a rule (400). Also a checkpoint token that is not the current one.
        InvalidParameterValue = "InvalidParameterValueException",
        /// The body is not what the API expects (400).
        InvalidRequestContent = "InvalidRequestContentException",
        /// The callback has ended or timed out (400).
        CallbackTimeout = "CallbackTimeoutException",
        /// The caller may not do this (403).
        AccessDenied = "AccessDeniedException",
        /// There is no such function, execution or callback (404).
        ResourceNotFound = "ResourceNotFoundException",
        /// The resource is not in a state that allows this (409).
        ResourceConflict = "ResourceConflictException",
        /// The name belongs to an execution with another input (409).
        DurableExecutionAlreadyStarted = "DurableExecutionAlreadyStartedException",
        /// The body is too large (413).
        RequestTooLarge = "RequestTooLargeException",
        /// Too many requests at once (429).
        TooManyRequests = "TooManyRequestsException",
        /// The service failed (500).
        Service = "ServiceException",
        /// The encryption key may not be used (502).
        KmsAccessDenied = "KMSAccessDeniedException",
        /// The encryption key is disabled (502).
        KmsDisabled = "KMSDisabledException",
        /// The encryption key is in a state that does not allow its use (502).
        KmsInvalidState = "KMSInvalidStateException",
        /// There is no such encryption key (502).
        KmsNotFound = "KMSNotFoundException",
    }
}

impl ServiceErrorKind {
    /// The HTTP status it comes with.
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

    /// Whether the request is to blame, not the service (the body's `Type`: `User` or `Service`).
    pub fn is_client_fault(&self) -> bool {
        self.http_status() < 500
    }

    /// The key of the message in the body; the model spells it in both ways.
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

/// An error of the API: what the service refuses, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// What kind of error it is.
    pub kind: ServiceErrorKind,
    /// What happened, for people.
    pub message: String,
}

impl ServiceError {
    /// An error of this kind with this message.
    pub fn new(kind: ServiceErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// A request that breaks a rule.
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
