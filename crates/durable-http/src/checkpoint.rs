//! CheckpointDurableExecution.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_host::ExecutionApi;
use durable_types::api::CheckpointRequest;

use super::error::ApiError;
use super::json::{Members, json};
use super::path::NamedExecution;
use super::service::Service;

/// Records the updates of an invocation. They are stored once this returns.
pub(super) async fn checkpoint(
    State(service): State<Arc<Service>>,
    NamedExecution(arn): NamedExecution,
    Members(mut request): Members<CheckpointRequest>,
) -> Result<Response, ApiError> {
    request.durable_execution_arn = arn.to_string();
    json(&service.host.checkpoint(request).await?)
}
