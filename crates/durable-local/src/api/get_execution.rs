//! GetDurableExecution.

use axum::response::Response;
use durable_service::Execution;
use durable_types::DurableExecutionArn;
use durable_types::api::{GetExecutionResponse, PauseDetails, TraceHeader};

use super::ApiError;
use super::call::Call;
use super::json::json;
use crate::service::Service;

/// Tells where an execution stands.
pub(super) async fn get_execution(
    service: &Service,
    arn: &DurableExecutionArn,
    call: &Call,
) -> Result<Response, ApiError> {
    let include_data = call.query.flag("IncludeExecutionData")?.unwrap_or(true);
    let described = service.lanes.read(arn, move |execution| describe(execution, include_data)).await;
    match described? {
        Some(response) => json(&response),
        None => Err(unknown(arn)),
    }
}

/// There is no such execution.
pub(super) fn unknown(arn: &DurableExecutionArn) -> ApiError {
    ApiError::not_found(format!("Durable execution not found: {arn}"))
}

/// Since when it is paused; the reason counts as data of the execution.
fn pause_details(execution: &Execution, include_data: bool) -> Option<PauseDetails> {
    let details = execution.pause_details()?;
    let reason = details.reason.filter(|_| include_data);
    Some(PauseDetails { reason, ..details })
}

fn describe(execution: &Execution, include_data: bool) -> GetExecutionResponse {
    let arn = execution.arn();
    let data = include_data.then_some(execution);
    let trace_id = execution.headers().trace_header.clone();
    GetExecutionResponse {
        durable_execution_arn: arn.to_string(),
        durable_execution_name: arn.execution_name().to_owned(),
        function_arn: arn.function_arn().to_owned(),
        input_payload: data.and_then(Execution::input).map(str::to_owned),
        result: data.and_then(Execution::result).map(str::to_owned),
        error: data.and_then(Execution::error).cloned(),
        start_timestamp: execution.start_timestamp(),
        status: execution.status().clone(),
        end_timestamp: execution.end_timestamp(),
        version: Some(arn.version().to_owned()),
        trace_header: trace_id.map(|x_amzn_trace_id| TraceHeader { x_amzn_trace_id: Some(x_amzn_trace_id) }),
        execution_data_included: Some(include_data),
        durable_config: Some(execution.durable_config().clone()),
        pause_details: pause_details(execution, include_data),
        expected_execution_timeout_timestamp: (!execution.is_closed()).then(|| execution.deadline()),
    }
}
