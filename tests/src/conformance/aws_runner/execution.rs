//! Starting an execution on AWS's local runner.

use hyper::Method;
use serde_json::{Value, json};

use crate::conformance::failure::Failure;
use crate::conformance::http::client::Client;
use crate::conformance::http::running::OverHttp;
use crate::conformance::http::service::Service;
use crate::conformance::requirement::Case;

/// Starts the execution of a requirement, for which the runner has an interface of its own.
pub(super) async fn start<'s>(
    case: &Case,
    input: &Value,
    service: &'s Service,
    client: Client,
) -> Result<OverHttp<'s>, Failure> {
    let name = format!("{}-{}", case.function_name(), fastrand::u64(..));
    let request = json!({
        "AccountId": "000000000000",
        "FunctionName": case.function_name(),
        "FunctionQualifier": "$LATEST",
        "ExecutionName": name,
        "ExecutionTimeoutSeconds": 7200,
        "ExecutionRetentionPeriodDays": 1,
        "InvocationId": name,
        "Input": input.to_string(),
    });
    let headers = [("content-type", "application/json")];
    let response =
        client.send(Method::POST, "/start-durable-execution", &headers, request.to_string()).await?;
    let started: Value = serde_json::from_slice(response.body())
        .map_err(|error| Failure::of("the start of an execution", &error))?;
    let arn = started.get("ExecutionArn").or(started.get("DurableExecutionArn")).and_then(Value::as_str);
    let arn = arn.ok_or_else(|| Failure::new(format!("the runner did not tell an ARN: {started}")))?;
    Ok(OverHttp::new(service, client, arn.to_owned()))
}
