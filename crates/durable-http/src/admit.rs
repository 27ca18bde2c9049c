//! Rejects requests that the guard does not admit, before they are routed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::error::ApiError;
use super::service::Service;

/// Passes a request on if the guard admits it.
pub(super) async fn admit(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    service.guard.check(request.uri(), request.headers())?;
    Ok(next.run(request).await)
}
