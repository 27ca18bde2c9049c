//! JSON in bodies: members of requests, and responses.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::whole_body::WholeBody;

/// The members of a request that are in its body. An empty body has none.
pub(super) struct Members<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Members<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let WholeBody(body) = WholeBody::from_request(request, state).await?;
        members(&body).map(Self)
    }
}

/// The one member of a request that is its whole body. An empty body is none.
pub(super) struct Payload<T>(pub(super) Option<T>);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Payload<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let WholeBody(body) = WholeBody::from_request(request, state).await?;
        payload(&body).map(Self)
    }
}

/// Reads or writes JSON that may be long, on a thread where it delays no other request.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    spawn_blocking(work).await.map_err(|error| ApiError::failed(&error))
}

/// Responds with a body (200).
pub(super) fn json(value: &impl Serialize) -> Result<Response, ApiError> {
    response(StatusCode::OK, value)
}

/// Responds that an operation has begun (202).
pub(super) fn accepted(value: &impl Serialize) -> Result<Response, ApiError> {
    response(StatusCode::ACCEPTED, value)
}

/// Responds that an execution exists now (201).
pub(super) fn created(value: &impl Serialize) -> Result<Response, ApiError> {
    response(StatusCode::CREATED, value)
}

fn response(status: StatusCode, value: &impl Serialize) -> Result<Response, ApiError> {
    let body = serde_json::to_vec(value).map_err(|error| {
        let message = format!("the response cannot be written as JSON: {error}; this is a bug in durable");
        ServiceError::new(ServiceErrorKind::Service, message)
    })?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Parses the members of a request that are in its body. An empty body has none.
pub(super) fn members<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    object(if body.is_empty() { b"{}" } else { body })
}

fn payload<T: DeserializeOwned>(body: &[u8]) -> Result<Option<T>, ApiError> {
    match body.trim_ascii() {
        b"" | b"null" => Ok(None),
        body => object(body).map(Some),
    }
}

fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    // Serde would also read members from a list, by their order; the API has no such form.
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(ApiError::Serialization("the body is a list, but must be an object".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => {
            ApiError::Serialization(format!("the body is not JSON: {error}"))
        }
        // The body is readable, but incomplete.
        Category::Data if error.to_string().starts_with("missing field") => {
            ApiError::invalid(format!("the body lacks a member: {error}"))
        }
        Category::Data => ApiError::Serialization(format!("the body does not match the operation: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use durable_types::ErrorObject;
    use durable_types::api::CheckpointRequest;

    use super::*;

    #[test]
    fn a_body_that_is_not_an_object_is_rejected() {
        for body in ["[]", " [\"a\"]", "5", "\"a\"", "{", "{}{}", "{\"ErrorType\":5}"] {
            let error = payload::<ErrorObject>(body.as_bytes()).unwrap_err();

            assert!(matches!(error, ApiError::Serialization(_)), "{body}: {error}");
        }
    }

    #[test]
    fn no_body_is_no_payload() {
        for body in ["", "  ", "null"] {
            assert_eq!(payload::<ErrorObject>(body.as_bytes()), Ok(None), "{body}");
        }
        assert_eq!(payload(b"{}"), Ok(Some(ErrorObject::default())));
    }

    #[test]
    fn a_missing_member_is_an_invalid_parameter() {
        let error = members::<CheckpointRequest>(b"").unwrap_err();

        assert!(matches!(error, ApiError::Service(_)), "{error}");
        assert!(error.to_string().contains("CheckpointToken"), "{error}");
    }
}
