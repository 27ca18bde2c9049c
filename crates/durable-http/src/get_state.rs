//! GetDurableExecutionState.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_types::api::GetStateRequest;

use super::error::ApiError;
use super::json::json;
use super::path::NamedExecution;
use super::query::Query;
use super::service::Service;

/// Returns a page of the operations of an execution, for its invocation.
pub(super) async fn get_state(
    State(service): State<Arc<Service>>,
    NamedExecution(arn): NamedExecution,
    query: Query,
) -> Result<Response, ApiError> {
    let Some(checkpoint_token) = query.text("CheckpointToken") else {
        return Err(ApiError::invalid("CheckpointToken is required"));
    };
    let mut request = GetStateRequest::new(arn.as_str(), checkpoint_token);
    request.marker = query.text("Marker").map(str::to_owned);
    request.max_items = query.number("MaxItems")?;
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    let page = service.host.state_page(&arn, request).await?;
    // The operation declares no error for an execution that does not exist.
    json(&page.ok_or_else(|| ApiError::invalid("Invalid checkpoint token"))?)
}
