//! Requests of other AWS services, whose operation is not part of the path.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::super::error::ApiError;
use super::super::whole_body::WholeBody;
use super::filter_log_events::filter_log_events;
use super::stack;
use crate::service::Service;

/// Answers FilterLogEvents of CloudWatch Logs, and the operations of CloudFormation on stacks.
pub(super) async fn answer(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    match headers.get("x-amz-target") {
        Some(target) if target == "Logs_20140328.FilterLogEvents" => filter_log_events(&service, &body).await,
        Some(target) => {
            Err(ApiError::UnknownOperation(String::from_utf8_lossy(target.as_bytes()).into_owned()))
        }
        None => stack::answer(&service, &body),
    }
}
