//! DeleteDurableExecution.

use axum::response::Response;
use durable_service::{Command, Reply};
use durable_types::DurableExecutionArn;
use durable_types::api::{DeleteResponse, ServiceError, ServiceErrorKind};

use super::ApiError;
use super::get_execution::unknown;
use super::json::accepted;
use crate::service::Service;

/// Forgets an execution that has ended.
pub(super) async fn delete(service: &Service, arn: &DurableExecutionArn) -> Result<Response, ApiError> {
    match service.host.command(arn, Command::Delete).await? {
        Some(Reply::Deleting(deletion_request_timestamp)) => {
            accepted(&DeleteResponse::new(deletion_request_timestamp))
        }
        Some(Reply::Accepted | Reply::Checkpointed(_) | Reply::Stopped(_)) => {
            let message = "a deletion was not answered as one; this is a bug in durable";
            Err(ServiceError::new(ServiceErrorKind::Service, message).into())
        }
        None => Err(unknown(arn)),
    }
}
