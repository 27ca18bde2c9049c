//! Reads the errors of the AWS SDK.

use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::SdkError;
use durable_core::transport::TransportError;

use crate::error_response::ErrorResponse;
use crate::failure;

/// Classifies a request that failed in spite of the AWS SDK's own retries.
pub(super) fn classify<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> TransportError
where
    E: std::error::Error + Send + Sync + 'static,
{
    match error.raw_response() {
        // The AWS SDK drops the message if there is no code, and both if the body is not JSON.
        Some(response) if response.status().as_u16() >= 400 => {
            let header = |name: &str| response.headers().get(name);
            let body = response.body().bytes().unwrap_or_default();
            failure::refused(operation, ErrorResponse::read(response.status().as_u16(), header, body))
        }
        // The body of a success that cannot be read, whose own error says why.
        Some(_) | None => failure::unanswered(operation, error),
    }
}
