//! Responses to Invoke.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use durable_host::ClosedExecution;
use durable_host::causes::with_causes;
use durable_host::error::ExecutionLost;
use durable_types::api::{
    DURABLE_EXECUTION_ARN_HEADER, EXECUTED_VERSION_HEADER, FUNCTION_ERROR_HEADER, ServiceError,
    ServiceErrorKind,
};
use durable_types::{DurableExecutionArn, ErrorObject};
use serde::Serialize;

/// Returns a response without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Responds with the result of an execution, or with its error in the form of Lambda's function errors.
pub(super) fn ended(closed: &ClosedExecution) -> Response {
    let body = match (&closed.error, &closed.result) {
        (Some(error), _) => function_error(error),
        (None, result) => result.clone().unwrap_or_else(|| "null".to_owned()),
    };
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if closed.succeeded() { response } else { failed(response) }
}

/// Marks the body of a response as a function error.
pub(super) fn failed(mut response: Response) -> Response {
    response.headers_mut().insert(FUNCTION_ERROR_HEADER, HeaderValue::from_static("Unhandled"));
    response
}

/// Adds the headers that identify the execution.
pub(super) fn described(mut response: Response, arn: &DurableExecutionArn) -> Response {
    let headers = [(DURABLE_EXECUTION_ARN_HEADER, arn.as_str()), (EXECUTED_VERSION_HEADER, arn.version())];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

pub(super) fn function_error(error: &ErrorObject) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct FunctionError<'a> {
        error_message: &'a Option<String>,
        error_type: &'a Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_data: &'a Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        stack_trace: &'a Option<Vec<String>>,
    }
    let error = FunctionError {
        error_message: &error.error_message,
        error_type: &error.error_type,
        error_data: &error.error_data,
        stack_trace: &error.stack_trace,
    };
    serde_json::to_string(&error).unwrap_or_else(|_| "null".to_owned())
}

pub(super) fn not_waited_for(lost: &ExecutionLost) -> ServiceError {
    ServiceError::new(ServiceErrorKind::Service, with_causes(lost))
}
