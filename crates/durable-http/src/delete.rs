//! DeleteDurableExecution.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_service::{Command, Reply};
use durable_types::api::{DeleteResponse, ServiceError, ServiceErrorKind};

use super::error::ApiError;
use super::get_execution::unknown;
use super::json::accepted;
use super::path::NamedExecution;
use super::service::Service;

/// Deletes an execution that has ended.
pub(super) async fn delete(
    State(service): State<Arc<Service>>,
    NamedExecution(arn): NamedExecution,
) -> Result<Response, ApiError> {
    match service.host.command(&arn, Command::Delete).await? {
        Some(Reply::Deleting(deletion_request_timestamp)) => {
            accepted(&DeleteResponse::new(deletion_request_timestamp))
        }
        Some(Reply::Accepted | Reply::Checkpointed(_) | Reply::Stopped(_)) => {
            let message = "the reply to a deletion is of another command; this is a bug in durable";
            Err(ServiceError::new(ServiceErrorKind::Service, message).into())
        }
        None => Err(unknown(&arn)),
    }
}
