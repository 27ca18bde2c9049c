//! The start of an execution in the form that the SAM CLI sends to an external emulator.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_host::ExecutionStart;
use durable_service::{FunctionKind, InvocationHeaders};
use durable_types::{DurableConfig, Violation, validate};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::error::ApiError;
use super::super::function_name::CalledFunction;
use super::super::json::{Members, created};
use super::lambda_endpoint::check_endpoint;
use crate::service::Service;

/// The request to the emulator. Its account and the id of the first invocation are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request {
    function_name: String,
    #[serde(default)]
    function_qualifier: Option<String>,
    #[serde(default)]
    execution_name: Option<String>,
    #[serde(default)]
    execution_timeout_seconds: Option<u32>,
    #[serde(default)]
    execution_retention_period_days: Option<u32>,
    /// A string, which may contain JSON, or the JSON itself.
    #[serde(default)]
    input: Option<Value>,
    #[serde(default)]
    tenant_id: Option<String>,
    #[serde(default)]
    trace_fields: Option<Map<String, Value>>,
    /// The endpoint of the function, unless it belongs to this service.
    #[serde(default)]
    lambda_endpoint: Option<String>,
}

/// Starts an execution and responds at once.
pub(super) async fn start_execution(
    State(service): State<Arc<Service>>,
    Members(request): Members<Request>,
) -> Result<Response, ApiError> {
    check(&request).map_err(|violation| ApiError::invalid(violation.to_string()))?;
    let qualifier = request.function_qualifier.as_deref().or(Some("$LATEST"));
    let function = CalledFunction::parse(&request.function_name, qualifier, &service)?;
    if let Some(endpoint) = &request.lambda_endpoint {
        check_endpoint(&service.guard, "LambdaEndpoint", endpoint)?;
    }
    let endpoint = endpoint(&service, function.name, request.lambda_endpoint.as_deref())?;
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

/// Returns the URL at which the function is invoked, or `None` if it belongs to this service.
fn endpoint(service: &Service, function: &str, named: Option<&str>) -> Result<Option<String>, ApiError> {
    match service.functions().find(function).map(|known| known.kind) {
        None => Ok(service.invocation_url(named, function)),
        Some(FunctionKind::Durable) => Ok(None),
        Some(FunctionKind::Plain) => {
            Err(ApiError::invalid(format!("the function {function} is not durable")))
        }
    }
}

/// Returns the input as JSON. A string that contains no JSON is a JSON string itself.
fn as_json(input: Value) -> String {
    match input {
        Value::String(text) if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() => text,
        other => other.to_string(),
    }
}

/// Returns the trace of the caller as a header, whose fields are in the order of AWS X-Ray.
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
