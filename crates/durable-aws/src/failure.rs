//! Whom a failed request concerns: the whole execution, or this invocation alone.

use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::RequestId;
use durable_core::transport::TransportError;

use crate::request_error::RequestError;

/// The beginning of the message that says that a token is not the current one, in lowercase.
const STALE_TOKEN: &str = "invalid checkpoint token";

/// An answer that is an error.
#[derive(Clone, Copy, Debug)]
struct Refusal<'a> {
    status: u16,
    code: Option<&'a str>,
    message: Option<&'a str>,
}

/// Classifies what the AWS SDK could not do, its own retries included.
pub(crate) fn of<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> TransportError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let SdkError::ServiceError(context) = &error else {
        return TransportError::invocation(RequestError::unanswered(operation, error));
    };
    let refusal = Refusal {
        status: context.raw().status().as_u16(),
        code: context.err().code(),
        message: context.err().message(),
    };
    if refusal.status < 400 {
        // An answer that could not be read: something between here and the service wrote it.
        return TransportError::invocation(RequestError::unanswered(operation, error));
    }
    let request_id = context.err().meta().request_id();
    let source = RequestError::refused(operation, refusal.status, refusal.code, refusal.message, request_id);
    if refusal.fails_execution() {
        TransportError::execution(source)
    } else {
        TransportError::invocation(source)
    }
}

impl Refusal<'_> {
    /// Whether the same request would be refused in any other invocation, too.
    fn fails_execution(self) -> bool {
        // Another invocation has taken over, with a token of its own.
        if self.is_stale_token() {
            return false;
        }
        self.is_key_problem() || ((400..500).contains(&self.status) && self.status != 429)
    }

    fn is_stale_token(self) -> bool {
        let begins = |message: &str| {
            message.get(..STALE_TOKEN.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(STALE_TOKEN))
        };
        self.code.is_none_or(|code| code == "InvalidParameterValueException")
            && self.message.is_some_and(begins)
    }

    /// Problems with the encryption key are answered as 502, though repeating does not help.
    fn is_key_problem(self) -> bool {
        self.code.is_some_and(|code| code.starts_with("KMS"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_classified_by_status_code_and_message() {
        let execution = true;
        let invocation = false;
        let table = [
            (400, Some("InvalidParameterValueException"), Some("Invalid checkpoint token"), invocation),
            (400, Some("InvalidParameterValueException"), Some("Invalid Checkpoint Token: used"), invocation),
            (400, None, Some("INVALID CHECKPOINT TOKEN"), invocation),
            (400, Some("InvalidParameterValueException"), Some("The checkpoint token is invalid"), execution),
            (400, Some("InvalidParameterValueException"), Some("Ungültiger"), execution),
            (400, Some("InvalidParameterValueException"), None, execution),
            (400, Some("InvalidRequestContentException"), Some("Invalid checkpoint token"), execution),
            (400, Some("ValidationException"), Some("too long"), execution),
            (403, Some("AccessDeniedException"), Some("not authorized"), execution),
            (404, Some("ResourceNotFoundException"), None, execution),
            (409, Some("ResourceConflictException"), None, execution),
            (413, Some("RequestTooLargeException"), None, execution),
            (499, None, None, execution),
            (429, Some("TooManyRequestsException"), Some("Rate exceeded"), invocation),
            (429, None, None, invocation),
            (500, Some("ServiceException"), None, invocation),
            (502, None, None, invocation),
            (502, Some("KMSAccessDeniedException"), None, execution),
            (502, Some("KMSDisabledException"), None, execution),
            (502, Some("KMSInvalidStateException"), None, execution),
            (502, Some("KMSNotFoundException"), None, execution),
            (503, Some("SomethingNewException"), None, invocation),
            (302, None, None, invocation),
        ];

        for (status, code, message, expected) in table {
            let refusal = Refusal { status, code, message };
            assert_eq!(refusal.fails_execution(), expected, "{refusal:?}");
        }
    }
}
