//! Invoke: starts an execution, or finds the one that has the name.

use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use durable_host::ExecutionStart;
use durable_host::account::function_not_found;
use durable_host::function::FunctionCall;
use durable_service::{FunctionKind, InvocationHeaders};
use durable_types::api::{
    DURABLE_EXECUTION_NAME_HEADER, INVOCATION_TYPE_HEADER, InvocationType, InvokeRequest, ServiceError,
    ServiceErrorKind, TENANT_ID_HEADER, TRACE_ID_HEADER,
};
use durable_types::validate;
use serde::de::IgnoredAny;

use super::ApiError;
use super::call::{Call, max_payload_bytes, too_large};
use super::client_context::client_context;
use super::function_name::CalledFunction;
use super::invocation_response::{described, empty, ended, not_waited_for};
use super::invoke_plain::PlainInvocation;
use super::log_tail;
use super::route::INVOKE;
use crate::service::Service;

/// Starts an execution and answers at once, or with its result.
pub(super) async fn invoke(service: &Service, function: String, call: Call) -> Result<Response, ApiError> {
    let header = |name: &str| Ok::<_, ApiError>(call.header(name)?.map(str::to_owned));
    let mut request = InvokeRequest::new(function);
    request.qualifier = call.query.text("Qualifier").map(str::to_owned);
    request.invocation_type = call.header(INVOCATION_TYPE_HEADER)?.map(InvocationType::from);
    request.durable_execution_name = header(DURABLE_EXECUTION_NAME_HEADER)?;
    request.tenant_id = header(TENANT_ID_HEADER)?;
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    let wants_log = log_tail::is_wanted(&call)?;
    let function = CalledFunction::parse(&request.function_name, request.qualifier.as_deref(), service)?;
    let invocation_type = request.invocation_type.unwrap_or(InvocationType::RequestResponse);
    let synchronous = invocation_type != InvocationType::Event;
    let trace_header = header(TRACE_ID_HEADER)?.filter(|trace| validate::trace_header(trace).is_ok());
    let client_context = client_context(&call)?.filter(|_| synchronous);
    let tenant_id = request.tenant_id.clone();
    let headers = InvocationHeaders { trace_header, tenant_id, client_context, endpoint: None };
    let known = service.functions().find(function.name);
    if let Some(description) = known.filter(|known| known.kind == FunctionKind::Plain) {
        description.check_tenant(&headers)?;
        let call = FunctionCall {
            function_name: function.name.to_owned(),
            function_arn: service.account().function_arn(function.name, &function.version),
            headers,
            input: Bytes::from(input(call)?.unwrap_or_else(|| "{}".to_owned())),
        };
        let invocation = PlainInvocation { call, version: function.version, wants_log };
        return invocation.answer(&invocation_type, &service.host).await;
    }
    let start = ExecutionStart {
        version: function.version,
        execution_name: request.durable_execution_name,
        input: input(call)?,
        synchronous,
        headers,
        ..ExecutionStart::new(function.name)
    };
    invoke_durable(service, start, &invocation_type, wants_log).await
}

async fn invoke_durable(
    service: &Service,
    start: ExecutionStart,
    invocation_type: &InvocationType,
    wants_log: bool,
) -> Result<Response, ApiError> {
    match invocation_type {
        InvocationType::DryRun => {
            let arn = service.account().function_arn(&start.function_name, &start.version);
            let function =
                service.functions().find(&start.function_name).ok_or_else(|| function_not_found(&arn))?;
            function.check_tenant(&start.headers)?;
            Ok(empty(StatusCode::NO_CONTENT))
        }
        InvocationType::Event => {
            let started = service.host.start(start).await?;
            Ok(described(empty(StatusCode::ACCEPTED), &started.arn))
        }
        // Validation has refused every other word.
        InvocationType::RequestResponse | InvocationType::Unknown(_) => {
            let (started, followed) = service.host.start_followed(start).await?;
            let closed = service.host.wait_closed_with_output(&started.arn, followed).await;
            let (closed, output) = closed.map_err(|lost| not_waited_for(&lost))?;
            let answer = described(ended(&closed), &started.arn);
            Ok(if wants_log { log_tail::added(answer, output.as_deref()) } else { answer })
        }
    }
}

/// Returns the payload, which must be JSON, or `None` if there is none. The body is released, because the caller may wait
/// much longer for the result.
fn input(call: Call) -> Result<Option<String>, ApiError> {
    let (body, max_bytes) = (call.body, max_payload_bytes(&call.headers));
    if body.len() > max_bytes {
        return Err(too_large(max_bytes, INVOKE));
    }
    let malformed = |problem: String| {
        let message = format!("Could not parse request body into json: {problem}");
        ServiceError::new(ServiceErrorKind::InvalidRequestContent, message)
    };
    let text = std::str::from_utf8(&body).map_err(|error| malformed(error.to_string()))?;
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| malformed(error.to_string()))?;
    Ok(Some(text.to_owned()))
}
