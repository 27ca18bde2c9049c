//! How an error stands on the wire: a status, a typed header and a JSON body.

use std::fmt;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde_json::json;

use durable_host::causes::with_causes;
use durable_host::error::RecordError;

/// An answer that refuses a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// One of the errors that the API declares.
    Service(ServiceError),
    /// More at once than this service takes (429).
    TooMany {
        /// Which of the API's limits it is most like.
        reason: &'static str,
        /// What there are too many of, and what to do.
        message: String,
    },
    /// A body that is not JSON, or not the JSON of its operation (400).
    Serialization(String),
    /// One of the errors of CloudWatch Logs (400).
    Logs {
        /// Its type.
        kind: &'static str,
        /// What is wrong.
        message: String,
    },
    /// A path that belongs to no operation (404).
    UnknownOperation(String),
    /// A path that belongs to an operation of another method (405).
    MethodNotAllowed { path: String, allowed: &'static str },
    /// A body that does not come (408).
    SlowClient,
    /// A body that is encoded in this way, which nothing here decodes (415).
    EncodedBody(String),
}

impl ApiError {
    /// A request that breaks a rule.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Service(ServiceError::invalid(message))
    }

    /// A request of somebody who may not send it.
    pub(super) fn denied(message: impl Into<String>) -> Self {
        Self::Service(ServiceError::new(ServiceErrorKind::AccessDenied, message))
    }

    /// Something went wrong here.
    pub(crate) fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Service(ServiceError::new(ServiceErrorKind::Service, with_causes(error)))
    }

    /// There is no such function or execution.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::Service(ServiceError::new(ServiceErrorKind::ResourceNotFound, message))
    }

    /// Its status, its type, and the key of its message.
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

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => f.write_str(&error.message),
            Self::TooMany { message, .. } | Self::Logs { message, .. } => f.write_str(message),
            Self::Serialization(problem) => f.write_str(problem),
            Self::UnknownOperation(path) => write!(f, "there is no operation at `{path}`"),
            Self::MethodNotAllowed { path, allowed } => write!(f, "`{path}` is asked with {allowed}"),
            Self::SlowClient => f.write_str("the body of the request did not come in time"),
            Self::EncodedBody(encoding) => {
                write!(
                    f,
                    "the body has the encoding `{encoding}`; send it as it is, without Content-Encoding"
                )
            }
        }
    }
}

impl std::error::Error for ApiError {}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, error_type, message_key) = self.form();
        let fault = if status.is_client_error() { "User" } else { "Service" };
        let mut body = json!({ "Type": fault, message_key: self.to_string() });
        let more = match &self {
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
        if let (Some((key, value)), Some(members)) = (more, body.as_object_mut()) {
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
            // Else those who try again and again hold the connections that others need.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Self::MethodNotAllowed { allowed, .. } = self {
            headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
        }
        response
    }
}
