//! ResumeDurableExecution.

use axum::response::Response;
use durable_service::Command;
use durable_types::DurableExecutionArn;
use durable_types::api::{ResumeRequest, ResumeResponse};

use super::ApiError;
use super::call::Call;
use super::get_execution::unknown;
use super::json::{accepted, members};
use crate::service::Service;

/// Lets a paused execution go on.
pub(super) async fn resume(
    service: &Service,
    arn: &DurableExecutionArn,
    call: &Call,
) -> Result<Response, ApiError> {
    let mut request: ResumeRequest = members(&call.body)?;
    request.durable_execution_arn = arn.to_string();
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    match service.host.command(arn, Command::Resume(request)).await? {
        Some(_) => accepted(&ResumeResponse::default()),
        None => Err(unknown(arn)),
    }
}
