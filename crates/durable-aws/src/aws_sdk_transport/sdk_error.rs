//! Reads the errors of the AWS SDK.

use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::RequestId;
use durable_core::transport::TransportError;

use crate::failure;
use crate::refusal::Refusal;

/// Classifies a request that failed in spite of the AWS SDK's own retries.
pub(super) fn classify<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> TransportError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let SdkError::ServiceError(context) = &error else {
        return failure::unanswered(operation, error);
    };
    let status = context.raw().status().as_u16();
    if status < 400 {
        // The body of a success that cannot be read, whose own error says why.
        return failure::unanswered(operation, error);
    }
    let error = context.err();
    let (code, message, request_id) = (error.code(), error.message(), error.meta().request_id());
    failure::refused(operation, Refusal { status, code, message, request_id })
}
