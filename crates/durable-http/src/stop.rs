//! StopDurableExecution.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_service::{Command, Reply};
use durable_types::ErrorObject;
use durable_types::api::{ServiceError, ServiceErrorKind, StopRequest, StopResponse};

use super::error::ApiError;
use super::get_execution::unknown;
use super::json::{Payload, json};
use super::path::NamedExecution;
use super::service::Service;

/// Stops an execution. The body is the reason.
pub(super) async fn stop(
    State(service): State<Arc<Service>>,
    NamedExecution(arn): NamedExecution,
    Payload(reason): Payload<ErrorObject>,
) -> Result<Response, ApiError> {
    let request = StopRequest::new(arn.as_str(), reason);
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    match service.host.command(&arn, Command::Stop { error: request.error }).await? {
        Some(Reply::Stopped(stop_timestamp)) => json(&StopResponse::new(stop_timestamp)),
        Some(Reply::Accepted | Reply::Checkpointed(_) | Reply::Deleting(_)) => {
            let message = "the reply to a stop is of another command; this is a bug in durable";
            Err(ServiceError::new(ServiceErrorKind::Service, message).into())
        }
        None => Err(unknown(&arn)),
    }
}
