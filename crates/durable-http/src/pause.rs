//! PauseDurableExecution.

use axum::response::Response;
use durable_service::Command;
use durable_types::DurableExecutionArn;
use durable_types::api::{PauseRequest, PauseResponse};

use super::ApiError;
use super::call::Call;
use super::get_execution::unknown;
use super::json::{accepted, members};
use crate::service::Service;

/// Keeps an execution from being invoked.
pub(super) async fn pause(
    service: &Service,
    arn: &DurableExecutionArn,
    call: &Call,
) -> Result<Response, ApiError> {
    let mut request: PauseRequest = members(&call.body)?;
    request.durable_execution_arn = arn.to_string();
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    match service.host.command(arn, Command::Pause(request)).await? {
        Some(_) => accepted(&PauseResponse::default()),
        None => Err(unknown(arn)),
    }
}
