//! JSON in bodies: members of requests, and answers.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::ApiError;

/// An answer with a body.
pub(super) fn json(value: &impl Serialize) -> Result<Response, ApiError> {
    answer(StatusCode::OK, value)
}

/// An answer that says that something was begun.
pub(super) fn accepted(value: &impl Serialize) -> Result<Response, ApiError> {
    answer(StatusCode::ACCEPTED, value)
}

/// An answer that says that something is there now.
pub(super) fn created(value: &impl Serialize) -> Result<Response, ApiError> {
    answer(StatusCode::CREATED, value)
}

fn answer(status: StatusCode, value: &impl Serialize) -> Result<Response, ApiError> {
    let body = serde_json::to_vec(value).map_err(|error| {
        ServiceError::new(ServiceErrorKind::Service, format!("the answer cannot be written as JSON: {error}"))
    })?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// The members of a request that stand in its body; an empty body has none.
pub(super) fn members<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    object(if body.is_empty() { b"{}" } else { body })
}

/// The one member of a request that is its whole body; an empty body is none.
pub(super) fn payload<T: DeserializeOwned>(body: &[u8]) -> Result<Option<T>, ApiError> {
    match body.trim_ascii() {
        b"" | b"null" => Ok(None),
        body => object(body).map(Some),
    }
}

fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    // Members could be read from a list as well, by their order; the API has no such form.
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(ApiError::Serialization("the body is a list, but must be an object".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => {
            ApiError::Serialization(format!("the body is not JSON: {error}"))
        }
        // What is there can be read; there is not enough of it.
        Category::Data if error.to_string().starts_with("missing field") => {
            ApiError::invalid(format!("the body lacks a member: {error}"))
        }
        Category::Data => ApiError::Serialization(format!("the body is not the operation's: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use durable_types::ErrorObject;
    use durable_types::api::CheckpointRequest;

    use super::*;

    #[test]
    fn a_body_that_is_no_object_is_not_read_as_one() {
        for body in ["[]", " [\"a\"]", "5", "\"a\"", "{", "{}{}", "{\"ErrorType\":5}"] {
            let refused = payload::<ErrorObject>(body.as_bytes()).unwrap_err();

            assert!(matches!(refused, ApiError::Serialization(_)), "{body}: {refused}");
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
    fn a_member_that_is_missing_breaks_a_rule_of_the_operation() {
        let refused = members::<CheckpointRequest>(b"").unwrap_err();

        assert!(matches!(refused, ApiError::Service(_)), "{refused}");
        assert!(refused.to_string().contains("CheckpointToken"), "{refused}");
    }
}
