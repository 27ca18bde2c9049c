//! GetDurableExecutionState.

use axum::response::Response;
use durable_types::DurableExecutionArn;
use durable_types::api::GetStateRequest;

use super::ApiError;
use super::call::Call;
use super::json::json;
use crate::service::Service;

/// Reads a page of the operations of an execution, for its invocation.
pub(super) async fn get_state(
    service: &Service,
    arn: &DurableExecutionArn,
    call: &Call,
) -> Result<Response, ApiError> {
    let Some(checkpoint_token) = call.query.text("CheckpointToken") else {
        return Err(ApiError::invalid("CheckpointToken is required"));
    };
    let mut request = GetStateRequest::new(arn.as_str(), checkpoint_token);
    request.marker = call.query.text("Marker").map(str::to_owned);
    request.max_items = call.query.number("MaxItems")?;
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    let page = service.host.state_page(arn, request).await?;
    // The operation declares no error for an execution that is not there.
    json(&page.ok_or_else(|| ApiError::invalid("Invalid checkpoint token"))?)
}
