//! CheckpointDurableExecution.

use axum::response::Response;
use durable_service::{Command, Reply};
use durable_types::DurableExecutionArn;
use durable_types::api::CheckpointRequest;

use super::ApiError;
use super::call::Call;
use super::json::{json, members};
use crate::service::Service;

/// Records what a function did; once this answers, it is on disk.
pub(super) async fn checkpoint(
    service: &Service,
    arn: &DurableExecutionArn,
    call: &Call,
) -> Result<Response, ApiError> {
    let mut request: CheckpointRequest = members(&call.body)?;
    request.durable_execution_arn = arn.to_string();
    match service.host.command(arn, Command::Checkpoint(request)).await? {
        Some(Reply::Checkpointed(response)) => json(&response),
        Some(Reply::Accepted | Reply::Stopped(_) | Reply::Deleting(_)) => {
            Err(ApiError::invalid("Invalid checkpoint token"))
        }
        // The operation declares no error for an execution that is not there.
        None => Err(ApiError::invalid("Invalid checkpoint token")),
    }
}
