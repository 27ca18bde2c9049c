//! The headers of Invoke.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use durable_types::api::{
    DURABLE_EXECUTION_NAME_HEADER, INVOCATION_TYPE_HEADER, InvocationType, LOG_TYPE_HEADER, LogType,
    TENANT_ID_HEADER, TRACE_ID_HEADER,
};
use durable_types::validate;

use super::client_context::client_context;
use super::error::ApiError;
use super::headers::text;
use super::operation::max_payload_bytes;

/// The headers of Invoke.
pub(super) struct InvokeHeaders {
    pub(super) invocation_type: Option<InvocationType>,
    pub(super) durable_execution_name: Option<String>,
    pub(super) tenant_id: Option<String>,
    /// The trace of the caller. One that is malformed is ignored.
    pub(super) trace_header: Option<String>,
    pub(super) client_context: Option<String>,
    /// Whether the response contains the end of the log.
    pub(super) wants_log: bool,
    /// The largest payload in bytes.
    pub(super) max_payload_bytes: usize,
}

impl<S: Sync> FromRequestParts<S> for InvokeHeaders {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let headers = &parts.headers;
        let owned = |name: &str| Ok::<_, ApiError>(text(headers, name)?.map(str::to_owned));
        Ok(Self {
            invocation_type: text(headers, INVOCATION_TYPE_HEADER)?.map(InvocationType::from),
            durable_execution_name: owned(DURABLE_EXECUTION_NAME_HEADER)?,
            tenant_id: owned(TENANT_ID_HEADER)?,
            trace_header: owned(TRACE_ID_HEADER)?.filter(|trace| validate::trace_header(trace).is_ok()),
            client_context: client_context(headers)?,
            wants_log: wants_log(headers)?,
            max_payload_bytes: max_payload_bytes(headers),
        })
    }
}

fn wants_log(headers: &HeaderMap) -> Result<bool, ApiError> {
    let Some(word) = text(headers, LOG_TYPE_HEADER)? else { return Ok(false) };
    match LogType::from(word) {
        LogType::Tail => Ok(true),
        LogType::None => Ok(false),
        LogType::Unknown(word) => {
            Err(ApiError::invalid(format!("LogType must be None or Tail, but is {word:?}")))
        }
    }
}
