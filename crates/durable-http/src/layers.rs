//! What every request passes through before it is routed.

use std::any::Any;
use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{self, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use durable_host::milliseconds;
use durable_types::api::{ServiceError, ServiceErrorKind};
use tower::{Service as TowerService, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::propagate_header::PropagateHeaderLayer;
use tower_http::set_header::SetRequestHeaderLayer;
use tower_http::trace::{DefaultOnFailure, TraceLayer};
use tracing::field::Empty;
use tracing::{Level, Span};
use uuid::Uuid;

use super::error::ApiError;
use super::operation_metrics::AnsweredBy;

/// The header with the id of a request, as Lambda names it.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// Adds an id and a span to every request, and a response to those whose handler panics.
pub(super) fn with_layers<R>(routes: R) -> Router
where
    R: TowerService<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    R::Future: Send,
{
    // A client that sends an id does not choose it.
    let new_id = |_: &Request| HeaderValue::from_str(&Uuid::new_v4().to_string()).ok();
    let trace = TraceLayer::new_for_http()
        .make_span_with(request_span)
        .on_response(record_response)
        .on_failure(DefaultOnFailure::new().level(Level::DEBUG));
    let layers = ServiceBuilder::new()
        .layer(SetRequestHeaderLayer::overriding(REQUEST_ID, new_id))
        .layer(PropagateHeaderLayer::new(REQUEST_ID))
        .layer(trace)
        .layer(CatchPanicLayer::custom(panicked))
        .service(routes);
    Router::new().fallback_service(layers)
}

/// Creates the span of a request. Its name, target and fields are documented in docs/local.md.
///
/// The query is left out, because the tokens of checkpoints are part of it.
fn request_span(request: &Request) -> Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    tracing::debug_span!(
        target: "durable::request",
        "request",
        method = %request.method(),
        path = request.uri().path(),
        id,
        operation = Empty,
        status = Empty,
        duration_ms = Empty,
    )
}

/// Records the response to a request in its span.
fn record_response<B>(response: &http::Response<B>, latency: Duration, span: &Span) {
    if span.is_disabled() {
        return;
    }
    if let Some(AnsweredBy(operation)) = response.extensions().get() {
        span.record("operation", operation);
    }
    span.record("status", response.status().as_u16());
    span.record("duration_ms", milliseconds(latency));
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("an unknown reason");
    let message = format!("the request panicked: {text}; this is a bug in durable");
    ApiError::Service(ServiceError::new(ServiceErrorKind::Service, message)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::routing::get;
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_handler_that_panics_is_a_service_exception() {
        let panicking = get(async || assert_eq!(1, 2, "out of paper"));
        let router = with_layers(Router::new().route("/", panicking));

        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();

        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(headers["x-amzn-errortype"], "ServiceException");
        assert!(headers.contains_key(REQUEST_ID));
        assert_eq!(body["Type"], json!("Service"));
        let message = body["Message"].as_str().unwrap();
        assert!(message.contains("out of paper") && message.contains("a bug in durable"), "{message}");
    }
}
