//! The client context, which a caller passes to the context of a function.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_types::api::{CLIENT_CONTEXT_HEADER, ServiceError, ServiceErrorKind};
use serde_json::{Map, Value};

use super::error::ApiError;
use super::headers::text;

/// The maximum number of characters of a client context.
const MAX_LENGTH: usize = 3_583;

/// Returns the client context of a request, as base64 of JSON without line breaks.
pub(super) fn client_context(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(text) = text(headers, CLIENT_CONTEXT_HEADER)? else { return Ok(None) };
    if text.len() > MAX_LENGTH {
        return Err(invalid(format!("Client context must be no more than {MAX_LENGTH} bytes.")));
    }
    let json = STANDARD.decode(text).ok();
    let members = json.and_then(|json| serde_json::from_slice::<Map<String, Value>>(&json).ok());
    match members {
        Some(members) => Ok(Some(STANDARD.encode(Value::Object(members).to_string()))),
        None => Err(invalid("Client context must be a valid Base64-encoded JSON object.".to_owned())),
    }
}

fn invalid(message: String) -> ApiError {
    ApiError::Service(ServiceError::new(ServiceErrorKind::InvalidRequestContent, message))
}
