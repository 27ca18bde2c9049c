//! A request, read whole.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use durable_http_body::{self as body, BodyError, ByteBudget};
use durable_types::DurableExecutionArn;
use durable_types::api::{INVOCATION_TYPE_HEADER, InvocationType, ServiceError, ServiceErrorKind};
use durable_types::limits::{MAX_EXECUTION_PAYLOAD_BYTES, MAX_OPERATION_PAYLOAD_BYTES};
use tokio::time::timeout;

use super::error::ApiError;
use super::query::Query;

/// How long a client may take for the head of a request, again for its body, and to take some of the response.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The limits of a request's body.
pub(super) struct BodyRules {
    /// The operation, as errors name it.
    pub(super) operation: &'static str,
    /// The number of bytes up to which it is read.
    pub(super) max_bytes: usize,
    /// The limit in the error for a larger body.
    pub(super) stated_max_bytes: usize,
    /// The budget that holds its bytes.
    pub(super) budget: ByteBudget,
}

/// A request, read whole.
pub(super) struct Call {
    pub(super) headers: HeaderMap,
    pub(super) query: Query,
    pub(super) body: Bytes,
}

impl Call {
    /// Reads a request, unless its body is encoded, too large, over the budget, or does not arrive.
    pub(super) async fn read(request: Request, rules: &BodyRules) -> Result<Self, ApiError> {
        let (Parts { headers, uri, .. }, body) = request.into_parts();
        let query = Query::parse(uri.query().unwrap_or_default())?;
        check_encoding(&headers)?;
        let body = read(body, rules, PATIENCE).await?;
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

/// Returns the largest payload of Invoke in bytes: more if the caller waits for the result.
pub(super) fn max_payload_bytes(headers: &HeaderMap) -> usize {
    match headers.get(INVOCATION_TYPE_HEADER) {
        Some(word) if word == InvocationType::Event.as_str() => MAX_OPERATION_PAYLOAD_BYTES,
        Some(_) | None => MAX_EXECUTION_PAYLOAD_BYTES,
    }
}

/// Returns the error for a body that exceeds its limit, as the service words it for Invoke.
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

/// Reads a whole body, but waits only so long for it.
async fn read(body: Body, rules: &BodyRules, patience: Duration) -> Result<Bytes, ApiError> {
    match timeout(patience, body::read(body, rules.max_bytes, &rules.budget)).await {
        Ok(Ok(body)) => Ok(body.bytes),
        Ok(Err(BodyError::TooLarge)) => Err(too_large(rules.stated_max_bytes, rules.operation)),
        Ok(Err(BodyError::OverBudget)) => Err(over_budget(&rules.budget)),
        Ok(Err(BodyError::Broken)) => {
            Err(ApiError::Serialization("the connection was closed before the end of the body".to_owned()))
        }
        Err(_) => Err(ApiError::SlowClient),
    }
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

    const MAX_BYTES: usize = 100;

    fn rules(budget: ByteBudget) -> BodyRules {
        BodyRules { operation: "Test", max_bytes: MAX_BYTES, stated_max_bytes: 50, budget }
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_not_waited_for() {
        let patience = Duration::from_millis(10);
        let refusal = read(Body::new(Silence), &rules(ByteBudget::default()), patience).await.unwrap_err();

        assert_eq!(refusal, ApiError::SlowClient);
    }

    #[tokio::test]
    async fn a_body_is_bounded() {
        let rules = rules(ByteBudget::default());
        let largest = Body::from(vec![b' '; MAX_BYTES]);
        let larger = Body::from(vec![b' '; MAX_BYTES + 1]);

        assert!(read(largest, &rules, PATIENCE).await.is_ok());
        assert_eq!(read(larger, &rules, PATIENCE).await, Err(too_large(50, "Test")));
    }

    #[tokio::test]
    async fn a_body_over_the_budget_is_one_request_too_many() {
        let body = Body::from(vec![b' '; MAX_BYTES]);

        let refusal = read(body, &rules(ByteBudget::new(MAX_BYTES - 1, 0)), PATIENCE).await.unwrap_err();

        assert!(matches!(refusal, ApiError::TooMany { .. }), "{refusal}");
    }
}
