//! The start of an execution as the SAM command line asks an external emulator for it.

use axum::response::Response;
use durable_service::InvocationHeaders;
use serde::Deserialize;
use serde_json::Value;

use super::super::ApiError;
use super::super::json::{created, members};
use super::super::serve::Call;
use crate::service::{ExecutionStart, Service};

/// What else the emulator is told (account, timeout, retention, where the function runs) is how the function is
/// configured here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    function_name: String,
    #[serde(default)]
    function_qualifier: Option<String>,
    #[serde(default)]
    execution_name: Option<String>,
    /// A text that holds JSON, or the JSON itself.
    #[serde(default)]
    input: Option<Value>,
    #[serde(default)]
    tenant_id: Option<String>,
}

/// Starts an execution and answers at once.
pub(super) async fn start_execution(service: &Service, call: &Call) -> Result<Response, ApiError> {
    let request: Request = members(&call.body)?;
    let input = request.input.map(|input| match input {
        Value::String(text) => text,
        other => other.to_string(),
    });
    let started = service
        .start_execution(ExecutionStart {
            function_name: request.function_name,
            version: request.function_qualifier.unwrap_or_else(|| "$LATEST".to_owned()),
            execution_name: request.execution_name,
            input,
            synchronous: false,
            headers: InvocationHeaders { tenant_id: request.tenant_id, ..InvocationHeaders::default() },
        })
        .await?;
    created(&serde_json::json!({ "ExecutionArn": started.arn.as_str() }))
}
