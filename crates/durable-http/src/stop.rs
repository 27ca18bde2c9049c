//! StopDurableExecution.

use axum::response::Response;
use durable_service::{Command, Reply};
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind, StopRequest, StopResponse};

use super::ApiError;
use super::call::Call;
use super::get_execution::unknown;
use super::json::{json, payload};
use crate::service::Service;

/// Ends an execution; the body is the reason.
pub(super) async fn stop(
    service: &Service,
    arn: &DurableExecutionArn,
    call: &Call,
) -> Result<Response, ApiError> {
    let request = StopRequest::new(arn.as_str(), payload(&call.body)?);
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    match service.host.command(arn, Command::Stop { error: request.error }).await? {
        Some(Reply::Stopped(stop_timestamp)) => json(&StopResponse::new(stop_timestamp)),
        Some(Reply::Accepted | Reply::Checkpointed(_) | Reply::Deleting(_)) => {
            let message = "a stop was not answered as one; this is a bug in durable";
            Err(ServiceError::new(ServiceErrorKind::Service, message).into())
        }
        None => Err(unknown(arn)),
    }
}
