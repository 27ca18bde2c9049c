//! The end of a function's log in the response to Invoke.

use axum::http::HeaderValue;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_host::function::OutputTail;
use durable_types::api::LOG_RESULT_HEADER;

/// Adds the end of the log to a response.
pub(super) fn with_log_tail(mut response: Response, output: Option<&dyn OutputTail>) -> Response {
    let bytes = output.map(OutputTail::bytes).unwrap_or_default();
    if let Ok(value) = HeaderValue::from_str(&STANDARD.encode(bytes)) {
        response.headers_mut().insert(LOG_RESULT_HEADER, value);
    }
    response
}
