//! Invoke: starts an execution, or finds the one that has the name.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use durable_host::ExecutionStart;
use durable_host::account::function_not_found;
use durable_host::function::FunctionCall;
use durable_service::{FunctionKind, InvocationHeaders};
use durable_types::api::{InvocationType, InvokeRequest, ServiceError, ServiceErrorKind};
use serde::de::IgnoredAny;

use super::error::ApiError;
use super::function_name::CalledFunction;
use super::invocation_response::{described, empty, ended, not_waited_for};
use super::invoke_headers::InvokeHeaders;
use super::invoke_plain::PlainInvocation;
use super::log_tail::with_log_tail;
use super::operation::Operation;
use super::path::Named;
use super::query::Query;
use super::service::Service;
use super::whole_body::{WholeBody, too_large};

/// Starts an execution and responds at once, or with its result.
pub(super) async fn invoke(
    State(service): State<Arc<Service>>,
    Named(function): Named,
    query: Query,
    headers: InvokeHeaders,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let _permit = service.begin_invocation()?;
    let mut request = InvokeRequest::new(function);
    request.qualifier = query.text("Qualifier").map(str::to_owned);
    request.invocation_type = headers.invocation_type;
    request.durable_execution_name = headers.durable_execution_name;
    request.tenant_id = headers.tenant_id;
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    let function = CalledFunction::parse(&request.function_name, request.qualifier.as_deref(), &service)?;
    let invocation_type = request.invocation_type.unwrap_or(InvocationType::RequestResponse);
    let synchronous = invocation_type != InvocationType::Event;
    let input = |body| input(body, headers.max_payload_bytes);
    let wants_log = headers.wants_log;
    let headers = InvocationHeaders {
        trace_header: headers.trace_header,
        tenant_id: request.tenant_id,
        client_context: headers.client_context.filter(|_| synchronous),
        endpoint: None,
    };
    let known = service.functions().find(function.name);
    if let Some(description) = known.filter(|known| known.kind == FunctionKind::Plain) {
        description.check_tenant(&headers)?;
        let call = FunctionCall {
            function_name: function.name.to_owned(),
            function_arn: service.account().function_arn(function.name, &function.version),
            headers,
            input: Bytes::from(input(body)?.unwrap_or_else(|| "{}".to_owned())),
        };
        let invocation = PlainInvocation { call, version: function.version, wants_log };
        return invocation.answer(&invocation_type, &service.host).await;
    }
    let start = ExecutionStart {
        version: function.version,
        execution_name: request.durable_execution_name,
        input: input(body)?,
        synchronous,
        headers,
        ..ExecutionStart::new(function.name)
    };
    invoke_durable(&service, start, &invocation_type, wants_log).await
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
        // Validation has rejected every other type.
        InvocationType::RequestResponse | InvocationType::Unknown(_) => {
            let (started, followed) = service.host.start_followed(start).await?;
            let closed = service.host.wait_closed_with_output(&started.arn, followed).await;
            let (closed, output) = closed.map_err(|lost| not_waited_for(&lost))?;
            let response = described(ended(&closed), &started.arn);
            Ok(if wants_log { with_log_tail(response, output.as_deref()) } else { response })
        }
    }
}

/// Returns the payload, which must be JSON, or `None` if there is none. The body is released, because the caller may wait
/// much longer for the result.
fn input(body: Bytes, max_bytes: usize) -> Result<Option<String>, ApiError> {
    if body.len() > max_bytes {
        return Err(too_large(max_bytes, Operation::INVOKE.name()));
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
