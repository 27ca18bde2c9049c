//! The end of a function's log in the answer to Invoke.

use axum::http::HeaderValue;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_host::function::OutputTail;
use durable_types::api::{LOG_RESULT_HEADER, LOG_TYPE_HEADER, LogType};

use super::ApiError;
use super::call::Call;

/// Whether the caller wants the end of the log.
pub(super) fn is_wanted(call: &Call) -> Result<bool, ApiError> {
    let Some(word) = call.header(LOG_TYPE_HEADER)? else { return Ok(false) };
    match LogType::from(word) {
        LogType::Tail => Ok(true),
        LogType::None => Ok(false),
        LogType::Unknown(word) => {
            Err(ApiError::invalid(format!("LogType must be None or Tail, but is {word:?}")))
        }
    }
}

/// Adds the end of the log to an answer.
pub(super) fn added(mut response: Response, output: Option<&dyn OutputTail>) -> Response {
    let bytes = output.map(OutputTail::bytes).unwrap_or_default();
    if let Ok(value) = HeaderValue::from_str(&STANDARD.encode(bytes)) {
        response.headers_mut().insert(LOG_RESULT_HEADER, value);
    }
    response
}
