//! CheckpointDurableExecution.

use axum::response::Response;
use durable_service::{Command, Reply};
use durable_types::DurableExecutionArn;
use durable_types::api::CheckpointRequest;
use serde_json::error::Category;

use super::ApiError;
use super::serve::{Call, json};
use crate::service::Service;

/// Records what a function did; once this answers, it is on disk.
pub(super) async fn checkpoint(
    service: &Service,
    arn: &DurableExecutionArn,
    call: &Call,
) -> Result<Response, ApiError> {
    let mut request: CheckpointRequest =
        serde_json::from_slice(&call.body).map_err(|error| malformed(&error))?;
    request.durable_execution_arn = arn.to_string();
    match service.lanes.command(arn, Command::Checkpoint(request)).await? {
        Some(Reply::Checkpointed(response)) => json(&response),
        Some(Reply::Accepted | Reply::Stopped(_) | Reply::Deleting(_)) => {
            Err(ApiError::invalid("Invalid checkpoint token"))
        }
        // The operation declares no error for an execution that is not there.
        None => Err(ApiError::invalid("Invalid checkpoint token")),
    }
}

fn malformed(error: &serde_json::Error) -> ApiError {
    match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => {
            ApiError::Serialization(format!("the body is not JSON: {error}"))
        }
        Category::Data => ApiError::invalid(format!("the body is not a checkpoint: {error}")),
    }
}
