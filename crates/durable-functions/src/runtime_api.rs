//! The Lambda Runtime API of one process.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use durable_http_body::{BodyError, ByteBudget, Received, read};
use durable_types::ErrorObject;
use serde_json::{Value, json};

use super::error_object::error_object;
use super::invocation::{InvocationFailure, MAX_ANSWER_BYTES};
use super::phase::{Delivery, ProtocolViolation};
use super::process::Process;

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE_MS: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
const TENANT_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-tenant-id");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const ERROR_BODY: HeaderName = HeaderName::from_static("lambda-runtime-function-error-body");
/// A header that every browser sends.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The state of the API's handlers.
#[derive(Clone)]
struct ApiState {
    process: Arc<Process>,
    answers: ByteBudget,
}

/// Returns the routes of the API for one process, whose responses are read within the budget.
pub(super) fn router(process: Arc<Process>, answers: ByteBudget) -> Router {
    let base = |path: &str| format!("/2018-06-01/runtime/{path}");
    let host = process.runtime_api().to_string();
    Router::new()
        .route(&base("invocation/next"), get(next))
        .route(&base("invocation/{request}/response"), post(response))
        .route(&base("invocation/{request}/error"), post(error))
        .route(&base("init/error"), post(init_error))
        .layer(from_fn(move |request: Request, next: Next| {
            let is_from_browser = is_from_browser(request.headers(), &host);
            async move { if is_from_browser { not_the_process() } else { next.run(request).await } }
        }))
        .with_state(ApiState { process, answers })
}

/// Returns whether a web page may have made a browser send a request. Such a request names the page's host, or has a
/// header that identifies its origin, which no runtime sends.
fn is_from_browser(headers: &HeaderMap, host: &str) -> bool {
    headers.get(header::HOST).is_none_or(|named| named != host)
        || [header::ORIGIN, header::REFERER, FETCH_SITE].iter().any(|name| headers.contains_key(name))
}

async fn next(State(ApiState { process, .. }): State<ApiState>) -> Response {
    match process.next().await {
        Ok(delivery) => deliver(&delivery),
        Err(refused) => refuse(refused),
    }
}

async fn response(
    State(ApiState { process, answers }): State<ApiState>,
    Path(request): Path<String>,
    body: Body,
) -> Response {
    let body = read(body, MAX_ANSWER_BYTES, &answers).await;
    process.drain_output().await;
    match body {
        Ok(Received { bytes, trailers }) => {
            let answer = midstream_error(&trailers).map_or(Ok(bytes), Err);
            accept(process.handle_answer(&request, answer))
        }
        Err(error) => refuse_body(&process, &request, error),
    }
}

async fn error(
    State(ApiState { process, answers }): State<ApiState>,
    Path(request): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let body = read(body, MAX_ANSWER_BYTES, &answers).await;
    process.drain_output().await;
    match body {
        Ok(Received { bytes, .. }) => {
            accept(process.handle_answer(&request, Err(reported(&headers, &bytes))))
        }
        Err(error) => refuse_body(&process, &request, error),
    }
}

async fn init_error(
    State(ApiState { process, answers }): State<ApiState>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match read(body, MAX_ANSWER_BYTES, &answers).await {
        Ok(Received { bytes, .. }) => accept(process.handle_init_failed(reported(&headers, &bytes))),
        Err(error) => unread(error),
    }
}

fn deliver(delivery: &Delivery) -> Response {
    let invocation = &delivery.invocation;
    let deadline = delivery.deadline.as_millis().to_string();
    let values = [
        (REQUEST_ID, Some(invocation.request_id.as_str())),
        (DEADLINE_MS, Some(deadline.as_str())),
        (FUNCTION_ARN, Some(invocation.function_arn.as_str())),
        (TRACE_ID, invocation.trace_id.as_deref()),
        (TENANT_ID, invocation.tenant_id.as_deref()),
    ];
    let mut response =
        ([(header::CONTENT_TYPE, "application/json")], invocation.event.clone()).into_response();
    for (name, value) in values {
        // Values that are not valid in a header are omitted. Validated ids and ARNs always are valid.
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    let client_context = invocation.client_context.as_deref().and_then(|text| STANDARD.decode(text).ok());
    if let Some(value) = client_context.and_then(|json| HeaderValue::try_from(json).ok()) {
        response.headers_mut().insert(CLIENT_CONTEXT, value);
    }
    response
}

/// Returns the error of a function that failed while streaming its response. It is sent in trailers after the streamed
/// part.
fn midstream_error(trailers: &HeaderMap) -> Option<ErrorObject> {
    let error_type = trailers.get(ERROR_TYPE)?.to_str().ok()?.to_owned();
    let body = trailers.get(ERROR_BODY).and_then(|body| STANDARD.decode(body).ok());
    Some(error_object(Some(error_type), &Bytes::from(body.unwrap_or_default())))
}

/// Parses the error that a function reports.
fn reported(headers: &HeaderMap, body: &Bytes) -> ErrorObject {
    let error_type = headers.get(ERROR_TYPE).and_then(|value| value.to_str().ok());
    error_object(error_type.map(str::to_owned), body)
}

/// Rejects a response whose body was not read. Its invocation fails unless the response may be sent again.
fn refuse_body(process: &Process, request: &str, error: BodyError) -> Response {
    let failure = match error {
        BodyError::TooLarge => InvocationFailure::too_large(),
        BodyError::OverBudget => InvocationFailure::over_budget(),
        BodyError::Broken => return unread(error),
    };
    match process.handle_answer(request, Err(failure.into_error())) {
        Ok(()) => unread(error),
        Err(refused) => refuse(refused),
    }
}

fn unread(error: BodyError) -> Response {
    match error {
        BodyError::TooLarge => {
            let message = format!("Exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes).");
            failure(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
        }
        BodyError::OverBudget => {
            failure(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", &error.to_string())
        }
        BodyError::Broken => failure(StatusCode::BAD_REQUEST, "InvalidRequest", &error.to_string()),
    }
}

fn accept(outcome: Result<(), ProtocolViolation>) -> Response {
    match outcome {
        Ok(()) => answer(StatusCode::ACCEPTED, &json!({ "status": "OK" })),
        Err(refused) => refuse(refused),
    }
}

fn refuse(refused: ProtocolViolation) -> Response {
    match refused {
        ProtocolViolation::WrongRequestId => {
            failure(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
        }
        ProtocolViolation::WrongPhase => {
            failure(StatusCode::FORBIDDEN, "InvalidStateTransition", "State transition is not allowed")
        }
    }
}

fn not_the_process() -> Response {
    failure(StatusCode::FORBIDDEN, "UnknownProcess", "only the process of the function may use this address")
}

fn failure(status: StatusCode, error_type: &str, message: &str) -> Response {
    answer(status, &json!({ "errorMessage": message, "errorType": error_type }))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_a_web_page_may_have_sent_is_from_browser() {
        let host = "127.0.0.1:4000";
        let headers = |pairs: &[(HeaderName, &'static str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
        };

        assert!(!is_from_browser(&headers(&[(header::HOST, host)]), host));
        assert!(is_from_browser(&headers(&[]), host));
        assert!(is_from_browser(&headers(&[(header::HOST, "evil.example:4000")]), host));
        for name in [header::ORIGIN, header::REFERER, FETCH_SITE] {
            assert!(is_from_browser(&headers(&[(header::HOST, host), (name, "none")]), host));
        }
    }
}
