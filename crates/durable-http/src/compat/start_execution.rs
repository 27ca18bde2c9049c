//! The start of an execution as the SAM command line asks an external emulator for it.

use axum::response::Response;
use durable_host::ExecutionStart;
use durable_service::{FunctionKind, InvocationHeaders};
use durable_types::{DurableConfig, Violation, validate};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::function_name::CalledFunction;
use super::super::json::{created, members};
use super::super::{ApiError, Guard};
use super::lambda_endpoint::check_endpoint;
use crate::service::Service;

/// What the emulator is told; its account and the id of the first invocation are made up here as for others.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    function_name: String,
    #[serde(default)]
    function_qualifier: Option<String>,
    #[serde(default)]
    execution_name: Option<String>,
    #[serde(default)]
    execution_timeout_seconds: Option<u32>,
    #[serde(default)]
    execution_retention_period_days: Option<u32>,
    /// A text, which may hold JSON, or the JSON itself.
    #[serde(default)]
    input: Option<Value>,
    #[serde(default)]
    tenant_id: Option<String>,
    #[serde(default)]
    trace_fields: Option<Map<String, Value>>,
    /// Where the function is, unless it is one of this service.
    #[serde(default)]
    lambda_endpoint: Option<String>,
}

/// Starts an execution and answers at once.
pub(super) async fn start_execution(
    service: &Service,
    guard: &Guard,
    call: &Call,
) -> Result<Response, ApiError> {
    let request: Request = members(&call.body)?;
    check(&request).map_err(|violation| ApiError::invalid(violation.to_string()))?;
    let qualifier = request.function_qualifier.as_deref().or(Some("$LATEST"));
    let function = CalledFunction::parse(&request.function_name, qualifier, service)?;
    if let Some(told) = &request.lambda_endpoint {
        check_endpoint(guard, "LambdaEndpoint", told)?;
    }
    let endpoint = endpoint(service, function.name, request.lambda_endpoint.as_deref())?;
    let mut durable_config = DurableConfig::default();
    durable_config.execution_timeout = request.execution_timeout_seconds;
    durable_config.retention_period_in_days = request.execution_retention_period_days;
    let started = service
        .host
        .start(ExecutionStart {
            version: function.version,
            execution_name: request.execution_name,
            input: request.input.map(as_json),
            synchronous: false,
            headers: InvocationHeaders {
                tenant_id: request.tenant_id,
                trace_header: request.trace_fields.as_ref().map(trace_header),
                endpoint,
                ..InvocationHeaders::default()
            },
            durable_config,
            ..ExecutionStart::new(function.name)
        })
        .await?;
    created(&json!({ "ExecutionArn": started.arn.as_str() }))
}

fn check(request: &Request) -> Result<(), Violation> {
    validate::function_name(&request.function_name)?;
    request.function_qualifier.as_deref().map_or(Ok(()), validate::qualifier)?;
    request.tenant_id.as_deref().map_or(Ok(()), validate::tenant_id)?;
    let trace_header = request.trace_fields.as_ref().map(trace_header);
    trace_header.as_deref().map_or(Ok(()), validate::trace_header)
}

/// Where the function is invoked; none: it is one of this service.
fn endpoint(service: &Service, function: &str, told: Option<&str>) -> Result<Option<String>, ApiError> {
    match service.functions().find(function).map(|known| known.kind) {
        None => Ok(service.invocation_url(told, function)),
        Some(FunctionKind::Durable) => Ok(None),
        Some(FunctionKind::Plain) => {
            Err(ApiError::invalid(format!("the function {function} is not durable")))
        }
    }
}

/// The input as JSON. A text that holds none is a JSON text itself.
fn as_json(input: Value) -> String {
    match input {
        Value::String(text) if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() => text,
        other => other.to_string(),
    }
}

/// The trace of the caller, as its header is written, in the order of AWS X-Ray whichever order it is told in.
fn trace_header(fields: &Map<String, Value>) -> String {
    let field = |(name, value): (&String, &Value)| {
        let name = match name.as_str() {
            "trace_id" => "Root",
            "span_id" => "Parent",
            name => name,
        };
        let text = value.as_str().map_or_else(|| format!("{name}={value}"), |text| format!("{name}={text}"));
        let place = ["Root", "Parent", "Sampled"].iter().position(|known| *known == name);
        (place.unwrap_or(usize::MAX), text)
    };
    let mut fields: Vec<(usize, String)> = fields.iter().map(field).collect();
    fields.sort();
    fields.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(";")
}
