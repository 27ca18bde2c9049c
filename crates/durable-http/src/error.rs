//! Errors on the wire: a status, a typed header and a JSON body.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use durable_host::causes::with_causes;
use durable_host::error::RecordError;
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde_json::json;
use thiserror::Error;

/// A response that rejects a request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum ApiError {
    /// One of the errors that the API declares.
    #[error("{}", .0.message)]
    Service(ServiceError),
    /// A limit on concurrent work is reached (429).
    #[error("{message}")]
    TooMany {
        /// The limit of the API that is most similar.
        reason: &'static str,
        /// Which limit it is, and what to do.
        message: String,
    },
    /// A body that is not JSON, or does not match its operation (400).
    #[error("{0}")]
    Serialization(String),
    /// One of the errors of CloudWatch Logs (400).
    #[error("{message}")]
    Logs {
        /// Its type.
        kind: &'static str,
        /// What is wrong.
        message: String,
    },
    /// A path that belongs to no operation (404).
    #[error("there is no operation at `{0}`")]
    UnknownOperation(String),
    /// A path whose operations have other methods (405).
    #[error("`{path}` allows only {allowed}")]
    MethodNotAllowed {
        /// The path as sent.
        path: String,
        /// The methods that it allows, separated by commas.
        allowed: String,
    },
    /// A body that did not arrive in time (408).
    #[error("the body of the request did not arrive in time")]
    SlowClient,
    /// A body with a content encoding, which is not supported (415).
    #[error("the body has the encoding `{0}`; send it without Content-Encoding")]
    EncodedBody(String),
}

impl ApiError {
    /// Creates the error for a request that violates a rule.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Service(ServiceError::invalid(message))
    }

    /// Creates the error for a request that the guard does not admit.
    pub(super) fn denied(message: impl Into<String>) -> Self {
        Self::Service(ServiceError::new(ServiceErrorKind::AccessDenied, message))
    }

    /// Creates the error for a failure of the service.
    pub(crate) fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Service(ServiceError::new(ServiceErrorKind::Service, with_causes(error)))
    }

    /// Creates the error for a resource that does not exist.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::Service(ServiceError::new(ServiceErrorKind::ResourceNotFound, message))
    }

    /// Returns the status, the type, and the key of the message.
    fn form(&self) -> (StatusCode, &str, &'static str) {
        match self {
            Self::Service(error) => declared(&error.kind),
            Self::TooMany { .. } => declared(&ServiceErrorKind::TooManyRequests),
            Self::Serialization(_) => (StatusCode::BAD_REQUEST, "SerializationException", "message"),
            Self::Logs { kind, .. } => (StatusCode::BAD_REQUEST, kind, "message"),
            Self::UnknownOperation(_) => (StatusCode::NOT_FOUND, "UnknownOperationException", "message"),
            Self::MethodNotAllowed { .. } => {
                (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowedException", "message")
            }
            Self::SlowClient => (StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException", "message"),
            Self::EncodedBody(_) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaTypeException", "message")
            }
        }
    }
}

fn declared(kind: &ServiceErrorKind) -> (StatusCode, &str, &'static str) {
    let status = StatusCode::from_u16(kind.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, kind.as_str(), kind.message_key())
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<RecordError> for ApiError {
    fn from(failure: RecordError) -> Self {
        Self::Service(failure.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, error_type, message_key) = self.form();
        let fault = if status.is_client_error() { "User" } else { "Service" };
        let mut body = json!({ "Type": fault, message_key: self.to_string() });
        let member = match &self {
            // Clients of this protocol read the type in the body alone.
            Self::Logs { kind, .. } => Some(("__type", *kind)),
            Self::TooMany { reason, .. } => Some(("Reason", *reason)),
            Self::Service(_)
            | Self::Serialization(_)
            | Self::UnknownOperation(_)
            | Self::MethodNotAllowed { .. }
            | Self::SlowClient
            | Self::EncodedBody(_) => None,
        };
        if let (Some((key, value)), Some(members)) = (member, body.as_object_mut()) {
            members.insert(key.to_owned(), json!(value));
        }
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(error_type) = HeaderValue::from_str(error_type) {
            headers.insert("x-amzn-errortype", error_type);
        }
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::FORBIDDEN) {
            // Otherwise clients that retry would hold connections that others need.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Self::MethodNotAllowed { allowed, .. } = &self
            && let Ok(allowed) = HeaderValue::from_str(allowed)
        {
            headers.insert(header::ALLOW, allowed);
        }
        response
    }
}
