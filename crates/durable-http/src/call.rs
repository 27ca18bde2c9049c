//! A request, read whole.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};
use tokio::time::timeout;

use super::serve::PATIENCE;
use super::{ApiError, CompatRoute, Query, Route, invoke};
use durable_http_body::{self as body, BodyError};

/// Bytes of a body at most: the largest payload that there is, as JSON in JSON, and what is around it.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of an execution that is taken in: all of its data as JSON in JSON, and its log.
const MAX_IMPORT_BYTES: usize = 512 * 1024 * 1024;

/// A request, read whole.
pub(super) struct Call {
    pub(super) headers: HeaderMap,
    pub(super) query: Query,
    pub(super) body: Bytes,
}

impl Call {
    /// Reads a request for this operation, unless its body is too large, encoded, or does not come.
    pub(super) async fn read(request: Request, route: &Route) -> Result<Self, ApiError> {
        let (Parts { headers, uri, .. }, body) = request.into_parts();
        let query = Query::parse(uri.query().unwrap_or_default())?;
        check_encoding(&headers)?;
        let body = read(body, max_bytes(route), PATIENCE).await?;
        let body = body.ok_or_else(|| refused(route, &headers))?;
        Ok(Self { headers, query, body })
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let Some(value) = self.headers.get(name) else { return Ok(None) };
        let text = value.to_str().map(Some);
        text.map_err(|_| {
            ApiError::invalid(format!("the header {name} holds other characters than those of ASCII"))
        })
    }
}

/// The ARN of an execution, as it stands in a path.
pub(super) fn parsed(arn: &str) -> Result<DurableExecutionArn, ApiError> {
    arn.parse().map_err(|error| ApiError::invalid(format!("DurableExecutionArn: `{arn}` is {error}")))
}

/// A body that is larger than it may be, as the service words it for Invoke.
pub(super) fn too_large(max_bytes: usize, operation: &str) -> ApiError {
    let message = format!("Request must be smaller than {max_bytes} bytes for the {operation} operation");
    ApiError::Service(ServiceError::new(ServiceErrorKind::RequestTooLarge, message))
}

/// Refuses a body that would have to be decoded first.
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

/// Reads a body whole, unless it does not come; none: it is too large.
async fn read(body: Body, max_bytes: usize, patience: Duration) -> Result<Option<Bytes>, ApiError> {
    match timeout(patience, body::read(body, max_bytes)).await {
        Ok(Ok(body)) => Ok(Some(body.bytes)),
        Ok(Err(BodyError::TooLarge)) => Ok(None),
        Ok(Err(BodyError::Broken)) => {
            Err(ApiError::Serialization("the body of the request ends before its end".to_owned()))
        }
        Err(_) => Err(ApiError::SlowClient),
    }
}

fn max_bytes(route: &Route) -> usize {
    if *route == Route::CompatRoute(CompatRoute::Import) { MAX_IMPORT_BYTES } else { MAX_BODY_BYTES }
}

/// A body that is too large to be read.
fn refused(route: &Route, headers: &HeaderMap) -> ApiError {
    let is_invoke = matches!(route, Route::Invoke(_));
    let max_bytes = if is_invoke { invoke::max_bytes(headers) } else { max_bytes(route) };
    too_large(max_bytes, route.operation())
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::{Body as HttpBody, Frame};

    use super::*;

    /// A body that never comes.
    struct Silence;

    impl HttpBody for Silence {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let patience = Duration::from_millis(10);
        let refusal = read(Body::new(Silence), MAX_BODY_BYTES, patience).await.unwrap_err();

        assert_eq!(refusal, ApiError::SlowClient);
    }

    #[tokio::test]
    async fn a_body_is_bounded() {
        let largest = Body::from(vec![b' '; MAX_BODY_BYTES]);
        let too_large = Body::from(vec![b' '; MAX_BODY_BYTES + 1]);

        assert!(read(largest, MAX_BODY_BYTES, PATIENCE).await.unwrap().is_some());
        assert_eq!(read(too_large, MAX_BODY_BYTES, PATIENCE).await, Ok(None));
    }
}
