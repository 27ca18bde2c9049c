//! The health check.

use axum::response::Response;
use serde_json::json as value;

use super::super::error::ApiError;
use super::super::json::json;

/// Responds that the service is healthy, because it responds.
pub(super) async fn health() -> Result<Response, ApiError> {
    json(&value!({ "status": "healthy" }))
}
