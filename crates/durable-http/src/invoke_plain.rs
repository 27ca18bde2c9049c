//! Invoke of a plain (non-durable) function: one invocation, without an execution.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use durable_host::Host;
use durable_host::function::{Ended, FunctionCall};
use durable_types::ErrorObject;
use durable_types::api::{EXECUTED_VERSION_HEADER, InvocationType};

use super::error::ApiError;
use super::invocation_response::{empty, failed, function_error, not_waited_for};
use super::log_tail::with_log_tail;

/// An invocation of a plain function.
pub(super) struct PlainInvocation {
    pub(super) call: FunctionCall,
    pub(super) version: String,
    pub(super) wants_log: bool,
}

impl PlainInvocation {
    /// Invokes the function and responds at once, or with its result.
    pub(super) async fn answer(
        self,
        invocation_type: &InvocationType,
        host: &Host,
    ) -> Result<Response, ApiError> {
        let Self { call, version, wants_log } = self;
        match invocation_type {
            InvocationType::DryRun => Ok(empty(StatusCode::NO_CONTENT)),
            InvocationType::Event => {
                drop(host.call_function(call));
                Ok(empty(StatusCode::ACCEPTED))
            }
            // Validation has rejected every other type.
            InvocationType::RequestResponse | InvocationType::Unknown(_) => {
                match host.call_function(call).await {
                    Ok(Ended { end, output }) => {
                        let response = response(end, &version);
                        Ok(if wants_log { with_log_tail(response, Some(output.as_ref())) } else { response })
                    }
                    Err(lost) => Err(not_waited_for(&lost).into()),
                }
            }
        }
    }
}

fn response(end: Result<Bytes, ErrorObject>, version: &str) -> Response {
    let mut response = match end {
        Ok(body) => Response::new(Body::from(body)),
        Err(error) => failed(Response::new(Body::from(function_error(&error)))),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(version) = HeaderValue::from_str(version) {
        headers.insert(EXECUTED_VERSION_HEADER, version);
    }
    response
}
