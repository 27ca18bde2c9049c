//! ResumeDurableExecution.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_service::Command;
use durable_types::api::{ResumeRequest, ResumeResponse};

use super::error::ApiError;
use super::get_execution::unknown;
use super::json::{Members, accepted};
use super::path::NamedExecution;
use super::service::Service;

/// Resumes a paused execution.
pub(super) async fn resume(
    State(service): State<Arc<Service>>,
    NamedExecution(arn): NamedExecution,
    Members(mut request): Members<ResumeRequest>,
) -> Result<Response, ApiError> {
    request.durable_execution_arn = arn.to_string();
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    match service.host.command(&arn, Command::Resume(request)).await? {
        Some(_) => accepted(&ResumeResponse::default()),
        None => Err(unknown(&arn)),
    }
}
