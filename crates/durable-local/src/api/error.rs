//! How an error stands on the wire: a status, a typed header and a JSON body.

use std::fmt;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde_json::json;

use crate::lane::{LaneFailure, with_causes};
use crate::store::StoreError;

/// An answer that refuses a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// One of the errors that the API declares.
    Service(ServiceError),
    /// A body that is not JSON, or not the JSON of its operation (400).
    Serialization(String),
    /// A request for another host: a web page may have been made to send it (403).
    ForeignHost(String),
    /// A request of somebody who does not know the secret (403).
    Stranger,
    /// One of the errors of CloudWatch Logs (400).
    Logs {
        /// Its type.
        kind: &'static str,
        /// What is wrong.
        message: String,
    },
    /// A body that does not come (408).
    SlowClient,
    /// A path that belongs to no operation (404).
    UnknownOperation(String),
    /// A path that belongs to an operation of another method (405).
    MethodNotAllowed { path: String, allowed: &'static str },
}

impl ApiError {
    /// A request that breaks a rule.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Service(ServiceError::invalid(message))
    }

    /// Something went wrong here.
    pub(crate) fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Service(ServiceError::new(ServiceErrorKind::Service, with_causes(error)))
    }

    /// There is no such function or execution.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::Service(ServiceError::new(ServiceErrorKind::ResourceNotFound, message))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Service(error) => {
                StatusCode::from_u16(error.kind.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Self::Serialization(_) | Self::Logs { .. } => StatusCode::BAD_REQUEST,
            Self::ForeignHost(_) | Self::Stranger => StatusCode::FORBIDDEN,
            Self::SlowClient => StatusCode::REQUEST_TIMEOUT,
            Self::UnknownOperation(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn error_type(&self) -> &str {
        match self {
            Self::Service(error) => error.kind.as_str(),
            Self::Serialization(_) => "SerializationException",
            Self::ForeignHost(_) | Self::Stranger => ServiceErrorKind::AccessDenied.as_str(),
            Self::Logs { kind, .. } => kind,
            Self::SlowClient => "RequestTimeoutException",
            Self::UnknownOperation(_) => "UnknownOperationException",
            Self::MethodNotAllowed { .. } => "MethodNotAllowedException",
        }
    }

    fn message_key(&self) -> &'static str {
        match self {
            Self::Service(error) => error.kind.message_key(),
            Self::Serialization(_)
            | Self::Logs { .. }
            | Self::SlowClient
            | Self::UnknownOperation(_)
            | Self::MethodNotAllowed { .. } => "message",
            Self::ForeignHost(_) | Self::Stranger => ServiceErrorKind::AccessDenied.message_key(),
        }
    }

    fn is_client_fault(&self) -> bool {
        match self {
            Self::Service(error) => error.kind.is_client_fault(),
            Self::Serialization(_)
            | Self::Logs { .. }
            | Self::ForeignHost(_)
            | Self::Stranger
            | Self::SlowClient
            | Self::UnknownOperation(_)
            | Self::MethodNotAllowed { .. } => true,
        }
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<LaneFailure> for ApiError {
    fn from(failure: LaneFailure) -> Self {
        Self::Service(failure.into())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => f.write_str(&error.message),
            Self::Serialization(problem) => f.write_str(problem),
            Self::Logs { message, .. } => f.write_str(message),
            Self::ForeignHost(host) => write!(
                f,
                "the request is for the host `{host}`, but this service answers for localhost, 127.0.0.1 and [::1] \
                 alone"
            ),
            Self::Stranger => f.write_str(
                "this service has a secret: send it as the id of the AWS access key (AWS_ACCESS_KEY_ID), or as a bearer \
                 token",
            ),
            Self::SlowClient => f.write_str("the body of the request did not come in time"),
            Self::UnknownOperation(path) => write!(f, "there is no operation at `{path}`"),
            Self::MethodNotAllowed { path, allowed } => write!(f, "`{path}` is asked with {allowed}"),
        }
    }
}

impl std::error::Error for ApiError {}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let fault = if self.is_client_fault() { "User" } else { "Service" };
        let mut body = json!({ "Type": fault, self.message_key(): self.to_string() });
        // Clients of this protocol read the type in the body alone.
        if let (Self::Logs { kind, .. }, Some(members)) = (&self, body.as_object_mut()) {
            members.insert("__type".to_owned(), json!(kind));
        }
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(error_type) = HeaderValue::from_str(self.error_type()) {
            headers.insert("x-amzn-errortype", error_type);
        }
        if let Self::MethodNotAllowed { allowed, .. } = self {
            headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
        }
        response
    }
}
