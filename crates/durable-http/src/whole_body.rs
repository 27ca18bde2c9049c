//! Reads the whole body of a request, within limits, before its handler runs.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::handler::Handler;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use durable_http_body::{self as body, BodyError, ByteBudget};
use durable_types::api::{ServiceError, ServiceErrorKind};
use tokio::time::timeout;

use super::error::ApiError;
use super::operation::{BodyLimits, Operation};
use super::operation_metrics::{AnsweredBy, OperationMetrics};
use super::service::Service;

/// How long a client may take for the head of a request, again for its body, and to read some of the response.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A handler whose requests are read to their end first.
///
/// All extractors run after that, because a client that is still sending when it is rejected may never see the response.
#[derive(Clone)]
pub(super) struct WithWholeBody<H> {
    operation: Operation,
    handler: H,
    /// The metrics of the operation, once it has had a request.
    metrics: Arc<OnceLock<Arc<OperationMetrics>>>,
}

impl<H> WithWholeBody<H> {
    pub(super) fn new(operation: Operation, handler: H) -> Self {
        Self { operation, handler, metrics: Arc::default() }
    }
}

impl<H, T> Handler<T, Arc<Service>> for WithWholeBody<H>
where
    H: Handler<T, Arc<Service>>,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, service: Arc<Service>) -> Self::Future {
        Box::pin(async move {
            let name = self.operation.name();
            let in_flight = self.metrics.get_or_init(|| Arc::new(service.metrics.of(name))).begin();
            let mut response = match read_request(request, self.operation, &service.bodies).await {
                Ok(request) => self.handler.call(request, service).await,
                Err(error) => error.into_response(),
            };
            in_flight.handle_answered(response.status());
            response.extensions_mut().insert(AnsweredBy(name));
            response
        })
    }
}

/// The body of a request. Its bytes belong to the budget until they are dropped.
pub(super) struct WholeBody(pub(super) Bytes);

impl<S: Sync> FromRequest<S> for WholeBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        // It was read within its limits, and is passed on without a copy.
        to_bytes(request.into_body(), usize::MAX).await.map(Self).map_err(|_| broken())
    }
}

/// Returns the error for a body that exceeds its limit, in Lambda's words for Invoke.
pub(super) fn too_large(max_bytes: usize, operation: &str) -> ApiError {
    let message = format!("Request must be smaller than {max_bytes} bytes for the {operation} operation");
    ApiError::Service(ServiceError::new(ServiceErrorKind::RequestTooLarge, message))
}

async fn read_request(
    request: Request,
    operation: Operation,
    bodies: &ByteBudget,
) -> Result<Request, ApiError> {
    let (parts, body) = request.into_parts();
    check_encoding(&parts.headers)?;
    let limits = operation.body_limits(&parts.headers, bodies);
    let bytes = read(body, &limits, PATIENCE).await?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Rejects a body that would have to be decoded first.
fn check_encoding(headers: &HeaderMap) -> Result<(), ApiError> {
    let encoding =
        headers.get(header::CONTENT_ENCODING).map(|value| String::from_utf8_lossy(value.as_bytes()));
    match encoding {
        Some(encoding) if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") => {
            Err(ApiError::EncodedBody(encoding.into_owned()))
        }
        Some(_) | None => Ok(()),
    }
}

async fn read(body: Body, limits: &BodyLimits, patience: Duration) -> Result<Bytes, ApiError> {
    match timeout(patience, body::read(body, limits.max_bytes, &limits.budget)).await {
        Ok(Ok(body)) => Ok(body.bytes),
        Ok(Err(BodyError::TooLarge)) => Err(too_large(limits.stated_max_bytes, limits.operation)),
        Ok(Err(BodyError::OverBudget)) => Err(over_budget(&limits.budget)),
        Ok(Err(BodyError::Broken)) => Err(broken()),
        Err(_) => Err(ApiError::SlowClient),
    }
}

fn broken() -> ApiError {
    ApiError::Serialization("the connection was closed before the end of the body".to_owned())
}

fn over_budget(budget: &ByteBudget) -> ApiError {
    let message = format!(
        "the bodies of requests in progress hold the {} MB of memory that this service allows for them; retry when some \
         have ended, or send fewer large requests at once",
        budget.limit() >> 20
    );
    ApiError::TooMany { reason: "CallerRateLimitExceeded", message }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::task::{Context, Poll};

    use hyper::body::{Body as HttpBody, Frame};

    use super::*;

    /// A body that never arrives.
    struct Silence;

    impl HttpBody for Silence {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    const MAX_BYTES: usize = 100;

    fn limits(budget: ByteBudget) -> BodyLimits {
        BodyLimits { operation: "Test", max_bytes: MAX_BYTES, stated_max_bytes: 50, budget }
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_a_timeout() {
        let patience = Duration::from_millis(10);
        let error = read(Body::new(Silence), &limits(ByteBudget::default()), patience).await.unwrap_err();

        assert_eq!(error, ApiError::SlowClient);
    }

    #[tokio::test]
    async fn a_body_is_bounded() {
        let limits = limits(ByteBudget::default());
        let largest = Body::from(vec![b' '; MAX_BYTES]);
        let larger = Body::from(vec![b' '; MAX_BYTES + 1]);

        assert!(read(largest, &limits, PATIENCE).await.is_ok());
        assert_eq!(read(larger, &limits, PATIENCE).await, Err(too_large(50, "Test")));
    }

    #[tokio::test]
    async fn a_body_over_the_budget_is_one_request_too_many() {
        let body = Body::from(vec![b' '; MAX_BYTES]);

        let error = read(body, &limits(ByteBudget::new(MAX_BYTES - 1, 0)), PATIENCE).await.unwrap_err();

        assert!(matches!(error, ApiError::TooMany { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_body_is_passed_on_without_a_copy_and_holds_its_budget() {
        let budget = ByteBudget::new(MAX_BYTES, 0);
        let request = Request::new(Body::from(vec![b' '; MAX_BYTES]));

        let request = read_request(request, Operation::new("Test"), &budget).await.unwrap();
        let WholeBody(bytes) = WholeBody::from_request(request, &()).await.unwrap();

        assert_eq!((bytes.len(), budget.held()), (MAX_BYTES, MAX_BYTES));
        drop(bytes);
        assert_eq!(budget.held(), 0);
    }
}
