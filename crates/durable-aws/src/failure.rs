//! Classifies failed requests: they concern the whole execution, or only this invocation.

use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::RequestId;
use durable_core::transport::TransportError;

use crate::request_error::RequestError;

/// Classifies a request that failed in spite of the AWS SDK's own retries.
pub(crate) fn of<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> TransportError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let SdkError::ServiceError(context) = &error else {
        return TransportError::invocation(RequestError::unanswered(operation, error));
    };
    let (status, code) = (context.raw().status().as_u16(), context.err().code());
    if status < 400 {
        // The response cannot be read: it does not come from the service.
        return TransportError::invocation(RequestError::unanswered(operation, error));
    }
    let (message, request_id) = (context.err().message(), context.err().meta().request_id());
    let source = RequestError::refused(operation, status, code, message, request_id);
    TransportError::rejected(status, code, message, source)
}
