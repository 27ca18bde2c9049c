//! The requests of the client on the wire.

use bytes::Bytes;
use durable_types::ErrorObject;
use durable_types::api::{
    CallbackFailureRequest, CallbackHeartbeatRequest, CallbackSuccessRequest, DURABLE_EXECUTION_NAME_HEADER,
    DeleteRequest, GetExecutionRequest, GetHistoryRequest, INVOCATION_TYPE_HEADER, InvocationType,
    InvokeRequest, ListExecutionsRequest, PauseRequest, ResumeRequest, StopRequest, TENANT_ID_HEADER,
    TRACE_ID_HEADER,
};
use http::Method;
use serde::Serialize;

use crate::lambda_api::api_request::{ApiRequest, JSON, Responds};

const INVOKE_VERSION: &str = "2015-03-31";
const DURABLE_VERSION: &str = "2025-12-01";
const BYTES: &str = "application/octet-stream";

/// A start with a name is idempotent: the service returns the execution of this name, if its input is the same.
pub(super) fn invoke(request: InvokeRequest, trace_header: Option<String>) -> ApiRequest {
    let responds = match request.invocation_type {
        Some(InvocationType::Event | InvocationType::DryRun) => Responds::Promptly,
        Some(InvocationType::RequestResponse | InvocationType::Unknown(_)) | None => Responds::AfterExecution,
    };
    let has_name = request.durable_execution_name.is_some();
    let path = [INVOKE_VERSION, "functions", &request.function_name, "invocations"];
    let on_wire = ApiRequest::new("Invoke", Method::POST, &path)
        .with_header(INVOCATION_TYPE_HEADER, request.invocation_type.map(|it| it.to_string()))
        .with_header(DURABLE_EXECUTION_NAME_HEADER, request.durable_execution_name)
        .with_header(TENANT_ID_HEADER, request.tenant_id)
        .with_header(TRACE_ID_HEADER, trace_header)
        .with_body(BYTES, request.payload.unwrap_or_default())
        .responds(responds);
    if has_name { on_wire } else { on_wire.not_idempotent() }
}

pub(super) fn get_execution(request: &GetExecutionRequest) -> ApiRequest {
    let path = [DURABLE_VERSION, "durable-executions", &request.durable_execution_arn];
    ApiRequest::new("GetDurableExecution", Method::GET, &path).with_query(&[(
        "IncludeExecutionData",
        request.include_execution_data.as_ref().map(|include| include as _),
    )])
}

pub(super) fn get_history(request: &GetHistoryRequest) -> ApiRequest {
    let path = [DURABLE_VERSION, "durable-executions", &request.durable_execution_arn, "history"];
    ApiRequest::new("GetDurableExecutionHistory", Method::GET, &path).with_query(&[
        ("IncludeExecutionData", request.include_execution_data.as_ref().map(|include| include as _)),
        ("Marker", request.marker.as_ref().map(|marker| marker as _)),
        ("MaxItems", request.max_items.as_ref().map(|items| items as _)),
        ("ReverseOrder", request.reverse_order.as_ref().map(|reverse| reverse as _)),
    ])
}

pub(super) fn list_executions(request: &ListExecutionsRequest) -> ApiRequest {
    let path = [DURABLE_VERSION, "functions", &request.function_name, "durable-executions"];
    let mut query: Vec<(&str, Option<&dyn std::fmt::Display>)> = vec![
        ("DurableExecutionName", request.durable_execution_name.as_ref().map(|name| name as _)),
        ("Marker", request.marker.as_ref().map(|marker| marker as _)),
        ("MaxItems", request.max_items.as_ref().map(|items| items as _)),
        ("Qualifier", request.qualifier.as_ref().map(|qualifier| qualifier as _)),
        ("ReverseOrder", request.reverse_order.as_ref().map(|reverse| reverse as _)),
        ("StartedAfter", request.started_after.as_ref().map(|time| time as _)),
        ("StartedBefore", request.started_before.as_ref().map(|time| time as _)),
    ];
    query.extend(request.statuses.iter().map(|status| ("Statuses", Some(status as _))));
    ApiRequest::new("ListDurableExecutionsByFunction", Method::GET, &path).with_query(&query)
}

pub(super) fn stop(request: &StopRequest) -> Result<ApiRequest, serde_json::Error> {
    let path = [DURABLE_VERSION, "durable-executions", &request.durable_execution_arn, "stop"];
    let on_wire = ApiRequest::new("StopDurableExecution", Method::POST, &path);
    with_error(on_wire, request.error.as_ref())
}

/// A repeated pause is the same one, because its client token is.
pub(super) fn pause(request: &PauseRequest) -> Result<ApiRequest, serde_json::Error> {
    let path = [DURABLE_VERSION, "durable-executions", &request.durable_execution_arn, "pause"];
    let on_wire = ApiRequest::new("PauseDurableExecution", Method::POST, &path);
    Ok(on_wire.with_body(JSON, json(request)?))
}

pub(super) fn resume(request: &ResumeRequest) -> Result<ApiRequest, serde_json::Error> {
    let path = [DURABLE_VERSION, "durable-executions", &request.durable_execution_arn, "resume"];
    let on_wire = ApiRequest::new("ResumeDurableExecution", Method::POST, &path);
    Ok(on_wire.with_body(JSON, json(request)?))
}

pub(super) fn delete(request: &DeleteRequest) -> ApiRequest {
    let path = [DURABLE_VERSION, "durable-executions", &request.durable_execution_arn];
    ApiRequest::new("DeleteDurableExecution", Method::DELETE, &path)
}

pub(super) fn callback_success(request: CallbackSuccessRequest) -> ApiRequest {
    let path = [DURABLE_VERSION, "durable-execution-callbacks", &request.callback_id, "succeed"];
    ApiRequest::new("SendDurableExecutionCallbackSuccess", Method::POST, &path)
        .with_body(BYTES, request.result.unwrap_or_default())
}

pub(super) fn callback_failure(request: &CallbackFailureRequest) -> Result<ApiRequest, serde_json::Error> {
    let path = [DURABLE_VERSION, "durable-execution-callbacks", &request.callback_id, "fail"];
    let on_wire = ApiRequest::new("SendDurableExecutionCallbackFailure", Method::POST, &path);
    with_error(on_wire, request.error.as_ref())
}

pub(super) fn callback_heartbeat(request: &CallbackHeartbeatRequest) -> ApiRequest {
    let path = [DURABLE_VERSION, "durable-execution-callbacks", &request.callback_id, "heartbeat"];
    ApiRequest::new("SendDurableExecutionCallbackHeartbeat", Method::POST, &path)
}

/// The body is the error itself, or empty.
fn with_error(request: ApiRequest, error: Option<&ErrorObject>) -> Result<ApiRequest, serde_json::Error> {
    Ok(match error {
        Some(error) => request.with_body(JSON, json(error)?),
        None => request,
    })
}

fn json(value: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    serde_json::to_vec(value).map(Bytes::from)
}
