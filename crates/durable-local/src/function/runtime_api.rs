//! The Lambda Runtime API, under a base path for every process.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use durable_types::ErrorObject;
use serde_json::{Value, json};
use std::sync::Arc;

use super::body::{self, BodyError};
use super::phase::{Delivery, OutOfPlace};
use super::process::{Process, ProcessId, Processes};

/// Bytes an answer may hold: 6 MB, and some for what encloses a payload of 6 MB.
const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024 + 100;

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE_MS: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
const TENANT_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-tenant-id");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");

/// The routes of the API for all of these processes.
pub(super) fn router(processes: Processes) -> Router {
    let base = |path: &str| format!("/runtime/{{function}}/{{process}}/2018-06-01/runtime/{path}");
    Router::new()
        .route(&base("invocation/next"), get(next))
        .route(&base("invocation/{request}/response"), post(response))
        .route(&base("invocation/{request}/error"), post(error))
        .route(&base("init/error"), post(init_error))
        .with_state(processes)
}

async fn next(State(processes): State<Processes>, Path(path): Path<(String, String)>) -> Response {
    let Some(process) = find(&processes, path) else { return unknown_process() };
    match process.next().await {
        Ok(delivery) => deliver(&delivery),
        Err(refused) => refuse(refused),
    }
}

async fn response(
    State(processes): State<Processes>,
    Path((function, process, request)): Path<(String, String, String)>,
    body: Body,
) -> Response {
    let Some(process) = find(&processes, (function, process)) else { return unknown_process() };
    match body::read(body, MAX_ANSWER_BYTES).await {
        Ok(answer) => accept(process.handle_answer(&request, Ok(answer))),
        Err(BodyError::Broken) => broken_body(),
        Err(BodyError::TooLarge) => {
            let message = format!(
                "Response payload size exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes)."
            );
            let error = ErrorObject::new("Function.ResponseSizeTooLarge", message);
            match process.handle_answer(&request, Err(error)) {
                Ok(()) => too_large(),
                Err(refused) => refuse(refused),
            }
        }
    }
}

async fn error(
    State(processes): State<Processes>,
    Path((function, process, request)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(process) = find(&processes, (function, process)) else { return unknown_process() };
    match body::read(body, MAX_ANSWER_BYTES).await {
        Ok(body) => accept(process.handle_answer(&request, Err(error_object(&headers, &body)))),
        Err(BodyError::Broken) => broken_body(),
        Err(BodyError::TooLarge) => too_large(),
    }
}

async fn init_error(
    State(processes): State<Processes>,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(process) = find(&processes, path) else { return unknown_process() };
    match body::read(body, MAX_ANSWER_BYTES).await {
        Ok(body) => accept(process.handle_init_failed(error_object(&headers, &body))),
        Err(BodyError::Broken) => broken_body(),
        Err(BodyError::TooLarge) => too_large(),
    }
}

fn find(processes: &Processes, (function, process): (String, String)) -> Option<Arc<Process>> {
    processes.find(&ProcessId::from(process)).filter(|process| process.function().name == function)
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
    response
}

/// The error that a function reports, whatever of it can be understood.
fn error_object(headers: &HeaderMap, body: &Bytes) -> ErrorObject {
    let header = headers.get(ERROR_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
        let text = String::from_utf8_lossy(body).into_owned();
        let error_message = (!text.is_empty()).then_some(text);
        return ErrorObject { error_type: header, error_message, ..ErrorObject::default() };
    };
    let mut text = |name| members.remove(name).and_then(as_text);
    let (error_message, error_type, error_data) =
        (text("errorMessage"), text("errorType"), text("errorData"));
    let stack_trace = match members.remove("stackTrace") {
        Some(Value::Array(frames)) => Some(frames.into_iter().filter_map(as_text).collect()),
        _ => None,
    };
    ErrorObject { error_message, error_type: error_type.or(header), error_data, stack_trace }
}

fn as_text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
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

fn unknown_process() -> Response {
    failure(StatusCode::FORBIDDEN, "UnknownProcess", "this process is not one of the service's, or no longer")
}

fn broken_body() -> Response {
    failure(StatusCode::BAD_REQUEST, "InvalidRequest", "the connection broke before the end of the body")
}

fn too_large() -> Response {
    let message = format!("Exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes).");
    failure(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
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

    fn reported(header: Option<&'static str>, body: &'static str) -> ErrorObject {
        let headers = header.map(|value| (ERROR_TYPE, HeaderValue::from_static(value))).into_iter().collect();
        error_object(&headers, &Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn an_error_is_taken_as_the_function_reports_it() {
        let body = r#"{"errorMessage":"declined","errorType":"Payment","stackTrace":["a",{"line":1}],"x":1}"#;

        let expected = ErrorObject {
            stack_trace: Some(vec!["a".to_owned(), r#"{"line":1}"#.to_owned()]),
            ..ErrorObject::new("Payment", "declined")
        };
        assert_eq!(reported(Some("Other"), body), expected);
    }

    #[test]
    fn an_error_that_lacks_its_type_has_that_of_the_header() {
        assert_eq!(reported(Some("Payment"), r#"{"errorMessage":"no"}"#), ErrorObject::new("Payment", "no"));
        assert_eq!(reported(Some("Payment"), "no"), ErrorObject::new("Payment", "no"));
        assert_eq!(reported(None, ""), ErrorObject::default());
    }
}
