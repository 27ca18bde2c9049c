//! GetDurableExecution.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_host::error::execution_not_found;
use durable_service::Execution;
use durable_types::DurableExecutionArn;
use durable_types::api::{GetExecutionResponse, PauseDetails, TraceHeader};

use super::error::ApiError;
use super::json::json;
use super::path::NamedExecution;
use super::query::Query;
use super::service::Service;

/// Describes an execution.
pub(super) async fn get_execution(
    State(service): State<Arc<Service>>,
    NamedExecution(arn): NamedExecution,
    query: Query,
) -> Result<Response, ApiError> {
    let include_data = query.flag("IncludeExecutionData")?.unwrap_or(true);
    let described = service.host.describe(&arn, move |execution| describe(execution, include_data)).await;
    match described? {
        Some(response) => json(&response),
        None => Err(unknown(&arn)),
    }
}

/// Returns the error for an execution that does not exist.
pub(super) fn unknown(arn: &DurableExecutionArn) -> ApiError {
    execution_not_found(arn).into()
}

/// Returns the details of a pause, of which the reason is data of the execution.
fn pause_details(execution: &Execution, include_data: bool) -> Option<PauseDetails> {
    let mut details = execution.pause_details()?;
    details.reason = details.reason.filter(|_| include_data);
    Some(details)
}

fn describe(execution: &Execution, include_data: bool) -> GetExecutionResponse {
    let arn = execution.arn();
    let data = include_data.then_some(execution);
    let trace_id = execution.headers().trace_header.clone();
    let mut response = GetExecutionResponse::new(
        arn.as_str(),
        arn.execution_name(),
        arn.function_arn(),
        execution.status().clone(),
        execution.start_timestamp(),
    );
    response.input_payload = data.and_then(Execution::input).map(str::to_owned);
    response.result = data.and_then(Execution::result).map(str::to_owned);
    response.error = data.and_then(Execution::error).cloned();
    response.end_timestamp = execution.end_timestamp();
    response.version = Some(arn.version().to_owned());
    response.trace_header = trace_id.map(|trace_id| TraceHeader::new(Some(trace_id)));
    response.execution_data_included = Some(include_data);
    response.durable_config = Some(execution.durable_config().clone());
    response.pause_details = pause_details(execution, include_data);
    response.expected_execution_timeout_timestamp = (!execution.is_closed()).then(|| execution.deadline());
    response
}
