//! Rejects requests that the guard does not admit, before they are routed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::operation_metrics::AnsweredBy;
use super::service::Service;

/// Passes a request on if the guard admits it. Responses of no operation are counted here.
pub(super) async fn admit(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let response = match service.guard.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    if response.extensions().get::<AnsweredBy>().is_none() {
        service.unrouted.requests.count(response.status());
    }
    response
}
