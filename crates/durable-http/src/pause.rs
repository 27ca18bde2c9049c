//! PauseDurableExecution.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_service::Command;
use durable_types::api::{PauseRequest, PauseResponse};

use super::error::ApiError;
use super::get_execution::unknown;
use super::json::{Members, accepted};
use super::path::NamedExecution;
use super::service::Service;

/// Stops further invocations of an execution until it is resumed.
pub(super) async fn pause(
    State(service): State<Arc<Service>>,
    NamedExecution(arn): NamedExecution,
    Members(mut request): Members<PauseRequest>,
) -> Result<Response, ApiError> {
    request.durable_execution_arn = arn.to_string();
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    match service.host.command(&arn, Command::Pause(request)).await? {
        Some(_) => accepted(&PauseResponse::default()),
        None => Err(unknown(&arn)),
    }
}
