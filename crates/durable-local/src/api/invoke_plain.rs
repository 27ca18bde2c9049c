//! Invoke of a function that is not durable: one invocation, without an execution.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use durable_service::InvocationHeaders;
use durable_types::ErrorObject;
use durable_types::api::{EXECUTED_VERSION_HEADER, InvocationType};
use tokio::sync::oneshot;

use super::ApiError;
use super::invoke::{empty, failed, function_error, not_waited_for};
use super::log_tail;
use crate::host::Host;
use crate::service::{ExecutionLost, OutputTail, RunningFunction};

/// What a function answers, and the last of what it printed.
type Outcome = (Result<Bytes, ErrorObject>, OutputTail);

/// An invocation of a function that is not durable.
pub(super) struct PlainInvocation {
    pub(super) function: Arc<RunningFunction>,
    pub(super) arn: String,
    pub(super) version: String,
    pub(super) headers: InvocationHeaders,
    pub(super) input: Option<String>,
    pub(super) wants_log: bool,
}

impl PlainInvocation {
    /// Invokes the function and answers at once, or with its result.
    pub(super) async fn answer(
        self,
        invocation_type: &InvocationType,
        host: &Host,
    ) -> Result<Response, ApiError> {
        let Self { function, arn, version, headers, input, wants_log } = self;
        function.check_tenant(&headers)?;
        let input = Bytes::from(input.unwrap_or_else(|| "{}".to_owned()));
        match invocation_type {
            InvocationType::DryRun => Ok(empty(StatusCode::NO_CONTENT)),
            InvocationType::Event => {
                drop(begin(function, input, arn, headers, host));
                Ok(empty(StatusCode::ACCEPTED))
            }
            // Validation has refused every other word.
            InvocationType::RequestResponse | InvocationType::Unknown(_) => {
                match begin(function, input, arn, headers, host).await {
                    Ok((answer, output)) => {
                        let answer = answered(answer, &version);
                        Ok(if wants_log { log_tail::added(answer, Some(&output)) } else { answer })
                    }
                    Err(_) => Err(not_waited_for(&ExecutionLost::Stopping).into()),
                }
            }
        }
    }
}

/// Runs the function to its end, whether or not anybody waits for what comes of it.
fn begin(
    function: Arc<RunningFunction>,
    input: Bytes,
    arn: String,
    headers: InvocationHeaders,
    host: &Host,
) -> oneshot::Receiver<Outcome> {
    let (tell, told) = oneshot::channel();
    host.spawn(async move {
        if let Some(outcome) = function.run_with_output(input, arn, headers).await {
            // Nobody waits for an event, and a client may have gone away.
            let _ = tell.send(outcome);
        }
    });
    told
}

fn answered(answer: Result<Bytes, ErrorObject>, version: &str) -> Response {
    let mut response = match answer {
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
