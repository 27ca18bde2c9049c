//! The Lambda Runtime API, as each process has it for itself.

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
use super::phase::{Delivery, OutOfPlace};
use super::process::Process;

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE_MS: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
const TENANT_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-tenant-id");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const ERROR_BODY: HeaderName = HeaderName::from_static("lambda-runtime-function-error-body");
/// Every browser sends it.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What the API is served from.
#[derive(Clone)]
struct Served {
    process: Arc<Process>,
    answers: ByteBudget,
}

/// Returns the routes of the API for one process, whose answers are read within the budget.
pub(super) fn router(process: Arc<Process>, answers: ByteBudget) -> Router {
    let base = |path: &str| format!("/2018-06-01/runtime/{path}");
    let host = process.runtime_api().to_string();
    Router::new()
        .route(&base("invocation/next"), get(next))
        .route(&base("invocation/{request}/response"), post(response))
        .route(&base("invocation/{request}/error"), post(error))
        .route(&base("init/error"), post(init_error))
        .layer(from_fn(move |request: Request, next: Next| {
            let is_foreign = is_foreign(request.headers(), &host);
            async move { if is_foreign { not_the_process() } else { next.run(request).await } }
        }))
        .with_state(Served { process, answers })
}

/// Whether a request is one that a web page may have made a browser send: it names the host of the page, or says
/// where it comes from, as no runtime does.
fn is_foreign(headers: &HeaderMap, host: &str) -> bool {
    headers.get(header::HOST).is_none_or(|named| named != host)
        || [header::ORIGIN, header::REFERER, FETCH_SITE].iter().any(|name| headers.contains_key(name))
}

async fn next(State(Served { process, .. }): State<Served>) -> Response {
    match process.next().await {
        Ok(delivery) => deliver(&delivery),
        Err(refused) => refuse(refused),
    }
}

async fn response(
    State(Served { process, answers }): State<Served>,
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
    State(Served { process, answers }): State<Served>,
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
    State(Served { process, answers }): State<Served>,
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
        // A value that no header can carry is left out; ids and ARNs that were validated never are.
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

/// The error of a function that had begun to stream its answer: it comes behind what it streamed.
fn midstream_error(trailers: &HeaderMap) -> Option<ErrorObject> {
    let error_type = trailers.get(ERROR_TYPE)?.to_str().ok()?.to_owned();
    let body = trailers.get(ERROR_BODY).and_then(|body| STANDARD.decode(body).ok());
    Some(error_object(Some(error_type), &Bytes::from(body.unwrap_or_default())))
}

/// The error that a function reports.
fn reported(headers: &HeaderMap, body: &Bytes) -> ErrorObject {
    let error_type = headers.get(ERROR_TYPE).and_then(|value| value.to_str().ok());
    error_object(error_type.map(str::to_owned), body)
}

/// Rejects an answer that was not read. If it will not be sent again, its invocation fails.
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

fn accept(outcome: Result<(), OutOfPlace>) -> Response {
    match outcome {
        Ok(()) => answer(StatusCode::ACCEPTED, &json!({ "status": "OK" })),
        Err(refused) => refuse(refused),
    }
}

fn refuse(refused: OutOfPlace) -> Response {
    match refused {
        OutOfPlace::WrongRequestId => {
            failure(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
        }
        OutOfPlace::WrongPhase => {
            failure(StatusCode::FORBIDDEN, "InvalidStateTransition", "State transition is not allowed")
        }
    }
}

fn not_the_process() -> Response {
    failure(StatusCode::FORBIDDEN, "UnknownProcess", "this address is for the process of a function alone")
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
    fn a_request_that_a_web_page_may_have_sent_is_foreign() {
        let host = "127.0.0.1:4000";
        let headers = |pairs: &[(HeaderName, &'static str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
        };

        assert!(!is_foreign(&headers(&[(header::HOST, host)]), host));
        assert!(is_foreign(&headers(&[]), host));
        assert!(is_foreign(&headers(&[(header::HOST, "evil.example:4000")]), host));
        for name in [header::ORIGIN, header::REFERER, FETCH_SITE] {
            assert!(is_foreign(&headers(&[(header::HOST, host), (name, "none")]), host));
        }
    }
}
