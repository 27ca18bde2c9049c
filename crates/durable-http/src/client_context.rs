//! What a caller tells a function about itself, which the function finds in its context.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_types::api::{CLIENT_CONTEXT_HEADER, ServiceError, ServiceErrorKind};
use serde_json::{Map, Value};

use super::ApiError;
use super::call::Call;

/// Characters of a client context at most.
const MAX_LENGTH: usize = 3_583;

/// The client context of a call, as base64 of JSON that fits into one line.
pub(super) fn client_context(call: &Call) -> Result<Option<String>, ApiError> {
    let Some(text) = call.header(CLIENT_CONTEXT_HEADER)? else { return Ok(None) };
    if text.len() > MAX_LENGTH {
        return Err(refused(format!("Client context must be no more than {MAX_LENGTH} bytes.")));
    }
    let json = STANDARD.decode(text).ok();
    let members = json.and_then(|json| serde_json::from_slice::<Map<String, Value>>(&json).ok());
    match members {
        Some(members) => Ok(Some(STANDARD.encode(Value::Object(members).to_string()))),
        None => Err(refused("Client context must be a valid Base64-encoded JSON object.".to_owned())),
    }
}

fn refused(message: String) -> ApiError {
    ApiError::Service(ServiceError::new(ServiceErrorKind::InvalidRequestContent, message))
}
