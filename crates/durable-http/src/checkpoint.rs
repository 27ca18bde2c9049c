//! CheckpointDurableExecution.

use axum::response::Response;
use durable_host::ExecutionApi;
use durable_types::DurableExecutionArn;
use durable_types::api::CheckpointRequest;

use super::ApiError;
use super::call::Call;
use super::json::{json, members};
use crate::service::Service;

/// Records what a function did. It is stored once this returns.
pub(super) async fn checkpoint(
    service: &Service,
    arn: &DurableExecutionArn,
    call: &Call,
) -> Result<Response, ApiError> {
    let mut request: CheckpointRequest = members(&call.body)?;
    request.durable_execution_arn = arn.to_string();
    json(&service.host.checkpoint(request).await?)
}
